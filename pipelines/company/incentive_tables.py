"""The incentive plans as the `config.*` tables that dbt reads."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from pipelines.company.incentives import Commission, Plan, PlanVersion

OPEN_END = date(9999, 12, 31)
_MONEY = pa.decimal128(18, 2)
_VALUE = pa.decimal128(28, 6)
_SCORE = pa.decimal128(9, 4)
_VERSION = [("plan_id", pa.string()), ("plan_version", pa.int32())]

INCENTIVE_SCHEMAS: dict[str, pa.Schema] = {
    "incentive_plan": pa.schema(
        [
            *_VERSION,
            ("period_type", pa.string()),
            ("valid_from", pa.date32()),
            ("valid_to", pa.date32()),
            ("approved_by", pa.string()),
            ("review_by", pa.date32()),
            ("name_zh", pa.string()),
            ("name_en", pa.string()),
            ("pays_on", pa.string()),
            ("basis", pa.string()),
            ("target_metric", pa.string()),
            ("cap_amount", _MONEY),
            ("guarantee_amount", _MONEY),
            ("guarantee_below_months", pa.int32()),
            ("draw_amount", _MONEY),
            ("draw_is_recoverable", pa.bool_()),
            ("claws_back_returns", pa.bool_()),
            ("bad_debt_days", pa.int32()),
            ("pays_after_leaving", pa.bool_()),
            ("has_bonus", pa.bool_()),
            ("bonus_is_pro_rata", pa.bool_()),
            ("promotion_periods", pa.int32()),
            ("promotion_role", pa.string()),
            ("training_below_points", _SCORE),
            ("training_at_most", pa.int32()),
        ]
    ),
    "incentive_role": pa.schema([*_VERSION, ("role", pa.string())]),
    "incentive_step": pa.schema(
        [
            *_VERSION,
            ("part", pa.string()),
            ("method", pa.string()),
            ("measured_by", pa.string()),
            ("position", pa.int32()),
            ("at_least", _VALUE),
            ("step_value", _SCORE),
        ]
    ),
    "incentive_grade": pa.schema([*_VERSION, ("purpose", pa.string()), ("grade", pa.string()), ("amount", _MONEY)]),
    "incentive_course": pa.schema(
        [*_VERSION, ("metric", pa.string()), ("course_zh", pa.string()), ("course_en", pa.string())]
    ),
}
"""Columns of the tables of plans, in order."""


def incentive_rows(plans: Sequence[Plan]) -> Mapping[str, Iterable[tuple[Any, ...]]]:
    """Rows of every table of plans."""
    versions = [(plan, version) for plan in plans for version in plan.versions]
    return {
        "incentive_plan": [_plan(plan, version, end) for plan in plans for version, end in _with_ends(plan)],
        "incentive_role": [(*_key(*one), role) for one in versions for role in one[1].roles],
        "incentive_step": [row for one in versions for row in _steps(*one)],
        "incentive_grade": [row for one in versions for row in _grades(*one)],
        "incentive_course": [
            (*_key(*one), course.metric, course.course.zh, course.course.en)
            for one in versions
            for course in (one[1].training.courses if one[1].training else ())
        ],
    }


def _with_ends(plan: Plan) -> list[tuple[PlanVersion, date]]:
    ends = [version.valid_from for version in plan.versions[1:]] + [OPEN_END]
    return list(zip(plan.versions, ends, strict=True))


def _key(plan: Plan, version: PlanVersion) -> tuple[str, int]:
    return plan.id, version.version


def _plan(plan: Plan, version: PlanVersion, valid_to: date) -> tuple[Any, ...]:
    promotion, training = version.promotion, version.training
    return (
        *_key(plan, version),
        plan.period_type,
        version.valid_from,
        valid_to,
        version.approved_by,
        version.review_by,
        plan.name.zh,
        plan.name.en,
        *_commission(version.commission),
        version.bonus is not None,
        version.bonus.pro_rata if version.bonus else None,
        *((promotion.periods, promotion.to_role) if promotion else (None, None)),
        *((training.below_points, training.at_most) if training else (None, None)),
    )


def _commission(commission: Commission | None) -> tuple[Any, ...]:
    if commission is None:
        return (None,) * 11
    guarantee, draw = commission.guarantee, commission.draw
    return (
        commission.pays_on,
        commission.basis,
        commission.target_metric,
        commission.cap,
        *((guarantee.amount, guarantee.below_months) if guarantee else (None, None)),
        *((draw.amount, draw.recoverable) if draw else (None, None)),
        commission.clawback.returns,
        commission.clawback.bad_debt_days,
        commission.after_leaving == "paid",
    )


def _steps(plan: Plan, version: PlanVersion) -> Iterator[tuple[Any, ...]]:
    if version.commission is None:
        return
    key, tiers, accelerators = _key(plan, version), version.commission.tiers, version.commission.accelerators
    for position, tier in enumerate(tiers.steps, 1):
        yield *key, "tier", tiers.method, tiers.by, position, tier.at_least, tier.rate_pct
    if accelerators:
        for position, step in enumerate(accelerators.steps, 1):
            yield *key, "accelerator", accelerators.method, "attainment", position, step.at_least, step.factor


def _grades(plan: Plan, version: PlanVersion) -> Iterator[tuple[Any, ...]]:
    for grade, amount in (version.bonus.grades if version.bonus else {}).items():
        yield *_key(plan, version), "bonus", grade, amount
    for grade in version.promotion.grades if version.promotion else ():
        yield *_key(plan, version), "promotion", grade, None
