"""Draws the live page in pieces with stable element ids, so that only what changed travels. Pure given templates."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment

from outreach.web.i18n import LANGS, translator
from outreach.web.live.views import CallView, Overview

PARTS = ("head", "alerts", "lines", "suggestion", "checks")
LIVE_LINES = 14

Drawn = Mapping[str, str]
"""HTML by language."""


class Painter:
    """Renders parts in every language; a call's parts are keyed by the id of their element."""

    def __init__(self, templates: Environment) -> None:
        self._templates = templates

    def call(self, call: CallView) -> dict[str, Drawn]:
        """Element id -> HTML by language, for every part of a card."""
        return {f"{card_id(call.sid)}-{part}": self._draw(f"partials/card_{part}.html", call=call) for part in PARTS}

    def card(self, call: CallView) -> Drawn:
        """The whole card."""
        return self._draw("partials/card.html", call=call)

    def overview(self, overview: Overview) -> dict[str, Drawn]:
        """The parts beside the cards."""
        names = ("counts", "refused", "ledger", "ended")
        return {name: self._draw(f"partials/{name}.html", overview=overview) for name in names}

    def _draw(self, template: str, **values: Any) -> Drawn:
        loaded = self._templates.get_template(template)
        return {lang: loaded.render(t=translator(lang), lang=lang, live_lines=LIVE_LINES, **values) for lang in LANGS}


def card_id(sid: str) -> str:
    """The element id of a call's card."""
    return f"call-{sid}"
