"""The phrase lists and rules as data, and their strict loader (I/O: reads the package's own YAML files once)."""

from nlp.lexicon.loader import Lexicon, load_lexicon, parse_lexicon

__all__ = ["Lexicon", "load_lexicon", "parse_lexicon"]
