"""`python -m nlp`: the command line of the text room."""

from nlp.cli import app

app(prog_name="nlp")
