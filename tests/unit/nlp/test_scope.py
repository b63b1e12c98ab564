"""What takes a finding back, and what does not."""

import pytest

from nlp.pipeline import Analyzer


def kinds(analyzer: Analyzer, text: str) -> set[str]:
    return {str(finding.label) for finding in analyzer.analyze(text, speaker="agent").violations}


@pytest.mark.parametrize(
    "text",
    [
        # denial
        "我们不会上门，也不会打给您家人",
        "我们从来不爆通讯录",
        "不会把您的信息发到朋友圈",
        "逾期不是犯罪，不会坐牢",
        "We will never come to your home.",
        "We are not going to call your boss.",
        "I'm not a lawyer.",
        "You won't be arrested for this.",
        # quotation, reporting and correction
        "您说上一个催收员骂您是老赖，这个不对，我们会处理",
        "有人说还不上会坐牢，那是不实的说法",
        "那条写着明天上门抓人的短信是诈骗",
        "I'm sorry he told you we'd come to your house, that should never have happened.",
        # question
        "之前有没有人威胁您说要上门",
        "Did anyone threaten to have you arrested?",
        # conditional, hedged and true
        "如果一直协商不成，债权人可能会考虑起诉，您有权应诉",
        "If we can't agree, the creditor might file a civil suit and you can respond.",
        # policy talk
        "公司规定不得辱骂客户，不得联系第三人",
        "Company policy says we may not call you at work.",
        # scam warning
        "有骗子冒充公安说要抓人，您千万别信",
        "If anyone says they're the sheriff and wants gift cards, that's a scam.",
        # a visit by appointment, with the right to refuse
        "如需面谈可以预约上门，来访人员出示证件，您同意才去，也可以拒绝",
        "We could meet at your home by appointment only if you agree, and you can say no.",
    ],
)
def test_lawful_frames(text: str, analyzer: Analyzer) -> None:
    assert kinds(analyzer, text) == set()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("别以为我们不会上门", "visit-threat"),
        ("我们不上门，但是会打给你老婆让她还", "third-party-contact"),
        ("你不还我们就上门", "visit-threat"),
        ("不是吓唬你，明天警察就来抓你", "false-legal-threat"),
        ("我不会放过你，早晚有人收拾你", "violence-threat"),
        ("信不信我给你单位领导打电话", "third-party-contact"),
        ("Don't think we won't come to your house.", "visit-threat"),
        ("We won't sue you. But I will call your boss.", "third-party-contact"),
        ("You don't want us to come to your house, do you?", "visit-threat"),
        ("If you don't pay, we will come to your house.", "visit-threat"),
    ],
)
def test_denials_that_do_not_excuse(text: str, label: str, analyzer: Analyzer) -> None:
    assert label in kinds(analyzer, text)


def test_a_denial_ends_with_its_sentence(analyzer: Analyzer) -> None:
    assert kinds(analyzer, "我们不会上门。再不还就打给你爸妈让他们还钱") == {"third-party-contact"}


def test_span_covers_the_clause_that_threatens(analyzer: Analyzer) -> None:
    text = "您好，这边再跟您说一遍，再不还款就上门找你，听明白没有"
    start, end = analyzer.analyze(text, speaker="agent").violations[0].span
    assert text[start:end] == "再不还款就上门找你"
