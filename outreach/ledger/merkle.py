"""The Merkle tree of RFC 6962 (section 2.1), verified by the algorithms of RFC 9162 (sections 2.1.3 and 2.1.4).

Leaf hash: SHA-256 of 0x00 and the entry's bytes. Node hash: SHA-256 of 0x01, left hash and right hash. A tree of n
leaves splits at the largest power of two smaller than n. Pure functions over lists of 32-byte leaf hashes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from outreach.errors import EvidenceError

HASH_BYTES = 32
MAX_PROOF_HASHES = 64
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash under which an entry hangs in the tree."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree head of all leaf hashes; the SHA-256 of nothing for an empty tree."""
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[2 * len(paired) :]
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The sibling hashes from leaf `index` up to the root; EvidenceError evidence.range when there is no such leaf."""
    if not 0 <= index < len(leaves):
        raise EvidenceError("evidence.range", f"entry {index} is not in a log of {len(leaves)} entries")
    proof: list[bytes] = []
    level = list(leaves)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[2 * len(paired) :]
        index //= 2
    return proof


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], head: bytes) -> bool:
    """Whether `proof` shows that `leaf` is number `index` of the `size` entries under `head` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    first, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            computed = node_hash(sibling, computed)
            while first & 1 == 0 and first != 0:
                first, last = first >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and computed == head


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """The hashes that show that the first `old_size` leaves are a prefix of all; empty for nothing or everything."""
    if not 0 <= old_size <= len(leaves):
        raise EvidenceError("evidence.range", f"no tree of {old_size} entries precedes one of {len(leaves)}")
    if old_size in {0, len(leaves)}:
        return []
    return _subproof(leaves, old_size, whole=True)


def _subproof(leaves: Sequence[bytes], old_size: int, *, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2: `whole` says that the subtree so far is known to the holder of the old root."""
    if old_size == len(leaves):
        return [] if whole else [root(leaves)]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if old_size <= split:
        return [*_subproof(leaves[:split], old_size, whole=whole), root(leaves[split:])]
    return [*_subproof(leaves[split:], old_size - split, whole=False), root(leaves[:split])]


def verify_consistency(
    old: tuple[int, bytes],
    new: tuple[int, bytes],
    proof: Sequence[bytes],
) -> bool:
    """Whether the tree `old` (size, root) is a prefix of the tree `new` (RFC 9162, 2.1.4.2)."""
    (old_size, old_root), (new_size, new_root) = old, new
    if not 0 <= old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    path = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    if not path:
        return False
    first, last = old_size - 1, new_size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old_computed = new_computed = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old_computed = node_hash(sibling, old_computed)
            new_computed = node_hash(sibling, new_computed)
            while first & 1 == 0 and first != 0:
                first, last = first >> 1, last >> 1
        else:
            new_computed = node_hash(new_computed, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and old_computed == old_root and new_computed == new_root


@dataclass(frozen=True, kw_only=True)
class Inclusion:
    """That one entry is number `index` among the first `size`: the sibling hashes from leaf to root."""

    index: int
    size: int
    hashes: Sequence[bytes]

    def to_json(self) -> dict[str, object]:
        """As a bundle holds it."""
        return {"index": self.index, "size": self.size, "hashes": [value.hex() for value in self.hashes]}

    @classmethod
    def from_json(cls, fields: object, where: str) -> "Inclusion":
        """Read a proof; EvidenceError evidence.proof_malformed naming `where`."""
        try:
            index, size, texts = _proof_fields(fields)
            hashes = tuple(bytes.fromhex(text) for text in texts)
        except (KeyError, ValueError, TypeError) as error:
            raise _malformed(where) from error
        if len(hashes) > MAX_PROOF_HASHES or any(len(value) != HASH_BYTES for value in hashes):
            raise _malformed(where)
        return cls(index=index, size=size, hashes=hashes)


def _proof_fields(fields: object) -> tuple[int, int, list[str]]:
    if not isinstance(fields, dict):
        raise TypeError
    index, size, texts = fields["index"], fields["size"], fields["hashes"]
    if type(index) is not int or type(size) is not int or not isinstance(texts, list):
        raise TypeError
    return index, size, texts


def _malformed(where: str) -> EvidenceError:
    return EvidenceError(
        "evidence.proof_malformed", f"{where}: expected index, size and a list of 32-byte hashes in hex"
    )
