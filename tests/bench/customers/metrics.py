"""How well clusters agree with the truth: pairwise and B-cubed. Pure counting, no idea of who made the clusters."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """Precision, recall and F1 of one view; each in 0..1, None where it has no denominator."""

    precision: float | None
    recall: float | None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall."""
        if self.precision is None or self.recall is None:
            return None
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class Agreement:
    """Clusters against the truth.

    pairwise: over pairs of records said to be one. b_cubed: the mean over records of how pure and how complete the
    cluster of a record is (Bagga and Baldwin 1998), so that every record counts once, however large its cluster.
    """

    pairwise: Score
    b_cubed: Score


def agreement(found: Mapping[str, Hashable], true: Mapping[str, Hashable]) -> Agreement:
    """How the clusters `found` (record -> cluster) agree with the true ones.

    Raises ValueError when the two do not cover the same records: a record left out is an error, not a single.
    """
    if found.keys() != true.keys():
        odd = sorted(found.keys() ^ true.keys())
        raise ValueError(f"{len(odd)} records are on one side only, the first is {odd[0]!r}")
    overlaps = Counter((found[record], true[record]) for record in true)
    found_sizes, true_sizes = Counter(found.values()), Counter(true.values())
    return Agreement(_pairwise(overlaps, found_sizes, true_sizes), _b_cubed(overlaps, found_sizes, true_sizes))


def _pairwise(overlaps: Counter, found_sizes: Counter, true_sizes: Counter) -> Score:
    both = _pairs(overlaps.values())
    return Score(_ratio(both, _pairs(found_sizes.values())), _ratio(both, _pairs(true_sizes.values())))


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _b_cubed(overlaps: Counter, found_sizes: Counter, true_sizes: Counter) -> Score:
    """Each of the `shared` records of an overlap sees the same share of its found and of its true cluster."""
    records = overlaps.total()
    pure = sum(shared * shared / found_sizes[cluster] for (cluster, _), shared in sorted(overlaps.items(), key=repr))
    whole = sum(shared * shared / true_sizes[key] for (_, key), shared in sorted(overlaps.items(), key=repr))
    return Score(_ratio(pure, records), _ratio(whole, records))


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
