"""A log held in memory: entries with their index, tree heads and proofs. The store keeps it; this is its arithmetic.

An entry is *pending* until its index lies below the size of a signed checkpoint; then it is *integrated*, and its
inclusion can be proved to anyone who holds the checkpoint.
"""

from collections.abc import Sequence

from outreach.errors import EvidenceError
from outreach.ledger import merkle
from outreach.ledger.checkpoint import Checkpoint
from outreach.ledger.merkle import Inclusion


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
