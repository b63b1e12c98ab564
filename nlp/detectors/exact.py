"""One pass over the text for every literal of a language: which rules could match at all?

A rule asks for some of its literals (one per mandatory item). One compiled automaton finds them all at once; only the
few rules whose every mandatory item occurs are then run as patterns.
"""

from collections.abc import Iterable

import ahocorasick

from nlp.template import Rule


class Gate:
    """An Aho-Corasick automaton over the literals of many rules. Immutable once built, so threads may share it."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        bits: dict[frozenset[str], int] = {}
        by_literal: dict[str, int] = {}
        self._needs: list[int] = []
        for rule in self._rules:
            mask = 0
            for need in rule.needs:
                bit = bits.setdefault(need, 1 << len(bits))
                mask |= bit
                for literal in need:
                    by_literal[literal] = by_literal.get(literal, 0) | bit
            self._needs.append(mask)
        self._automaton = ahocorasick.Automaton()
        for literal, mask in by_literal.items():
            self._automaton.add_word(literal, mask)
        self._automaton.make_automaton()
        self._has_words = bool(by_literal)

    def candidates(self, text: str) -> list[Rule]:
        """The rules all of whose mandatory items occur somewhere in the text."""
        present = 0
        if self._has_words:
            for _, mask in self._automaton.iter(text):
                present |= mask
        return [rule for rule, needs in zip(self._rules, self._needs, strict=True) if needs & present == needs]
