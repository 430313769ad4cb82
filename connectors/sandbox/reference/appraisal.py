"""Every expected `appraisal_score` and `appraisal_component`.

A standard applies to whoever holds its role on the last day of the period, or on the last day posted inside it; the
version is the latest valid on the first day of the period. Per metric: target, else the weight's reference value;
points = value / target x 100 (where less is better: target / value x 100, the cap when the value is 0), at most the
cap, at least 0; a metric without target or value drops out of the divisor. Score = sum(weight x points) / sum(weights
that apply), rounded half-up to 2 decimals; None when nothing applies. The grade is the best whose lowest score is
reached.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from connectors.sandbox.reference.metric import METRICS
from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import Key, Kpi, rounded


@dataclass(frozen=True)
class Weight:
    """A metric of an appraisal standard."""

    metric: str
    weight: Decimal
    cap: Decimal
    reference_value: Decimal | None = None


@dataclass(frozen=True)
class Standard:
    """One version of an appraisal standard; grades are (name, lowest score), the best first."""

    id: str
    version: int
    role: str
    valid_from: date
    weights: tuple[Weight, ...]
    grades: tuple[tuple[str, Decimal], ...]
    period_type: str = "quarter"


@dataclass(frozen=True)
class Component:
    """One expected `appraisal_component`, points rounded half-up to 9 decimals, None: does not apply."""

    weight: Decimal
    raw_value: Decimal | None
    target: Decimal | None
    points: Decimal | None


@dataclass(frozen=True)
class Score:
    """One expected `appraisal_score` with its components by metric."""

    score: Decimal | None
    grade: str | None
    standard_id: str
    standard_version: int
    components: dict[str, Component]


def expected(truth: Truth, standards: Sequence[Standard], kpis: dict[Key, Kpi]) -> dict[tuple[str, str, date], Score]:
    """Every score by employee, period type and period start."""
    found = {}
    starts = sorted({(key[2], key[3]) for key in kpis})
    for period_type, start in starts:
        for employee in sorted(truth.organisation.postings):
            role = truth.organisation.role(employee, period_type, start)
            valid = [
                one
                for one in standards
                if (one.role, one.period_type) == (role, period_type) and one.valid_from <= start
            ]
            if valid:
                standard = max(valid, key=lambda one: one.valid_from)
                found[employee, period_type, start] = _score(standard, employee, start, kpis)
    return found


def _score(standard: Standard, employee: str, start: date, kpis: dict[Key, Kpi]) -> Score:
    components, applicable = {}, []
    for weight in standard.weights:
        kpi = kpis.get(("employee", employee, standard.period_type, start, weight.metric, "as_was"))
        target = kpi.target if kpi and kpi.target is not None else weight.reference_value
        points = _points(weight, kpi, target)
        shown = None if points is None else rounded(points, 9)
        components[weight.metric] = Component(weight.weight, kpi.value if kpi else None, target, shown)
        applicable += [(Fraction(weight.weight), points)] if points is not None else []
    divisor = sum(weight for weight, _ in applicable)
    if not divisor:
        return Score(None, None, standard.id, standard.version, components)
    score = rounded(sum(weight * points for weight, points in applicable) / divisor, 2)
    grade = next((name for name, lowest in standard.grades if score >= lowest), None)
    return Score(score, grade, standard.id, standard.version, components)


def _points(weight: Weight, kpi: Kpi | None, target: Decimal | None) -> Fraction | None:
    """Points as an exact fraction, so that a third stays a third until the score is rounded."""
    if kpi is None or kpi.value is None or kpi.numerator is None or not target:
        return None
    value, cap = Fraction(kpi.numerator) / Fraction(kpi.denominator or 1), Fraction(weight.cap)
    if METRICS[weight.metric].lower_is_better:
        reached = Fraction(target) / value * 100 if value > 0 else cap
    else:
        reached = value / Fraction(target) * 100
    return max(Fraction(0), min(cap, reached))
