"""The whole understanding of one utterance: `Analyzer.load()` once, `.analyze(...)` for every text.

The analyzer is immutable after loading and keeps nothing between calls: threads may share it, and a growing utterance
may be analysed again and again (each call sees only the text it is given).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from nlp.analysis import Analysis, MoodReading, Turn
from nlp.classifier import Classifier, Prediction, Utterance
from nlp.debtor import evidence, present
from nlp.detectors.matcher import Matcher
from nlp.entities import entities
from nlp.errors import NlpError
from nlp.finding import Finding, Skipped
from nlp.labels import Intent, Signal, Speaker, ViolationKind, Vulnerability
from nlp.lexicon import Lexicon, load_lexicon
from nlp.lexicon.loader import LANGS
from nlp.mood import mood
from nlp.normalize import View, detect_lang, normalize
from nlp.promise import promise
from nlp.violations import violations

AGENT_FAMILIES = ("violations", "scope")
DEBTOR_FAMILIES = ("mood", "vulnerability", "intents", "signals")

Context = Sequence[Turn | Mapping[str, Any] | str]


class Analyzer:
    """Rules of both languages and, beside them, any trained classifiers."""

    def __init__(self, lexicon: Lexicon, classifiers: Sequence[Classifier] = ()) -> None:
        self._classifiers = tuple(classifiers)
        self._agent = {lang: _matcher(lexicon, AGENT_FAMILIES, lang) for lang in LANGS}
        self._debtor = {lang: _matcher(lexicon, DEBTOR_FAMILIES, lang) for lang in LANGS}
        self._version = lexicon.digest.removeprefix("sha256:")[:12]
        self.models: Mapping[str, str] = {
            "lexicon": lexicon.digest,
            **{classifier.name: classifier.version for classifier in self._classifiers},
        }

    @classmethod
    def load(cls, classifiers: Sequence[Classifier] = ()) -> "Analyzer":
        """The analyzer over the package's own lexicon. Raises LexiconError when that is malformed."""
        return cls(load_lexicon(), classifiers)

    def analyze(
        self,
        text: str,
        *,
        speaker: Speaker | str,
        lang: str | None = None,
        context: Context = (),
        reference_date: date | None = None,
    ) -> Analysis:
        """Everything understood in `text`.

        `lang` None lets the script decide; `context` holds earlier turns, oldest first; `reference_date` is the day of
        the call, without which a promised day stays None. Raises ValueError for an unknown speaker or language.
        """
        speaker = Speaker(speaker)
        lang = lang or detect_lang(text)
        view = normalize(text, lang)
        turns = tuple(_turn(item) for item in context)
        agent = speaker is Speaker.AGENT
        analysis = self._analyze_agent(view) if agent else self._analyze_debtor(view, reference_date)
        return self._with_classifiers(analysis, Utterance(text=text, speaker=speaker, lang=lang, context=turns))

    def _analyze_agent(self, view: View) -> Analysis:
        hits, skipped = self._agent[view.lang].find(view)
        return Analysis(
            lang=view.lang,
            violations=violations(view, hits, self._version),
            entities=entities(view),
            skipped=tuple(skipped),
            models=self.models,
        )

    def _analyze_debtor(self, view: View, reference_date: date | None) -> Analysis:
        hits, skipped = self._debtor[view.lang].find(view)
        intents = present(Intent, hits)
        vulnerable = present(Vulnerability, hits)
        signals = present(Signal, hits)
        promised = promise(view, reference_date) if Intent.PROMISE_TO_PAY in intents else None
        proof = [
            *evidence(vulnerable, view, self._version),
            *evidence(intents, view, self._version),
            *evidence(signals, view, self._version),
        ]
        return Analysis(
            lang=view.lang,
            mood=mood(view, hits) if view.text else None,
            vulnerability=frozenset(vulnerable),
            intents=frozenset(intents),
            signals=frozenset(signals),
            promise=promised,
            entities=entities(view),
            evidence=tuple(proof),
            skipped=tuple(skipped),
            models=self.models,
        )

    def _with_classifiers(self, analysis: Analysis, utterance: Utterance) -> Analysis:
        for classifier in self._classifiers:
            try:
                prediction = classifier.predict([utterance])[0]
            except NlpError as error:
                missing = Skipped(detector=f"{classifier.name}@{classifier.version}", reason=error.message)
                analysis = replace(analysis, skipped=(*analysis.skipped, missing))
            else:
                analysis = _merged(analysis, prediction, utterance.speaker)
        return analysis


def _matcher(lexicon: Lexicon, families: Iterable[str], lang: str) -> Matcher:
    rules = [rule for family in families for rule in lexicon.rules[family]]
    return Matcher(rules, lang, lexicon.sound_words, lexicon.ordinary_words)


def _turn(item: Turn | Mapping[str, Any] | str) -> Turn:
    """A context turn as data; a bare string is a turn whose speaker is not known."""
    if isinstance(item, Turn):
        return item
    if isinstance(item, str):
        return Turn(speaker="", text=item)
    return Turn(speaker=str(item.get("speaker", "")), text=str(item.get("text", "")))


def _merged(analysis: Analysis, prediction: Prediction, speaker: Speaker) -> Analysis:
    """Rules and model together: a label counts when either found it, with the surer of the two as its finding."""
    if speaker is Speaker.AGENT:
        best: dict[str, Finding] = {str(finding.label): finding for finding in analysis.violations}
        for finding in prediction.findings:
            known = best.get(str(finding.label))
            if isinstance(finding.label, ViolationKind) and (known is None or finding.score > known.score):
                best[str(finding.label)] = finding
        return replace(analysis, violations=tuple(best[kind] for kind in ViolationKind if kind in best))
    found = [finding for finding in prediction.findings if not isinstance(finding.label, ViolationKind)]
    return replace(
        analysis,
        mood=_surer(analysis.mood, prediction.mood),
        vulnerability=analysis.vulnerability | {f.label for f in found if isinstance(f.label, Vulnerability)},
        intents=analysis.intents | {f.label for f in found if isinstance(f.label, Intent)},
        signals=analysis.signals | {f.label for f in found if isinstance(f.label, Signal)},
        evidence=(*analysis.evidence, *found),
    )


def _surer(first: MoodReading | None, second: MoodReading | None) -> MoodReading | None:
    if first is None or second is None:
        return first or second
    return second if second.score > first.score else first
