"""Recognition on files and on a live track: how right, how fast, beside faster-whisper and beside decoding again.

    python benchmarks/asr_bench.py [--json] [--model embedded|NAME|DIR] [--clips 40] [--files 12] [--tracks 2]
                                   [--secs 18] [--rounds 3] [--threads 1] [--seed 1] [--part accuracy|files|streaming]

Input: unseen sentences of `asr_eval_sentences.jsonl` by voices kept out of training, 8 kHz mu-law, drawn from the seed.
`--clips`, `--files` and `--tracks` count per language (zh and en).

* accuracy: error rates by language and set, seconds of audio per processor second, memory.
* files: ours in batches, ours one by one, faster-whisper's `transcribe`, faster-whisper's batched pipeline; the same
  weights, files, languages, beam and threads. Ends with an error when batching changes a text or ours hears worse.
* streaming: ours, and ways of decoding everything again (`hearing/policies.py` says which); computation, delay of
  each word, share of shown text that was rewritten, error. Ends with an error when the size of packets changes an event
  or committed text changes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from hearing import inputs
from hearing.files import FileOptions, accuracy, against_peers
from hearing.machine import machine, memory_mib, told
from hearing.policies import compare, policies

from speech.errors import RecognizerError
from speech.whisper import EMBEDDED, WhisperRecognizer

LANGS = ("zh", "en")
PARTS = ("accuracy", "files", "streaming")
_FILES_HEAD = (
    "| way | median s | p95 | spread | processor s | audio s per processor s | wall / ours | zh CER | en WER |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
)
_STREAMING_HEAD = (
    "| way | lang | ms per audio s | / ours | error | shown s, median / p95 | right | settled | never | rewritten |",
    "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """All measurements that were asked for. Raises AssertionError for a wrong answer."""
    found: dict[str, Any] = {"bench": "asr", **machine(), "seed": options.seed, "memory_mib_before_load": memory_mib()}
    recognizer = WhisperRecognizer.load(options.model, device="cpu", workers=options.threads)
    found |= {"model": recognizer.identity.id, "compute_type": recognizer.identity.compute_type}
    # All sound is made first and in one order: what the synthesiser draws depends on what it spoke before.
    single = _clips(options.clips, options.seed, None)
    files = _clips(options.files, options.seed + 1, inputs.CONVERSATIONAL)
    tracks = _tracks(options)
    file_options = FileOptions(model=options.model, threads=options.threads, rounds=options.rounds)
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "accuracy": lambda: accuracy(recognizer, single, file_options.beam),
        "files": lambda: against_peers(recognizer, files, file_options),
        "streaming": lambda: compare(recognizer, tracks, options.rounds, policies(options.model)),
    }
    for name, part in parts.items():
        if options.part in (None, name):
            found[name] = part()
    return found


def main(argv: list[str] | None = None) -> int:
    """Measure and print tables, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--model", default=EMBEDDED)
    parser.add_argument("--part", choices=PARTS, help="only this part")
    for name, number in (("clips", 40), ("files", 12), ("tracks", 2), ("rounds", 3), ("threads", 1), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--secs", type=float, default=18.0, help="length of a live track, at most 27")
    options = parser.parse_args(argv)
    try:
        found = run(options)
    except RecognizerError as error:
        print(f"error {error.code}: {error.message}", file=sys.stderr)
        return 3
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print("\n".join(_tables(found)))
    return 0


def _clips(per_language: int, seed: int, groups: tuple[str, ...] | None) -> list[inputs.Clip]:
    return [clip for lang in LANGS for clip in inputs.clips(lang, per_language, seed, groups)]


def _tracks(options: argparse.Namespace) -> list[tuple[str, inputs.TrackAudio]]:
    """The agent's side of conversations in which both speak all the time: speech with short pauses."""
    made = [
        (lang, inputs.conversation(lang, options.secs, options.seed + number, at_once=True))
        for lang in LANGS
        for number in range(options.tracks)
    ]
    return [(lang, talk.tracks[0]) for lang, talk in made]


def _tables(found: dict[str, Any]) -> list[str]:
    lines = [told(found), f"model {found['model']}, {found['compute_type']}, seed {found['seed']}"]
    if "accuracy" in found:
        lines += _accuracy_table(found["accuracy"], found["memory_mib_before_load"])
    if "files" in found:
        lines += _files_table(found["files"])
    if "streaming" in found:
        lines += _streaming_table(found["streaming"])
    return lines


def _accuracy_table(part: dict[str, Any], unloaded_mib: float) -> list[str]:
    lines = [
        "",
        "accuracy: unseen text, unseen voices (zh characters, en words)",
        "| set | clips | error |",
        "|---|---:|---:|",
    ]
    lines += [f"| {name} | {row['clips']} | {row['rate']:.3f} |" for name, row in part["error"].items()]
    speeds = ", ".join(f"{name} {rate}" for name, rate in part["audio_secs_per_cpu_sec"].items())
    memory = part["memory_mib"]
    return [
        *lines,
        f"audio seconds per processor second: {speeds}",
        f"memory {unloaded_mib} MiB without model, {memory['before']} with it, {memory['after']} after",
    ]


def _files_table(part: dict[str, Any]) -> list[str]:
    size = f"{part['files']} files, {part['audio_secs']} s, beam {part['beam']}"
    lines = ["", f"files: {size}, {part['threads']} thread(s), {part['rounds']} rounds", *_FILES_HEAD]
    for name, row in part["rows"].items():
        wall, cpu, error = row["wall_secs"], row["cpu_secs"], row["error"]
        lines.append(
            f"| {name} | {wall['median']} | {wall['p95']} | {wall['spread']} | {cpu['median']} "
            f"| {row['audio_secs_per_cpu_sec']} | {row['ours_is_times_wall']} | {error['zh']:.3f} | {error['en']:.3f} |"
        )
    return lines


def _streaming_table(part: dict[str, Any]) -> list[str]:
    size = f"{part['tracks']} tracks, {part['audio_secs']} s"
    lines = ["", f"streaming: {size}, {part['rounds']} rounds", *_STREAMING_HEAD]
    for name, row in part["rows"].items():
        cost = row["cpu_ms_per_audio_sec"]
        for lang, delay in row["delay_secs"].items():
            secs = " | ".join(_secs(delay.get(kind)) for kind in ("shown", "right", "settled"))
            lines.append(
                f"| {name} | {lang} | {cost['median']} (p95 {cost['p95']}, spread {cost['spread']}) "
                f"| {row['ours_is_times']} | {row['error'][lang]:.3f} | {secs} "
                f"| {delay['never_shown']} of {delay['words']} | {row['rewritten_per_shown'][lang]:.3f} |"
            )
    return lines


def _secs(delay: dict[str, float] | None) -> str:
    return "-" if delay is None else f"{delay['median']} / {delay['p95']}"


if __name__ == "__main__":
    sys.exit(main())
