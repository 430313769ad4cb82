"""Appraisal standards for the benchmark company that use every part of a standard, and marts held against their truth.

Two versions judge representatives by the quarter, another standard those new to the company, a third the months by
places; managers are judged by their unit, engineers by the year.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from connectors.sandbox.reference import Component, Gate, Score, Standard, Weight
from connectors.sandbox.reference.rating import Ratings

D = Decimal
GRADES = (("A", D(90)), ("B", D(75)), ("C", D(0)))
FIRST = Standard(
    "rep",
    1,
    "sales_rep",
    date(2020, 1, 1),
    (
        Weight("bookings", D(40), D(120)),
        Weight("collections", D(20), D(120)),
        Weight("win_rate", D(15), D(150), D("0.5")),
        Weight("new_customers", D(15), D(120)),
        Weight("visits", D(10), D(100), D(8)),
    ),
    GRADES,
    tenure=(3, None),
    gates=(Gate("late_payers", "overdue_receivables", "above", D(60_000), D("79.5"), None, "overdue"),),
)
SECOND = replace(
    FIRST,
    version=2,
    valid_from=date(2025, 7, 1),
    weights=(
        Weight(
            "bookings", D("33.3333"), D(115), curve="stepped", steps=((D(50), D(40)), (D(80), D(75)), (D(100), D(115)))
        ),
        Weight("collections", D("26.6667"), D(120), zero_at=D(30)),
        Weight("win_rate", D(15), D(100), D("0.5"), curve="capped"),
        Weight("new_customers", D(15), D(120), D(2), curve="threshold", threshold=D(60)),
        Weight(
            "returns_rate",
            D(10),
            D(100),
            curve="inverse",
            steps=((D(0), D(100)), (D("0.05"), D(70)), (D("0.2"), D(10))),
        ),
        Weight("rating", D(10), D(110), D(90)),
    ),
    minimum=(D(50), 3, 10),
    rating_kinds=(("manager", D(50), 1), ("peer", D(30), 1), ("customer", D("12.5"), 4), ("self", D("7.5"), 1)),
    min_raters=3,
    gates=(
        Gate("late_payers", "overdue_receivables", "above", D(60_000), D(70), None, "overdue"),
        Gate("no_visits", "visits", "below", D(9), None, "B", "too few visits"),
        Gate("conduct", "rating", "below", D(70), None, "C", "colleagues complain", "peer"),
    ),
)
NEWCOMER = Standard(
    "rep_new",
    1,
    "sales_rep",
    date(2020, 1, 1),
    (
        Weight("bookings", D(60), D(120), D(100_000), weight_at_start=D("20.5")),
        Weight("visits", D(40), D(120), D(10), weight_at_start=D("79.5")),
    ),
    GRADES,
    tenure=(0, 3),
    ramp=(0, 7, D("33.3")),
)
MONTHLY = Standard(
    "rep_month",
    1,
    "sales_rep",
    date(2025, 3, 1),
    (Weight("bookings", D(70), D(120), D(30_000)), Weight("visits", D(30), D(120), D(3))),
    (("A", D(20)), ("B", D(50)), ("C", D(30))),
    "month",
    tenure_on="period_end",
    ramp=(0, 60, D(50)),
    is_forced=True,
    ties="worse",
)
MANAGER = Standard(
    "manager",
    1,
    "regional_manager",
    date(2020, 1, 1),
    (
        Weight("bookings", D(50), D(130), subject="unit"),
        Weight("billings", D(20), D(130), D(400_000), subject="unit"),
        Weight("customer_retention_rate", D(10), D(110), D("0.9"), subject="unit"),
        Weight("coaching_talks", D(20), D(100), D(6)),
    ),
    (("A", D(50)), ("B", D(50))),
    is_forced=True,
)
ENGINEER = Standard(
    "engineer",
    1,
    "after_sales",
    date(2020, 1, 1),
    (Weight("resolution_hours", D(60), D(120), D(24)), Weight("csat", D(40), D(100), D("0.8"))),
    GRADES,
    "year",
)
STANDARDS = (FIRST, SECOND, NEWCOMER, MONTHLY, MANAGER, ENGINEER)
SHOWN = 20


def differing_scores(
    con: duckdb.DuckDBPyConnection, wanted: Mapping[Any, Score], marts: str = "marts"
) -> dict[Any, Any]:
    """Rows of the marts that differ from the truth: (mart, key) -> (found, wanted); prints how many were compared."""
    differing: dict[Any, Any] = {}
    compared = 0
    for mart, columns, expected in (
        ("appraisal_score", SCORE_COLUMNS, _scores(wanted)),
        ("appraisal_component", COMPONENT_COLUMNS, _components(wanted)),
        ("appraisal_part", PART_COLUMNS, _parts(wanted)),
        ("appraisal_part_component", COMPONENT_COLUMNS, _part_components(wanted)),
    ):
        keys = {"appraisal_score": 3, "appraisal_part_component": 5}.get(mart, 4)
        key = ("employee_id", "period_type", "period_start", "part_number", "metric")
        key = key[:3] + (("metric",) if mart == "appraisal_component" else key[3:keys])
        rows = con.execute(f"select {', '.join(key)}, {columns} from {marts}.{mart}").fetchall()
        found = {row[:keys]: row[keys:] for row in rows}
        assert len(found) == len(rows)
        compared += len(rows)
        differing |= {
            (mart, one): (found.get(one), expected.get(one))
            for one in found.keys() | expected.keys()
            if found.get(one) != expected.get(one)
        }
    print(f"{compared:,} rows of appraisal compared, {len(differing):,} differ")
    return dict(sorted(differing.items(), key=repr)[:SHOWN])


SCORE_COLUMNS = (
    "score, grade, standard_id, standard_version, status, uncapped_score, earned_grade, coalesce(gate_reason_en, '')"
)
COMPONENT_COLUMNS = "weight, raw_value, target, points, weighted_points"
PART_COLUMNS = (
    "standard_id, standard_version, org_unit_id, days_from, days_to, working_days, elapsed_working_days, "
    "tenure_months, part_score, part_status"
)


def _scores(wanted: Mapping[Any, Score]) -> dict[Any, Any]:
    return {
        key: (
            one.score,
            one.grade,
            one.standard_id,
            one.standard_version,
            one.status,
            one.uncapped,
            one.earned_grade,
            "; ".join(one.reasons),
        )
        for key, one in wanted.items()
    }


def _component(one: Component) -> tuple[Any, ...]:
    return one.weight, one.raw_value, one.target, one.points, one.weighted


def _components(wanted: Mapping[Any, Score]) -> dict[Any, Any]:
    return {(*key, name): _component(one) for key, score in wanted.items() for name, one in score.components.items()}


def _parts(wanted: Mapping[Any, Score]) -> dict[Any, Any]:
    return {
        (*key, number): (
            part.standard.id,
            part.standard.version,
            part.unit,
            part.days_from,
            part.days_to,
            part.working_days,
            part.elapsed,
            part.tenure_months,
            part.score,
            part.status,
        )
        for key, score in wanted.items()
        for number, part in score.parts.items()
    }


def _part_components(wanted: Mapping[Any, Score]) -> dict[Any, Any]:
    return {
        (*key, number, name): _component(one)
        for key, score in wanted.items()
        for number, part in score.parts.items()
        for name, one in part.components.items()
    }


def differing_ratings(con: duckdb.DuckDBPyConnection, ratings: Ratings, wanted: Mapping[Any, Score]) -> dict[Any, Any]:
    """Rows of the marts of ratings and raters that differ from the truth: (mart, key) -> (found, wanted)."""
    kinds = con.execute(
        "select employee_id, period_type, period_start, standard_id, standard_version, rater_kind, raters, "
        "average_points, rating_status from marts.appraisal_rating"
    ).fetchall()
    raters = con.execute(
        "select rater_employee_id, rater_kind, period_type, period_start, ratings, compared_ratings, average_points, "
        "leniency_points, disagreement_points from marts.appraisal_rater where rater_status <> 'below_anonymity_floor'"
    ).fetchall()
    found = {("kind", *row[:6]): row[6:] for row in kinds} | {("rater", *row[:4]): row[4:] for row in raters}
    expected: dict[Any, Any] = {}
    for (employee, period_type, start), score in wanted.items():
        for standard in {part.standard.id: part.standard for part in score.parts.values()}.values():
            for kind, one in ratings.kinds(standard, employee, start).items():
                key = ("kind", employee, period_type, start, standard.id, standard.version, kind)
                hidden = one.status == "below_anonymity_floor"
                expected[key] = (None, None, one.status) if hidden else (one.raters, one.points, one.status)
    for key, rater in ratings.raters({"peer": 3, "customer": 3}).items():
        expected["rater", *key] = (rater.ratings, rater.compared, rater.points, rater.leniency, rater.disagreement)
    print(f"{len(found):,} rows of ratings compared")
    return {
        key: (found.get(key), expected.get(key))
        for key in found.keys() | expected.keys()
        if found.get(key) != expected.get(key)
    }
