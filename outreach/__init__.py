"""The only package that knows law, speech, language and scripts; it has the database, the carrier and the web."""
