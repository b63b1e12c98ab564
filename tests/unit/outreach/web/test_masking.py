"""What may be seen of a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.web.masking import mask_name, mask_number


@pytest.mark.parametrize(
    ("name", "shown"), [("张伟", "张＊"), ("欧阳娜娜", "欧＊＊＊"), ("Alex Smith", "A. S."), ("  ", ""), ("", "")]
)
def test_names(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [("+8613812345678", "•••• 5678"), ("12345", "•••• 45"), ("", ""), ("anonymous", "")]
)
def test_numbers(number: str, shown: str) -> None:
    assert mask_number(number) == shown


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=2, max_size=6))
def test_a_chinese_given_name_is_never_shown(name: str) -> None:
    assert not set(mask_name(name)) & (set(name[1:]) - {name[0]})
