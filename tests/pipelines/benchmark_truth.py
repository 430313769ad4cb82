"""What a release of the benchmark company must show, from the truth and the reference, and what a release does show.

Every `wanted_*` and `published_*` pair is a mapping from row key to values, so that a difference names its row. Source
keys are the vendors' ids: the truth's own keys are looked up in the sandboxes' records.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from connectors.sandbox import demo_company, reference
from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.odoo_database import OdooDatabase
from connectors.sandbox.world import World

Rows = dict[tuple, tuple]
FACTS = {
    "fct_sales_credit": ("booked_date", "sale.order.line", "credited_sales"),
    "fct_billing_credit": ("billed_date", "account.move.line", "credited_billings"),
    "fct_collection_credit": ("collected_date", "account.payment", "credited_collections"),
}


@dataclass
class Comparison:
    """How many values were held against the truth, and where they differ: (table, key) -> (published, wanted)."""

    values: int = 0
    rows: int = 0
    differing: dict[tuple[str, tuple], tuple[Any, Any]] = field(default_factory=dict)

    def add(self, table: str, published: Rows, wanted: Rows) -> None:
        """Compare two sides row by row; a row on one side only is a difference."""
        for key in sorted(published.keys() | wanted.keys(), key=repr):
            shown, meant = published.get(key), wanted.get(key)
            self.rows += 1
            self.values += len(meant or shown or ())
            if shown != meant:
                self.differing[table, key] = (shown, meant)


def compare(home: Path, company: BenchmarkCompany, world: World) -> Comparison:
    """The whole current release against the truth; the world's ERP and CRM say which ids they gave its records."""
    erp = world.erp_db
    truth = reference.Reference(company)
    kpis = truth.kpis()
    found = Comparison()
    with duckdb.connect(str(home / "published.duckdb"), read_only=True) as con:
        for fact, (event_date, model, wanted) in FACTS.items():
            found.add(fact, _published_credit(con, fact, event_date), _credit(getattr(truth, wanted)(), erp, model))
        found.add("kpi_value", _published_kpis(con), _kpis(kpis))
        scores = truth.scores(demo_company.standards(), kpis)
        found.add("appraisal_score", _published_scores(con), _scores(scores))
        found.add("appraisal_component", _published_components(con), _components(scores))
        found.add("customer_source", _published_customers(con), _customers(company, world))
    return found


def published_kpi(home: Path, org_view: str) -> Rows:
    """All KPI values of one org view."""
    with duckdb.connect(str(home / "published.duckdb"), read_only=True) as con:
        return {key: values for key, values in _published_kpis(con).items() if key[5] == org_view}


def _published_credit(con: duckdb.DuckDBPyConnection, fact: str, event_date: str) -> Rows:
    rows = con.execute(
        f"select source_system, source_key, employee_id, {event_date}, credit_share, credited_amount, credit_rule "
        f"from {fact}"
    ).fetchall()
    return _once((row[:3], row[3:]) for row in rows)


def _credit(parts: Iterable[reference.CreditedAmount], erp: OdooDatabase, model: str) -> Rows:
    return _once(
        (
            ("erp", str(erp.keys[model, part.document_key]), part.employee_id),
            (part.day, part.share, part.amount, part.rule),
        )
        for part in parts
    )


def _published_kpis(con: duckdb.DuckDBPyConnection) -> Rows:
    rows = con.execute(
        "select subject_type, subject_id, period_type, period_start, metric, org_view, "
        "value, value_status, numerator, denominator, target, attainment, "
        "previous_value, previous_growth, year_ago_value, year_ago_growth from kpi_value"
    ).fetchall()
    return _once((row[:6], row[6:]) for row in rows)


def _kpis(kpis: dict[reference.Key, reference.Kpi]) -> Rows:
    return {
        key: (
            _nine(kpi.value),
            _status(kpi),
            kpi.numerator,
            kpi.denominator,
            kpi.target,
            _nine(kpi.attainment),
            _nine(kpi.previous_value),
            _nine(kpi.previous_growth),
            _nine(kpi.year_ago_value),
            _nine(kpi.year_ago_growth),
        )
        for key, kpi in kpis.items()
    }


def _status(kpi: reference.Kpi) -> str:
    return "no_data" if kpi.value is None else "ok"


def _published_scores(con: duckdb.DuckDBPyConnection) -> Rows:
    rows = con.execute(
        "select employee_id, period_type, period_start, score, grade, standard_id, standard_version, status, "
        "uncapped_score, earned_grade from appraisal_score"
    ).fetchall()
    return _once((row[:3], row[3:]) for row in rows)


def _scores(scores: dict[tuple, reference.Score]) -> Rows:
    return {
        key: (one.score, one.grade, one.standard_id, one.standard_version, one.status, one.uncapped, one.earned_grade)
        for key, one in scores.items()
    }


def _published_components(con: duckdb.DuckDBPyConnection) -> Rows:
    rows = con.execute(
        "select employee_id, period_type, period_start, metric, weight, raw_value, target, points, weighted_points "
        "from appraisal_component"
    ).fetchall()
    return _once((row[:4], row[4:]) for row in rows)


def _components(scores: dict[tuple, reference.Score]) -> Rows:
    return {
        (*key, metric): (part.weight, part.raw_value, part.target, part.points, part.weighted)
        for key, score in scores.items()
        for metric, part in score.components.items()
    }


def _published_customers(con: duckdb.DuckDBPyConnection) -> Rows:
    rows = con.execute("select customer_key, source_system, source_key from customer_source").fetchall()
    groups: dict[str, set[tuple[str, str]]] = {}
    for key, system, record in rows:
        groups.setdefault(key, set()).add((system, record))
    return _memberships(groups.values())


def _customers(company: BenchmarkCompany, world: World) -> Rows:
    """The reference's groups with the records under the ids ERP and CRM know them by."""
    named = {
        "erp": lambda key: str(world.erp_db.keys["res.partner", key]),
        "crm": lambda key: world.vendor.record_id("account", key),
    }
    return _memberships(
        {(system, named[system](key)) for system, key in group} for group in reference.same_customers(company)
    )


def _memberships(groups: Iterable[set[tuple[str, str]]]) -> Rows:
    """Record -> all records of the same customer."""
    return _once((record, tuple(sorted(group))) for group in groups for record in group)


def _once(pairs: Iterable[tuple[tuple, tuple]]) -> Rows:
    found: Rows = {}
    for key, values in pairs:
        assert key not in found, f"{key} stands there twice"
        found[key] = values
    return found


def _nine(value: Decimal | None) -> Decimal | None:
    return None if value is None else reference.half_up(value, 9)
