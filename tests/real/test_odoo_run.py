"""`scoreline run` against a real Odoo 14 server: what is published equals what the server's own database says.

Three runs: the first publishes everything, the second finds nothing new, the third finds what was changed in between.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.real import expected
from tests.real.deployment import Deployment, landed
from tests.real.expected import Total
from tests.real.odoo_server import NAMES, OdooServer, server, server_database, server_for_ourselves
from tests.real.odoo_trade import LEAVER, afterwards, trade

pytestmark = pytest.mark.real

FACTS = {
    "order": ("fct_sales_credit", "booked_date"),
    "invoice": ("fct_billing_credit", "billed_date"),
    "payment": ("fct_collection_credit", "collected_date"),
}
DIRECT = {
    "order": expected.odoo_order_totals,
    "invoice": expected.odoo_invoice_totals,
    "payment": expected.odoo_payment_totals,
}


@pytest.fixture(scope="module")
def odoo() -> Iterator[OdooServer]:
    with server_for_ourselves():
        odoo = server()
        trade(odoo)
        yield odoo


@pytest.fixture(scope="module")
def books(odoo: OdooServer) -> Iterator[psycopg.Connection[Any]]:
    with server_database() as connection:
        yield connection


class Seen:
    """A deployment after a run, with what the run said and what was published then."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.outcome = deployment.run()
        self.release = self.outcome["release"]
        self.landed = landed(self.outcome)
        self.credited = {document: set(_credited(deployment, document)) for document in FACTS}
        self.lost_deals = self.ask(
            "select denominator - numerator from kpi_value where subject_id = 'company' and metric = 'win_rate' "
            "and org_view = 'as_was' and period_type = 'year' order by period_start desc limit 1"
        )[0][0]

    def ask(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        return self.deployment.ask(query, **values)


@pytest.fixture(scope="module")
def first(odoo: OdooServer, books: psycopg.Connection[Any], tmp_path_factory: pytest.TempPathFactory) -> Seen:
    environment = dict(zip(NAMES, (odoo.url, odoo.database, odoo.login, odoo.password), strict=True))
    return Seen(Deployment("odoo", tmp_path_factory.mktemp("odoo"), environment))


@pytest.fixture(scope="module")
def second(first: Seen) -> Seen:
    return Seen(first.deployment)


@pytest.fixture(scope="module")
def third(second: Seen, odoo: OdooServer) -> Seen:
    afterwards(odoo)
    return Seen(second.deployment)


def _credited(deployment: Deployment, document: str) -> list[tuple[Any, ...]]:
    fact, _ = FACTS[document]
    return deployment.ask(f"select source_key, employee_id, credit_share, document_amount, credited_amount from {fact}")


def _published_totals(seen: Seen, document: str) -> expected.Totals:
    """Published totals per currency and month; invoice lines and payments in whole cents, as a ledger holds them."""
    fact, day = FACTS[document]
    cents = "line" if document == "order" else "round(line, 2)"
    rows = seen.ask(f"""
        select currency, month, sum(document), round(sum({cents}), 2)
        from (
            select currency, date_trunc('month', {day})::date as month,
                sum(document_amount) as document, sum(credited_amount) as line
            from {fact} group by source_system, source_key, currency, month
        ) group by all
    """)
    return {(currency, month): Total(document, company) for currency, month, document, company in rows}


def test_the_company_folder_passes_check(first: Seen) -> None:
    result = first.deployment.scoreline("check")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("document", list(FACTS))
def test_totals_per_currency_and_month_equal_the_servers_database(
    first: Seen, books: psycopg.Connection[Any], document: str
) -> None:
    totals = DIRECT[document](books)
    assert _published_totals(first, document) == totals
    assert {currency for currency, _ in totals} == {"EUR", "USD"}


def test_credit_notes_and_money_paid_back_count_negative(first: Seen) -> None:
    note = "select sum(document_amount) from fct_billing_credit where invoice_type = 'credit_note' and currency = 'EUR'"
    assert first.ask(note) == [(Decimal("-2799.99"),)]
    back = "select document_amount from fct_collection_credit where collected_date = '2025-10-06'"
    assert first.ask(back) == [(Decimal("-315.15"),)]


def test_an_order_counts_on_the_day_it_was_at_the_company(first: Seen) -> None:
    """23:30 UTC of 29 February, and one second before and at 23:00 UTC of 31 December, in Brussels."""
    rows = first.ask(
        "select distinct booked_date::varchar, document_amount from fct_sales_credit "
        "where document_amount in (1234.56, 640.05, 88.88) order by 1"
    )
    assert rows == [
        ("2024-03-01", Decimal("1234.56")),
        ("2024-12-31", Decimal("640.05")),
        ("2025-01-01", Decimal("88.88")),
    ]


def test_orders_per_salesperson_equal_the_servers_database(first: Seen, books: psycopg.Connection[Any]) -> None:
    rows = first.ask("""
        select e.employee_name, f.currency, sum(f.document_amount)
        from fct_sales_credit f join dim_employee e using (employee_id) group by all
    """)
    found = {(name, currency): amount for name, currency, amount in rows}
    assert found == expected.odoo_orders_per_salesperson(books)


def test_monthly_bookings_of_the_company_equal_the_servers_database(
    first: Seen, books: psycopg.Connection[Any]
) -> None:
    months: dict[Any, Decimal] = {}
    for (_, month), total in expected.odoo_order_totals(books).items():
        months[month] = months.get(month, Decimal(0)) + total.company
    rows = first.ask("""
        select period_start, round(value, 2) from kpi_value
        where subject_type = 'company' and period_type = 'month' and metric = 'bookings' and org_view = 'as_was'
    """)
    assert {month: value for month, value in rows if value} == months


def test_every_record_of_the_server_has_landed(first: Seen) -> None:
    different = "select * from reconciliation where difference_count <> 0 or abs(difference_sum) > 0"
    assert first.ask(different) == []


def test_a_second_run_lands_nothing_and_confirms_the_release(first: Seen, second: Seen) -> None:
    assert second.landed == {}
    assert (second.outcome["status"], second.release) == ("confirmed", first.release)


def test_a_third_run_lands_exactly_what_happened_in_between(third: Seen) -> None:
    assert third.outcome["status"] == "published"
    assert third.landed == {
        "partner": (1, 0),
        "sale_order": (2, 1),  # another salesperson, one deleted
        "sale_order_line": (5, 2),  # three lines carry the salesperson, two went with their order
        "lead": (1, 1),
        "invoice": (1, 0),  # settled now
        "payment": (1, 0),  # names the invoice now
    }


def test_credit_moves_with_order_and_payment_and_nothing_else_moves(second: Seen, third: Seen) -> None:
    demo, admin = "mark.brown23@example.com", "aiden.hughes71@example.com"
    for document, given_up in (("order", [demo] * 3), ("invoice", [demo] * 3), ("payment", [demo, "unassigned"])):
        before = second.credited[document] - third.credited[document]
        after = third.credited[document] - second.credited[document]
        assert sorted(row[1] for row in before) == given_up
        assert [row[1] for row in after] == [admin] * len(given_up)
        assert {(row[0], *row[2:]) for row in before} == {(row[0], *row[2:]) for row in after}


def test_a_deleted_lost_deal_no_longer_counts(second: Seen, third: Seen) -> None:
    assert third.lost_deals == second.lost_deals - 1


def test_an_archived_partner_stays_a_customer(third: Seen) -> None:
    assert third.ask("select count(*) from dim_customer where customer_name = $name", name=LEAVER) == [(1,)]
