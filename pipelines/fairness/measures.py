"""Rates, intervals and tests for small groups. Counts go in, exact fractions or rounded decimals come out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from math import comb

Z = Decimal("1.959963985")
"""The normal quantile of a two-sided interval of 95 percent."""
LEVEL = 0.975
PLACES = 4


@dataclass(frozen=True)
class Interval:
    """From low to high, both included; of 95 percent."""

    low: Decimal
    high: Decimal


def wilson(chosen: int, people: int) -> Interval:
    """Wilson's score interval of a rate, 4 decimals; stays within 0 and 1 and holds for small groups.

    Source: Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference,
    JASA 22, 209-212.
    """
    with localcontext() as context:
        context.prec = 40
        share, n = Decimal(chosen) / people, Decimal(people)
        shrunk = 1 + Z * Z / n
        centre = (share + Z * Z / (2 * n)) / shrunk
        half = Z * (share * (1 - share) / n + Z * Z / (4 * n * n)).sqrt() / shrunk
        return Interval(rounded(max(centre - half, Decimal(0))), rounded(min(centre + half, Decimal(1))))


def fisher(chosen: int, people: int, other_chosen: int, others: int) -> Fraction:
    """Two-sided p of Fisher's exact test: how probable so unequal a choice is if the groups do not matter.

    Adds up the probabilities of all choices of as many people that are no more probable than the one at hand.
    Source: Fisher, R. A. (1935), The logic of inductive inference, JRSS 98, 39-54.
    """
    total, everybody = chosen + other_chosen, people + others
    possible = range(max(0, total - others), min(total, people) + 1)
    ways = {count: comb(people, count) * comb(others, total - count) for count in possible}
    return Fraction(sum(one for one in ways.values() if one <= ways[chosen]), comb(everybody, total))


def holm(p_values: Sequence[Fraction]) -> list[Fraction]:
    """The p-values, in their order, adjusted for being several; never more than 1.

    Source: Holm, S. (1979), A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6, 65-70.
    """
    order = sorted(range(len(p_values)), key=lambda place: (p_values[place], place))
    adjusted = [Fraction(1)] * len(p_values)
    highest = Fraction(0)
    for rank, place in enumerate(order):
        highest = max(highest, min(Fraction(1), p_values[place] * (len(p_values) - rank)))
        adjusted[place] = highest
    return adjusted


def welch(scores: Sequence[Decimal], others: Sequence[Decimal]) -> Interval | None:
    """Interval of the difference of two means, unequal variances, 4 decimals; null where a group has fewer than two.

    Source: Welch, B. L. (1947), The generalization of Student's problem when several different population variances are
    involved, Biometrika 34, 28-35.
    """
    if min(len(scores), len(others)) < 2:
        return None
    difference = mean(scores) - mean(others)
    one, other = _variance(scores) / len(scores), _variance(others) / len(others)
    if one + other == 0:
        return Interval(decimal(difference), decimal(difference))
    freedom = (one + other) ** 2 / (one**2 / (len(scores) - 1) + other**2 / (len(others) - 1))
    half = Fraction(_student(float(freedom))) * Fraction(float(one + other) ** 0.5)
    return Interval(decimal(difference - half), decimal(difference + half))


def mean(values: Sequence[Decimal]) -> Fraction:
    """The average, exact."""
    return sum(map(Fraction, values), Fraction(0)) / len(values)


def decimal(value: Fraction, places: int = PLACES) -> Decimal:
    """Rounded half up from the exact value."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return (Decimal(whole if value >= 0 else -whole).scaleb(-places) + 0).quantize(Decimal(1).scaleb(-places))


def rounded(value: Decimal) -> Decimal:
    """Rounded half up to the decimals everything is shown with."""
    return decimal(Fraction(value))


def _variance(values: Sequence[Decimal]) -> Fraction:
    middle = mean(values)
    return sum(((Fraction(value) - middle) ** 2 for value in values), Fraction(0)) / (len(values) - 1)


def _student(freedom: float) -> float:
    from scipy.special import stdtrit  # takes a moment, and only intervals of means need it

    return float(stdtrit(freedom, LEVEL))
