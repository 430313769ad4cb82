"""The shape of an incentive plan as the reference reads it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Steps = tuple[tuple[Decimal, Decimal], ...]
"""(border, rate in percent or factor), the lowest border first."""


@dataclass(frozen=True)
class Commission:
    """Pay for what is credited. guarantee: (amount, months below which it holds); draw: (amount, is owed)."""

    pays_on: str
    tiers: Steps
    basis: str = "amount"
    tiers_by: str = "amount"
    tiers_method: str = "marginal"
    accelerators: Steps = ()
    accelerators_method: str = "marginal"
    cap: Decimal | None = None
    guarantee: tuple[Decimal, int | None] | None = None
    draw: tuple[Decimal, bool] | None = None
    returns: bool = True
    bad_debt_days: int | None = None
    pays_after_leaving: bool = True


@dataclass(frozen=True)
class Plan:
    """One version of an incentive plan; `valid_to` is where the next one begins.

    promotion: (grades, periods in a row, role). training: points below, courses at most, components with a course.
    """

    id: str
    version: int
    period_type: str
    valid_from: date
    valid_to: date
    roles: tuple[str, ...]
    commission: Commission | None = None
    bonus: tuple[tuple[str, Decimal], ...] | None = None
    bonus_pro_rata: bool = True
    promotion: tuple[tuple[str, ...], int, str | None] | None = None
    training: tuple[Decimal, int, tuple[str, ...]] | None = None
