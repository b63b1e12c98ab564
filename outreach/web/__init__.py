"""Web pages, log-in, the live feed and the console API. Thin: parse, ask, render."""
