"""Makes the benchmark company: one seed, the same company every time, in four sizes.

Each part draws from a generator of its own (`seed` and the part's name), so that a change in one part leaves the
others as they were. Amounts carry no tax: what is invoiced is net, what is paid is what was invoiced.

Everything is held as plain objects, so memory sets the limit: about 2 kB per order line with what follows from it.
`tiny`, `small` and `mid` are meant to be held; `large` (4,000 salespeople, 10 M order lines) asks for some 20 GB and
25 minutes, and should be read from iterators once something needs it at that size.
"""

from dataclasses import dataclass, replace
from datetime import date
from random import Random
from typing import Literal

from connectors.sandbox import (
    truth_contracts,
    truth_details,
    truth_late,
    truth_market,
    truth_org,
    truth_parties,
    truth_people,
    truth_sales,
    truth_service,
    truth_surveys,
    truth_targets,
)
from connectors.sandbox.company import BenchmarkCompany, Invoice, Order

Size = Literal["tiny", "small", "mid", "large"]
AS_OF = date(2025, 12, 31)
DEFAULT_SEED = 20250101


@dataclass(frozen=True)
class Scale:
    """How much of everything; `reps` counts salespeople besides managers."""

    first_day: date
    regions: int
    teams_per_region: int
    reps: int
    parties: int
    products: int
    orders: int
    opportunities: int
    leads: int
    activities: int
    cases: int


SCALES: dict[str, Scale] = {
    "tiny": Scale(date(2025, 1, 1), 2, 2, 6, 24, 12, 120, 60, 30, 800, 20),
    "small": Scale(date(2024, 1, 1), 4, 3, 40, 300, 40, 3_000, 1_200, 500, 12_000, 300),
    "mid": Scale(date(2024, 1, 1), 8, 6, 400, 3_000, 200, 30_000, 12_000, 5_000, 100_000, 3_000),
    "large": Scale(date(2024, 1, 1), 20, 20, 4_000, 60_000, 1_000, 3_330_000, 400_000, 200_000, 1_500_000, 100_000),
}


def generate(size: Size, seed: int = DEFAULT_SEED) -> BenchmarkCompany:
    """The company of that size.

    `tiny` has data for 2025 only, the others for 2024 and 2025; all are seen on 31 December 2025. Raises KeyError for a
    size that does not exist.
    """
    scale = SCALES[size]
    first, last = scale.first_day, AS_OF

    def rng(part: str) -> Random:
        return Random(f"{seed}:{size}:{part}")  # noqa: S311 - a made-up company, nothing to guess

    org = truth_org.organisation(rng("org"), scale.regions, scale.teams_per_region, scale.reps, first)
    sellers = [posting for postings in org.sellers().values() for posting in postings]
    roster = truth_sales.Roster(org.sellers(), sorted(sellers, key=lambda one: (one.employee_number, one.valid_from)))
    owners = list(
        dict.fromkeys(posting.employee_number for posting in sellers if posting.valid_from <= last < posting.valid_to)
    )
    parties = truth_parties.parties(rng("parties"), scale.parties, owners, first, last)
    parties = truth_details.described(rng("details"), parties)
    parties = _with_a_leavers_account(parties, org.employees)
    products = truth_parties.products(rng("products"), scale.products)
    orders = truth_sales.numbered(
        truth_sales.orders(rng("orders"), scale.orders, parties, products, roster, first, last)
    )
    invoices = truth_sales.invoices(rng("invoices"), orders, parties, products, roster, last)
    deals = truth_sales.opportunities(rng("opportunities"), scale.opportunities, parties, roster, first, last)
    left_behind = truth_sales.left_behind(rng("left_behind"), org.employees, deals, parties)
    gone = _deleted(orders, {invoice.order_key for invoice in invoices})
    late = truth_late.late_orders(rng("late"), orders, _followed(orders, invoices), gone, last)
    engineers = [
        posting.employee_number
        for posting in org.assignments
        if posting.role == "after_sales" and posting.valid_from < first
    ]
    director = next(posting.employee_number for posting in org.assignments if posting.role == "sales_director")
    years = range(first.year, last.year + 1)
    cases = truth_service.served(
        rng("service"), truth_sales.cases(rng("cases"), scale.cases, parties, engineers, first, last), last
    )
    return BenchmarkCompany(
        name="北辰自动化股份有限公司",
        name_en="Beichen Automation Co., Ltd.",
        reporting_currency="CNY",
        time_zone="Asia/Shanghai",
        as_of=last,
        units=org.units,
        employees=org.employees,
        assignments=org.assignments,
        parties=parties,
        products=products,
        orders=orders,
        invoices=invoices,
        payments=truth_sales.payments(rng("payments"), invoices, parties, last),
        opportunities=(*deals, *left_behind),
        leads=truth_sales.leads(rng("leads"), scale.leads, deals, roster, first, last),
        activities=truth_sales.activities(rng("activities"), scale.activities, parties, deals, roster, first, last),
        cases=cases,
        targets=truth_targets.targets(rng("targets"), org.assignments, org.units, orders, years, director),
        rates=truth_sales.exchange_rates(rng("rates"), first, last),
        feedback=truth_service.feedback(rng("feedback"), scale.activities // 20, roster, first, last),
        deleted_orders=gone,
        staff=truth_people.staff(rng, org.units, org.employees, org.assignments, first, last),
        market_sizes=truth_market.market_sizes(rng("market"), org.units, scale.reps, years),
        product_costs=truth_surveys.product_costs(rng("product_costs"), products),
        survey_answers=truth_surveys.survey_answers(rng("surveys"), cases, parties, first, last),
        late_orders=late,
        corrections=truth_late.corrections(rng("corrections"), orders, late, gone),
        contracts=truth_contracts.contracts(rng("contracts"), (*deals, *left_behind), last),
    )


def without_deleted(company: BenchmarkCompany) -> BenchmarkCompany:
    """The company after its hard deletes: the truth from the second sync on."""
    gone = set(company.deleted_orders)
    return replace(company, orders=tuple(order for order in company.orders if order.key not in gone), deleted_orders=())


def _with_a_leavers_account(parties: tuple, employees: tuple) -> tuple:
    """One ERP customer still stands in the name of somebody who left, as happens."""
    left = next(person.number for person in employees if person.left)
    position = next(
        rank for rank, party in enumerate(parties) if party.erp_name and not party.crm_name and party.owner_number
    )
    return (*parties[:position], replace(parties[position], owner_number=left), *parties[position + 1 :])


def _followed(orders: tuple[Order, ...], invoices: tuple[Invoice, ...]) -> set[str]:
    """Keys of the orders that were billed or of which something came back."""
    order_of = {line.key: order.key for order in orders for line in order.lines}
    returned = {line.returned_line_key for order in orders for line in order.lines if line.returned_line_key}
    return {invoice.order_key for invoice in invoices if invoice.order_key} | {order_of[key] for key in returned}


def _deleted(orders: tuple[Order, ...], billed: set[str | None]) -> tuple[str, ...]:
    """The last confirmed order nothing follows from, and the last draft."""
    returned = {line.returned_line_key for order in orders for line in order.lines}
    free = [
        order
        for order in orders
        if order.key not in billed and not returned & {line.key for line in order.lines} and not order.splits
    ]
    return tuple(
        next(order.key for order in reversed(free) if order.status == status) for status in ("confirmed", "draft")
    )
