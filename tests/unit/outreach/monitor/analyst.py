"""A text room for tests that finds exactly the phrases of a table: a test of the monitor is a test of the monitor."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from nlp.analysis import Analysis, MoodReading, Promise, Turn
from nlp.finding import Finding, Skipped
from nlp.labels import Intent, Label, Mood, Signal, ViolationKind, Vulnerability

AGENT: dict[str, ViolationKind] = {
    "上门找你": ViolationKind.VISIT_THREAT,
    "单位领导": ViolationKind.THIRD_PARTY_CONTACT,
    "打断你的腿": ViolationKind.VIOLENCE_THREAT,
    "一直打到你还": ViolationKind.UNDUE_PRESSURE,
    "visit your home": ViolationKind.VISIT_THREAT,
}
EXCUSED = ("不会上门找你",)
DEBTOR: dict[str, Label] = {
    "住院": Signal.HOSPITALISED,
    "未成年": Signal.MINOR,
    "去世了": Signal.DECEASED,
    "别打电话": Intent.STOP_CONTACT,
    "打错了": Intent.WRONG_NUMBER,
    "律师": Intent.REPRESENTED,
    "不是我借的": Intent.DISPUTE,
    "没钱": Intent.HARDSHIP,
    "不还": Intent.REFUSE,
    "我还": Intent.PROMISE_TO_PAY,
    "什么情况": Intent.ASK_FOR_DETAILS,
    "不想活": Vulnerability.SELF_HARM,
    "失业": Vulnerability.JOB_LOSS,
    "stop calling": Intent.STOP_CONTACT,
    "i will pay": Intent.PROMISE_TO_PAY,
}
MOODS: dict[str, Mood] = {"害怕": Mood.ANXIOUS, "滚": Mood.ANGRY, "谢谢": Mood.COOPERATIVE, "难过": Mood.DISTRESSED}
AMOUNTS = {"两千": Decimal(2000), "五百": Decimal(500)}
DAYS = {"下周五": date(2026, 12, 4), "明天": date(2026, 11, 25)}
DEAF = "听不了"
"""Text on which a detector of this text room cannot work."""


class Analyst:
    """Looks phrases up; keeps what it was asked with, for tests that care."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, tuple[Turn, ...]]] = []

    def analyze(
        self,
        text: str,
        *,
        speaker: str,
        lang: str | None = None,
        context: Sequence[Turn] = (),
        reference_date: date | None = None,
    ) -> Analysis:
        """The labels of the phrases in `text`."""
        self.asked.append((text, speaker, tuple(context)))
        skipped = (Skipped(detector="deaf@1", reason="timeout"),) if DEAF in text else ()
        if speaker == "agent":
            excused = any(phrase in text for phrase in EXCUSED)
            found = (
                ()
                if excused
                else tuple(_finding(text, phrase, label) for phrase, label in AGENT.items() if phrase in text)
            )
            return Analysis(lang=lang or "zh", violations=found, skipped=skipped)
        hits = {phrase: label for phrase, label in DEBTOR.items() if phrase in text.lower()}
        mood = next((mood for phrase, mood in MOODS.items() if phrase in text), Mood.CALM)
        labels = hits.values()
        return Analysis(
            lang=lang or "zh",
            mood=MoodReading(label=mood, score=0.9, why="table"),
            intents=frozenset(label for label in labels if isinstance(label, Intent)),
            signals=frozenset(label for label in labels if isinstance(label, Signal)),
            vulnerability=frozenset(label for label in labels if isinstance(label, Vulnerability)),
            promise=_promise(text) if Intent.PROMISE_TO_PAY in labels else None,
            evidence=tuple(_finding(text.lower(), phrase, label) for phrase, label in hits.items()),
            skipped=skipped,
        )


def _finding(text: str, phrase: str, label: Label) -> Finding:
    start = text.index(phrase)
    return Finding(
        label=label, span=(start, start + len(phrase)), score=0.9, detector="table@1", why=f"phrase {phrase}"
    )


def _promise(text: str) -> Promise:
    amount = next((value for word, value in AMOUNTS.items() if word in text), None)
    day = next((value for word, value in DAYS.items() if word in text), None)
    return Promise(amount=amount, currency="CNY", date=day)
