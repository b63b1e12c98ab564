"""The rulebook told to people: plain sentences, edges by example, coverage, the rendered page."""
