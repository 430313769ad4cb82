"""Appraisal and pay at mid size: four quarters under two versions; every score, every statement to the line."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from connectors.sandbox import demo_company, reference
from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.generate import generate
from connectors.sandbox.reference.rating import Ratings
from tests.dbt_project import benchmark_rows, straight, warehouse
from tests.dbt_project.benchmark_plans import DOCUMENTS, PLANS, differing_eligibility, differing_statements, plan_tables
from tests.dbt_project.benchmark_standards import differing_ratings, differing_scores

QUARTERS = [("quarter", date(2024, 7, 1)), ("quarter", date(2024, 10, 1)), ("quarter", date(2025, 1, 1))]
QUARTERS += [("quarter", date(2025, 4, 1))]


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_every_score_and_statement_of_four_quarters_equals_the_truth(tmp_path: Path) -> None:
    company, standards = generate("mid"), demo_company.standards()
    file = tmp_path / "warehouse.duckdb"
    folder = demo_company.TEMPLATE / "incentives"
    paid = [*DOCUMENTS, *(yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yaml")))]
    config = benchmark_rows.config(company, *standards) | plan_tables(*paid)
    warehouse.prepare(file, benchmark_rows.mapped(company), config)
    marts = ("appraisal_score", "appraisal_part", "appraisal_component", "appraisal_part_component", "appraisal_rating")
    marts += ("appraisal_rater", "appraisal_contribution", "landed_record")
    assert straight.build(file, *marts, "incentive_statement", "incentive_line", "incentive_eligibility") == []

    truth = reference.Reference(company)
    kpis = truth.kpis()
    wanted = truth.scores(standards, kpis)
    plans = (*PLANS, *demo_company.plans())
    statements = truth.statements(plans, kpis, wanted)
    with duckdb.connect(str(file), read_only=True) as con:
        assert differing_scores(con, wanted) == {}
        assert differing_ratings(con, Ratings(company), wanted) == {}
        assert _facts_that_do_not_add_up(con) == []
        assert _records_not_landed(con) == []
        assert differing_statements(con, statements) == {}
        assert differing_eligibility(con, truth.eligibility(plans, wanted, statements)) == {}
    _assert_hard_cases(company, wanted)
    _assert_hard_pay(company, statements)


def _facts_that_do_not_add_up(con: duckdb.DuckDBPyConnection) -> list[tuple]:
    rows, scores = con.execute(
        "select count(*), count(distinct (employee_id, period_type, period_start)) from marts.appraisal_contribution"
    ).fetchall()[0]
    print(f"{rows:,} contributions to {scores:,} scores")
    return con.execute(
        """
        select employee_id, period_type, period_start, metric, weighted_points, total
        from (select * from marts.appraisal_component where weighted_points is not null)
        full join (select employee_id, period_type, period_start, metric, sum(points) as total
            from marts.appraisal_contribution group by all) using (employee_id, period_type, period_start, metric)
        where weighted_points is distinct from total limit 20
        """
    ).fetchall()


def _records_not_landed(con: duckdb.DuckDBPyConnection) -> list[tuple]:
    return con.execute(
        """
        select source_entity, source_system, source_key, load_id from marts.appraisal_contribution
        where source_system is not null except select entity, source_system, source_key, load_id from core.landed_record
        """
    ).fetchall()


def _assert_hard_cases(company: BenchmarkCompany, wanted: Mapping[Any, reference.Score]) -> None:
    """In four quarters under two versions: a newcomer, a transfer, a part-year leaver, a missing rater."""
    four = {key: score for key, score in wanted.items() if key[1:] in QUARTERS}
    left = {person.number: person.left for person in company.employees if person.left}
    ratings = Ratings(company)
    found = Counter(
        case
        for (employee, _, start), score in four.items()
        for case, holds in {
            f"sales_rep {score.standard_version}": score.standard_id == "sales_rep",
            "newcomer": score.standard_id == "newcomer",
            "transfer": len(score.parts) > 1,
            "leaver": employee in left and left[employee] < reference.period_end("quarter", start),
            "missing rater": any(
                kind.status == "missing"
                for part in score.parts.values()
                if part.standard.rating_kinds and (employee, "quarter", start) in ratings.by_person
                for kind in ratings.kinds(part.standard, employee, start).values()
            ),
            "capped": score.score != score.uncapped or score.grade != score.earned_grade,
        }.items()
        if holds
    )
    print(dict(found))
    cases = ("sales_rep 1", "sales_rep 2", "newcomer", "transfer", "leaver", "missing rater", "capped")
    assert [case for case in cases if not found[case]] == []


def _assert_hard_pay(company: BenchmarkCompany, statements: Mapping[Any, reference.Statement]) -> None:
    """In four quarters: a newcomer's guarantee, a transfer, a leaver who still owes, a refund after the quarter."""
    hired = {person.number: person.hired for person in company.employees}
    left = {person.number: person.left for person in company.employees if person.left}
    postings = Counter(posting.employee_number for posting in company.assignments if posting.role == "sales_rep")
    found = Counter(
        case
        for (employee, plan, period_type, start), one in statements.items()
        if (period_type, start) in QUARTERS
        for case, holds in {
            f"{plan} {one.plan_version}": True,
            "newcomer filled up": bool(one.guarantee) and hired[employee] > date(2024, 1, 1),
            "transfer": postings[employee] > 1,
            "leaver owes": employee in left and left[employee] < start and one.owed_after > 0,
            "refund after closing": any(line.kind == "return" for line in one.lines),
            "bad debt": any(line.kind == "bad_debt" for line in one.lines),
            "capped": one.earned is not None and one.earned < one.calculated,
            "bonus": bool(one.bonus),
        }.items()
        if holds
    )
    print(dict(found))
    plans = ("sales 1", "cash 1", "sales_commission 1", "sales_commission 2")
    cases = ("newcomer filled up", "transfer", "leaver owes", "refund after closing", "bad debt", "capped", "bonus")
    assert [case for case in (*plans, *cases) if not found[case]] == []
