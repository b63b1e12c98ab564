"""Every labelled sentence of the tables: the label is found with its evidence, and lawful speech gives nothing."""

import pytest

from nlp.labels import Speaker, ViolationKind
from nlp.pipeline import Analyzer


def check(analyzer: Analyzer, row: tuple[str, ...], lang: str) -> None:
    labels, marked = row
    text = marked.replace("⟦", "").replace("⟧", "")
    found = analyzer.analyze(text, speaker=Speaker.AGENT, lang=lang)
    kinds = {str(finding.label) for finding in found.violations}
    assert not found.skipped
    if labels == "-":
        assert kinds == set(), [finding.why for finding in found.violations]
        return
    assert set(labels.split(",")) <= kinds
    start, end = marked.index("⟦"), marked.index("⟧") - 1
    for finding in found.violations:
        if str(finding.label) in labels:
            assert finding.span[0] < end
            assert start < finding.span[1], f"{text[slice(*finding.span)]!r} is not the evidence"


@pytest.mark.table("violations_zh.txt")
def test_chinese_sentence(row: tuple[str, ...], analyzer: Analyzer) -> None:
    check(analyzer, row, "zh")


@pytest.mark.table("violations_en.txt")
def test_english_sentence(row: tuple[str, ...], analyzer: Analyzer) -> None:
    check(analyzer, row, "en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_few_labels_too_many(lang: str, analyzer: Analyzer) -> None:
    """Extra labels on sentences that do violate stay rare."""
    from tests.unit.nlp.conftest import rows

    extra = right = 0
    for labels, marked in rows(f"violations_{lang}.txt"):
        wanted = set(labels.split(",")) - {"-"}
        text = marked.replace("⟦", "").replace("⟧", "")
        kinds = {str(finding.label) for finding in analyzer.analyze(text, speaker="agent", lang=lang).violations}
        extra += len(kinds - wanted)
        right += len(kinds & wanted)
    assert right / (right + extra) >= 0.93


@pytest.mark.parametrize("kind", list(ViolationKind))
def test_every_label_has_sentences_in_both_languages(kind: ViolationKind) -> None:
    from tests.unit.nlp.conftest import rows

    for lang in ("zh", "en"):
        assert sum(kind in labels.split(",") for labels, _ in rows(f"violations_{lang}.txt")) >= 7


@pytest.mark.parametrize(
    "text",
    ["再不还款就上门找你", "我要打死你", "We will come to your house tonight.", "你他妈去死吧", "I will kill you"],
)
def test_the_debtor_never_violates(text: str, analyzer: Analyzer) -> None:
    assert analyzer.analyze(text, speaker=Speaker.DEBTOR).violations == ()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("在不还款就上们找你", "visit-threat"),
        ("再不还钱我门就尚门", "visit-threat"),
        ("再不还款就商门找你", "visit-threat"),
        ("我要暴你通训录", "third-party-contact"),
        ("我给你爸妈打电话让他们替你环钱", "third-party-contact"),
        ("你这个垃鸡老懒", "abuse"),
        ("公安以经立安了马上抓你", "false-legal-threat"),
        ("我是法远的", "authority-impersonation"),
        ("把你照片发到彭友圈暴光", "exposure-threat"),
        ("我包证给你消真信", "improper-promise"),
    ],
)
def test_misheard_words_of_the_same_sound(text: str, label: str, analyzer: Analyzer) -> None:
    assert label in {str(finding.label) for finding in analyzer.analyze(text, speaker="agent").violations}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("嗯再不还款呃就上门找你啊", "visit-threat"),
        ("我我我们明天就派人上门", "visit-threat"),
        ("再 不 还 款 就 上 门 找 你", "visit-threat"),
        ("再不還款就上門找你", "visit-threat"),
        ("再不还款，就上门！找你。", "visit-threat"),
        ("um we will uh come to your house", "visit-threat"),
        ("WE'LL COME TO YOUR HOUSE", "visit-threat"),
        ("we we will come come to your house", "visit-threat"),
        ("you are nothing but a dead beat loser", "abuse"),
        ("i am coling your boss today i will call your boss", "third-party-contact"),
    ],
)
def test_fillers_stammer_spacing_and_script(text: str, label: str, analyzer: Analyzer) -> None:
    assert label in {str(finding.label) for finding in analyzer.analyze(text, speaker="agent").violations}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("我们知道你家住哪李", "visit-threat"),
        ("把你欠钱的事发到网尚去", "exposure-threat"),
        ("we are comin to your hous tonight", "visit-threat"),
        ("it would be a shame if somthing happend to your family", "violence-threat"),
        ("this will be on your credet forever", "debt-misrepresentation"),
        ("a warant has been issued", "false-legal-threat"),
    ],
)
def test_phrases_with_recogniser_errors(text: str, label: str, analyzer: Analyzer) -> None:
    assert label in {str(finding.label) for finding in analyzer.analyze(text, speaker="agent").violations}


def test_a_prefix_can_be_analysed_before_the_whole(analyzer: Analyzer) -> None:
    """A growing utterance needs no state: every prefix stands alone and the whole is unaffected by them."""
    text = "您好我是安和服务的再不还款我们就上门找你"
    whole = analyzer.analyze(text, speaker="agent")
    answers = [analyzer.analyze(text[:end], speaker="agent") for end in range(1, len(text) + 1)]
    assert answers[8].violations == ()
    assert answers[-1] == whole
    assert whole.violations[0].label is ViolationKind.VISIT_THREAT


def test_findings_explain_themselves(analyzer: Analyzer) -> None:
    finding = analyzer.analyze("再不还款就上门找你", speaker="agent").violations[0]
    assert finding.detector.startswith("exact@")
    assert "visit-threat.zh." in finding.why
    assert 0 < finding.score <= 1
    assert analyzer.models["lexicon"].startswith("sha256:" + finding.detector.split("@")[1])
