"""A log held in memory: entries with their index, tree heads and proofs. The store keeps it; this is its arithmetic.

An entry is *pending* until its index lies below the size of a signed checkpoint; then it is *integrated*, and its
inclusion can be proved to anyone who holds the checkpoint.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from outreach.errors import EvidenceError
from outreach.ledger import merkle
from outreach.ledger.checkpoint import Checkpoint

MAX_PROOF_HASHES = 64


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
        if len(hashes) > MAX_PROOF_HASHES or any(len(value) != merkle.HASH_BYTES for value in hashes):
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


class Log:
    """The leaf hashes of a log, in order."""

    def __init__(self, origin: str, leaves: Sequence[bytes] = ()) -> None:
        self.origin = origin
        self._leaves = list(leaves)

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self._leaves)

    def leaf_hashes(self) -> list[bytes]:
        """A copy of the leaf hashes, in order."""
        return list(self._leaves)

    def append(self, body: bytes) -> int:
        """Add an entry's canonical bytes; answers its index."""
        self._leaves.append(merkle.leaf_hash(body))
        return len(self._leaves) - 1

    def head(self, size: int | None = None) -> Checkpoint:
        """The unsigned tree head over the first `size` entries (all by default)."""
        size = self.size if size is None else size
        if not 0 <= size <= self.size:
            raise EvidenceError("evidence.range", f"a log of {self.size} entries has no head of size {size}")
        return Checkpoint(origin=self.origin, size=size, root=merkle.root(self._leaves[:size]))

    def inclusion(self, index: int, size: int | None = None) -> Inclusion:
        """Proof that entry `index` is among the first `size`."""
        size = self.size if size is None else size
        hashes = merkle.inclusion_proof(self._leaves[:size], index)
        return Inclusion(index=index, size=size, hashes=tuple(hashes))

    def consistency(self, old_size: int, new_size: int | None = None) -> list[bytes]:
        """Proof that the first `old_size` entries are a prefix of the first `new_size`."""
        return merkle.consistency_proof(self._leaves[: self.size if new_size is None else new_size], old_size)
