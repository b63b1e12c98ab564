"""Texts of the pages in Chinese and English, from one catalogue (I/O on first use).

A missing text is an error, never an empty page; `tests/unit/outreach/web/test_i18n.py` holds the languages together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from nlp.labels import DISPLAY_NAMES
from outreach.errors import ConfigError

LANGS = ("zh", "en")
DEFAULT_LANG = "zh"


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Every text by key and language."""

    texts: Mapping[str, Mapping[str, str]]

    def text(self, key: str, lang: str, values: Mapping[str, object]) -> str:
        """The text with its `{name}` gaps filled; ConfigError config.text when there is no such key."""
        entry = self.texts.get(key)
        if entry is None:
            raise ConfigError(
                "config.text", f"the catalogue has no text {key!r}", hint="add it to web/locale/texts.yaml"
            )
        return entry[lang].format_map(values) if values else entry[lang]


def parse_catalogue(document: str) -> Catalogue:
    """Read nested YAML whose leaves are {zh: …, en: …}; ConfigError config.text naming the key that is wrong."""
    texts: dict[str, Mapping[str, str]] = {}
    _collect(yaml.safe_load(document), "", texts)
    return Catalogue(texts=texts)


def _collect(node: object, path: str, texts: dict[str, Mapping[str, str]]) -> None:
    if not isinstance(node, dict) or not node:
        raise ConfigError("config.text", f"texts.yaml {path or 'top'}: found {type(node).__name__}, expected a mapping")
    if set(node) == set(LANGS):
        if not all(isinstance(value, str) and value.strip() for value in node.values()):
            raise ConfigError("config.text", f"texts.yaml {path}: expected a text in zh and in en")
        texts[path] = {lang: str(node[lang]) for lang in LANGS}
        return
    for key, child in node.items():
        if key in LANGS:
            raise ConfigError("config.text", f"texts.yaml {path}: has {key!r} but not both languages")
        _collect(child, f"{path}.{key}" if path else str(key), texts)


@cache
def load_catalogue() -> Catalogue:
    """The catalogue shipped with the pages."""
    return parse_catalogue(files("outreach.web").joinpath("locale/texts.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True, kw_only=True)
class Translator:
    """`t("live.title")` in one language; `label` names members of the closed vocabularies."""

    lang: str
    catalogue: Catalogue

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key."""
        return self.catalogue.text(key, self.lang, values)

    def label(self, label: str) -> str:
        """A vocabulary label as a person reads it; the id itself for one that only data knows."""
        return DISPLAY_NAMES[self.lang].get(label, label)

    def code(self, group: str, code: str | None) -> str:
        """A closed code (`status`, `outcome` …) as a person reads it; the code itself where no text exists."""
        entry = self.catalogue.texts.get(f"{group}.{code}")
        return (code or "") if entry is None else entry[self.lang]


def translator(lang: str) -> Translator:
    """The translator for a language; the default one for anything else."""
    return Translator(lang=lang if lang in LANGS else DEFAULT_LANG, catalogue=load_catalogue())
