"""`fairline transcribe` (I/O): recordings to text on the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from speech.engine import COMPUTE_TYPES, UNKNOWN_WORDS
from speech.errors import MediaFileError, RecognizerError, SpeechError
from speech.hearing import HearOptions
from speech.recognizer import Recognizer
from speech.sides import PARTIES
from speech.transcribe import ASSUMED, transcribe_file
from speech.whisper import EMBEDDED, WhisperRecognizer

DONE, BAD_INPUT, NOT_AVAILABLE = 0, 2, 3
_USAGE = UNKNOWN_WORDS | {"recognizer.unknown_language", "input.option"}
_EPILOG = "Example: fairline transcribe call.wav --left agent --right debtor --json"

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog=_EPILOG)
def transcribe(
    audio: Annotated[list[Path], typer.Argument(help="Recordings: WAV, FLAC, MP3, Opus…, one or two channels.")],
    model: Annotated[str, typer.Option(help="embedded, a Whisper model name, or a directory.")] = EMBEDDED,
    lang: Annotated[
        str | None, typer.Option(help="Language of the speech, such as zh or en; found out if absent.")
    ] = None,
    left: Annotated[
        str | None,
        typer.Option(
            help="agent or debtor on the left (or only) channel; as the file says, else agent.", show_default=False
        ),
    ] = None,
    right: Annotated[
        str | None,
        typer.Option(help="agent or debtor on the right channel; the other party than --left.", show_default=False),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    compute_type: Annotated[
        str, typer.Option(help=f"Arithmetic of the model: {', '.join(COMPUTE_TYPES)}.")
    ] = "default",
    json_output: Annotated[bool, typer.Option("--json", help="One JSON object per file on standard output.")] = False,
) -> None:
    """Recordings to text, one or two tracks. Unclear passages are marked: they are guesses and assert nothing.

    Exit codes: 0 done, 2 a file that cannot be read (the others are answered) or a word that is not known (option,
    model name, device, compute type), 3 weights that are not here or cannot be fetched, a device or compute type that
    this machine lacks, or a model that gave up.
    """
    console = Console(stderr=True, soft_wrap=True)
    try:
        _check_sides(left, right)
        recognizer = WhisperRecognizer.load(model, device=device, compute_type=compute_type)
        _check_language(recognizer, lang)
    except SpeechError as error:
        _complain(console, error)
        raise typer.Exit(BAD_INPUT if error.code in _USAGE else NOT_AVAILABLE) from error
    if recognizer.capabilities.demonstration:
        console.print(
            f"note: {recognizer.identity.name} is a demonstration model trained on synthetic speech; "
            "it does not know real voices. Use --model large-v3-turbo or your own for real calls.",
            style="yellow",
        )
    options = HearOptions(language=lang, left=left, right=right)
    codes = [_one(path, recognizer, options, console, json_output) for path in audio]
    if any(codes):
        raise typer.Exit(max(codes))


def _one(path: Path, recognizer: Recognizer, options: HearOptions, console: Console, json_output: bool) -> int:
    """Answer one file; its exit code."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
            task = bars.add_task(path.name, total=None)
            result = transcribe_file(
                path, recognizer, options, lambda done, total: bars.update(task, completed=done, total=total)
            )
    except (MediaFileError, RecognizerError) as error:
        _complain(console, error)
        if json_output:
            _print_json({"file": str(path), "error": error.to_json()})
        return BAD_INPUT if isinstance(error, MediaFileError) else NOT_AVAILABLE
    if result["sides_by"] == ASSUMED:
        console.print(
            Text(
                f"note: {path}: nobody said who is on which channel; the agent is taken to be on the left. "
                "Name the sides with --left or --right if this is wrong.",
                style="yellow",
            )
        )
    if json_output:
        _print_json(result)
    else:
        _print_transcript(result)
    return DONE


def _check_sides(left: str | None, right: str | None) -> None:
    for option, party in (("--left", left), ("--right", right)):
        if party is not None and party not in PARTIES:
            raise SpeechError("input.option", f"{option}: found {party!r}, expected one of {', '.join(PARTIES)}")
    if left is not None and left == right:
        raise SpeechError("input.option", f"--right: found {right}, expected the other side than --left")


def _check_language(recognizer: Recognizer, language: str | None) -> None:
    known = recognizer.capabilities.languages
    if language is not None and language not in known:
        raise RecognizerError(
            "recognizer.unknown_language",
            f"--lang {language}: {recognizer.identity.name} does not know this language",
            hint=f"expected one of {', '.join(known)}",
        )


def _complain(console: Console, error: SpeechError) -> None:
    console.print(Text.assemble(("error ", "bold red"), f"{error.code}: {error.message}"))
    if error.hint:
        console.print(Text(f"  what to do: {error.hint}"))


def _print_json(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _print_transcript(result: dict[str, Any]) -> None:
    console = Console(soft_wrap=True)
    console.print(
        Text(
            f"{result['file']}  {result['duration_secs']:.1f} s  {result['language'] or 'language unknown'}  "
            f"{result['model']}  real-time factor {result['real_time_factor']:.3f}",
            style="bold",
        )
    )
    lines = [(segment, track["speaker"]) for track in result["tracks"] for segment in track["segments"]]
    for segment, speaker in sorted(lines, key=lambda line: float(line[0]["start"])):
        minutes, secs = divmod(segment["start"], 60)
        doubt = Text("  (unclear, listen)", style="yellow") if not segment["clear"] else Text("")
        console.print(
            Text.assemble((f"{int(minutes):02d}:{secs:04.1f} ", "dim"), f"{speaker}: {segment['text']}", doubt)
        )
    if not lines:
        console.print(Text("no speech found"))
