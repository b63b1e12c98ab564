"""Pages for people: parse, ask the database, render a template."""
