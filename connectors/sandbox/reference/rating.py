"""What raters say, as an appraisal standard hears it.

Of each rater and kind the form handed in last by the as_of date counts (the later key on one day), in points of 100;
who gives no name counts with every form. An anonymous kind with fewer raters than the floor, and any with fewer than
its own least number, drops out. The rating is the average of the kinds' averages (9 decimals) by their weights; with
fewer raters in the kinds that count than the standard's least there is none.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.people import Review
from connectors.sandbox.reference.standard import ZERO, Standard
from connectors.sandbox.reference.values import quotient

Rated = tuple[str, str, date]
"""employee, period type, period start"""
SELF = "self"


@dataclass(frozen=True)
class KindRating:
    """One kind of raters of one person and period; what does not show stands here all the same."""

    weight: Decimal
    raters: int
    points: Decimal | None
    status: str


@dataclass(frozen=True)
class Rater:
    """How mild one rater of one kind was in a period; leniency and disagreement None: nobody to compare with."""

    ratings: int
    compared: int
    points: Decimal
    leniency: Decimal | None
    disagreement: Decimal | None


class Ratings:
    """Every rating of a company that counts, by person and period."""

    def __init__(self, company: BenchmarkCompany) -> None:
        last: dict[tuple[Rated, str, str], Review] = {}
        for review in sorted(company.staff.reviews, key=lambda one: (one.submitted or date.max, one.key)):
            if review.submitted is not None and review.submitted <= company.as_of and review.score is not None:
                rated = (review.employee_number, "quarter", review.period_start)
                last[rated, review.rater_kind, review.rater_number or review.key] = review
        self.by_person: dict[Rated, dict[tuple[str, str], Decimal]] = defaultdict(dict)
        self.named = {review.rater_number for review in last.values() if review.rater_number}
        for (rated, kind, rater), review in last.items():
            points = quotient(100 * (review.score or ZERO), review.scale_max or Decimal(100))
            self.by_person[rated][kind, rater] = points

    def kinds(self, standard: Standard, employee: str, start: date) -> dict[str, KindRating]:
        """Every kind the standard listens to."""
        given = self.by_person.get((employee, standard.period_type, start), {})
        found = {}
        for kind, weight, least in standard.rating_kinds:
            points = [point for (one, _), point in given.items() if one == kind]
            if not points:
                status = "missing"
            elif kind in standard.anonymous and len(points) < standard.anonymity_floor:
                status = "below_anonymity_floor"
            else:
                status = "too_few_raters" if len(points) < least else "ok"
            average = quotient(sum(points, ZERO), len(points)) if points else None
            found[kind] = KindRating(weight, len(points), average, status)
        return found

    def rating(self, standard: Standard, employee: str, start: date) -> tuple[Decimal, Decimal] | None:
        """Sum of weight x average, and of weights, of the kinds that count; None where too few do."""
        counting = [one for one in self.kinds(standard, employee, start).values() if one.status == "ok"]
        if not counting or sum(one.raters for one in counting) < standard.min_raters:
            return None
        return sum((one.weight * (one.points or ZERO) for one in counting), ZERO), sum(
            (one.weight for one in counting), ZERO
        )

    def raters(self, floors: dict[str, int]) -> dict[tuple[str, str, str, date], Rater]:
        """Every rater with a name by number, kind and period; floors: raters an anonymous kind needs to show."""
        own: dict[tuple[str, str, str, date], list[tuple[Decimal, Decimal | None]]] = defaultdict(list)
        for (_, period_type, start), given in self.by_person.items():
            for kind, rater, points, difference in _compared(given, floors):
                if rater in self.named:
                    own[rater, kind, period_type, start].append((points, difference))
        return {key: _rater(ratings) for key, ratings in own.items() if len(ratings) >= floors.get(key[1], 0)}


def _compared(
    given: dict[tuple[str, str], Decimal], floors: dict[str, int]
) -> Iterator[tuple[str, str, Decimal, Decimal | None]]:
    """Every rating of one person that may show, with its distance from what all others say."""
    kinds = [kind for kind, _ in given]
    shown = {key: points for key, points in given.items() if kinds.count(key[0]) >= floors.get(key[0], 0)}
    for (kind, rater), points in shown.items():
        others = [other for (one, name), other in shown.items() if one != SELF and name != rater]
        yield kind, rater, points, points - quotient(sum(others, ZERO), len(others)) if others else None


def _rater(ratings: list[tuple[Decimal, Decimal | None]]) -> Rater:
    differences = [difference for _, difference in ratings if difference is not None]
    average = quotient(sum((points for points, _ in ratings), ZERO), len(ratings))
    if not differences:
        return Rater(len(ratings), 0, average, None, None)
    leniency = quotient(sum(differences, ZERO), len(differences))
    disagreement = quotient(sum((abs(one) for one in differences), ZERO), len(differences))
    return Rater(len(ratings), len(differences), average, leniency, disagreement)
