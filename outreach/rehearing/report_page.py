"""The page of an audit report: texts in both languages, files, template environment (I/O: reads its own files)."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from nlp.labels import DISPLAY_NAMES
from outreach.rehearing.metadata import LANGUAGES


def both(texts: Mapping[str, str]) -> Markup:
    """A text in both languages, of which the page shows one."""
    zh, en = escape(texts["zh"]), escape(texts["en"])
    if zh == en:
        return zh
    return Markup('<span class="zh" lang="zh-CN">{}</span><span class="en" lang="en">{}</span>').format(zh, en)


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Every text of the page by key and language."""
    found: dict[str, dict[str, str]] = yaml.safe_load(asset("texts.yaml", "outreach.rehearing", ""))
    return found


def _say(key: str, **values: object) -> Markup:
    entry = catalogue()[key]
    return both({lang: entry[lang].format_map(values) if values else entry[lang] for lang in LANGUAGES})


def _plain(key: str) -> str:
    """Both languages at once, where no markup can be."""
    return " / ".join(catalogue()[key][lang] for lang in LANGUAGES)


def _label(label: str) -> Markup:
    return both({lang: DISPLAY_NAMES[lang].get(label, label) for lang in LANGUAGES})


def _clock(secs: float) -> str:
    minutes, rest = divmod(round(secs), 60)
    return f"{minutes}:{rest:02d}"


def asset(name: str, package: str = "outreach.rehearing", folder: str = "templates") -> str:
    """The text of a packaged file."""
    return files(package).joinpath(folder, name).read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """The templates, with `say` (a text by its key), `plain`, `both`, `label` and `clock`."""
    made = Environment(
        loader=PackageLoader("outreach.rehearing"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"say": _say, "plain": _plain, "both": both, "label": _label}
    made.filters["clock"] = _clock
    return made
