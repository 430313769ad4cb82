"""The appraisal standards as the `config.*` tables that dbt reads."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from pipelines.company.standard_lint import with_ends
from pipelines.company.standards import RATING, Standard, StandardVersion

_SCORE = pa.decimal128(9, 4)
_VALUE = pa.decimal128(28, 6)
FULL_MARKS = Decimal(100)
"""What ratings are compared with where a standard says nothing else."""
_VERSION = [("standard_id", pa.string()), ("standard_version", pa.int32())]

STANDARD_SCHEMAS: dict[str, pa.Schema] = {
    "appraisal_standard": pa.schema(
        [
            *_VERSION,
            ("role", pa.string()),
            ("period_type", pa.string()),
            ("valid_from", pa.date32()),
            ("valid_to", pa.date32()),
            ("approved_by", pa.string()),
            ("review_by", pa.date32()),
            ("tenure_from_months", pa.int32()),
            ("tenure_below_months", pa.int32()),
            ("tenure_on", pa.string()),
            ("ramp_from_months", pa.int32()),
            ("ramp_to_months", pa.int32()),
            ("ramp_expectation_pct", _SCORE),
            ("minimum_weight_pct", _SCORE),
            ("minimum_components", pa.int32()),
            ("minimum_working_days", pa.int32()),
            ("ties", pa.string()),
            ("name_zh", pa.string()),
            ("name_en", pa.string()),
        ]
    ),
    "appraisal_weight": pa.schema(
        [
            *_VERSION,
            ("metric", pa.string()),
            ("subject", pa.string()),
            ("weight", _SCORE),
            ("weight_at_start", _SCORE),
            ("curve", pa.string()),
            ("cap", _SCORE),
            ("zero_at", _SCORE),
            ("threshold", _SCORE),
            ("reference_value", _VALUE),
        ]
    ),
    "appraisal_step": pa.schema([*_VERSION, ("metric", pa.string()), ("boundary", _VALUE), ("points", _SCORE)]),
    "appraisal_gate": pa.schema(
        [
            *_VERSION,
            ("gate_id", pa.string()),
            ("metric", pa.string()),
            ("rater_kind", pa.string()),
            ("breach", pa.string()),
            ("limit_value", _VALUE),
            ("cap_score", _SCORE),
            ("cap_grade", pa.string()),
            ("reason_zh", pa.string()),
            ("reason_en", pa.string()),
        ]
    ),
    "appraisal_rating_kind": pa.schema(
        [
            *_VERSION,
            ("rater_kind", pa.string()),
            ("weight", _SCORE),
            ("min_raters", pa.int32()),
            ("is_anonymous", pa.bool_()),
            ("anonymity_floor", pa.int32()),
            ("min_raters_in_all", pa.int32()),
        ]
    ),
    "grade_band": pa.schema(
        [*_VERSION, ("position", pa.int32()), ("grade", pa.string()), ("min_score", _SCORE), ("share_pct", _SCORE)]
    ),
}
"""Columns of the tables of standards, in order."""


def standard_rows(standards: Sequence[Standard]) -> Mapping[str, Iterable[tuple[Any, ...]]]:
    """Rows of every table of standards."""
    versions = [(standard, version) for standard in standards for version in standard.versions]
    return {
        "appraisal_standard": [
            _standard(standard, version, end) for standard in standards for version, end in with_ends(standard)
        ],
        "appraisal_weight": [row for one in versions for row in _weights(*one)],
        "appraisal_step": [row for one in versions for row in _steps(*one)],
        "appraisal_gate": [row for one in versions for row in _gates(*one)],
        "appraisal_rating_kind": [row for one in versions for row in _rating_kinds(*one)],
        "grade_band": [row for one in versions for row in _grades(*one)],
    }


def standard_tables(standards: Sequence[Standard]) -> dict[str, pa.Table]:
    """Every table of standards by name, with these standards and no others."""
    rows = standard_rows(standards)
    return {
        name: pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows[name]], schema=schema)
        for name, schema in STANDARD_SCHEMAS.items()
    }


def _standard(standard: Standard, version: StandardVersion, valid_to: Any) -> tuple[Any, ...]:
    ramp = version.ramp
    return (
        standard.id,
        version.version,
        standard.role,
        version.period_type,
        version.valid_from,
        valid_to,
        version.approved_by,
        version.review_by,
        version.tenure.from_months,
        version.tenure.below_months,
        version.tenure_on,
        *((ramp.from_months, ramp.to_months, ramp.expectation_pct) if ramp else (None, None, None)),
        version.minimum.weight_pct,
        version.minimum.components,
        version.minimum.working_days,
        version.ties,
        standard.name.zh,
        standard.name.en,
    )


def _weights(standard: Standard, version: StandardVersion) -> Iterator[tuple[Any, ...]]:
    for one in version.weights:
        curve = one.curve
        yield (
            standard.id,
            version.version,
            one.metric,
            one.subject,
            one.weight,
            one.starting_weight,
            curve.type,
            curve.most,
            curve.zero_at,
            curve.threshold,
            FULL_MARKS if one.metric == RATING and one.reference_value is None else one.reference_value,
        )


def _steps(standard: Standard, version: StandardVersion) -> Iterator[tuple[Any, ...]]:
    for one in version.weights:
        for step in one.curve.steps or ():
            yield standard.id, version.version, one.metric, step.boundary, step.points


def _gates(standard: Standard, version: StandardVersion) -> Iterator[tuple[Any, ...]]:
    for gate in version.gates:
        breach, limit = ("above", gate.above) if gate.above is not None else ("below", gate.below)
        reason = gate.reason.zh, gate.reason.en
        measured = gate.metric or RATING, gate.rating
        caps = gate.cap_score, gate.cap_grade
        yield standard.id, version.version, gate.id, *measured, breach, limit, *caps, *reason


def _rating_kinds(standard: Standard, version: StandardVersion) -> Iterator[tuple[Any, ...]]:
    ratings = version.ratings
    if ratings is None:
        return
    for one in ratings.kinds:
        yield (
            standard.id,
            version.version,
            one.kind,
            one.weight,
            one.min_raters,
            one.kind in ratings.anonymous,
            ratings.anonymity_floor,
            ratings.min_raters,
        )


def _grades(standard: Standard, version: StandardVersion) -> Iterator[tuple[Any, ...]]:
    for position, one in enumerate(version.grades, 1):
        yield standard.id, version.version, position, one.grade, one.min_score, one.share_pct
