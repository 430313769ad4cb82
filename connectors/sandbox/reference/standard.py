"""The shape of an appraisal standard as the reference reads it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Weight:
    """A component of an appraisal standard; steps are (boundary, points)."""

    metric: str
    weight: Decimal
    cap: Decimal
    reference_value: Decimal | None = None
    curve: str = "linear"
    subject: str = "person"
    weight_at_start: Decimal | None = None
    zero_at: Decimal = ZERO
    threshold: Decimal = ZERO
    steps: tuple[tuple[Decimal, Decimal], ...] = ()


@dataclass(frozen=True)
class Gate:
    """A breach (a value above or below the limit) that caps score or grade."""

    id: str
    metric: str
    breach: str
    limit: Decimal
    cap_score: Decimal | None = None
    cap_grade: str | None = None
    reason: str = ""
    rater_kind: str | None = None


@dataclass(frozen=True)
class Standard:
    """One version of an appraisal standard; grades are (name, lowest score), of a forced one (name, percent of people).

    tenure: completed months, at least and fewer than. ramp: months from, months to, percent asked at its beginning.
    minimum: weight, components, working days. rating_kinds: (kind, weight, least raters), see `rating`.
    """

    id: str
    version: int
    role: str
    valid_from: date
    weights: tuple[Weight, ...]
    grades: tuple[tuple[str, Decimal], ...]
    period_type: str = "quarter"
    tenure: tuple[int, int | None] = (0, None)
    tenure_on: str = "period_start"
    ramp: tuple[int, int, Decimal] | None = None
    minimum: tuple[Decimal, int, int] = (ZERO, 1, 1)
    gates: tuple[Gate, ...] = ()
    is_forced: bool = False
    ties: str = "better"
    rating_kinds: tuple[tuple[str, Decimal, int], ...] = ()
    anonymous: tuple[str, ...] = ("peer", "customer")
    anonymity_floor: int = 3
    min_raters: int = 1
