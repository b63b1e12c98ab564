"""What is likely to be said in one call, from what is known before it begins. Pure.

Names first: debtor, agent, agency, creditor. Then amounts, as they are written, and wordings that the law of the call
forbids, the gravest labels first and of each its shortest wordings. Names are personal data: nothing here is logged.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from itertools import chain, zip_longest

from nlp.lexicon.loader import Lexicon
from outreach.monitor.context import CallContext, Prohibition
from outreach.monitor.effects import Severity
from speech.hotwords import Hotwords

PHRASES = 40
"""Forbidden wordings told at most: more would not fit into a prompt."""

_NAMES = ("debtor_name", "agent_name", "institution", "creditor")
_AMOUNTS = ("amount", "instalment_amount")
_GRAVEST = tuple(Severity)


def call_hotwords(context: CallContext, lexicon: Lexicon) -> Hotwords:
    """The hotwords of a call. `lexicon` has the forbidden wordings, and the ordinary words that are nobody's name."""
    facts = context.facts
    names = chain.from_iterable(_name(facts[slot], slot) for slot in _NAMES if facts.get(slot))
    amounts = chain.from_iterable(_amount(facts[slot]) for slot in _AMOUNTS if facts.get(slot))
    return Hotwords(
        names=tuple(dict.fromkeys(names)),
        terms=tuple(dict.fromkeys(chain(amounts, _forbidden(context.prohibitions, context.language, lexicon)))),
        ordinary=lexicon.ordinary_words | frozenset(lexicon.sound_words),
    )


def _name(name: str, slot: str) -> Iterator[str]:
    """A name, and the parts by which a person with a name of several words is called."""
    yield name
    parts = name.split()
    if slot == "debtor_name" and len(parts) > 1:
        yield from reversed(parts)


def _amount(text: str) -> Iterator[str]:
    """An amount with and without separators of thousands; the whole units alone where there are no hundredths."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return
    shown = amount.to_integral_value() if amount == amount.to_integral_value() else amount
    yield f"{shown:,f}"
    yield f"{shown:f}"


def _forbidden(prohibitions: Mapping[str, Prohibition], language: str, lexicon: Lexicon) -> Iterable[str]:
    """Wordings by label in turns, so that every label has some: the gravest label first, its shortest wording first."""
    labels = sorted(prohibitions, key=lambda label: (_GRAVEST.index(prohibitions[label].severity), label))
    phrases: dict[str, list[str]] = {label: [] for label in labels}
    for rule in lexicon.rules["violations"]:
        if rule.group == "phrases" and rule.lang == language and rule.label in phrases:
            phrases[rule.label].append(rule.source)
    turns = zip_longest(*(sorted(found, key=lambda text: (len(text), text)) for found in phrases.values()))
    return [phrase for turn in turns for phrase in turn if phrase is not None][:PHRASES]
