"""How much a recogniser gets wrong: zh by characters, en by words, on sentences and voices kept out of training.

The sentences lie beside this file; each says whether it was verbatim in the embedded model's training text. Voices are
synthetic and were kept out of training; the line is 8 kHz mu-law: clean, with noise, babble, lost packets, clipping.
English is also asked of flite's voices where that program is installed. Every second sentence takes a few minutes.

    python benchmarks/asr_eval.py [--model DIRECTORY] [--every 2] [--json]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from speech.training import testset
from speech.training.evaluate import EvaluateOptions, evaluate

HERE = Path(__file__).parent
EMBEDDED = HERE.parent / "speech" / "embedded" / "zh-en-small"


def table(report: dict[str, dict[str, dict[str, dict[str, float]]]]) -> str:
    """The error rates as a Markdown table."""
    conditions = list(report["error"])
    rows = [f"| set | clips | {' | '.join(conditions)} |", "| --- | ---: |" + " ---: |" * len(conditions)]
    for name, first in report["error"][conditions[0]].items():
        rates = " | ".join(f"{report['error'][condition][name]['error']:.3f}" for condition in conditions)
        rows.append(f"| {name} | {first['clips']:.0f} | {rates} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=EMBEDDED)
    parser.add_argument("--every", type=int, default=1, help="hear every Nth sentence only")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    sentences = tuple(testset.read(HERE / "asr_eval_sentences.jsonl"))[:: given.every]
    report = evaluate(EvaluateOptions(model=given.model, sentences=sentences))
    if given.json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
        return
    print(table(report))
    print(f"language detected: {report['language_detected']}; gate {report['gate']}")
    print(f"the gate across halves of the unseen clips: {report['gate_across_halves']}")
    print(f"sounds without speech: {report['nonspeech']}")


if __name__ == "__main__":
    main()
