"""A gap between two groups' average scores, taken apart exactly: results, weights, what dropped out, gates."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Piece:
    """What one component brought to one person's score. points: weighted points as published; they add up to the score.

    weight: the share of the whole weight it had in the end (components that drop out leave theirs to the others, parts
    of a period count by days); the weights of a person add up to 1.
    """

    metric: str
    weight: Fraction
    points: Decimal


@dataclass(frozen=True)
class Scored:
    """A score with its pieces. gate: what gates took away, zero or less."""

    score: Decimal
    pieces: tuple[Piece, ...]
    gate: Decimal = Decimal(0)


@dataclass(frozen=True)
class Gap:
    """Average score of a group less that of the others, in points; results + weights + applied + gates = total.

    results: the gap if all components counted alike. weights: what the standard's weights add by counting some
    components for more. applied: what comes of weights that were not the same for both groups: components that dropped
    out, ramps, divided periods. gates: what caps take.
    """

    total: Fraction
    results: Fraction
    weights: Fraction
    applied: Fraction
    gates: Fraction
    by_metric: tuple[tuple[str, Fraction], ...]
    """What each component adds to the gap, gates left out; by name."""


def decompose(group: Sequence[Scored], others: Sequence[Scored]) -> Gap:
    """The gap and its parts, exact; both groups must have people.

    A group's average score is the sum over components of average weight x average points (weighted by it): a rate with
    a composition. So Kitagawa's parts hold: the difference of points at the mean of both weights, and the difference of
    weights at the mean of both points; nothing is left over. The first is parted once more, into what equal weights
    would show and what the chosen ones add. Where a component counts for nobody of one group, the other's points stand
    for it.

    Source: Kitagawa, E. M. (1955), Components of a difference between two rates, JASA 50, 1168-1194; with known
    weights in place of estimated ones it is the decomposition of Oaxaca (1973, Int. Econ. Rev. 14, 693-709) and Blinder
    (1973, J. Human Resources 8, 436-455).
    """
    mine, theirs = _averages(group), _averages(others)
    metrics = sorted(mine.keys() | theirs.keys())
    results = weights = applied = Fraction(0)
    by_metric = []
    for metric in metrics:
        one, other = mine.get(metric, (Fraction(0), None)), theirs.get(metric, (Fraction(0), None))
        points, other_points = (value if value is not None else Fraction(0) for value in _both(one[1], other[1]))
        difference, common = points - other_points, (one[0] + other[0]) / 2
        results += difference / len(metrics)
        weights += (common - Fraction(1, len(metrics))) * difference
        applied += (one[0] - other[0]) * (points + other_points) / 2
        by_metric.append((metric, one[0] * points - other[0] * other_points))
    gates = _mean([one.gate for one in group]) - _mean([one.gate for one in others])
    total = _mean([one.score for one in group]) - _mean([one.score for one in others])
    return Gap(total, results, weights, applied, gates, tuple(by_metric))


def _averages(people: Sequence[Scored]) -> dict[str, tuple[Fraction, Fraction | None]]:
    """Average weight and weight-averaged points per component; no points where it counts for nobody."""
    weights: dict[str, Fraction] = {}
    points: dict[str, Fraction] = {}
    for person in people:
        for piece in person.pieces:
            weights[piece.metric] = weights.get(piece.metric, Fraction(0)) + piece.weight
            points[piece.metric] = points.get(piece.metric, Fraction(0)) + Fraction(piece.points)
    return {
        metric: (weight / len(people), points[metric] / weight if weight else None)
        for metric, weight in weights.items()
    }


def _both(one: Fraction | None, other: Fraction | None) -> tuple[Fraction | None, Fraction | None]:
    return (other if one is None else one), (one if other is None else other)


def _mean(values: Sequence[Decimal]) -> Fraction:
    return sum(map(Fraction, values), Fraction(0)) / len(values)
