"""`scoreline run` on a public CRM export by mapping alone: published figures equal a direct query of the CSVs."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.real.deployment import Deployment, landed
from tests.real.expected import DealFigures, deal_figures, deals_by, selling_figures

pytestmark = pytest.mark.real

SUBJECTS = {
    "sales_agent": ("employee", "crm:"),
    "manager": ("org_unit", "crm:team:"),
    "regional_office": ("org_unit", "crm:region:"),
}


@pytest.fixture(scope="module")
def export(shared_dir: Path) -> Path:
    return shared_dir / "data" / "crm_opportunities"


@pytest.fixture(scope="module")
def published(export: Path, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    deployment = Deployment("crm_opportunities", tmp_path_factory.mktemp("crm"), {"CRM_OPPORTUNITIES": str(export)})
    outcome = deployment.run()
    assert outcome["status"] == "published"
    assert landed(outcome) == {
        "sales_teams": (35, 0),
        "accounts": (85, 0),
        "products": (7, 0),
        "sales_pipeline": (8800, 0),
    }
    return deployment


def _published_figures(deployment: Deployment, by: str, period: str, org_view: str) -> dict[Any, DealFigures]:
    """Figures per (name, first day of the period), where any deal was closed."""
    subject_type, prefix = SUBJECTS[by]
    rows = deployment.ask(
        """
        select replace(subject_id, $prefix, ''), period_start,
            sum(value) filter (metric = 'bookings'), sum(numerator) filter (metric = 'win_rate'),
            sum(denominator) filter (metric = 'win_rate'), sum(numerator) filter (metric = 'sales_cycle_days')
        from kpi_value
        where subject_type = $subject_type and starts_with(subject_id, $prefix)
            and period_type = $period and org_view = $org_view
        group by all having sum(denominator) filter (metric = 'win_rate') > 0
        """,
        prefix=prefix,
        subject_type=subject_type,
        period=period,
        org_view=org_view,
    )
    return {
        (name, start): DealFigures(amount, int(won), int(closed - won), int(days))
        for name, start, amount, won, closed, days in rows
    }


@pytest.mark.parametrize("org_view", ["as_was", "as_is"])
@pytest.mark.parametrize(("period", "alias"), [("month", "M"), ("quarter", "Q"), ("year", "Y")])
@pytest.mark.parametrize("by", list(SUBJECTS))
def test_won_amount_deals_and_cycle_equal_the_csvs(
    published: Deployment, export: Path, by: str, period: str, alias: str, org_view: str
) -> None:
    assert _published_figures(published, by, period, org_view) == deal_figures(export, by, alias)


@pytest.mark.parametrize("by", list(SUBJECTS))
def test_rates_are_the_exact_quotients(published: Deployment, export: Path, by: str) -> None:
    """Win rate and average cycle of every quarter, rounded once, at the ninth decimal."""
    subject_type, prefix = SUBJECTS[by]
    rows = published.ask(
        "select replace(subject_id, $prefix, ''), period_start, metric, value from kpi_value "
        "where subject_type = $subject_type and starts_with(subject_id, $prefix) and period_type = 'quarter' "
        "and org_view = 'as_was' and metric in ('win_rate', 'sales_cycle_days') and value is not null",
        prefix=prefix,
        subject_type=subject_type,
    )
    direct: dict[Any, Decimal] = {}
    for (name, start), figures in deal_figures(export, by, "Q").items():
        for metric, rate in (("win_rate", figures.win_rate), ("sales_cycle_days", figures.average_cycle_days)):
            if rate is not None:
                direct[name, start, metric] = _rounded(rate)
    assert {(name, start, metric): value for name, start, metric, value in rows} == direct


@pytest.mark.parametrize("by", list(SUBJECTS))
def test_what_the_registry_says_of_selling_equals_a_direct_query_of_the_csvs(
    published: Deployment, export: Path, by: str
) -> None:
    """Every agent, manager and region, every month, quarter and year, both org views: the metrics on opportunities."""
    subject_type, prefix = SUBJECTS[by]
    rows = published.ask(
        """
        select replace(subject_id, $prefix, ''), period_type, period_start, least(period_end, date '2018-01-01'),
            metric, org_view, value, coalesce(numerator, 0), denominator, registry.aggregation = 'ratio'
        from kpi_value join metric_registry as registry using (metric)
        where subject_type = $subject_type and starts_with(subject_id, $prefix) and list_contains($known, metric)
            and list_contains(string_split(registry.source_entities, '|'), 'opportunity')
        """,
        prefix=prefix,
        subject_type=subject_type,
        known=list(selling_figures([], date(2017, 1, 1), date(2017, 1, 1))),
    )
    deals = deals_by(export, by)
    differing, seen = {}, set()
    for name, kind, start, last, metric, org_view, value, numerator, denominator, is_rate in rows:
        wanted, of = selling_figures(deals.get(name, []), start, last)[metric]
        rate = wanted if of is None else _rounded(Fraction(wanted) / Fraction(of)) if of else None
        seen.add((name, kind, start, metric, org_view))
        if (value, numerator, denominator if is_rate else None) != (rate, wanted, of):
            differing[name, kind, start, metric, org_view] = (value, numerator, denominator), (rate, wanted, of)
    print(f"{len(seen):,} values of {by} compared")
    assert differing == {}
    assert len(seen) == len(rows)
    assert {(name, metric, org_view) for name, _, _, metric, org_view in seen} >= {
        (name, metric, org_view)
        for name in deals
        for metric in selling_figures([], date(2017, 1, 1), date(2017, 1, 1))
        for org_view in ("as_was", "as_is")
    }


def _rounded(rate: Fraction) -> Decimal:
    return (Decimal(rate.numerator) / rate.denominator).quantize(Decimal("1e-9"), ROUND_HALF_UP)


def test_the_whole_time_adds_up(published: Deployment, export: Path) -> None:
    for by, (subject_type, prefix) in SUBJECTS.items():
        rows = published.ask(
            "select replace(subject_id, $prefix, ''), sum(value) from kpi_value where subject_type = $subject_type "
            "and starts_with(subject_id, $prefix) and period_type = 'year' and org_view = 'as_was' "
            "and metric = 'bookings' group by all having sum(value) <> 0",
            prefix=prefix,
            subject_type=subject_type,
        )
        assert dict(rows) == {name: figures.won_amount for name, figures in deal_figures(export, by).items()}
    total = "select sum(value) from kpi_value where subject_id = 'company' and period_type = 'year' " + (
        "and org_view = 'as_was' and metric = 'bookings'"
    )
    assert published.ask(total) == [(Decimal("10005534"),)]


def test_every_agent_is_appraised_every_quarter_with_deals(published: Deployment, export: Path) -> None:
    closed = set(deal_figures(export, "sales_agent", "Q"))
    scored = published.ask("select replace(employee_id, 'crm:', ''), period_start from appraisal_score where score > 0")
    assert closed <= set(scored)
