"""Appraisal at mid size: four quarters under two versions; every score, part, component, rating and contribution."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.sandbox import demo_company, reference
from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.generate import generate
from connectors.sandbox.reference.rating import Ratings
from tests.dbt_project import benchmark_rows, straight, warehouse
from tests.dbt_project.benchmark_standards import differing_ratings, differing_scores

QUARTERS = [("quarter", date(2024, 7, 1)), ("quarter", date(2024, 10, 1)), ("quarter", date(2025, 1, 1))]
QUARTERS += [("quarter", date(2025, 4, 1))]


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_every_score_of_four_quarters_equals_the_truth(tmp_path: Path) -> None:
    company, standards = generate("mid"), demo_company.standards()
    file = tmp_path / "warehouse.duckdb"
    warehouse.prepare(file, benchmark_rows.mapped(company), benchmark_rows.config(company, *standards))
    marts = ("appraisal_score", "appraisal_part", "appraisal_component", "appraisal_part_component", "appraisal_rating")
    assert straight.build(file, *marts, "appraisal_rater", "appraisal_contribution", "landed_record") == []

    truth = reference.Reference(company)
    wanted = truth.scores(standards, truth.kpis())
    with duckdb.connect(str(file), read_only=True) as con:
        assert differing_scores(con, wanted) == {}
        assert differing_ratings(con, Ratings(company), wanted) == {}
        assert _facts_that_do_not_add_up(con) == []
        assert _records_not_landed(con) == []
    _assert_hard_cases(company, wanted)


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
