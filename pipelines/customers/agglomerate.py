"""Records joined one edge at a time, strongest first, where joining everything that is connected would be wrong.

Plain Python over integers; only the few connected components with a contradiction or a loose chain in them come here.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

Values = Mapping[str, frozenset[str]]
"""What a record must not share a cluster with another value of: kind of id (or the branch) -> values."""


class Edge(NamedTuple):
    """Something that joins two records. by_people: a person said so; is_sure: an id does."""

    left: int
    right: int
    by_people: bool
    is_sure: bool


class Agglomeration:
    """Clusters that grow by `join` and never break what holds for every two of their records.

    values: per record, see `Values`; two clusters of different values of one kind are joined by people only.
    apart: pairs people keep apart. support: pairs something speaks for (a sure key, at least the grey band).
    cohesion: share of the pairs across two clusters that must have support before the model may join them.
    """

    def __init__(
        self,
        values: Mapping[int, Values],
        apart: Iterable[tuple[int, int]],
        support: Iterable[tuple[int, int]],
        cohesion: float,
    ) -> None:
        self.cohesion = cohesion
        self._root: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}
        self._values: dict[int, dict[str, frozenset[str]]] = {record: dict(held) for record, held in values.items()}
        self._apart: dict[int, set[int]] = {}
        self._support: dict[int, dict[int, int]] = {}
        for left, right in apart:
            self._apart.setdefault(left, set()).add(right)
            self._apart.setdefault(right, set()).add(left)
        for left, right in support:
            self._count(left, right, 1)
            self._count(right, left, 1)

    def cluster(self, record: int) -> int:
        """The record that stands for the cluster of this one."""
        return self._root.get(record, record)

    def join(self, edge: Edge) -> bool:
        """Joins the clusters of the two records if nothing forbids it; False when they stay apart."""
        left, right = self.cluster(edge.left), self.cluster(edge.right)
        if left == right:
            return True
        if not self._may_join(left, right, edge):
            return False
        self._merge(*sorted((left, right), key=lambda root: (-len(self._of(root)), root)))
        return True

    def _may_join(self, left: int, right: int, edge: Edge) -> bool:
        if right in self._apart.get(left, ()):
            return False
        if edge.by_people:
            return True
        if self._conflict(left, right):
            return False
        return edge.is_sure or self._is_supported(left, right)

    def _conflict(self, left: int, right: int) -> bool:
        held, other = self._values.get(left, {}), self._values.get(right, {})
        return any(held[kind].isdisjoint(other[kind]) for kind in held.keys() & other.keys())

    def _is_supported(self, left: int, right: int) -> bool:
        pairs = len(self._of(left)) * len(self._of(right))
        return self._support.get(left, {}).get(right, 0) >= self.cohesion * pairs

    def _of(self, root: int) -> list[int]:
        return self._members.get(root, [root])

    def _count(self, left: int, right: int, pairs: int) -> None:
        counts = self._support.setdefault(left, {})
        counts[right] = counts.get(right, 0) + pairs

    def _merge(self, kept: int, gone: int) -> None:
        members = self._members.setdefault(kept, [kept])
        for record in self._members.pop(gone, [gone]):
            self._root[record] = kept
            members.append(record)
        held = self._values.setdefault(kept, {})
        for kind, values in self._values.pop(gone, {}).items():
            held[kind] = held.get(kind, frozenset()) | values
        self._move_neighbours(kept, gone)

    def _move_neighbours(self, kept: int, gone: int) -> None:
        for other in self._apart.pop(gone, set()):
            self._apart[other].discard(gone)
            self._apart[other].add(kept)
            self._apart.setdefault(kept, set()).add(other)
        for other, pairs in self._support.pop(gone, {}).items():
            del self._support[other][gone]
            if other != kept:
                self._count(kept, other, pairs)
                self._count(other, kept, pairs)
