"""Commands that need more than one room: serve, worker, and scripts with our own detectors (I/O)."""

import os
from functools import cache
from typing import TYPE_CHECKING

import typer

from outreach.config import Settings
from scripts.cli import build_app

if TYPE_CHECKING:
    from nlp.pipeline import Analyzer

serve_app = typer.Typer(add_completion=False)
worker_app = typer.Typer(add_completion=False)


@serve_app.command()
def serve() -> None:
    """Serve the pages, the live feed and the console API until stopped. Settings come from the environment.

    Example:  FAIRLINE_WEB_PORT=8600 fairline serve
    """
    from outreach.bootstrap import configure_logging
    from outreach.web.server import serve as run

    configure_logging()
    run(Settings.from_environment(os.environ))


@worker_app.command()
def worker() -> None:
    """Dial what is due and permitted, hear every call, act on what is heard, until stopped.

    Example:  fairline worker      (`fairline doctor` lists the settings it needs)
    """
    from outreach.bootstrap import run_worker

    run_worker(Settings.from_environment(os.environ))


def flag(text: str, lang: str) -> list[str]:
    """Violation labels our detectors find in an agent's line: what keeps a script from being approved."""
    found = _analyzer().analyze(text, speaker="agent", lang=lang)
    return [str(finding.label) for finding in found.violations]


@cache
def _analyzer() -> "Analyzer":
    from nlp.pipeline import Analyzer

    return Analyzer.load()


scripts_app = build_app(flag)
