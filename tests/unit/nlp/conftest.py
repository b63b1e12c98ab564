"""One analyzer for all tests of the room: it is immutable, and loading it takes a moment."""

from pathlib import Path

import pytest

from nlp.pipeline import Analyzer

DATA = Path(__file__).parent / "data"


def rows(name: str) -> list[tuple[str, ...]]:
    """Tab-separated lines of a data file, comments left out."""
    lines = (DATA / name).read_text("utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if line and not line.startswith("#")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked `table(file)` run once per line of the file, with the line as the argument `row`."""
    marker = metafunc.definition.get_closest_marker("table")
    if marker:
        lines = rows(marker.args[0])
        metafunc.parametrize("row", lines, ids=[line[-1][:40] for line in lines])


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "table(file): run once per line of a data file of this folder")


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return Analyzer.load()
