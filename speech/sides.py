"""Who is on which channel of a recording: what a name or the files beside it tell (I/O: looks for a file)."""

from __future__ import annotations

import re
from pathlib import Path

AGENT, DEBTOR = "agent", "debtor"
PARTIES = (AGENT, DEBTOR)
OWN_SIDES = (DEBTOR, AGENT)
"""On our own recordings what came in, the debtor's voice, is on the left."""
BUNDLE_MARK = "proofs.json"
"""Lies beside the recording of an exported call."""
_OWN_NAME = re.compile(r"CA[0-9a-f]{32}\.wav\Z")


def other(party: str) -> str:
    """The other party of a call."""
    return DEBTOR if party == AGENT else AGENT


def own_sides(path: Path) -> tuple[str, str] | None:
    """The sides of a recording of ours: one of an exported bundle, or one named by its carrier's call."""
    bundled = path.name == "recording.wav" and (path.parent / BUNDLE_MARK).is_file()
    return OWN_SIDES if bundled or _OWN_NAME.match(path.name) else None
