"""The Merkle tree against published vectors and against the definition written out naively."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.errors import EvidenceError
from outreach.ledger import merkle

# The eight leaf inputs and the roots used by the Certificate Transparency reference implementations.
CT_INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return hashlib.sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def naive_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*naive_path(index, leaves[:split]), naive_root(leaves[split:])]
    return [*naive_path(index - split, leaves[split:]), naive_root(leaves[:split])]


def _split(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def leaves_of(count: int) -> list[bytes]:
    return [merkle.leaf_hash(str(number).encode()) for number in range(count)]


def test_published_roots() -> None:
    leaves = [merkle.leaf_hash(entry) for entry in CT_INPUTS]
    assert [merkle.root(leaves[: size + 1]).hex() for size in range(8)] == CT_ROOTS
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_published_inclusion_path() -> None:
    leaves = [merkle.leaf_hash(entry) for entry in CT_INPUTS]
    assert [value.hex() for value in merkle.inclusion_proof(leaves, 0)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]


def test_published_consistency_path() -> None:
    leaves = [merkle.leaf_hash(entry) for entry in CT_INPUTS]
    assert [value.hex() for value in merkle.consistency_proof(leaves, 6)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(st.integers(0, 70))
def test_root_is_the_definition(size: int) -> None:
    assert merkle.root(leaves_of(size)) == naive_root(leaves_of(size))


@given(st.data())
def test_every_inclusion_proof_is_the_definition_and_verifies(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    proof = merkle.inclusion_proof(leaves, index)
    assert proof == naive_path(index, leaves)
    assert merkle.verify_inclusion(leaves[index], index, size, proof, merkle.root(leaves))


@given(st.data())
def test_no_other_leaf_place_size_or_proof_verifies(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 40))
    index = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    proof, head = merkle.inclusion_proof(leaves, index), merkle.root(leaves)
    other = data.draw(st.integers(0, size - 1).filter(lambda value: value != index))
    assert not merkle.verify_inclusion(leaves[other], index, size, proof, head)
    assert not merkle.verify_inclusion(leaves[index], other, size, proof, head)
    assert not merkle.verify_inclusion(leaves[index], index, size, proof[:-1], head)
    assert not merkle.verify_inclusion(leaves[index], index, size, [*proof, head], head)
    assert not merkle.verify_inclusion(leaves[index], size, size, proof, head)
    assert not merkle.verify_inclusion(leaves[index], -1, size, proof, head)
    at = data.draw(st.integers(0, len(proof) - 1))
    broken = [*proof[:at], bytes(32), *proof[at + 1 :]]
    assert not merkle.verify_inclusion(leaves[index], index, size, broken, head)


@given(st.data())
def test_consistency_holds_for_every_prefix_and_for_nothing_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    old_size = data.draw(st.integers(0, size))
    leaves = leaves_of(size)
    old, new = (old_size, naive_root(leaves[:old_size])), (size, naive_root(leaves))
    proof = merkle.consistency_proof(leaves, old_size)
    assert merkle.verify_consistency(old, new, proof)
    assert not merkle.verify_consistency((old_size, bytes(32)), new, proof)
    assert not merkle.verify_consistency(old, new, [*proof, bytes(32)])
    if old_size > 0:
        assert not merkle.verify_consistency(old, (size, bytes(32)), proof)
    if proof:
        assert not merkle.verify_consistency(old, new, proof[:-1])


def test_a_shrunken_log_is_inconsistent() -> None:
    leaves = leaves_of(5)
    assert not merkle.verify_consistency((5, merkle.root(leaves)), (4, merkle.root(leaves[:4])), [])


@pytest.mark.parametrize("index", [-1, 3])
def test_no_proof_outside_the_log(index: int) -> None:
    with pytest.raises(EvidenceError) as caught:
        merkle.inclusion_proof(leaves_of(3), index)
    assert caught.value.code == "evidence.range"


@pytest.mark.parametrize("old_size", [-1, 4])
def test_no_consistency_with_a_larger_past(old_size: int) -> None:
    with pytest.raises(EvidenceError) as caught:
        merkle.consistency_proof(leaves_of(3), old_size)
    assert caught.value.code == "evidence.range"
