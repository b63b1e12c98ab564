"""Reads the lexicon files (I/O) and compiles them; anything unexpected is an error with file and key.

Layout: `concepts_<lang>.yaml` (named lists), `sound.yaml` (words recognisers mishear), `ordinary_en.txt`
(words never taken for a misspelling), `scope/*.yaml` (what takes a
finding back), and one folder per family (`violations`, `vulnerability`, `mood`, `intents`, `signals`) with one file per
label. A label file maps each language to groups of templates: `phrases` (whole expressions, also matched by sound and
approximately), `strong`, `plain`, `weak` (templates by weight) and `unless` (templates that void the label).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Final

import yaml

from nlp.errors import LexiconError
from nlp.labels import Intent, Mood, Signal, ViolationKind, Vulnerability
from nlp.normalize import normalize
from nlp.template import Rule, compile_template

LANGS: Final = ("zh", "en")
FAMILIES: Final[dict[str, frozenset[str]]] = {
    "violations": frozenset(ViolationKind),
    "vulnerability": frozenset(Vulnerability),
    "mood": frozenset(Mood),
    "intents": frozenset(Intent),
    "signals": frozenset(Signal),
    "scope": frozenset(
        {"negation", "negation-cancel", "contrast", "frame", "frame-cancel", "polite", "menace", "question", "reported"}
    ),
}
WEIGHTS: Final[dict[str, float]] = {"phrases": 0.95, "strong": 0.9, "plain": 0.75, "weak": 0.45, "unless": 1.0}


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML without duplicate keys: the later of two would silently win."""


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    doubled = sorted({str(key) for key in keys if keys.count(key) > 1})
    if doubled:
        raise LexiconError("lexicon.duplicate", f"line {node.start_mark.line + 1}: key given twice", field=doubled[0])
    mapping: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return mapping


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """All rules, ready to compile.

    `rules[family]` holds every language, templates of the group `unless` under the label "unless:<label>";
    `digest` names exactly these files.
    """

    rules: Mapping[str, tuple[Rule, ...]]
    sound_words: tuple[str, ...]
    ordinary_words: frozenset[str]
    digest: str


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """The lexicon shipped with the package, read once. Raises LexiconError when a file of it is malformed."""
    root = resources.files("nlp.lexicon")
    files: dict[str, str] = {}
    for entry in root.iterdir():
        if entry.name.endswith((".yaml", ".txt")):
            files[entry.name] = entry.read_text("utf-8")
        elif entry.name in FAMILIES:
            for item in entry.iterdir():
                if item.name.endswith(".yaml"):
                    files[f"{entry.name}/{item.name}"] = item.read_text("utf-8")
    return parse_lexicon(files)


def parse_lexicon(files: Mapping[str, str]) -> Lexicon:
    """Compiles lexicon files given as name to text. Raises LexiconError naming file and key."""
    documents = {name: _document(name, text) for name, text in sorted(files.items()) if name.endswith(".yaml")}
    lines = files.get("ordinary_en.txt", "").splitlines()
    ordinary = frozenset(word for line in lines if not line.startswith("#") for word in line.split())
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{files[name]}\0".encode())
    concepts = {lang: _concepts(documents.pop(f"concepts_{lang}.yaml", {}), lang) for lang in LANGS}
    sounds = {key: tuple(str(text).split()) for key, text in documents.pop("sound.yaml", {}).items()}
    rules: dict[str, list[Rule]] = {family: [] for family in FAMILIES}
    for name, document in documents.items():
        family, _, file_name = name.partition("/")
        label = file_name.removesuffix(".yaml")
        if family not in FAMILIES or label not in FAMILIES[family]:
            raise LexiconError("lexicon.label", f"{name}: not a label of the family {family!r}", field=label)
        rules[family].extend(_rules(document, name, label, concepts))
    return Lexicon(
        rules={family: tuple(found) for family, found in rules.items()},
        sound_words=sounds.get("words", ()),
        ordinary_words=ordinary | frozenset(sounds.get("ordinary", ())),
        digest="sha256:" + digest.hexdigest(),
    )


def _document(name: str, text: str) -> dict[str, Any]:
    try:
        # The loader is yaml's safe one with a stricter mapping, so nothing but plain data can come out.
        document = yaml.load(text, Loader=_StrictLoader)  # noqa: S506
    except yaml.YAMLError as error:
        raise LexiconError("lexicon.yaml", f"{name}: not YAML: {error}") from error
    except LexiconError as error:
        raise LexiconError(error.code, f"{name}: {error.message}", field=error.field) from error
    if not isinstance(document, dict):
        raise LexiconError("lexicon.yaml", f"{name}: expected a mapping at the top")
    return document


def _concepts(document: Mapping[str, Any], lang: str) -> dict[str, tuple[str, ...]]:
    """Named lists; a list may name earlier ones as {name}. Items are separated by `|` or line ends."""
    done: dict[str, tuple[str, ...]] = {}
    for name, value in document.items():
        texts: list[str] = []
        for part in str(value).replace("\n", "|").split("|"):
            part = part.strip()
            if part.startswith("{"):
                if part[1:-1] not in done:
                    raise LexiconError("lexicon.concept", f"concepts_{lang}.yaml: {part} is not defined", field=name)
                texts.extend(done[part[1:-1]])
            elif part:
                _check_plain(part, lang, f"concepts_{lang}.yaml: {name}")
                texts.append(part)
        done[name] = tuple(dict.fromkeys(texts))
    return done


def _check_plain(text: str, lang: str, where: str) -> None:
    """A literal that normalisation would change can never match: better refused than silently dead."""
    plain = text.replace("_", " ").replace("*", "")
    if not all(_is_plain(piece, lang) for piece in (plain.split() if lang == "en" else [plain])):
        raise LexiconError("lexicon.literal", f"{where}: {text!r} is not in normal form", field=text)


@lru_cache(maxsize=65536)
def _is_plain(piece: str, lang: str) -> bool:
    return not piece or normalize(piece, lang).text.strip() == piece.strip()


def _rules(
    document: Mapping[str, Any], name: str, label: str, concepts: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> Iterable[Rule]:
    for lang, groups in document.items():
        if lang not in LANGS or not isinstance(groups, dict):
            raise LexiconError("lexicon.lang", f"{name}: expected the languages {LANGS}", field=str(lang))
        seen: set[str] = set()
        for group, sources in groups.items():
            if group not in WEIGHTS or not isinstance(sources, list):
                raise LexiconError(
                    "lexicon.group", f"{name}: {lang}: expected lists {tuple(WEIGHTS)}", field=str(group)
                )
            for source in map(str, sources):
                where = f"{name}: {lang}: {group}: {source!r}"
                if source in seen:
                    raise LexiconError("lexicon.duplicate", f"{where}: written twice", field=source)
                seen.add(source)
                text = source.replace(" ", "_") if group == "phrases" and lang == "en" else source
                compiled = compile_template(text, lang, concepts[lang], where)
                for literal in compiled["literals"]:
                    _check_plain(literal, lang, where)
                identity = hashlib.sha256(f"{label}\0{lang}\0{source}".encode()).hexdigest()[:8]
                yield Rule(
                    id=f"{label}.{lang}.{identity}",
                    label=f"unless:{label}" if group == "unless" else label,
                    lang=lang,
                    group=group,
                    weight=WEIGHTS[group],
                    source=source,
                    **compiled,
                )
