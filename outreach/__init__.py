"""Outreach: the only package that knows law, speech, language and scripts, and the only one with a database, a carrier, a web."""
