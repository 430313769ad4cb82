"""A company of a handful of records, written by hand so that tests can state expected values literally."""

from datetime import UTC, date, datetime
from decimal import Decimal

from connectors.sandbox.company import (
    Activity,
    Assignment,
    BenchmarkCompany,
    Employee,
    Invoice,
    InvoiceLine,
    Lead,
    Opportunity,
    Order,
    OrderLine,
    Party,
    Payment,
    Product,
    Rate,
    StageStay,
    UnitVersion,
)


def _party(key: str, name: str, tax_id: str | None, country: str, owner: str, **details: str) -> Party:
    return Party(
        key=key,
        erp_name=name,
        crm_name=None,
        tax_id=tax_id,
        crm_tax_id=None,
        email=f"kontakt@{key}.example",
        crm_email=None,
        phone="+86 10 5555 0100",
        country=country,
        province="Beijing",
        city="Beijing",
        street="1 Chang'an Ave",
        industry="Manufacturing",
        owner_number=owner,
        created=date(2024, 1, 15),
        postal_code="100005",
        website=f"https://{key}.example",
        **details,  # type: ignore[arg-type]
    )


def _line(key: str, quantity: str, net: str, returned: str | None = None) -> OrderLine:
    return OrderLine(key, "P-1", Decimal(quantity), Decimal("50.05"), Decimal("0"), Decimal(net), returned)


def small_company() -> BenchmarkCompany:
    """Two units, three people (one left), two customers, three orders, an invoice and its credit note, payments."""
    return BenchmarkCompany(
        name="样板公司",
        name_en="Sample Co",
        reporting_currency="CNY",
        time_zone="Asia/Shanghai",
        as_of=date(2025, 3, 31),
        units=(
            UnitVersion("HQ", "总部", "Head Office", "company", None, date(2020, 1, 1)),
            UnitVersion("N", "北区", "North", "region", "HQ", date(2020, 1, 1)),
        ),
        employees=(
            Employee("E1", "王芳", "wang.fang@bench.example", "regional_manager", date(2020, 1, 1)),
            Employee("E2", "Li Lei", "li.lei@bench.example", "sales_rep", date(2021, 6, 1)),
            Employee("E3", "Zhao Min", "zhao.min@bench.example", "sales_rep", date(2021, 6, 1), date(2025, 2, 1)),
        ),
        assignments=(
            Assignment("E1", "N", "regional_manager", None, date(2020, 1, 1)),
            Assignment("E2", "N", "sales_rep", "E1", date(2021, 6, 1)),
            Assignment("E3", "N", "sales_rep", "E1", date(2021, 6, 1), date(2025, 2, 1)),
        ),
        parties=(
            _party("huaxin", "华信科技有限公司", "91110000600007156X", "China", "E2"),
            _party("muster", "Muster GmbH", None, "Germany", "E2", registry_id="HRB 86786"),
        ),
        products=(Product("P-1", "Pump", "Pumps", Decimal("50.05")),),
        orders=(
            Order(
                "o1",
                "S0001",
                "huaxin",
                "E2",
                "confirmed",
                date(2025, 1, 10),
                "CNY",
                (_line("o1a", "2", "100.10"), _line("o1b", "1", "0.30")),
            ),
            Order(
                "o2",
                "S0002",
                "muster",
                "E2",
                "confirmed",
                date(2025, 2, 10),
                "EUR",
                (_line("o2a", "-1", "-50.05", "o1a"),),
            ),
            Order("o3", "S0003", "muster", None, "draft", date(2025, 3, 10), "EUR", (_line("o3a", "1", "50.05"),)),
        ),
        invoices=(
            Invoice(
                "i1",
                "INV/1",
                "invoice",
                "huaxin",
                "E2",
                "o1",
                None,
                "posted",
                date(2025, 1, 20),
                date(2025, 2, 20),
                "CNY",
                (
                    InvoiceLine("i1a", "o1a", "P-1", Decimal("2"), Decimal("100.10")),
                    InvoiceLine("i1b", "o1b", "P-1", Decimal("1"), Decimal("0.30")),
                ),
            ),
            Invoice(
                "i2",
                "RINV/1",
                "credit_note",
                "huaxin",
                "E2",
                "o1",
                "i1",
                "posted",
                date(2025, 2, 5),
                date(2025, 2, 5),
                "CNY",
                (InvoiceLine("i2a", "o1a", "P-1", Decimal("-1"), Decimal("-50.05")),),
            ),
        ),
        payments=(
            Payment("p1", "huaxin", "i1", "posted", date(2025, 2, 1), "CNY", Decimal("100.40")),
            Payment("p2", "huaxin", "i2", "posted", date(2025, 2, 8), "CNY", Decimal("-50.05")),
        ),
        opportunities=(
            Opportunity(
                "d1",
                "Pumps for Huaxin",
                "huaxin",
                "E2",
                "won",
                Decimal("100.40"),
                "CNY",
                date(2024, 12, 1),
                date(2025, 1, 15),
                date(2025, 1, 10),
                (
                    StageStay("New", datetime(2024, 12, 1, 2, tzinfo=UTC), datetime(2024, 12, 20, 2, tzinfo=UTC)),
                    StageStay("Won", datetime(2024, 12, 20, 2, tzinfo=UTC), None),
                ),
            ),
            Opportunity(
                "d2",
                "Valves for Muster",
                "muster",
                "E3",
                "lost",
                None,
                "CNY",
                date(2025, 1, 5),
                date(2025, 3, 1),
                date(2025, 2, 1),
                (StageStay("New", datetime(2025, 1, 5, 2, tzinfo=UTC), None),),
            ),
        ),
        leads=(
            Lead("l1", "Asks for pumps", "Nova AG", "E2", "open", "web", date(2025, 3, 1), None, None),
            Lead(
                "l2",
                "Huaxin calls",
                "Huaxin",
                "E2",
                "converted",
                "fair",
                date(2024, 11, 1),
                date(2024, 12, 1),
                "d1",
            ),
        ),
        activities=(
            Activity("a1", "visit", "Site visit", "E2", "huaxin", "d1", date(2025, 1, 8), "done"),
            Activity("a2", "call", "Call back", "E2", "muster", None, date(2025, 4, 2), "planned"),
        ),
        cases=(),
        targets=(),
        rates=(Rate("EUR", date(2025, 1, 1), Decimal("7.5")), Rate("EUR", date(2025, 3, 1), Decimal("7.8"))),
        deleted_orders=("o3",),
    )
