"""`python -m speech.training corpus|train|export|evaluate|all`: from text to a shipped recogniser."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from speech.training import corpus, testset, tokenizer
from speech.training.card import renewed
from speech.training.evaluate import EvaluateOptions
from speech.training.evaluate import evaluate as run_evaluation
from speech.training.export import export as write_model
from speech.training.options import TrainOptions
from speech.training.texts import TextPlan
from speech.training.train import train as run_training

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "speech" / "embedded" / "zh-en-small"
SENTENCES = ROOT / "benchmarks" / "asr_eval_sentences.jsonl"
PLANS = (
    TextPlan(seed=7, sentences=36_000, template_share=0.28, licensed_share=0.47),
    TextPlan(seed=8, sentences=40_000, template_share=0.24, licensed_share=0.47, domain_share=0.13),
    TextPlan(seed=9, sentences=40_000, template_share=0.22, licensed_share=0.50, domain_share=0.10),
    TextPlan(seed=10, sentences=30_000, zh_share=0.36, template_share=0.04, licensed_share=0.60, domain_share=0.06),
    TextPlan(seed=11, sentences=30_000, zh_share=0.46, template_share=0.45, licensed_share=0.15, domain_share=0.15),
    TextPlan(seed=12, sentences=36_000, zh_share=0.75, template_share=0.55, licensed_share=0.15, domain_share=0.08),
)
"""The corpora of the shipped model: general first, then twice with the script library and the demo's parties, then
conversational English, then twice the templates of collection calls."""

app = typer.Typer(add_completion=False, help=__doc__)
Work = Annotated[Path, typer.Option(help="Where corpora, checkpoints and logs go.")]
Extra = Annotated[list[Path] | None, typer.Option(help="Further Chinese text, `dialogue<TAB>text` lines.")]
Domain = Annotated[list[Path] | None, typer.Option(help="YAML files whose `text` and `say` strings are learned too.")]
_WORK = ROOT / "var" / "training"


def _domain_files(given: list[Path] | None) -> tuple[Path, ...]:
    if given:
        return tuple(given)
    return (*sorted((ROOT / "scripts" / "library").glob("*/*.yaml")), ROOT / "outreach" / "demo" / "parties.yaml")


def _plans(extra: list[Path] | None, domain: list[Path] | None) -> tuple[TextPlan, ...]:
    files = _domain_files(domain)
    return tuple(
        replace(plan, extra_zh=tuple(extra or ()), domain_files=files if plan.domain_share else ()) for plan in PLANS
    )


def _corpora(work: Path) -> tuple[Path, ...]:
    return tuple(work / f"corpus-{letter}" for letter, _ in zip("abcdef", PLANS, strict=False))


def _made(work: Path, letters: str) -> tuple[Path, ...]:
    return tuple(path for path in _corpora(work) if path.is_dir() and path.name[-1] in letters)


@app.command(name="corpus")
def make_corpus(work: Work = _WORK, extra_zh: Extra = None, domain: Domain = None, processes: int = 2) -> None:
    """Draw the sentences, speak them, and learn the vocabulary."""
    for directory, plan in zip(_corpora(work), _plans(extra_zh, domain), strict=True):
        corpus.build(corpus.CorpusOptions(directory=directory, plan=plan, processes=processes))
    classes = corpus.phone_classes(_corpora(work)[0])
    clips = corpus.load([_corpora(work)[0]], classes)
    hanzi = {char for clip in clips if clip.lang == "zh" for char in clip.text}
    run = work / "run"
    run.mkdir(parents=True, exist_ok=True)
    if not (run / "tokenizer.json").exists():
        english = (clip.text for clip in clips if clip.lang == "en")
        tokenizer.build(run / "tokenizer.json", english, hanzi.union(tokenizer.gb2312_level_one()))


@app.command()
def train(
    work: Work = _WORK,
    minutes: float = 120.0,
    workers: int = 2,
    again: Annotated[bool, typer.Option(help="Another round from the checkpoint, its learning rate anew.")] = False,
    peak_rate: Annotated[float, typer.Option(help="Highest learning rate of the round.")] = 1.2e-3,
    freeze_from: Annotated[float, typer.Option(help="Share of the round after which phones are left as they are.")] = 1,
    letters: Annotated[str, typer.Option(help="Which corpora to hear in this round, by their letters.")] = "abcdef",
) -> None:
    """Train until the time budget is spent; goes on from the checkpoint if there is one."""
    run_training(
        TrainOptions(
            run=work / "run",
            corpora=_made(work, letters),
            phones=_corpora(work)[0],
            budget_secs=minutes * 60,
            workers=workers,
            again=again,
            peak_rate=peak_rate,
            freeze_from=freeze_from,
        )
    )


@app.command()
def export(work: Work = _WORK, model: Path = MODEL) -> None:
    """Write the checkpoint as a model directory for faster-whisper."""
    write_model(work / "run" / "checkpoint.pt", work / "run" / "tokenizer.json", model)


@app.command()
def evaluate(work: Work = _WORK, model: Path = MODEL, size: int = 200, draw: bool = False) -> None:
    """Measure the model on unseen text by unseen voices and write calibration.json; `--draw` draws new sentences."""
    if draw or not SENTENCES.exists():
        testset.write(SENTENCES, testset.draw(PLANS[0], size, _corpora(work)))
    report = run_evaluation(EvaluateOptions(model=model, sentences=tuple(testset.read(SENTENCES))))
    (work / f"evaluation-{time.strftime('%H%M%S')}.json").write_text(json.dumps(report, ensure_ascii=False, indent=1))
    report.pop("examples")
    calibration = {"avg_logprob_gate": report["gate"], "measured": report}
    (model / "calibration.json").write_text(json.dumps(calibration, ensure_ascii=False, indent=1) + "\n")
    typer.echo(json.dumps(report, ensure_ascii=False, indent=1))


@app.command()
def card(model: Path = MODEL) -> None:
    """Write the figures of calibration.json into the model card beside the model."""
    path = model.parent / "MODEL_CARD.md"
    path.write_text(renewed(path.read_text("utf-8"), json.loads((model / "calibration.json").read_text())), "utf-8")


@app.command(name="all")
def everything(
    work: Work = _WORK,
    model: Path = MODEL,
    minutes: float = 120.0,
    extra_zh: Extra = None,
    domain: Domain = None,
) -> None:
    """Corpus, training, model directory and evaluation, one after the other; the test sentences are drawn anew."""
    make_corpus(work, extra_zh, domain)
    train(work, minutes)
    export(work, model)
    evaluate(work, model, draw=True)


if __name__ == "__main__":
    app()
