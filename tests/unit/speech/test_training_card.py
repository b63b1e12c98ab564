"""The figures of the model card are those of the calibration that ships with the model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from speech.training.card import BEGIN, renewed

EMBEDDED = Path(__file__).parents[3] / "speech" / "embedded"


def test_the_card_says_what_was_measured() -> None:
    calibration = json.loads((EMBEDDED / "zh-en-small" / "calibration.json").read_text("utf-8"))
    card = (EMBEDDED / "MODEL_CARD.md").read_text("utf-8")
    assert renewed(card, calibration) == card


def test_a_card_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        renewed(f"{BEGIN} without an end", {"measured": {}})
