"""One published score with everything it is made of, read from the current release and from landing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from pipelines.explain.raw import RawRecords
from pipelines.explain.release import NotFound, Row, check, near, rows
from pipelines.periods import is_called, period_name

NEEDED = (
    "appraisal_component",
    "appraisal_contribution",
    "appraisal_flip",
    "appraisal_gate",
    "appraisal_part",
    "appraisal_part_component",
    "appraisal_rating",
    "appraisal_score",
    "appraisal_standard",
    "appraisal_standard_grade",
    "appraisal_standard_metric",
    "appraisal_standard_step",
    "customer_source",
    "dim_customer",
    "dim_employee",
    "dim_org_unit",
    "metric_registry",
    "record_origin",
    "release",
)
"""Published tables that are read here."""
_KEY = "employee_id = ? and period_type = ? and period_start = ?"
_RATING_ORDER = "weight desc, rater_kind, standard_id, standard_version"


@dataclass(frozen=True)
class Fact:
    """One fact of a component: its row of `appraisal_contribution`, who or what it is about, and its raw record.

    names: of the contributor or customer. record: stream, key in landing and values as landed; None where the fact is
    no record, or its record is shown elsewhere (people of a unit).
    """

    row: Row
    names: tuple[str, ...]
    record: Row | None


@dataclass(frozen=True)
class Component:
    """One component of a part: its row of `appraisal_part_component`, metric, curve with its steps, and facts.

    more_facts: how many facts there are beside those listed; more_points: what they bring together.
    """

    row: Row
    metric: Row
    curve: Row
    steps: Sequence[Row]
    facts: Sequence[Fact]
    more_facts: int = 0
    more_points: Decimal = Decimal(0)


@dataclass(frozen=True)
class Part:
    """One part of the period: its row of `appraisal_part`, unit and standard, and its components."""

    row: Row
    unit: str
    standard: Row
    components: Sequence[Component]


@dataclass(frozen=True)
class Flip:
    """What one customer, uncertain match or rater does to the score: its row of `appraisal_flip`, and names.

    names: of the customer; of a match, of the customer its record was joined to, and match_probability how surely.
    rater_kind: of a named form.
    """

    row: Row
    names: tuple[str, ...] = ()
    match_probability: Decimal | None = None
    rater_kind: str | None = None


@dataclass(frozen=True)
class Explanation:
    """A score and what it is made of. score: row of `appraisal_score`; borders: its standard's grades, best first.

    names: of the employee. components: rows of `appraisal_component`, which add up to the score. shows_raters: whether
    `flips` say what single raters do; what is handed out leaves them out.
    """

    release_id: str
    names: tuple[str, ...]
    score: Row
    standard: Row
    borders: Sequence[Row]
    place: int | None
    components: Sequence[Row]
    gates: Sequence[Row]
    ratings: Sequence[Row]
    parts: Sequence[Part]
    flips: Sequence[Flip]
    metrics: Mapping[str, Row]
    shows_raters: bool = True


def explain(
    con: duckdb.DuckDBPyConnection, employee: str, period: str, raw: RawRecords, limit: int | None = None
) -> Explanation:
    """The score of an employee (id, number, e-mail or name) in a period (2025, 2025-Q3, 2025-07 or its first day).

    limit: facts listed per component, the biggest; None lists all. Raises NotFound with what is near, NotPublished
    where the release is too old.
    """
    check(con, NEEDED)
    employee_id, names = _employee(con, employee)
    score = _score(con, employee_id, period)
    key = [employee_id, score["period_type"], score["period_start"]]
    metrics = {row["metric"]: row for row in rows(con, "select * from metric_registry")}
    return Explanation(
        release_id=str(rows(con, "select release_id from release")[0]["release_id"]),
        names=names,
        score=score,
        standard=_standard(con, score),
        borders=rows(con, f"from appraisal_standard_grade where {_OF_VERSION} order by position", _version(score)),
        place=_place(con, score),
        components=rows(con, f"from appraisal_component where {_KEY} order by weight desc, metric", key),
        gates=rows(con, f"from appraisal_gate where {_KEY} order by gate_id, standard_id, standard_version", key),
        ratings=rows(con, f"from appraisal_rating where {_KEY} order by {_RATING_ORDER}", key),
        parts=_parts(con, key, metrics, raw, limit),
        flips=_flips(con, key),
        metrics=metrics,
    )


_OF_VERSION = "standard_id = ? and standard_version = ?"


def _version(row: Row) -> list[Any]:
    return [row["standard_id"], row["standard_version"]]


def _standard(con: duckdb.DuckDBPyConnection, row: Row) -> Row:
    return rows(con, f"from appraisal_standard where {_OF_VERSION}", _version(row))[0]


def _place(con: duckdb.DuckDBPyConnection, score: Row) -> int | None:
    """The place that decides where grades go by share: of equal scores the best, or the last if ties take the worse."""
    if score["place"] is None or _standard(con, score)["ties"] != "worse":
        return None if score["place"] is None else int(score["place"])
    found = rows(
        con,
        f"select count(*) as place from appraisal_score where {_OF_VERSION} and period_type = ? and period_start = ? "
        "and score >= ?",
        [*_version(score), score["period_type"], score["period_start"], score["score"]],
    )
    return int(found[0]["place"])


def _employee(con: duckdb.DuckDBPyConnection, asked: str) -> tuple[str, tuple[str, ...]]:
    people = rows(con, "select employee_id, employee_number, employee_name, email, valid_from from dim_employee")
    columns = ("employee_id", "employee_number", "email", "employee_name")
    for column in columns:
        found = {row["employee_id"] for row in people if row[column] == asked}
        if len(found) > 1:
            raise NotFound(f"{len(found)} people are called {asked!r}; name one by id: {', '.join(sorted(found))}")
        if found:
            (employee_id,) = found
            own = sorted(
                (row for row in people if row["employee_id"] == employee_id), key=lambda row: row["valid_from"]
            )
            return employee_id, tuple(
                dict.fromkeys(row["employee_name"] for row in reversed(own) if row["employee_name"])
            )
    raise NotFound(
        f"nobody in dim_employee has the id, number, e-mail or name {asked!r}; "
        + near(asked, (row[column] for row in people for column in columns))
    )


def _score(con: duckdb.DuckDBPyConnection, employee_id: str, period: str) -> Row:
    scores = rows(con, "from appraisal_score where employee_id = ? order by period_start, period_type", [employee_id])
    if not scores:
        raise NotFound(
            f"{employee_id} has no score in any period: no standard judges a role this person has held; "
            "roles stand in dim_assignment, standards in standards/ of the company folder"
        )
    found = [row for row in scores if is_called(period, row["period_type"], row["period_start"])]
    if len(found) != 1:
        there = ", ".join(period_name(row["period_type"], row["period_start"]) for row in scores)
        what = "no score" if not found else f"{len(found)} scores"
        raise NotFound(f"{employee_id} has {what} for period {period!r}; there are scores for: {there}")
    return found[0]


def _parts(
    con: duckdb.DuckDBPyConnection,
    key: list[Any],
    metrics: Mapping[str, Row],
    raw: RawRecords,
    limit: int | None,
) -> list[Part]:
    facts: dict[tuple[int, str], list[Row]] = {}
    for row in rows(con, f"from appraisal_contribution where {_KEY} order by part_number, metric, fact_number", key):
        facts.setdefault((row["part_number"], row["metric"]), []).append(row)
    raw.load(row for listed in facts.values() for row in listed[:limit])
    components = rows(con, f"from appraisal_part_component where {_KEY} order by weight desc, metric", key)
    names = _Names(con)
    found = []
    for part in rows(con, f"from appraisal_part where {_KEY} order by part_number", key):
        own = [row for row in components if row["part_number"] == part["part_number"]]
        listed = [_component(con, row, metrics, facts, names, raw, limit) for row in own]
        unit = names.unit(part["org_unit_id"], part["posted_to"])
        found.append(Part(part, unit, _standard(con, part), listed))
    return found


def _component(
    con: duckdb.DuckDBPyConnection,
    row: Row,
    metrics: Mapping[str, Row],
    facts: Mapping[tuple[int, str], list[Row]],
    names: "_Names",
    raw: RawRecords,
    limit: int | None,
) -> Component:
    of_metric = [*_version(row), row["metric"]]
    everything = facts.get((row["part_number"], row["metric"]), [])
    shown = everything[:limit]
    return Component(
        row=row,
        metric=metrics.get(row["metric"], {}),
        curve=rows(con, f"from appraisal_standard_metric where {_OF_VERSION} and metric = ?", of_metric)[0],
        steps=rows(
            con, f"from appraisal_standard_step where {_OF_VERSION} and metric = ? order by boundary", of_metric
        ),
        facts=[Fact(fact, names.of(fact), raw.find(fact)) for fact in shown],
        more_facts=len(everything) - len(shown),
        more_points=sum((fact["points"] for fact in everything[len(shown) :]), Decimal(0)),
    )


def _flips(con: duckdb.DuckDBPyConnection, key: list[Any]) -> list[Flip]:
    """What changes the grade first, then what moves the score most."""
    found = rows(
        con,
        f"""
        select flip.*, customer.customer_name, matched.match_probability, form.rater_kind
        from (from appraisal_flip where {_KEY} and left_out_kind <> 'nothing') as flip
        left join customer_source as matched
            on flip.left_out_kind = 'match' and flip.left_out_system = matched.source_system
            and flip.left_out_key = matched.source_key
        left join dim_customer as customer
            on customer.customer_key = case flip.left_out_kind when 'customer' then flip.left_out_key
                when 'match' then matched.customer_key end
        left join (
            select distinct source_system, source_key, rater_kind from appraisal_contribution
            where {_KEY} and fact_kind = 'rating'
        ) as form
            on flip.left_out_kind = 'rater' and flip.left_out_system = form.source_system
            and flip.left_out_key = form.source_key
        order by not flip.changes_grade, flip.score_without is not null, abs(flip.score_change) desc,
            flip.left_out_kind, flip.left_out_system, flip.left_out_key
        """,
        [*key, *key],
    )
    more = ("customer_name", "match_probability", "rater_kind")
    return [
        Flip(
            {name: value for name, value in row.items() if name not in more},
            (row["customer_name"],) if row["customer_name"] else (),
            row["match_probability"],
            row["rater_kind"],
        )
        for row in found
    ]


class _Names:
    """Names of units, people and customers, looked up as they are needed."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}

    def unit(self, org_unit_id: str, before: date) -> str:
        found = self._first(
            "select unit_name, unit_name_en from dim_org_unit where org_unit_id = ? and valid_from < ? "
            "order by valid_from desc limit 1",
            [org_unit_id, before],
        )
        return " / ".join(found) or org_unit_id

    def of(self, fact: Row) -> tuple[str, ...]:
        """Of whom or what a fact is about: a colleague, else a customer, else nobody."""
        if fact["contributor_id"] is not None:
            query = "select employee_name from dim_employee where employee_id = ? order by valid_from desc limit 1"
            return self._looked_up("employee", fact["contributor_id"], query)
        if fact["customer_key"] is not None:
            query = "select customer_name from dim_customer where customer_key = ?"
            return self._looked_up("customer", fact["customer_key"], query)
        return ()

    def _looked_up(self, kind: str, key: str, query: str) -> tuple[str, ...]:
        if (kind, key) not in self._known:
            self._known[kind, key] = self._first(query, [key])
        return self._known[kind, key]

    def _first(self, query: str, values: list[Any]) -> tuple[str, ...]:
        found = self._con.execute(query, values).fetchone() or ()
        return tuple(dict.fromkeys(name for name in found if name))
