"""`scoreline run` on Northwind in a real PostgreSQL by mapping alone: published revenue equals direct SQL, exactly.

Two runs: the second finds one line that was corrected in the database in between.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.postgres import Postgres, postgres  # noqa: F401 - the fixture
from tests.real import expected
from tests.real.deployment import Deployment, landed
from tests.real.northwind_database import load_northwind

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def database(postgres: Postgres, shared_dir: Path) -> str:  # noqa: F811
    name = postgres.create_database()
    with postgres.connect(name) as connection:
        load_northwind(connection, shared_dir / "data" / "northwind")
    return name


@pytest.fixture(scope="module")
def direct(postgres: Postgres, database: str) -> Iterator[psycopg.Connection[Any]]:  # noqa: F811
    with postgres.connect(database) as connection:
        yield connection


@pytest.fixture(scope="module")
def published(
    postgres: Postgres,  # noqa: F811
    database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Deployment:
    environment = {"NORTHWIND_URL": postgres.url(database)}
    deployment = Deployment("northwind", tmp_path_factory.mktemp("northwind"), environment)
    assert deployment.run()["status"] == "published"
    return deployment


def _bookings(deployment: Deployment, subject_type: str, prefix: str, period: str) -> dict[Any, Decimal]:
    """Bookings per (employee id, first day of the period), in both views of the organisation, which never changed."""
    rows = deployment.ask(
        """
        select replace(subject_id, $prefix, '')::int, period_start, list(distinct value)
        from kpi_value
        where subject_type = $subject_type and starts_with(subject_id, $prefix)
            and period_type = $period and metric = 'bookings' and value <> 0
        group by all
        """,
        prefix=prefix,
        subject_type=subject_type,
        period=period,
    )
    assert all(len(values) == 1 for _, _, values in rows)
    return {(employee, start): values[0] for employee, start, values in rows}


def test_revenue_per_employee_and_quarter_equals_the_database(
    published: Deployment, direct: psycopg.Connection[Any]
) -> None:
    quarters = _bookings(published, "employee", "northwind:", "quarter")
    assert quarters == expected.revenue_per_employee_and_quarter(direct)


def test_revenue_per_employee_over_all_years_equals_the_database(
    published: Deployment, direct: psycopg.Connection[Any]
) -> None:
    total: dict[int, Decimal] = {}
    for (employee, _), revenue in _bookings(published, "employee", "northwind:", "year").items():
        total[employee] = total.get(employee, Decimal(0)) + revenue
    assert total == expected.revenue_per_employee(direct)
    assert total[4] == Decimal("232890.8460")


def test_revenue_per_managers_subtree_and_quarter_equals_the_database(
    published: Deployment, direct: psycopg.Connection[Any]
) -> None:
    quarters = _bookings(published, "org_unit", "northwind:post:", "quarter")
    assert quarters == expected.revenue_per_subtree_and_quarter(direct)
    assert sum(revenue for (manager, _), revenue in quarters.items() if manager == 2) == Decimal("1265793.0395")


def test_a_line_corrected_in_the_database_is_all_that_lands_and_moves_its_employee_and_manager(
    published: Deployment, direct: psycopg.Connection[Any]
) -> None:
    direct.execute("update order_details set quantity = quantity + 1 where order_id = 10248 and product_id = 11")
    outcome = published.run()
    assert (outcome["status"], landed(outcome)) == ("published", {"order_details": (1, 0)})
    assert _bookings(published, "employee", "northwind:", "quarter") == (
        expected.revenue_per_employee_and_quarter(direct)
    )
    assert _bookings(published, "org_unit", "northwind:post:", "quarter") == (
        expected.revenue_per_subtree_and_quarter(direct)
    )
