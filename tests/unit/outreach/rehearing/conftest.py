"""Voice activity by loudness, so that what is speech is exact."""

import pytest

from tests.unit.speech.fakes import EnergyProbability


@pytest.fixture(autouse=True)
def energy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speech is whatever is loud."""
    monkeypatch.setattr("speech.hearing.SileroProbability", EnergyProbability)
