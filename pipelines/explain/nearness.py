"""How near a score is to a grade border."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipelines.explain.release import Row


@dataclass(frozen=True)
class Border:
    """A grade and what it takes: its least score, or (grades by share) the last place that gets it.

    distance: points, or places, between the score and this border; never negative.
    """

    grade: str
    limit: Decimal
    distance: Decimal


@dataclass(frozen=True)
class Nearness:
    """by: `score` or `share`. own: the border of the grade earned; better: the next one up, None for the best."""

    by: str
    own: Border | None
    better: Border | None
    place: Decimal | None = None
    """Where grades go by share: the place that decides; of equal scores the best or the last, as the standard says."""


def nearness(score: Row, borders: Sequence[Row], place: int | None) -> Nearness | None:
    """Where a score (row of `appraisal_score`) lies among its standard's grades, best first; None without a grade.

    place: the one that decides where grades go by share. It is about the grade earned, before a gate caps it.
    """
    if score["earned_grade"] is None:
        return None
    position = next(n for n, row in enumerate(borders) if row["grade"] == score["earned_grade"])
    by_share = borders[position]["share_pct"] is not None
    limits = _last_places(borders, score["people"]) if by_share else [row["min_score"] for row in borders]
    at = Decimal(place or 0) if by_share else score["score"]

    def border(n: int) -> Border | None:
        return Border(borders[n]["grade"], limits[n], abs(at - limits[n])) if 0 <= n < len(borders) else None

    if by_share:
        return Nearness("share", border(position), border(position - 1), at)
    return Nearness("score", border(position), border(position - 1))


def _last_places(borders: Sequence[Row], people: int) -> list[Decimal]:
    """The last place of each grade: shares are summed from the best, and no grade goes to more than its share."""
    so_far, found = Decimal(0), []
    for row in borders:
        so_far += row["share_pct"]
        found.append(Decimal(int(so_far * people / 100)))
    return found


def as_json(found: Nearness | None) -> dict[str, Any] | None:
    """The same for machines."""
    if found is None:
        return None
    sides = {name: border and vars(border) for name, border in (("own", found.own), ("better", found.better))}
    return {"by": found.by, "place": found.place, **sides}
