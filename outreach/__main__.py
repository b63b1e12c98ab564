"""The `fairline` command: mounts every room's commands and turns errors into words and exit codes (I/O).

Exit codes: 0 done, 1 the check it makes failed, 2 bad input or usage, 3 not available.
"""

import importlib
import sys
from typing import Any, Protocol, cast

import typer
from rich.console import Console
from typer.core import TyperGroup

# command -> (module, attribute, one line of help). Rooms are imported only when their command is asked for:
# `fairline --help` must not wait for a tokenizer.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "demo": ("outreach.demo.cli", "app", "The whole system on this machine, with the local carrier."),
    "doctor": ("outreach.doctor", "app", "What is installed, what answers, and what to do about what does not."),
    "import": ("outreach.cases.cli", "import_app", "Read a portfolio file; set bad rows aside with what to do."),
    "serve": ("outreach.cli", "serve_app", "Web pages, live feed, console API."),
    "worker": ("outreach.cli", "worker_app", "Dial permitted contacts, hear them, act on what is heard."),
    "carrier": ("outreach.telephony.localcarrier.cli", "app", "The local carrier: Twilio's protocol on this machine."),
    "db": ("outreach.db.cli", "app", "Create and upgrade the database."),
    "user": ("outreach.web.cli", "app", "Accounts: add, list, disable; tokens for programs."),
    "policy": ("outreach.timemachine.cli", "policy_app", "Ask the rulebook: check, packs, explain, replay."),
    "campaign": ("outreach.timemachine.cli", "campaign_app", "Before dialling: who will be skipped, and why."),
    "nlp": ("nlp.cli", "app", "Findings in text: analyze, redact, evaluate."),
    "scripts": ("outreach.cli", "scripts_app", "Approved lines: suggest, lint, approve."),
    "transcribe": ("speech.cli", "app", "Recordings to text, one or two tracks."),
    "audit-recordings": (
        "outreach.rehearing.cli",
        "app",
        "The monitor over recordings made elsewhere, with a report.",
    ),
    "evidence": ("outreach.ledger.cli", "app", "Verify, export, checkpoint."),
    "bench": ("outreach.benches", "app", "Measure, beside a named peer where one is installed."),
}
INPUT, UNAVAILABLE, FAILED = 2, 3, 1
EXIT_BY_PREFIX = {"missing": UNAVAILABLE, "recognizer": UNAVAILABLE, "carrier": UNAVAILABLE, "evidence": FAILED}


class Coded(Protocol):
    """What every package's error base offers."""

    code: str
    message: str


class LazyGroup(TyperGroup):
    """A command group whose members are imported when they are called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the base class's signature
        """Every command, in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - as above
        """Import the room that owns `cmd_name`."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute, help_line = COMMANDS[cmd_name]
        command = typer.main.get_command(getattr(importlib.import_module(module), attribute))
        command.name = cmd_name
        command.help = command.help or help_line
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as above
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry[2]) for name, entry in COMMANDS.items()])


app = typer.Typer(cls=LazyGroup, name="fairline", no_args_is_help=True, rich_markup_mode=None, add_completion=False)


@app.callback()
def root() -> None:
    """Lawful, humane, provable debt-collection outreach.

    Start with:  fairline demo
    """


def exit_code(code: str) -> int:
    """The process's exit code for a stable error code such as `input.row`."""
    return EXIT_BY_PREFIX.get(code.split(".", 1)[0], INPUT)


def main() -> None:
    """Run one command; a person never sees a traceback for something they can act on."""
    try:
        app(standalone_mode=True)
    except Exception as error:
        if not (hasattr(error, "code") and isinstance(getattr(error, "code", None), str)):
            raise
        known = cast(Coded, error)
        console = Console(stderr=True, soft_wrap=True)
        console.print(f"[bold red]error[/] {known.code}: ", end="")
        console.print(getattr(known, "message", str(error)), markup=False)
        if hint := getattr(error, "hint", None):
            console.print(f"  what to do: {hint}", markup=False)
        sys.exit(exit_code(known.code))


if __name__ == "__main__":
    main()
