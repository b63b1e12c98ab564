"""Bad rulebooks are refused with file, line and reason, whatever is wrong; what means the same loads the same.

`python -m tests.fuzz_rulebook --count 10000 --seed 1` runs many more of the same mutations.
"""

from collections import Counter
from pathlib import Path

import pytest

from policy.book import Rulebook
from policy.errors import RulebookError
from policy.schema import load_rulebook, load_rulebook_files
from tests.fuzz_mutators import EQUAL, MUTATORS, REFUSED
from tests.fuzz_rulebook import corpora, mutations, run

COUNT = 1_496  # every mutator equally often


@pytest.mark.slow
def test_mutated_rulebooks_are_refused_with_their_place_or_mean_the_same() -> None:
    outcomes = list(run(COUNT, seed=20261123))

    faults = [(one.file, one.mutation.kind, one.mutation.what, one.fault) for one in outcomes if one.fault is not None]
    assert faults == []
    labels = Counter(one.mutation.label for one in outcomes)
    assert labels["refuse"] > 1_000
    assert labels["equal"] > 200
    assert len({one.mutation.kind for one in outcomes}) >= len(MUTATORS)


def test_every_mutator_does_what_its_list_says() -> None:
    found = {}
    for corpus, name, mutation in mutations(len(MUTATORS), seed=5):
        assert mutation.text != corpus.files[name] or mutation.file not in (None, name)
        found[mutation.kind] = mutation.label

    assert Counter(found.values()) == {"refuse": len(REFUSED), "equal": len(EQUAL), "any": 1}


def test_mutations_are_the_same_for_the_same_seed() -> None:
    def some(seed: int) -> list[str]:
        return [mutation.text for _, _, mutation in mutations(50, seed)]

    assert some(1) == some(1)
    assert some(1) != some(2)


def test_the_cut_packs_are_the_packaged_law(rulebook: Rulebook) -> None:
    whole = {name: text for corpus in corpora() for name, text in corpus.files.items()}

    assert load_rulebook_files(whole).digest == rulebook.digest


@pytest.mark.parametrize(
    "broken",
    [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xe4\xb8", b"\xfe\xff\x00a", b"\x80", b"\xf8\x88\x80\x80\x80"],
)
@pytest.mark.parametrize("place", [0, 40, -1])
def test_bytes_that_are_no_text(tmp_path: Path, book_text: str, broken: bytes, place: int) -> None:
    content = book_text.encode()
    at = place % len(content)
    (tmp_path / "zz").mkdir()
    (tmp_path / "zz" / "main.yaml").write_bytes(content[:at] + broken + content[at:])

    with pytest.raises(RulebookError) as caught:
        load_rulebook(tmp_path)

    assert (caught.value.code, caught.value.file) == ("rulebook.not_yaml", "zz/main.yaml")


def test_a_file_that_cannot_be_read(tmp_path: Path, book_text: str) -> None:
    (tmp_path / "zz").mkdir()
    (tmp_path / "zz" / "main.yaml").write_text(book_text, encoding="utf-8")
    (tmp_path / "zz" / "gone.yaml").symlink_to(tmp_path / "nowhere.yaml")

    with pytest.raises(RulebookError) as caught:
        load_rulebook(tmp_path)

    assert (caught.value.code, caught.value.file) == ("rulebook.unreadable", "zz/gone.yaml")


@pytest.mark.parametrize("name", ["more.yaml", "more.YML"])
def test_a_file_beside_the_folders_is_not_overlooked(tmp_path: Path, book_text: str, name: str) -> None:
    (tmp_path / "zz").mkdir()
    (tmp_path / "zz" / "main.yaml").write_text(book_text, encoding="utf-8")
    (tmp_path / name).write_text(book_text, encoding="utf-8")

    with pytest.raises(RulebookError) as caught:
        load_rulebook(tmp_path)

    assert caught.value.file == name


def test_a_rule_id_means_one_rule(tmp_path: Path, book_text: str) -> None:
    for pack in ("yy", "zz"):
        (tmp_path / pack).mkdir()
        text = book_text.replace("  id: zz\n", f"  id: {pack}\n")
        (tmp_path / pack / "main.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(RulebookError, match="`zz-hold`, which another pack has"):
        load_rulebook(tmp_path)
