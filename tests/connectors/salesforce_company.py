"""A company of three people and a handful of records, small enough to state every expected row in a test."""

from datetime import UTC, date, datetime
from decimal import Decimal

from connectors.sandbox.company import (
    Activity,
    Assignment,
    BenchmarkCompany,
    Case,
    Contract,
    Employee,
    Lead,
    Opportunity,
    Party,
    Product,
    StageStay,
    UnitVersion,
)

LI, WANG, ZHAO = "E001", "E002", "E003"
OPENED = datetime(2025, 3, 3, 17, 30, tzinfo=UTC)  # 4 March in Shanghai
QUOTED = datetime(2025, 4, 1, 2, 0, tzinfo=UTC)
WON = datetime(2025, 5, 6, 2, 0, tzinfo=UTC)


def tiny_company() -> BenchmarkCompany:
    """The truth the sandbox shows in the tests of the Salesforce connector."""
    return BenchmarkCompany(
        name="示例公司",
        name_en="Example",
        reporting_currency="CNY",
        time_zone="Asia/Shanghai",
        as_of=date(2025, 12, 31),
        units=(
            UnitVersion("C00", "总部", "Head office", "company", None, date(2019, 1, 1)),
            UnitVersion("R10", "华东大区", "East", "region", "C00", date(2019, 1, 1)),
        ),
        employees=(
            Employee(LI, "李伟", "li.wei@example.com", "Regional Manager", date(2019, 1, 1)),
            Employee(WANG, "王芳", "wang.fang@example.com", "Sales Rep", date(2020, 2, 1)),
            Employee(ZHAO, "赵强", "zhao.qiang@example.com", "Sales Rep", date(2020, 2, 1), date(2025, 6, 1)),
        ),
        assignments=(
            Assignment(LI, "C00", "regional_manager", None, date(2019, 1, 1)),
            Assignment(WANG, "R10", "sales_rep", LI, date(2020, 2, 1)),
            Assignment(ZHAO, "R10", "sales_rep", LI, date(2020, 2, 1), date(2025, 6, 1)),
        ),
        parties=(_party("C1", "上海一号有限公司", "91310000MA1K00001A"), _party("C2", "Zweite GmbH", None)),
        products=(Product("P1", "泵", "Pumps", Decimal("100.00")),),
        orders=(),
        invoices=(),
        payments=(),
        opportunities=(
            _deal("D1", "won", WANG, Decimal("120000.50"), [("Prospecting", OPENED), ("Quoted", QUOTED), ("Won", WON)]),
            _deal("D2", "open", LI, None, [("Prospecting", QUOTED)]),
        ),
        leads=(
            Lead("L1", "询价一", "上海一号", WANG, "converted", "Web", date(2025, 2, 1), date(2025, 3, 4), "D1"),
            Lead("L2", "询价二", "某公司", WANG, "lost", "Phone", date(2025, 2, 2), None, None),
        ),
        activities=tuple(
            Activity(f"V{rank}", kind, f"{kind} {rank}", WANG, "C1", deal, date(2025, 4, rank), status)
            for rank, (kind, deal, status) in enumerate(
                [
                    ("visit", "D1", "done"),
                    ("visit", None, "planned"),
                    ("meeting", None, "cancelled"),
                    ("call", "D1", "done"),
                    ("mail", None, "done"),
                    ("task", None, "cancelled"),
                ],
                start=1,
            )
        ),
        cases=(Case("K1", "00000001", "C1", WANG, "closed", "High", OPENED, QUOTED),),
        targets=(),
        rates=(),
        contracts=(
            _contract("Q1", "quote", Decimal("125000.00"), date(2025, 4, 1), date(2025, 5, 1)),
            _contract("H1", "contract", Decimal("120000.50"), date(2025, 5, 6), None),
        ),
    )


def _contract(key: str, kind: str, amount: Decimal, day: date, end: date | None) -> Contract:
    return Contract(key, f"No {key}", kind, "C1", "D1", WANG, "agreed", amount, "CNY", day, day, end)


def _party(key: str, name: str, tax_id: str | None) -> Party:
    return Party(
        key=key,
        erp_name=None,
        crm_name=name,
        tax_id=None,
        crm_tax_id=tax_id,
        email=None,
        crm_email=f"info@{key.lower()}.example",
        phone="021-1",
        country="CN",
        province="上海市",
        city="上海市",
        street="人民路1号",
        industry="Machinery",
        owner_number=WANG,
        created=date(2024, 1, 1),
        registry_id=f"310000-{key}",
        other_names="样板",
    )


def _deal(
    key: str, status: str, owner: str, amount: Decimal | None, entries: list[tuple[str, datetime]]
) -> Opportunity:
    leaving = [*(entered for _, entered in entries[1:]), None]
    stays = tuple(StageStay(stage, entered, left) for (stage, entered), left in zip(entries, leaving, strict=True))
    closed = date(2025, 5, 6) if status != "open" else None
    return Opportunity(
        key, f"deal {key}", "C1", owner, status, amount, "CNY", date(2025, 3, 4), date(2025, 9, 30), closed, stays
    )
