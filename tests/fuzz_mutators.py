"""Mutations of one rulebook file, each labelled by how it is made: `refuse` breaks the meaning, `equal` keeps it.

`any` says nothing: the loader may do either, but nothing else.

A mutator takes a document and dice, and gives a mutation or None where the document has no place for it.
"""

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

STR, INT, BOOL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:int", "tag:yaml.org,2002:bool"
DATE = "tag:yaml.org,2002:timestamp"
FREE_SECTIONS = {"duties", "disclosures", "statements"}
OPTIONAL = frozenset(
    {"until", "note", "denies", "in_force_from", "covers_until", "regions", "opened_by", "one_reply",
     "one_confirmation", "except_consent", "places", "exempt_parties", "given_in_open_hours",
     "while_under_age", "outsiders", "about", "region", "tightens"}
)  # fmt: skip
WORDS = frozenset(
    {"kind", "effect", "certainty", "instrument", "severity", "leap_birthday", "channels", "parties",
     "purposes", "flags", "outcomes", "directions", "per", "given_to", "places", "voices", "mailboxes",
     "objection_flags", "exempt_parties", "days", "source"}
)  # fmt: skip
LISTS = WORDS - {"kind", "effect", "certainty", "instrument", "severity", "leap_birthday", "source", "per"}
FILLED = LISTS | {"evidence", "values", "labels", "windows", "allowed", "any_of", "sources"}


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """The mutated text. `file`: another name for it, where the name is what changes."""

    kind: str
    what: str
    text: str
    label: str
    file: str | None = None


@dataclass(frozen=True, kw_only=True)
class Site:
    """A value in a document: the keys that lead to it, its key's node if it stands under one, its own node."""

    path: tuple[str | int, ...]
    key: Any
    node: Any

    @property
    def name(self) -> str:
        """The last key on the way here."""
        return next((str(part) for part in reversed(self.path) if isinstance(part, str)), "")

    @property
    def free(self) -> bool:
        """Whether it lies among the parameters of a duty, which other rooms read as data."""
        return self.path[0] in FREE_SECTIONS and "parameters" in self.path


@dataclass(frozen=True)
class Document:
    """One file of a pack that is cut into files of one entry."""

    name: str
    text: str
    pack: Mapping[str, str]

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Every value below the root."""
        root = yaml.compose(self.text, Loader=yaml.SafeLoader)
        return tuple(_walk(root, (), None))

    def of(self, tag: str) -> list[Site]:
        """Scalars of one YAML type that the loader reads strictly."""
        return [site for site in self.sites if site.node.tag == tag and not site.free and site.path[0] != "topic"]

    def put(self, site: Site, new: str) -> str:
        """The text with the value of a site replaced."""
        return self.text[: site.node.start_mark.index] + new + self.text[site.node.end_mark.index :]

    def source(self, site: Site) -> str:
        """The value of a site as it is written."""
        return self.text[site.node.start_mark.index : site.node.end_mark.index]

    def insert(self, at: int, new: str) -> str:
        """The text with something put in."""
        return self.text[:at] + new + self.text[at:]


def _walk(node: Any, path: tuple[str | int, ...], key: Any) -> Iterator[Site]:
    if path:
        yield Site(path=path, key=key, node=node)
    if isinstance(node, yaml.MappingNode):
        for inner, child in node.value:
            yield from _walk(child, (*path, inner.value), inner)
    elif isinstance(node, yaml.SequenceNode):
        for place, child in enumerate(node.value):
            yield from _walk(child, (*path, place), None)


Mutator = Callable[[Document, random.Random], Mutation | None]


def broken(kind: str, what: object, text: str) -> Mutation:
    """A mutation that must be refused."""
    return Mutation(kind=kind, what=str(what), text=text, label="refuse")


def equal(kind: str, what: object, text: str, file: str | None = None) -> Mutation:
    """A mutation that means the same."""
    return Mutation(kind=kind, what=str(what), text=text, label="equal", file=file)


def pick(sites: list[Site], dice: random.Random) -> Site | None:
    """One of them, or None."""
    return dice.choice(sites) if sites else None


def keyed(document: Document) -> list[Site]:
    """Values under a key that a strict section has."""
    inside_free = [
        site for site in document.sites if site.key is not None and not (site.free and site.name != "parameters")
    ]
    return [site for site in inside_free if not _inside_free(site)]


def _inside_free(site: Site) -> bool:
    return site.free and site.path[-1] != "parameters"


# --- keys -------------------------------------------------------------------------------------------------------------


def duplicate_key(document: Document, dice: random.Random) -> Mutation | None:
    """A key twice in its mapping, also among free parameters."""
    site = pick([site for site in document.sites if site.key is not None], dice)
    return None if site is None else broken("duplicate_key", site.path, _before(document, site, f"{site.key.value}: x"))


def unknown_key(document: Document, dice: random.Random) -> Mutation | None:
    """A key that nobody reads."""
    site = pick(keyed(document), dice)
    name = dice.choice(["extra", "limits", "From", "zh-CN", "note2", "сhannels", "x" * 300])
    return None if site is None else broken("unknown_key", (site.path, name), _before(document, site, f"{name}: x"))


def _before(document: Document, site: Site, entry: str) -> str:
    """The entry put before the site's own entry, in block or flow style."""
    start = site.key.start_mark
    parent_is_flow = _flow(document, site)
    return document.insert(start.index, f"{entry}, " if parent_is_flow else f"{entry}\n{' ' * start.column}")


def _flow(document: Document, site: Site) -> bool:
    parent = next((other.node for other in document.sites if other.path == site.path[:-1]), None)
    return parent is not None and bool(parent.flow_style)


def rename_key(document: Document, dice: random.Random) -> Mutation | None:
    """A key with a slip in it."""
    site = pick(keyed(document), dice)
    if site is None:
        return None
    old = str(site.key.value)
    new = dice.choice([old + "s", old[:-1], old.upper(), old.replace("e", "е"), "_" + old, old + " "])  # Cyrillic е
    if new == old + " ":
        new = f'"{new}"'
    text = document.text[: site.key.start_mark.index] + new + document.text[site.key.end_mark.index :]
    return broken("rename_key", (site.path, new), text) if new and new != old else None


def odd_key(document: Document, dice: random.Random) -> Mutation | None:
    """A key that is no text, or one that YAML would merge."""
    site = pick([site for site in document.sites if site.key is not None], dice)
    odd = dice.choice(["1", "null", "true", "2026-01-30", "<<", "? [a]", "~", "1.5", '""', '"\\0"', "[a]"])
    return None if site is None else broken("odd_key", (site.path, odd), _before(document, site, f"{odd}: x"))


def drop_key(document: Document, dice: random.Random) -> Mutation | None:
    """A key that is needed, left out."""
    sites = [site for site in keyed(document) if _needed(site)]
    site = pick(sites, dice)
    if site is None:
        return None
    start, end = site.key.start_mark.index, site.node.end_mark.index
    text = document.text
    if _flow(document, site):
        after = re.match(r"\s*,\s*", text[end:])
        before = re.search(r",\s*$", text[:start])
        if after:
            end += after.end()
        elif before:
            start -= len(before.group())
    return broken("drop_key", site.path, text[:start] + text[end:])


def _needed(site: Site) -> bool:
    if len(site.path) < 2 or site.name in OPTIONAL or (site.name == "parameters" and site.path[0] in FREE_SECTIONS):
        return False
    under_consent = len(site.path) > 1 and site.path[-2] in {"opened_by", "consent", "except_consent"}
    return (
        not (under_consent and site.name == "parties")
        and site.path[0] not in {"topic", "flags_without_effect"}
        and (site.path[-2] != "flag_channels")
    )


# --- values of the wrong type -----------------------------------------------------------------------------------------


def wrong_number(document: Document, dice: random.Random) -> Mutation | None:
    """A threshold that is no whole number in range."""
    site = pick(document.of(INT), dice)
    bad = ['"3"', "-1", "0", "3.5", "true", "1000000000", "9" * 30, "null", "[3]", "{a: 3}", "0x10", "1_000", ".inf"]
    new = dice.choice([*bad, ".nan", "1e3", "３", "three", "-0", "+3", "03", "0b11", "1:30", "3 4", "٣", "9" * 5000])
    return None if site is None else broken("wrong_number", (site.path, new[:40]), document.put(site, new))


def wrong_bool(document: Document, dice: random.Random) -> Mutation | None:
    """A yes or no that is neither true nor false."""
    site = pick(document.of(BOOL), dice)
    new = dice.choice(['"true"', "yes", "no", "on", "off", "True", "FALSE", "1", "0", "null", "y", "[true]"])
    return None if site is None else broken("wrong_bool", (site.path, new), document.put(site, new))


def wrong_text(document: Document, dice: random.Random) -> Mutation | None:
    """Something else where text is expected."""
    site = pick([site for site in document.of(STR) if site.name != "days"], dice)
    new = dice.choice(
        ["3", "true", "null", "~", "2026-01-30", "[a]", "{a: b}", '""', '" "', '" x"', '"x "', "1.5", "''"]
    )
    return None if site is None else broken("wrong_text", (site.path, new), document.put(site, new))


def wrong_collection(document: Document, dice: random.Random) -> Mutation | None:
    """A scalar where a list or a mapping is expected, and the other way round."""
    sites = [site for site in document.sites if not isinstance(site.node, yaml.ScalarNode) and not _inside_free(site)]
    site = pick(sites, dice)
    if site is None:
        return None
    new = dice.choice(["x", "3", "null", "{a: b}" if isinstance(site.node, yaml.SequenceNode) else "[a, b]"])
    flat = " " + new if site.key is not None else new
    gap = "\n" if not site.node.flow_style and site.path[0] != site.path[-1] else ""
    text = document.text[: site.node.start_mark.index].rstrip() + flat + gap + document.text[site.node.end_mark.index :]
    return broken("wrong_collection", (site.path, new), text)


def empty_list(document: Document, dice: random.Random) -> Mutation | None:
    """A list that may not be empty."""
    sites = [site for site in document.sites if isinstance(site.node, yaml.SequenceNode) and not site.free]
    site = pick([site for site in sites if site.name in FILLED and site.node.flow_style], dice)
    return None if site is None else broken("empty_list", site.path, document.put(site, "[]"))


def no_sources(document: Document, dice: random.Random) -> Mutation | None:
    """A value that rests on nothing."""
    sites = [site for site in document.sites if site.path[-1] == "sources" and len(site.path) > 1]
    site = pick(sites, dice)
    if site is None:
        return None
    cut = document.text[: site.node.start_mark.index].rstrip() + " []\n"
    rest = document.text[site.node.end_mark.index :]
    return broken("no_sources", site.path, cut + " " * site.node.end_mark.column + rest)


# --- days -------------------------------------------------------------------------------------------------------------


def bad_date(document: Document, dice: random.Random) -> Mutation | None:
    """A day that does not exist, is no plain day, or lies outside every calendar of law."""
    site = pick(document.of(DATE), dice)
    bad = ["2026-02-30", "2025-02-29", "2026-13-01", "0000-00-00", "2026-1-1", "2026-01-30T00:00:00Z", "20260130"]
    new = dice.choice(
        [*bad, '"2026-01-30"', "tomorrow", "null", "1700-01-01", "2999-01-01", "2026", "2026-01", "30.1.2026"]
    )
    return None if site is None else broken("bad_date", (site.path, new), document.put(site, new))


def _values(document: Document) -> list[tuple[tuple[str | int, ...], dict[str, Site]]]:
    """Dated values: the path of each, and its `from` and `until`."""
    found: dict[tuple[str | int, ...], dict[str, Site]] = {}
    for site in document.sites:
        if site.path[-1] in {"from", "until"} and len(site.path) > 2 and site.path[-3] == "values":
            found.setdefault(site.path[:-1], {})[str(site.path[-1])] = site
    return sorted(found.items(), key=lambda pair: str(pair[0]))


def overlap(document: Document, dice: random.Random) -> Mutation | None:
    """Two values of one entry that hold on the same day, or out of order."""
    second = [sites for path, sites in _values(document) if path[-1] == 1]
    first = [sites for path, sites in _values(document) if path[-1] == 0 and "until" in sites]
    if not second or not first:
        return None
    start, end = first[0]["from"].node.value, first[0]["until"]
    new = dice.choice(["later_until", "no_until", "earlier_from"])
    if new == "later_until":
        year = int(second[0]["from"].node.value[:4]) + 1
        return broken(
            "overlap", end.path, document.put(end, f"{year}{second[0]['from'].node.value[4:].replace('-29', '-28')}")
        )
    if new == "earlier_from":
        return broken("overlap", second[0]["from"].path, document.put(second[0]["from"], start))
    text = document.text
    line_start = text.rfind("\n", 0, end.key.start_mark.index) + 1
    return broken("overlap", "no until", text[:line_start] + text[text.index("\n", end.node.end_mark.index) + 1 :])


def ends_first(document: Document, dice: random.Random) -> Mutation | None:
    """A value that ends before, or on the day, it begins; or begins before its pack, or as its pack has ended."""
    found = _values(document)
    if not found:
        return None
    _, sites = dice.choice(found)
    start = sites["from"]
    if dice.random() < 0.3:
        return broken("before_pack", start.path, document.put(start, "1900-01-01"))
    day = dice.choice([start.node.value, "1999-12-31"])
    if "until" in sites:
        return broken("ends_first", sites["until"].path, document.put(sites["until"], day))
    column = start.key.start_mark.column
    return broken("ends_first", start.path, document.insert(start.node.end_mark.index, f"\n{' ' * column}until: {day}"))


def later_source(document: Document, dice: random.Random) -> Mutation | None:
    """An instrument that is cited before it is in force."""
    cited = set(re.findall(r"source: ([a-z0-9-]+)", "\n".join(document.pack.values())))
    items = [site for site in document.sites if site.path[0] == "sources" and site.path[-1] == "in_force_from"]
    ids = {
        site.path[1]: site.node.value for site in document.sites if site.path[0] == "sources" and site.path[-1] == "id"
    }
    context = "\n".join(text for name, text in document.pack.items() if "/rules." in name)
    ruled = {name for name in cited if re.search(rf"source: {name}\b(?!-)", context)}
    site = pick([site for site in items if ids[site.path[1]] in ruled], dice)
    return None if site is None else broken("later_source", site.path, document.put(site, "2199-12-31"))


def short_pack(document: Document, dice: random.Random) -> Mutation | None:
    """A pack that ends before it begins, or covers nothing that its rules say."""
    site = pick([site for site in document.sites if site.path == ("pack", "covers_from")], dice)
    if site is None:
        return None
    if dice.random() < 0.5:
        return broken("short_pack", "covers_from late", document.put(site, "2190-01-01"))
    day = dice.choice([site.node.value, "1999-01-01"])
    return broken("short_pack", "covers_until", document.insert(site.node.end_mark.index, f"\n  covers_until: {day}"))


# --- clocks -----------------------------------------------------------------------------------------------------------


def clocks(document: Document) -> list[Site]:
    """Clock times of closed hours."""
    return [site for site in document.sites if site.path[-1] in {"closed_from", "closed_until"}]


def bad_clock(document: Document, dice: random.Random) -> Mutation | None:
    """No clock time, or hours that close nothing."""
    site = pick(clocks(document), dice)
    if site is None:
        return None
    bad = [
        '"25:00"',
        '"24:01"',
        '"9:00"',
        '"21:60"',
        '"21.00"',
        '"２1:00"',
        '"21:00:00"',
        '""',
        "21",
        "21:00",
        '"2100"',
    ]
    if site.path[-1] == "closed_from":
        bad.append('"24:00"')
    return broken("bad_clock", (site.path, new := dice.choice(bad)), document.put(site, new))


def equal_ends(document: Document, dice: random.Random) -> Mutation | None:
    """Hours that end when they begin."""
    site = pick([site for site in clocks(document) if site.path[-1] == "closed_until"], dice)
    if site is None:
        return None
    start = next(one for one in clocks(document) if one.path == (*site.path[:-1], "closed_from"))
    return broken("equal_ends", site.path, document.put(site, json.dumps(start.node.value)))


# --- words, ids, links ------------------------------------------------------------------------------------------------


def unknown_word(document: Document, dice: random.Random) -> Mutation | None:
    """A word outside a closed vocabulary, or one that only looks like it."""
    sites = [site for site in document.of(STR) if site.name in WORDS and site.path[-2] != "scope"]
    site = pick([site for site in sites if site.name != "days" or site.node.tag == STR], dice)
    if site is None:
        return None
    old = site.node.value
    lookalike = old.translate({ord("a"): "а", ord("e"): "е", ord("o"): "о", ord("c"): "с", ord("p"): "р"})  # Cyrillic
    new = dice.choice(
        [old + "x", old.upper() + "_", lookalike if lookalike != old else old + "а", old + "\u0301", "none"]
    )
    return broken("unknown_word", (site.path, new), document.put(site, json.dumps(new, ensure_ascii=False)))


def twice(document: Document, dice: random.Random) -> Mutation | None:
    """A word twice in its list."""
    sites = [site for site in document.sites if isinstance(site.node, yaml.SequenceNode) and site.node.value]
    strict = LISTS | {"labels", "signals", "stop_words", "regions", "about"}
    site = pick([site for site in sites if site.name in strict and not site.free and site.node.flow_style], dice)
    if site is None:
        return None
    word = site.node.value[0]
    written = document.text[word.start_mark.index : word.end_mark.index]
    return broken("twice", site.path, document.insert(word.start_mark.index, f"{written}, "))


def bad_id(document: Document, dice: random.Random) -> Mutation | None:
    """An id that is none, that the engine keeps for itself, or that another entry of the pack has."""
    sites = [site for site in document.sites if site.path[-1] == "id" and not site.free]
    site = pick(sites, dice)
    if site is None:
        return None
    old = site.node.value
    bad = [
        old.upper(),
        old + "-",
        "-" + old,
        old.replace("-", "_") + "_",
        old + ".x",
        old + "é",
        "a b",
        '"a\\tb"',
        "9a",
    ]
    if site.path[0] in {"rules", "duties"}:
        bad.append(old + "-cannot-tell")
    return broken("bad_id", (site.path, new := dice.choice(bad)), document.put(site, new))


def same_id(document: Document, dice: random.Random) -> Mutation | None:
    """An id that another entry beside it has."""
    section = document.name.split("/")[1].split(".")[0]
    if section not in {"rules", "duties", "disclosures", "statements"}:
        ids = [site for site in document.sites if site.path[0] == "sources" and site.path[-1] == "id"]
        if len(ids) < 2:
            return None
        one, other = dice.sample(ids, 2)
        return broken("same_id", one.path, document.put(one, other.node.value))
    others = [text for name, text in document.pack.items() if "/rules." in name and name != document.name]
    taken = re.findall(r"^  - id: ([a-z0-9-]+)", "\n".join(others), re.MULTILINE)
    site = next(site for site in document.sites if site.path[-1] == "id")
    return broken("same_id", site.path, document.put(site, dice.choice(taken))) if taken else None


def bad_place(document: Document, dice: random.Random) -> Mutation | None:
    """Links, zones, jurisdictions and regions that are none."""
    bad = {
        "link": ["javascript:alert(1)", "example.org", "ftp://example.org/x", "https://", "docs", "file:///etc/passwd"],
        "legal_timezone": ["Mars/Phobos", "../../etc/passwd", "UTC+8", "Asia", "asia/shanghai"],
        "jurisdiction": ["cn", "C", "CHN", "C1", "中国"],
        "regions": ["MA", "us-ma", "US-MASS", "US_MA"],
    }
    site = pick([site for site in document.of(STR) if site.name in bad], dice)
    return (
        None
        if site is None
        else broken("bad_place", (site.path, new := dice.choice(bad[site.name])), document.put(site, new))
    )


def contradiction(document: Document, dice: random.Random) -> Mutation | None:
    """A pack that contradicts itself: an exemption that refuses, a flag ignored and used, a flag forgotten."""
    effects = [site for site in document.sites if site.path[0] == "rules" and site.path[-1] == "effect"]
    if effects and not any(site.path[-1] == "denies" for site in document.sites):
        return broken("contradiction", "exemption", document.put(effects[0], "exemption"))
    flags = [site for site in document.sites if site.path[0] == "flags_without_effect" and len(site.path) == 2]
    if not flags:
        return None
    flag = dice.choice(flags)
    if dice.random() < 0.5:
        used = "hospitalised" if flag.key.value != "hospitalised" else "deceased"
        return broken("contradiction", used, _before(document, flag, f"{used}: {{en: x, zh: x}}"))
    text = document.text
    start, end = flag.key.start_mark.index, flag.node.end_mark.index
    return broken("contradiction", "forgotten", text[:start] + text[end:].lstrip()) if len(flags) > 1 else None


def unknown_reference(document: Document, dice: random.Random) -> Mutation | None:
    """A disclosure that a duty names, or an entry a doubt is about, that nobody has."""
    named = [site for site in document.sites if site.path[0] == "duties" and "disclosures" in site.path]
    about = [site for site in document.sites if site.path[0] == "doubts" and "about" in site.path]
    site = pick([site for site in (*named, *about) if isinstance(site.node, yaml.ScalarNode)], dice)
    return None if site is None else broken("unknown_reference", site.path, document.put(site, "no-such-entry"))


def bad_placeholder(document: Document, dice: random.Random) -> Mutation | None:
    """A message that could not be filled when it is needed."""
    sites = [site for site in document.of(STR) if len(site.path) > 1 and site.path[-2] in {"message", "says"}]
    site = pick(sites, dice)
    if site is None:
        return None
    known = re.findall(r"\{(\w+)\}", site.node.value)
    bad = ["{oops}", "{", "}", "{}", "{0}", "{a b}", "{oops!r}"]
    bad += [f"{{{name}{end}}}" for name in known[:1] for end in (":>3", "!r", ".x", "[0]", ":zz", "!z", ":{oops}")]
    return broken(
        "bad_placeholder",
        (site.path, new := dice.choice(bad)),
        document.put(site, json.dumps(f"{site.node.value} {new}", ensure_ascii=False)),
    )


def open_channel(document: Document, dice: random.Random) -> Mutation | None:
    """Closed hours that leave a channel open by omission, or name one twice."""
    lists = [site for site in document.sites if "windows" in site.path and site.path[-1] == "channels"]
    site = pick([site for site in lists if len(site.node.value) > 1], dice)
    if site is None:
        return None
    kept = [item.value for item in site.node.value][1:]
    return broken("open_channel", site.path, document.put(site, f"[{', '.join(kept)}]"))


# --- characters and syntax --------------------------------------------------------------------------------------------

ESCAPES = [
    "\\0",
    "\\a",
    "\\u202e",
    "\\ud800",
    "\\ufeff",
    "\\u200b",
    "\\x1b[31m",
    "\\u2028",
    "\\u00ad",
    "\\ue000",
    "\\x7f",
]
RAW = ["\x00", "\x07", "\x1b", "\u202e", "\u200b", "\ufeff", "\ud800", "\x7f", "\u2066", "\x9b"]


def unseen(document: Document, dice: random.Random) -> Mutation | None:
    """Characters that a reader does not see, written out or as they are, in values and in keys."""
    site = pick(
        [site for site in document.sites if isinstance(site.node, yaml.ScalarNode) and site.node.tag == STR], dice
    )
    if site is None:
        return None
    if dice.random() < 0.5:
        inner = json.dumps(site.node.value, ensure_ascii=False)[1:-1]
        new = f'"{inner}{dice.choice(ESCAPES)}x"'
    else:
        new = f'"{json.dumps(site.node.value, ensure_ascii=False)[1:-1]}{dice.choice(RAW)}x"'
    return broken("unseen", (site.path, ascii(new[-14:])), document.put(site, new))


def bad_escape(document: Document, dice: random.Random) -> Mutation | None:
    """Escapes that name no character."""
    site = pick(document.of(STR), dice)
    new = dice.choice(['"\\UFFFFFFFF"', '"\\xZZ"', '"\\u12"', '"\\U00110000"', '"\\q"', "'x", '"x', "%YAML"])
    return None if site is None else broken("bad_escape", (site.path, new), document.put(site, new))


def nested(document: Document, dice: random.Random) -> Mutation | None:
    """Nesting deeper than anything in the law."""
    depth = dice.choice([30, 60, 200, 1200, 6000])
    bomb = dice.choice(["[" * depth + "]" * depth, "{a: " * depth + "x" + "}" * depth, "- " * depth + "x"])
    return broken("nested", depth, f"{document.text}deep:\n  {bomb}\n")


def alias(document: Document, dice: random.Random) -> Mutation | None:
    """Values that refer to others; a small file that unfolds to a large one."""
    site = pick([site for site in document.sites if site.key is not None], dice)
    if dice.random() < 0.5 or site is None:
        lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
        lines += [
            f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in ("ab", "bc", "cd", "de", "ef", "fg", "gh", "hi")
        ]
        return broken("alias", "bomb", "\n".join(lines) + "\n" + document.text)
    return broken("alias", site.path, document.put(site, "&loop [*loop]"))


def huge(document: Document, dice: random.Random) -> Mutation | None:
    """A file, or a text, larger than any law."""
    if dice.random() < 0.3:
        return broken("huge", "file", document.text + "# " + "x" * 1_000_001 + "\n")
    site = pick(
        [site for site in document.of(STR) if site.name in {"en", "zh", "id", "link", "clock", "per", "source"}], dice
    )
    return None if site is None else broken("huge", site.path, document.put(site, "x" * dice.choice([5_000, 20_000])))


def truncated(document: Document, dice: random.Random) -> Mutation | None:
    """A file that ends within a bracket or a quotation."""
    sites = [site for site in document.sites if site.node.end_mark.index - site.node.start_mark.index > 2]
    flow = [
        site
        for site in sites
        if getattr(site.node, "flow_style", False) or getattr(site.node, "style", None) in {"'", '"'}
    ]
    site = pick(flow, dice)
    if site is None:
        return None
    at = dice.randrange(site.node.start_mark.index + 1, site.node.end_mark.index)
    return broken("truncated", (site.path, at), document.text[:at])


def indented(document: Document, dice: random.Random) -> Mutation | None:
    """A line that stands one column too far to the right, or a tab."""
    block = [site for site in document.sites if site.key is not None and not _flow(document, site)]
    later = [
        site
        for site in block
        if site.key.start_mark.column and _starts_line(document, site) and not _first(document, site)
    ]
    site = pick(later, dice)
    if site is None:
        return None
    new = dice.choice([" ", "\t"])
    return broken("indented", (site.path, new), document.insert(site.key.start_mark.index, new))


def _starts_line(document: Document, site: Site) -> bool:
    line = document.text[document.text.rfind("\n", 0, site.key.start_mark.index) + 1 : site.key.start_mark.index]
    return not line.strip()


def _first(document: Document, site: Site) -> bool:
    beside = [other for other in document.sites if other.path[:-1] == site.path[:-1] and other.key is not None]
    return min(beside, key=lambda other: int(other.key.start_mark.index)) is site


def tagged(document: Document, dice: random.Random) -> Mutation | None:
    """A written tag."""
    site = pick([site for site in document.sites if not _inside_free(site)], dice)
    tag = dice.choice(
        ["!!str", "!!int", "!!python/object:os.system", "!x", "!!map", "!!set", "!!binary", "!!float", "!"]
    )
    if site is None or (not getattr(site.node, "flow_style", True) and tag):
        return None
    return (
        broken("tagged", (site.path, tag), document.insert(site.node.start_mark.index, f"{tag} "))
        if tag != "!"
        else None
    )


def several(document: Document, dice: random.Random) -> Mutation | None:
    """Two documents in a file, an empty one, or something that is no mapping."""
    text = document.text
    return broken(
        "several",
        "",
        dice.choice(
            [f"{text}---\n{text}", f"{text}...\n---\nx\n", "", "# nothing\n", "- a\n", "x\n", "3\n", "topic: x\n"]
        ),
    )


# --- what means the same ----------------------------------------------------------------------------------------------


def comment(document: Document, dice: random.Random) -> Mutation | None:
    """A comment between lines, or at the end of one."""
    lines = [
        site
        for site in document.sites
        if site.key is not None and not _flow(document, site) and _starts_line(document, site)
    ]
    site = pick(lines, dice)
    if site is None or dice.random() < 0.2:
        return equal("comment", "end", document.text + "# the end: {[\n")
    at = document.text.rfind("\n", 0, site.key.start_mark.index) + 1
    return equal("comment", site.path, document.insert(at, "# a note: [not, yaml\n"))


def quoted(document: Document, dice: random.Random) -> Mutation | None:
    """Plain text in quotation marks, or other quotation marks."""
    plain = [
        site
        for site in document.sites
        if site.node.tag == STR and "\n" not in site.node.value and site.node.style != ">"
    ]
    site = pick(plain, dice)
    if site is None:
        return None
    single = "'" + site.node.value.replace("'", "''") + "'"
    new = dice.choice([json.dumps(site.node.value, ensure_ascii=False), json.dumps(site.node.value), single])
    return equal("quoted", (site.path, new[:30]), document.put(site, new))


def reordered(document: Document, dice: random.Random) -> Mutation | None:
    """Two entries of a mapping on one line in the other order."""
    maps = [site for site in document.sites if isinstance(site.node, yaml.MappingNode) and site.node.flow_style]
    site = pick([site for site in maps if len(site.node.value) > 1], dice)
    if site is None:
        return None
    (one, one_value), (two, two_value) = site.node.value[:2]
    text = document.text
    first, second = (
        text[one.start_mark.index : one_value.end_mark.index],
        text[two.start_mark.index : two_value.end_mark.index],
    )
    middle = text[one_value.end_mark.index : two.start_mark.index]
    new = text[: one.start_mark.index] + second + middle + first + text[two_value.end_mark.index :]
    return equal("reordered", site.path, new)


def shuffled(document: Document, dice: random.Random) -> Mutation | None:
    """The entries of the whole file in another order, written in another style."""
    root = yaml.compose(document.text, Loader=yaml.BaseLoader)
    if any(
        site.node.tag not in {STR, INT, BOOL, DATE} for site in document.sites if isinstance(site.node, yaml.ScalarNode)
    ):
        return None
    return (
        equal("shuffled", "", _written(yaml.compose(document.text, Loader=yaml.SafeLoader), dice) + "\n")
        if root
        else None
    )


def _written(node: Any, dice: random.Random) -> str:
    if isinstance(node, yaml.MappingNode):
        pairs = [f"{key.value}: {_written(value, dice)}" for key, value in node.value]
        dice.shuffle(pairs)
        return "{" + ", ".join(pairs) + "}"
    if isinstance(node, yaml.SequenceNode):
        return "[" + ", ".join(_written(value, dice) for value in node.value) + "]"
    return json.dumps(node.value, ensure_ascii=False) if node.tag == STR else str(node.value)


def blank(document: Document, dice: random.Random) -> Mutation | None:
    """Line ends, a byte order mark, document marks, blanks at the end."""
    text = document.text
    return equal("blank", "", dice.choice([
        text.replace("\n", "\r\n"), "\ufeff" + text, f"---\n{text}", f"{text}...\n", f"{text}\n\n\n", f"\n\n{text}",
        f"%YAML 1.1\n---\n{text}", re.sub(r"(\})$", r"\1   ", text, flags=re.MULTILINE),
    ]))  # fmt: skip


def anchored(document: Document, dice: random.Random) -> Mutation | None:
    """An anchor that nothing refers to."""
    site = pick(
        [site for site in document.sites if isinstance(site.node, yaml.ScalarNode) and site.node.style != ">"], dice
    )
    return None if site is None else equal("anchored", site.path, document.insert(site.node.start_mark.index, "&here "))


def moved(document: Document, dice: random.Random) -> Mutation | None:
    """The same file under another name or in a folder below."""
    folder, name = document.name.split("/", 1)
    return equal(
        "moved", "", document.text, file=f"{folder}/{dice.choice(['a', 'zz', 'sub/deep'])}-{name.replace('/', '-')}"
    )


def garbage(document: Document, dice: random.Random) -> Mutation | None:
    """Characters put in, taken out or exchanged anywhere; nobody knows what it means."""
    text = document.text
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(text) + 1)
        end = min(len(text), at + dice.choice([0, 0, 1, 2, 9, 60]))
        text = (
            text[:at]
            + dice.choice(["", *"{}[]:,-&*!%#'\"0\t\n|>?@`", "\\", "  ", "\n- ", ": ", "é", "\x00"])
            + text[end:]
        )
    return Mutation(kind="garbage", what="", text=text, label="any")


REFUSED: tuple[Mutator, ...] = (
    duplicate_key, unknown_key, rename_key, odd_key, drop_key, wrong_number, wrong_bool, wrong_text, wrong_collection,
    empty_list, no_sources, bad_date, overlap, ends_first, later_source, short_pack, bad_clock, equal_ends,
    unknown_word, twice, bad_id, same_id, bad_place, contradiction, unknown_reference, bad_placeholder, open_channel,
    unseen, bad_escape, nested, alias, huge, truncated, indented, tagged, several,
)  # fmt: skip
EQUAL: tuple[Mutator, ...] = (comment, quoted, reordered, shuffled, blank, anchored, moved)
MUTATORS: tuple[Mutator, ...] = (*REFUSED, *EQUAL, garbage)
