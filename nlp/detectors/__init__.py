"""Ways of finding the rules of the lexicon in a normalised text, one method per file.

`exact` finds every literal in one pass and decides which rules can match at all, `sound` repairs words that only sound
right, `fuzzy` finds whole phrases with recogniser errors in them, `matcher` runs them together.
"""
