"""How a citation reads: a number of the text follows the name, words stand in brackets."""

import pytest

from policy.book import Citation, Source


def citation(provision: str) -> Citation:
    name = {"en": "The Act", "zh": "该法"}
    source = Source(
        id="act", instrument="statute", title=name, short=name, in_force_from=None, link="https://example.org"
    )
    return Citation(source=source, provision={"en": provision, "zh": provision}, certainty="V")


@pytest.mark.parametrize(
    "provision",
    [
        "art. 68",
        "ch. 5.3",
        "s. 285(3), 251G",
        "reg. 7",
        "para 454T (any contact)",
        "7.9.4R",
        "14(b)(2)(i)-2",
        "8 (outsourcing)",
        "21",
        "第68条",
    ],
)
def test_numbers_follow_the_name(provision: str) -> None:
    assert citation(provision).text("en") == f"The Act {provision}"
    assert citation(provision).text("zh") == f"该法 {provision}"


@pytest.mark.parametrize(
    "provision", ["private phones", "2025 revision", "12 CFR 1006.6(d)", "at most 3 a day", "parties", "2年"]
)
def test_words_stand_in_brackets(provision: str) -> None:
    assert citation(provision).text("en") == f"The Act ({provision})"
    assert citation(provision).text("zh") == f"该法（{provision}）"
