"""Progress of long work, one JSON line at a time on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping


def tell(row: Mapping[str, object]) -> None:
    """Write a line at once, so that a log file can be followed."""
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    sys.stdout.flush()
