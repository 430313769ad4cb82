"""The benchmark company: the same every time, consistent in itself, with a reference checked by hand."""

import csv
import hashlib
import io
import itertools
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import duckdb
import openpyxl
import pyarrow as pa
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Window
from connectors.files import FilesConfig, FilesConnector
from connectors.mapping import MappedSource, Mapping, create_mapped_views
from connectors.sandbox import demo_company, names, workbooks
from connectors.sandbox.company import (
    OPEN_END,
    Activity,
    Assignment,
    BenchmarkCompany,
    Employee,
    Invoice,
    InvoiceLine,
    Opportunity,
    Order,
    OrderLine,
    Party,
    Payment,
    Rate,
    Target,
    UnitVersion,
)
from connectors.sandbox.generate import generate, without_deleted
from connectors.sandbox.people import (
    CoachingTalk,
    EmploymentEvent,
    HeadcountPlan,
    MarketSize,
    Review,
    Staff,
    StaffAnswer,
    Training,
)
from connectors.sandbox.reference import (
    Key,
    Kpi,
    Reference,
    Standard,
    Weight,
    expected_kpis,
    expected_scores,
    half_up,
    period_end,
    period_of,
    same_customers,
)
from connectors.sandbox.reference.appraisal import completed_months
from connectors.sandbox.salesforce_db import salesforce_id

Q1 = date(2025, 1, 1)
SIZES = ("tiny", pytest.param("small", marks=pytest.mark.slow))


@pytest.fixture(scope="module", params=SIZES)
def company(request: pytest.FixtureRequest) -> BenchmarkCompany:
    return generate(request.param)


@pytest.fixture(scope="module")
def kpis(company: BenchmarkCompany) -> dict[Key, Kpi]:
    return expected_kpis(company)


@pytest.fixture(scope="module")
def tiny() -> BenchmarkCompany:
    return generate("tiny")


# the same every time


def test_two_generations_are_equal(company):
    again = generate("tiny" if len(company.orders) < 200 else "small")
    assert again == company
    assert repr(again) == repr(company)


def test_the_tiny_company_never_changes_unnoticed(tiny):
    assert hashlib.sha256(repr(tiny).encode()).hexdigest()[:16] == "8e8e3c555f0488fd"
    in_files_alone = repr((tiny.product_costs, tiny.survey_answers))
    assert hashlib.sha256(in_files_alone.encode()).hexdigest()[:16] == "aab75363cf3a9ef6"
    how_it_came_to_be_known = repr((tiny.late_orders, tiny.corrections))
    assert hashlib.sha256(how_it_came_to_be_known.encode()).hexdigest()[:16] == "71d6010f21de6d5c"
    assert hashlib.sha256(repr(tiny.contracts).encode()).hexdigest()[:16] == "967f4fbb35614bda"


def test_quotes_and_contracts_follow_their_deals(company):
    deals = {deal.key: deal for deal in company.opportunities}
    assert len({one.key for one in company.contracts}) == len(company.contracts)
    decided = {"open": "open", "won": "agreed", "lost": "rejected"}
    for one in company.contracts:
        deal = deals[one.opportunity_key]
        assert (one.party_key, one.owner_number, one.currency) == (deal.party_key, deal.owner_number, deal.currency)
        assert deal.created <= one.created <= one.valid_from and one.created <= company.as_of
        assert one.valid_to is None or one.valid_to > one.valid_from
        if one.contract_type == "quote":
            assert one.status == decided[deal.status] and one.amount >= deal.amount
        else:
            assert (deal.status, deal.closed, deal.amount) == ("won", one.created, one.amount)
    found = Counter((one.contract_type, one.status) for one in company.contracts)
    assert len(found) == 6 and any(one.valid_to is None for one in company.contracts)


def test_cases_are_answered_between_opening_and_closing_and_some_come_back(tiny):
    answered = [case for case in tiny.cases if case.first_response_at]
    assert len(answered) > len(tiny.cases) / 2
    for case in answered:
        assert case.opened_at < case.first_response_at <= (case.closed_at or case.first_response_at)
    assert {bool(case.reopened_count) for case in tiny.cases if case.closed_at} == {True, False}
    assert all(case.reopened_count == 0 for case in tiny.cases if not case.closed_at)


def test_the_market_is_reported_on_and_not_every_report_is_accepted(tiny):
    assert {report.outcome for report in tiny.feedback} == {"accepted", "rejected", None}
    assert len({report.key for report in tiny.feedback}) == len(tiny.feedback)
    assert max(report.feedback_date for report in tiny.feedback) <= tiny.as_of


def test_another_seed_is_another_company(tiny):
    assert generate("tiny", seed=7).orders != tiny.orders


def test_an_unknown_size_is_refused():
    with pytest.raises(KeyError):
        generate("huge")  # type: ignore[arg-type]


# consistent in itself


def test_keys_are_unique(company):
    for records in (
        company.parties,
        company.orders,
        company.invoices,
        company.payments,
        company.opportunities,
        company.leads,
    ):
        assert len({record.key for record in records}) == len(records)
    lines = [line.key for order in company.orders for line in order.lines]
    billed = [line.key for invoice in company.invoices for line in invoice.lines]
    assert len(set(lines)) == len(lines) and len(set(billed)) == len(billed)
    assert len({order.number for order in company.orders}) == len(company.orders)
    assert len({invoice.number for invoice in company.invoices}) == len(company.invoices)
    assert len({person.email for person in company.employees}) == len(company.employees)


def test_every_reference_leads_somewhere(company):
    people = {person.number for person in company.employees}
    parties = {party.key: party for party in company.parties}
    units, products = {unit.code for unit in company.units}, {product.code for product in company.products}
    orders = {order.key for order in company.orders}
    lines = {line.key for order in company.orders for line in order.lines}
    invoices = {invoice.key for invoice in company.invoices}
    deals = {deal.key for deal in company.opportunities}
    assert {unit.parent_code for unit in company.units} - {None} <= units
    assert {posting.unit_code for posting in company.assignments} <= units
    assert {posting.manager_number for posting in company.assignments} - {None} <= people
    assert {posting.employee_number for posting in company.assignments} == people
    assert {party.owner_number for party in company.parties} - {None} <= people
    for order in company.orders:
        assert parties[order.party_key].erp_name is not None
        assert {order.owner_number, *(number for number, _ in order.splits)} - {None} <= people
        assert {line.product_code for line in order.lines} <= products
        assert {line.returned_line_key for line in order.lines} - {None} <= lines
    for invoice in company.invoices:
        assert {invoice.order_key} - {None} <= orders and {invoice.reversed_key} - {None} <= invoices
        assert {line.order_line_key for line in invoice.lines} - {None} <= lines
        assert parties[invoice.party_key].erp_name is not None
    assert {payment.invoice_key for payment in company.payments} - {None} <= invoices
    for record in (*company.opportunities, *company.activities, *company.cases):
        assert parties[record.party_key].crm_name is not None
    assert {activity.opportunity_key for activity in company.activities} - {None} <= deals
    assert {lead.opportunity_key for lead in company.leads} - {None} <= deals
    assert set(company.deleted_orders) <= orders


def test_what_hr_keeps_leads_to_people_and_units(company):
    people, units = {person.number for person in company.employees}, {unit.code for unit in company.units}
    staff = company.staff
    for records in (staff.events, staff.plans, staff.trainings, staff.reviews, staff.talks, staff.answers):
        assert records and len({record.key for record in records}) == len(records)
    for record in (*staff.events, *staff.trainings, *staff.reviews, *staff.talks):
        assert record.employee_number in people
    raters = {review.rater_number for review in staff.reviews if review.rater_kind != "customer"}
    assert raters | {talk.manager_number for talk in staff.talks} <= people
    assert {answer.employee_number for answer in staff.answers} - {None} <= people
    assert {plan.unit_code for plan in staff.plans} < units
    assert {size.unit_code for size in company.market_sizes} - {None} < units


def test_hr_knows_of_some_leavers_why_they_left_and_of_others_only_that_they_did(company):
    left = {person.number: person.left for person in company.employees if person.left}
    told = {event.employee_number: event for event in company.staff.events if event.event_type == "left"}
    assert told and all(left[number] == event.day for number, event in told.items())
    assert len(left) == 1 or set(told) < set(left)
    hired = {event.employee_number: event.day for event in company.staff.events if event.event_type == "hired"}
    assert hired == {person.number: person.hired for person in company.employees}


def test_only_customers_of_the_erp_lack_an_owner(company):
    ownerless = [party for party in company.parties if party.owner_number is None]
    assert ownerless
    assert all(party.crm_name is None for party in ownerless)


def test_shares_of_a_split_sum_to_one(company):
    splits = [order.splits for order in company.orders if order.splits]
    assert splits
    for split in splits:
        assert sum(share for _, share in split) == 1
        assert len({number for number, _ in split}) == len(split)


def test_a_line_is_quantity_times_price_less_discount_to_the_cent(company):
    for order in company.orders:
        for line in order.lines:
            exact = line.quantity * line.unit_price * (1 - line.discount_pct / 100)
            assert line.net_amount == half_up(exact, 2)


def test_returns_take_back_no_more_than_was_sold(company):
    sold = {line.key: (order, line) for order in company.orders for line in order.lines}
    returned = defaultdict(Decimal)
    for order in company.orders:
        for line in order.lines:
            if line.returned_line_key:
                original_order, original = sold[line.returned_line_key]
                assert line.quantity < 0 and line.net_amount <= 0
                assert original_order.status == order.status == "confirmed"
                assert original_order.order_date < order.order_date and original_order.currency == order.currency
                returned[original.key] -= line.quantity
    assert returned
    assert all(quantity <= sold[key][1].quantity for key, quantity in returned.items())


def test_credit_notes_reverse_posted_invoices(company):
    invoices = {invoice.key: invoice for invoice in company.invoices}
    notes = [invoice for invoice in company.invoices if invoice.invoice_type == "credit_note"]
    assert notes
    for note in notes:
        original = invoices[note.reversed_key]
        assert (original.invoice_type, original.status) == ("invoice", "posted")
        assert original.invoice_date <= note.invoice_date
        assert all(line.net_amount <= 0 for line in note.lines)


def test_postings_of_one_person_never_overlap(company):
    by_person = defaultdict(list)
    for posting in company.assignments:
        by_person[posting.employee_number].append(posting)
    for postings in by_person.values():
        ordered = sorted(postings, key=lambda one: one.valid_from)
        assert all(earlier.valid_to <= later.valid_from for earlier, later in itertools.pairwise(ordered))
        assert all(one.valid_from < one.valid_to for one in ordered)


def test_units_stand_while_people_are_posted_to_them(company):
    reference = Reference(company)
    for posting in company.assignments:
        last = min(posting.valid_to, date(2026, 1, 1)) - date.resolution
        for day in (max(posting.valid_from, date(2018, 1, 1)), last):
            assert reference.path(posting.employee_number, day, "as_was")[0] == posting.unit_code


def test_what_the_issue_asks_for_happens(company):
    kinds = Counter(order.status for order in company.orders)
    assert kinds["draft"] and kinds["cancelled"] and kinds["confirmed"] > 100
    assert {order.currency for order in company.orders} == {"CNY", "USD", "EUR"}
    assert any(order.owner_number is None for order in company.orders)
    assert {deal.status for deal in company.opportunities} == {"won", "lost", "open"}
    assert {posting.role for posting in company.assignments} == {
        "sales_director",
        "regional_manager",
        "sales_rep",
        "after_sales",
        "hr",
    }
    assert any(person.left for person in company.employees)
    assert any(person.hired > min(order.order_date for order in company.orders) for person in company.employees)
    changed = [target for target in company.targets if target.version == 2]
    assert {target.subject_type for target in changed} == {"employee", "org_unit", "company"}
    assert all(target.effective and target.effective > target.period_start for target in changed)
    assert all(target.reason and target.approved_by for target in changed)
    reorganised = Counter(unit.code for unit in company.units)
    assert len([code for code, versions in reorganised.items() if versions > 1]) >= 3


def test_stages_follow_each_other_and_open_on_the_day_the_deal_did(company):
    zone = ZoneInfo("Asia/Shanghai")
    for deal in company.opportunities:
        assert deal.stages[0].entered_at.astimezone(zone).date() == deal.created
        assert all(one.left_at == other.entered_at for one, other in zip(deal.stages, deal.stages[1:], strict=False))
        assert deal.stages[-1].left_at is None
        assert (deal.closed is None) == (deal.status == "open")
        assert deal.stages[0].entered_at.tzinfo is UTC


def test_every_foreign_amount_has_a_rate(company):
    reference = Reference(company)
    dated = [(order.currency, order.order_date) for order in company.orders]
    dated += [(invoice.currency, invoice.invoice_date) for invoice in company.invoices]
    dated += [(payment.currency, payment.payment_date) for payment in company.payments]
    assert all(reference.rate(*one) > 0 for one in dated)


def test_hard_deleted_orders_leave_nothing_behind(company):
    after = without_deleted(company)
    assert len(company.orders) - len(after.orders) == 2
    gone = set(company.deleted_orders)
    assert not gone & {invoice.order_key for invoice in after.invoices}


# customers


@pytest.mark.parametrize(
    "code", ["91350100M000100Y43", "914403001922038216", "9144030071526726XG", "91330100799655058B"]
)
def test_check_character_of_known_credit_codes(code):
    assert names.uniform_check_character(code[:17]) == code[17]


def test_credit_codes_check_and_belong_to_one_customer(company):
    firms = [party for party in company.parties if party.country == "CN" and party.party_type == "organisation"]
    codes = [code for party in firms if (code := party.tax_id or _plain(party.crm_tax_id))]
    assert codes
    assert all(len(code) == 18 and names.uniform_check_character(code[:17]) == code[17] for code in codes)
    assert len(set(codes)) == len(codes)


def test_both_records_of_a_customer_share_what_leaves_no_doubt(company):
    both = [party for party in company.parties if party.erp_name and party.crm_name]
    by_id = [party for party in both if party.tax_id and party.tax_id == _plain(party.crm_tax_id)]
    by_mail = [party for party in both if party.email == party.crm_email]
    by_domain = [
        party
        for party in both
        if party not in by_id + by_mail
        and party.email.partition("@")[2] == party.crm_email.partition("@")[2]
        and party.crm_street is None
    ]
    assert len(by_id) > len(both) / 2 and by_domain
    assert len(by_id) + len(by_mail) + len(by_domain) == len(both)


def _plain(tax_id: str | None) -> str | None:
    return tax_id.replace(" ", "").upper() if tax_id else None


def test_most_customers_are_written_differently(company):
    both = [party for party in company.parties if party.erp_name and party.crm_name]
    assert sum(party.erp_name != party.crm_name for party in both) > len(both) / 2


def test_persons_have_a_name_in_parts_a_birth_date_and_no_tax_id(company):
    persons = [party for party in company.parties if party.party_type == "person"]
    assert persons
    for person in persons:
        assert person.erp_name in (
            f"{person.family_name}{person.given_name}",
            f"{person.given_name} {person.family_name}",
        )
        assert (person.tax_id, person.crm_tax_id) == (None, None) and person.birth_date


def test_branches_and_group_companies_are_known_wherever_their_parent_is(company):
    parties = {party.key: party for party in company.parties}
    children = [party for party in company.parties if party.parent_key]
    assert any("分公司" in child.erp_name for child in children)
    assert any("分公司" not in child.erp_name for child in children)
    for child in children:
        parent = parties[child.parent_key]
        assert parent.erp_name and parent.crm_name and child.erp_name and child.crm_name
        assert child.tax_id != parent.tax_id
        assert child.email.partition("@")[2] == parent.email.partition("@")[2]


def test_one_agents_phone_is_on_the_records_of_many_firms():
    phones = Counter(party.phone for party in generate("small").parties)
    assert phones.most_common(1) == [("021-62885000", 15)]


def test_the_demos_steward_keeps_two_companies_of_one_group_apart(tiny):
    filed = yaml.safe_load((demo_company.TEMPLATE / "stewardship" / "decisions.yaml").read_text("utf-8"))
    parent, company = tiny.parties[1], tiny.parties[3]
    assert company.parent_key == parent.key
    assert [(one["decision"], one["key_a"], one["key_b"]) for one in filed] == [
        ("different", salesforce_id("Account", parent.key), salesforce_id("Account", company.key))
    ]


def test_the_truth_knows_which_records_are_one_customer(tiny):
    found = same_customers(tiny)
    assert frozenset({("erp", "C000001"), ("crm", "C000001")}) in found
    assert frozenset({("erp", "C000025")}) in found and frozenset({("crm", "C000026")}) in found
    assert len(found) == len(tiny.parties)


# the reference, by hand


def _line(key: str, net: str, returned: str | None = None) -> OrderLine:
    quantity = Decimal(-1) if returned else Decimal(1)
    return OrderLine(key, "P1", quantity, abs(Decimal(net)), Decimal(0), Decimal(net), returned)


def _order(
    key: str, party: str, owner: str | None, day: date, currency: str, lines: tuple, splits: tuple = ()
) -> Order:
    return Order(key, f"SO-{key}", party, owner, "confirmed", day, currency, lines, splits)


def _deal(key: str, owner: str, status: str, created: date, closed: date) -> Opportunity:
    return Opportunity(key, key, "A", owner, status, None, "CNY", created, closed, closed, ())


def _party(key: str, owner: str | None) -> Party:
    return Party(key, key, key, None, None, None, None, None, "CN", None, None, None, None, owner, Q1)


def _invoice(key: str, kind: str, day: date, reversed_key: str | None, lines: tuple) -> Invoice:
    return Invoice(key, key, kind, "A", "E2", "1", reversed_key, "posted", day, day, "CNY", lines)


@pytest.fixture(scope="module")
def micro() -> BenchmarkCompany:
    """Two salespeople: E1 moves from team T1 to T2 on 15 February, E2 sits in T2 and leaves on 10 March."""
    founded = date(2020, 1, 1)
    blank = dict.fromkeys(("products", "leads", "cases"), ())
    return BenchmarkCompany(
        name="微型",
        name_en="Micro",
        reporting_currency="CNY",
        time_zone="Asia/Shanghai",
        as_of=date(2025, 3, 31),
        units=(
            UnitVersion("C", "公司", "Company", "company", None, founded),
            UnitVersion("T1", "一组", "Team 1", "team", "C", founded),
            UnitVersion("T2", "二组", "Team 2", "team", "C", founded),
        ),
        employees=(
            Employee("E1", "甲", "e1@micro.cn", "销售代表", founded),
            Employee("E2", "乙", "e2@micro.cn", "销售代表", founded, date(2025, 3, 10)),
        ),
        assignments=(
            Assignment("E1", "T1", "sales_rep", None, founded, date(2025, 2, 15)),
            Assignment("E1", "T2", "sales_rep", None, date(2025, 2, 15), OPEN_END),
            Assignment("E2", "T2", "sales_rep", None, founded, date(2025, 3, 10)),
        ),
        parties=(_party("A", "E1"), _party("B", "E2"), _party("X", None)),
        orders=(
            _order("1", "A", "E1", date(2025, 1, 10), "CNY", (_line("1a", "1000.00"), _line("1b", "500.50"))),
            _order(
                "2",
                "B",
                "E1",
                date(2025, 2, 20),
                "USD",
                (_line("2a", "100.01"),),
                (("E2", Decimal("0.666666667")), ("E1", Decimal("0.333333333"))),
            ),
            _order("3", "A", "E2", date(2025, 3, 15), "CNY", (_line("3a", "-400.00", "1a"),)),
            _order("4", "X", None, date(2025, 3, 20), "CNY", (_line("4a", "50.00"),)),
        ),
        invoices=(
            _invoice(
                "I1",
                "invoice",
                date(2025, 2, 1),
                None,
                (
                    InvoiceLine("I1a", "1a", "P1", Decimal(1), Decimal("1000.00")),
                    InvoiceLine("I1b", "1b", "P1", Decimal(1), Decimal("500.50")),
                ),
            ),
            _invoice(
                "N1",
                "credit_note",
                date(2025, 3, 18),
                "I1",
                (InvoiceLine("N1a", "1a", "P1", Decimal(-1), Decimal("-400")),),
            ),
        ),
        payments=(
            Payment("Z1", "A", "I1", "posted", date(2025, 2, 10), "CNY", Decimal("1500.50")),
            Payment("Z2", "A", "N1", "posted", date(2025, 3, 20), "CNY", Decimal("-400.00")),
            Payment("Z3", "A", "I1", "draft", date(2025, 3, 20), "CNY", Decimal("999.00")),
        ),
        opportunities=(
            _deal("D1", "E1", "won", date(2025, 1, 1), date(2025, 1, 31)),
            _deal("D2", "E1", "lost", date(2025, 1, 1), date(2025, 2, 3)),
            _deal("D3", "E2", "won", date(2025, 2, 1), date(2025, 2, 11)),
        ),
        activities=(
            Activity("V1", "visit", "", "E1", "A", None, date(2025, 1, 5), "done"),
            Activity("V2", "visit", "", "E1", "A", None, date(2025, 1, 6), "planned"),
            Activity("V3", "call", "", "E1", "A", None, date(2025, 1, 7), "done"),
        ),
        targets=(
            Target("employee", "E1", "bookings", "quarter", Q1, Decimal(2000)),
            Target("employee", "E1", "bookings", "quarter", Q1, Decimal("1675.655"), 2, "移交", "E9"),
        ),
        rates=(Rate("USD", Q1, Decimal("7.2")), Rate("USD", date(2025, 3, 1), Decimal("7.3"))),
        **blank,
    )


@pytest.fixture(scope="module")
def staffed(micro: BenchmarkCompany) -> BenchmarkCompany:
    """The micro company with what HR keeps and the size of its market."""
    day = date(2025, 2, 20)
    trainings = (
        Training("1", "E1", "x", True, day, day, Decimal(2), None),
        Training("2", "E2", "x", True, day, None, Decimal(2), None),
        Training("3", "E2", "x", True, date(2025, 3, 10), None, Decimal(2), None),
    )
    reviews = (
        Review("1", "1", "E2", "E1", "manager", Q1, day, day, Decimal(80), True, None),
        Review("2", "1", "E2", "E2", "self", Q1, day, None, None, None, None),
    )
    first, second, other = micro.assignments
    return replace(
        micro,
        assignments=(first, replace(second, manager_number="E2"), other),
        staff=Staff(
            events=(EmploymentEvent("1", "E2", "left", date(2025, 3, 10), True, "家庭原因"),),
            plans=(
                HeadcountPlan("1", "T1", 2, Q1, date(2025, 3, 1)),
                HeadcountPlan("2", "T1", 1, date(2025, 3, 1), OPEN_END),
                HeadcountPlan("3", "T2", 1, Q1, OPEN_END),
            ),
            trainings=trainings,
            reviews=reviews,
            talks=(CoachingTalk("1", "E1", "E2", day, "done"), CoachingTalk("2", "E1", "E2", day, "planned")),
            answers=(StaffAnswer("1", None, Decimal(3), day),),
        ),
        market_sizes=(
            MarketSize("1", "m", None, None, "quarter", Q1, Decimal(10_000), "CNY", "x"),
            MarketSize("2", "m", None, "segment", "quarter", Q1, Decimal(4_000), "CNY", "x"),
        ),
    )


def _quarter(company: BenchmarkCompany, metric: str, subject: str, org_view: str = "as_was") -> Decimal | None:
    kind = "company" if subject == "company" else "employee" if subject[0] == "E" else "org_unit"
    return expected_kpis(company)[kind, subject, "quarter", Q1, metric, org_view].value


@pytest.mark.parametrize(
    ("metric", "subject", "value"),
    [
        # 1,500.50, a third of 100.01 USD at 7.2, and the return of 400 although E2 entered it
        ("bookings", "E1", "1340.524"),
        ("bookings", "E2", "480.048"),
        ("bookings", "company", "1870.572"),
        ("bookings", "T1", "1500.5"),
        ("bookings", "T2", "320.072"),
        ("bookings", "C", "1820.572"),
        ("billings", "E1", "1100.5"),
        ("billings", "E2", "0"),
        ("billings", "T1", "1500.5"),
        ("billings", "T2", "-400"),
        ("collections", "company", "1100.5"),
        ("order_count", "E1", "1.333333333"),
        ("order_count", "company", "3"),
        ("new_customers", "E2", "0.666666667"),
        ("visits", "E1", "1"),
        ("win_rate", "E1", "0.5"),
        ("sales_cycle_days", "company", "20"),
    ],
)
def test_quarter_of_the_micro_company(micro, metric, subject, value):
    assert _quarter(micro, metric, subject) == Decimal(value)


def test_nobody_and_no_unit_take_the_order_without_owner(micro):
    kpis = expected_kpis(micro)
    for kind in ("employee", "org_unit"):
        assert kpis[kind, "unassigned", "quarter", Q1, "bookings", "as_was"].value == 50
    assert _quarter(micro, "bookings", "E1") + _quarter(micro, "bookings", "E2") + 50 == _quarter(
        micro, "bookings", "company"
    )


def test_todays_tree_moves_sales_with_people_and_keeps_leavers_where_they_were(micro):
    assert _quarter(micro, "bookings", "T1", "as_is") == 0
    assert _quarter(micro, "bookings", "T2", "as_is") == Decimal("1820.572")


def test_a_leavers_late_event_counts_in_no_unit_as_it_was(micro):
    late = replace(micro.orders[0], key="9", number="SO-9", owner_number="E2", order_date=date(2025, 3, 28))
    company = replace(micro, orders=(*micro.orders, replace(late, lines=(_line("9a", "10.00"),))))
    kpis = expected_kpis(company)
    assert kpis["org_unit", "unassigned", "month", date(2025, 3, 1), "bookings", "as_was"].value == 60
    assert kpis["org_unit", "T2", "month", date(2025, 3, 1), "bookings", "as_is"].value == -390


def test_a_rate_without_denominator_is_nothing_and_a_month_without_sales_is_zero(micro):
    kpis = expected_kpis(micro)
    march = ("employee", "E1", "month", date(2025, 3, 1))
    assert kpis[*march, "win_rate", "as_was"].value is None
    assert kpis[*march, "visits", "as_was"].value == 0


def test_a_metric_nobody_has_data_for_has_no_value(micro):
    kpi = expected_kpis(replace(micro, activities=()))["company", "company", "quarter", Q1, "visits", "as_was"]
    assert (kpi.value, kpi.numerator) == (None, None)


def test_customers_churn_by_their_last_order_and_a_rate_asks_those_who_were_there(micro):
    again = replace(micro.orders[0], key="5", number="SO-5", order_date=date(2025, 3, 25), lines=(_line("5a", "1.00"),))
    kpis = Reference(replace(micro, orders=(*micro.orders, again)), churned_days=30).kpis()

    def shown(subject, period_type, start, metric):
        kind = "company" if subject == "company" else "employee"
        kpi = kpis[kind, subject, period_type, start, metric, "as_was"]
        return kpi.value, kpi.numerator, kpi.denominator

    # A's order of 10 January lapses on 9 February, B's of 20 February on 22 March; X's would in April
    third = Decimal("0.333333333")
    assert shown("company", "quarter", Q1, "churned_customers") == (2, 2, None)
    assert shown("E1", "quarter", Q1, "churned_customers") == (1 + third, 1 + third, None)
    assert shown("company", "quarter", Q1, "churn_rate") == (None, 0, 0)
    assert shown("company", "month", date(2025, 2, 1), "churn_rate") == (1, 1, 1)
    assert shown("E1", "month", date(2025, 3, 1), "churn_rate") == (1, third, third)
    assert shown("company", "quarter", Q1, "repeat_rate") == (Decimal("0.25"), 1, 4)


@pytest.mark.parametrize(
    ("metric", "subject", "value"),
    [
        # E2's last day is 9 March; half of two in the beginning and one at the end
        ("headcount", "company", "1"),
        ("leavers", "T2", "1"),
        ("leavers_voluntary", "company", "1"),
        ("leavers_involuntary", "company", "0"),
        ("joiners", "company", "0"),
        ("turnover_rate", "T2", "1"),
        ("voluntary_turnover_rate", "company", "0.6666666666666666666666666667"),
        ("vacancy_rate", "company", "0.5"),
        ("vacancy_rate", "T1", "1"),
        ("training_completed", "E1", "1"),
        ("training_completion_rate", "company", "0.5"),
        ("coaching_talks", "E1", "1"),
        ("span_of_control", "E2", "1"),
        ("reviews_on_time", "company", "0.5"),
        ("forms_complete", "T2", "1"),
        ("appraisal_satisfaction", "company", "0.6"),
        ("market_share", "company", "0.1870572"),
    ],
)
def test_people_appraisal_and_market_of_the_micro_company(staffed, metric, subject, value):
    assert _quarter(staffed, metric, subject) == Decimal(value)


def test_units_and_company_alone_have_a_headcount(staffed):
    kpis = expected_kpis(staffed)
    assert {key[0] for key in kpis if key[4] == "headcount"} == {"org_unit", "company"}


def test_headcount_follows_from_the_one_before_by_joiners_and_leavers(company, kpis):
    at = ("company", "company", "month")
    months = [
        start for kind, _, period_type, start, metric, view in kpis if (kind, period_type) == ("company", "month")
    ]
    days = sorted(set(months))
    assert len(days) >= 12
    for before, day in itertools.pairwise(days):
        stock, joined, left = (kpis[*at, day, metric, "as_was"].value for metric in ("headcount", "joiners", "leavers"))
        assert stock == kpis[*at, before, "headcount", "as_was"].value + joined - left


def test_the_last_version_of_a_target_counts(micro):
    kpi = expected_kpis(micro)["employee", "E1", "quarter", Q1, "bookings", "as_was"]
    assert (kpi.target, kpi.attainment) == (Decimal("1675.655"), Decimal("0.8"))


def test_last_share_takes_what_rounding_leaves(micro):
    parts = [part for part in Reference(micro).credited_sales() if part.document_key == "2a"]
    assert [(part.employee_id, part.amount) for part in parts] == [
        ("E1", Decimal("240.024000")),
        ("E2", Decimal("480.048000")),
    ]


STANDARD = Standard(
    id="rep",
    version=1,
    role="sales_rep",
    valid_from=Q1,
    weights=(
        Weight("bookings", Decimal(60), Decimal(120)),
        Weight("collections", Decimal(20), Decimal(120)),
        Weight("win_rate", Decimal(20), Decimal(120), Decimal("0.4")),
    ),
    grades=(("A", Decimal(100)), ("B", Decimal(85)), ("C", Decimal(0))),
)


@pytest.fixture(scope="module")
def stayed(micro: BenchmarkCompany) -> BenchmarkCompany:
    """The micro company with E1 in T1 all the time, so that no quarter is divided."""
    first, _, other = micro.assignments
    return replace(micro, assignments=(replace(first, valid_to=OPEN_END), other))


def test_each_posting_of_a_quarter_is_judged_by_its_own_days(micro):
    score = expected_scores(micro, STANDARD)["E1", "quarter", Q1]
    before, after = score.parts[1], score.parts[2]
    # 59 working days, 28 of them before the move: the target is shared 28 to 31
    assert (before.working_days, after.working_days) == (28, 31)
    assert [
        (part.components["bookings"].raw_value, part.components["bookings"].target) for part in (before, after)
    ] == [
        (Decimal("1500.5"), Decimal("795.226102")),
        (Decimal("-159.976"), Decimal("880.428898")),
    ]
    # one deal won and one lost before the move, none after it
    assert [part.components["win_rate"].points for part in (before, after)] == [Decimal(120), None]
    assert [part.score for part in (before, after)] == [Decimal(120), Decimal(0)]
    # (28 x 120 + 31 x 0) / 59, of it 60 of 80 for bookings
    assert score.score == Decimal("56.95")
    assert {name: one.weighted for name, one in score.components.items()} == {
        "bookings": Decimal("42.71"),
        "collections": None,
        "win_rate": Decimal("14.24"),
    }


def test_months_are_completed_on_the_last_day_of_a_shorter_month():
    found = [
        completed_months(date(2025, 1, 31), day) for day in (date(2025, 2, 27), date(2025, 2, 28), date(2025, 3, 30))
    ]
    assert found == [0, 1, 1]
    assert completed_months(date(2025, 4, 1), date(2025, 3, 31)) == 0
    assert completed_months(date(2024, 2, 29), date(2025, 2, 28)) == 12


def test_a_component_without_target_drops_out_of_the_divisor(stayed):
    score = expected_scores(stayed, STANDARD)["E1", "quarter", Q1]
    # bookings 80 points x 60, win rate 125 capped to 120 x 20, collections without target: 7200 / 80
    assert (score.score, score.grade) == (Decimal("90.00"), "B")
    assert score.components["collections"].points is None


def test_a_third_counts_as_a_third_until_the_score_is_rounded(stayed):
    # one visit of three wanted, a win rate of 0.5 where 0.75 is wanted: 40 x 33.333... + 60 x 66.666...
    weights = (
        Weight("visits", Decimal(40), Decimal(120), Decimal(3)),
        Weight("win_rate", Decimal(60), Decimal(120), Decimal("0.75")),
    )
    score = expected_scores(stayed, replace(STANDARD, weights=weights))["E1", "quarter", Q1]
    assert score.score == Decimal("53.33")
    assert score.components["visits"].points == Decimal("33.333333333")


def test_a_shorter_cycle_earns_more_points(micro):
    weights = (Weight("sales_cycle_days", Decimal(100), Decimal(120), Decimal(24)),)
    scores = expected_scores(micro, replace(STANDARD, weights=weights))
    assert scores["E1", "quarter", Q1].score == Decimal("80.00")
    assert scores["E2", "quarter", Q1].score == Decimal("120.00")


def test_a_leaver_is_appraised_in_the_role_held_last(micro):
    assert expected_scores(micro, STANDARD)["E2", "quarter", Q1].score == Decimal("120.00")


def test_a_standard_of_another_role_or_a_later_date_scores_nobody(micro):
    assert expected_scores(micro, replace(STANDARD, role="hr")) == {}
    assert expected_scores(micro, replace(STANDARD, valid_from=date(2025, 2, 1))) == {}


def test_a_missing_rate_is_an_error(micro):
    with pytest.raises(LookupError, match="no USD rate on or before 2025-02-20"):
        expected_kpis(replace(micro, rates=()))


# the reference, on generated companies


def test_employees_and_nobody_add_up_to_the_company(kpis):
    sums: dict[tuple, Decimal] = defaultdict(Decimal)
    for (kind, _, period_type, start, metric, view), kpi in kpis.items():
        if kind == "employee" and metric in (
            "bookings",
            "billings",
            "collections",
            "order_count",
            "new_customers",
            "visits",
        ):
            sums[period_type, start, metric, view] += kpi.value
    assert len(sums) > 100
    for (period_type, start, metric, view), total in sums.items():
        assert total == kpis["company", "company", period_type, start, metric, view].value


def test_root_unit_and_unassigned_add_up_to_the_company(kpis):
    for view in ("as_was", "as_is"):
        for metric in ("bookings", "billings", "collections"):
            at = ("year", date(2025, 1, 1), metric, view)
            nowhere = kpis.get(("org_unit", "unassigned", *at))
            root = kpis["org_unit", "C00", *at].value
            assert root + (nowhere.value if nowhere else 0) == kpis["company", "company", *at].value


def test_credit_facts_keep_the_cent(company):
    reference = Reference(company)
    parts = defaultdict(Decimal)
    for part in reference.credited_sales():
        parts[part.document_key] += part.amount
    lines = [(order, line) for order in company.orders if order.status == "confirmed" for line in order.lines]
    assert len(lines) == len(parts)
    for order, line in lines:
        assert parts[line.key] == half_up(line.net_amount * reference.rate(order.currency, order.order_date), 6)


def test_tiny_facts_stay(tiny):
    kpis = expected_kpis(tiny)
    year = ("company", "company", "year", date(2025, 1, 1))
    assert kpis[*year, "bookings", "as_was"].value == Decimal("35559048.508005")
    assert (kpis[*year, "win_rate", "as_was"].numerator, kpis[*year, "win_rate", "as_was"].denominator) == (28, 43)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.sampled_from(["month", "quarter", "year"]))
def test_every_day_lies_in_one_period(day, period_type):
    start = period_of(period_type, day)
    assert start <= day < period_end(period_type, start)
    assert period_of(period_type, period_end(period_type, start)) == period_end(period_type, start)


@given(st.integers(0, 10**9))
def test_generated_ids_always_check(seed):
    code = names.uniform_credit_code(Random(seed), "310000")
    assert names.uniform_check_character(code[:17]) == code[17]
    assert len(names.german_vat(Random(seed))) == 11


# files and company folder


def test_files_are_written_the_same_twice(tiny, tmp_path):
    one = [path.read_bytes() for path in workbooks.write_files(tiny, tmp_path / "one")]
    other = [path.read_bytes() for path in workbooks.write_files(tiny, tmp_path / "other")]
    assert one == other


def test_files_say_what_the_company_knows(tiny, tmp_path):
    workbooks.write_files(tiny, tmp_path)
    book = openpyxl.load_workbook(tmp_path / "org_chart.xlsx", read_only=True)
    assert book.sheetnames == ["组织单元", "任职", "花名册"]
    units = list(book["组织单元"].iter_rows(values_only=True))
    assert units[1][:5] == ("C00", "北辰自动化股份有限公司", "Beichen Automation", "公司", None)
    assert units[1][5:] == (datetime(2018, 1, 1), None)
    assert len(units) == 1 + len(tiny.units)
    splits = list(csv.reader(io.StringIO((tmp_path / "credit_splits.csv").read_bytes().decode("gb18030"))))
    assert splits[0] == ["订单号", "工号", "分成比例"]
    assert len(splits) == 1 + sum(len(order.splits) for order in tiny.orders)
    rates = (tmp_path / "exchange_rates.csv").read_bytes()
    assert rates.startswith(b"\xef\xbb\xbf\xe5\xb8\x81\xe7\xa7\x8d")
    assert rates.decode("utf-8-sig").count("\r\n") == 1 + len(tiny.rates)


def test_the_mapped_files_are_the_truth(tiny, tmp_path):
    workbooks.write_files(tiny, tmp_path)
    text = (demo_company.TEMPLATE / "sources" / "hr.yaml").read_text("utf-8")
    source = yaml.safe_load(text.replace("${SCORELINE_DEMO_FILES}", str(tmp_path)))
    mapping = Mapping.model_validate(source["mapping"])
    con = duckdb.connect()
    _land(con, FilesConnector(FilesConfig.model_validate(source["connection"]), mapping))
    streams = tuple(stream["name"] for stream in source["connection"]["streams"])
    create_mapped_views(con, [MappedSource("hr", mapping, streams, "Asia/Shanghai")])
    assert con.execute("select * from landing.mapped__quarantine").fetchall() == []
    assert _mapped(con, "org_unit", "unit_code, unit_type, parent_unit_key, valid_from, valid_to") == {
        (one.code, one.unit_type, one.parent_code, one.valid_from, one.valid_to) for one in tiny.units
    }
    assert _mapped(con, "assignment", "employee_key, unit_key, manager_employee_key, valid_from, valid_to") == {
        (one.employee_number, one.unit_code, one.manager_number, one.valid_from, one.valid_to)
        for one in tiny.assignments
    }
    assert _mapped(con, "employee", "employee_number, email, hired_date, left_date") == {
        (one.number, one.email, one.hired, one.left) for one in tiny.employees
    }
    assert _mapped(con, "credit_split", "order_key, employee_key, credit_share") == {
        (order.number, number, share) for order in tiny.orders for number, share in order.splits
    }
    assert _mapped(con, "exchange_rate", "currency, quote_currency, rate_date, rate") == {
        (one.currency, "CNY", one.rate_date, one.rate) for one in tiny.rates
    }
    assert _mapped(con, "product", "product_code, standard_cost, cost_currency") == {
        (one.product_code, one.cost, one.currency) for one in tiny.product_costs
    }
    numbers = {case.key: case.number for case in tiny.cases}
    answers = "respondent_type, metric, score, scale_max, responded_date, case_key, employee_key"
    assert _mapped(con, "survey_response", answers) == {
        (
            "customer",
            one.metric,
            one.score,
            one.scale_max,
            one.day,
            numbers.get(one.case_key or ""),
            one.employee_number,
        )
        for one in tiny.survey_answers
    } | {("employee", "appraisal", one.score, 5, one.day, None, one.employee_number) for one in tiny.staff.answers}
    staff = tiny.staff
    assert _mapped(
        con, "employment_event", "source_key, employee_key, event_type, event_date, is_voluntary, reason"
    ) == {(one.key, one.employee_number, one.event_type, one.day, one.is_voluntary, one.reason) for one in staff.events}
    assert _mapped(con, "headcount_plan", "source_key, unit_key, planned_headcount, valid_from, valid_to") == {
        (one.key, one.unit_code, one.posts, one.valid_from, one.valid_to) for one in staff.plans
    }
    assert _mapped(
        con, "training_record", "source_key, employee_key, course, is_required, due_date, completed_date, hours, score"
    ) == {
        (one.key, one.employee_number, one.course, one.is_required, one.due, one.completed, one.hours, one.score)
        for one in staff.trainings
    }
    assert _mapped(
        con,
        "review_rating",
        "source_key, review_key, employee_key, rater_key, rater_kind, period_start, due_date, submitted_date, score, "
        "is_complete, scale_max",
    ) == {
        (
            *(one.key, one.review_key, one.employee_number, one.rater_number, one.rater_kind, one.period_start),
            *(one.due, one.submitted, one.score, one.is_complete, one.scale_max),
        )
        for one in staff.reviews
    }
    assert _mapped(con, "activity", "source_key, activity_type, employee_key, activity_date, status") == {
        (one.key, "coaching", one.manager_number, one.day, one.status) for one in staff.talks
    } | {(one.key, "feedback", one.employee_number, one.feedback_date, "done") for one in tiny.feedback}
    assert _mapped(
        con, "market_size", "source_key, market_key, unit_key, industry, period_type, period_start, amount, currency"
    ) == {
        (
            *(one.key, one.market, one.unit_code, one.industry),
            *(one.period_type, one.period_start, one.amount, one.currency),
        )
        for one in tiny.market_sizes
    }
    assert _mapped(
        con,
        "target",
        "subject_type, subject_ref, metric, period_type, period_start, target_value, version, effective_date, "
        "owner_employee_key",
    ) == {
        (
            one.subject_type,
            one.subject_ref,
            one.metric,
            one.period_type,
            one.period_start,
            one.value,
            one.version,
            one.effective,
            one.owner,
        )
        for one in tiny.targets
    }


def _land(con: duckdb.DuckDBPyConnection, connector: FilesConnector) -> None:
    """The newest file of each stream as landing would show it: first version of every record, none deleted."""
    con.execute("create schema landing")
    for stream in connector.streams():
        window = Window(None, datetime(2026, 1, 1, tzinfo=UTC))
        rows = pa.concat_tables(connector.read(stream, window), promote_options="default")  # noqa: F841 - read by DuckDB
        key = " || '|' || ".join(f'"{column}"' for column in stream.key)
        con.execute(
            f"create table landing.raw__hr__{stream.name} as select *, {key} as _key, "
            "1::bigint as _seq, false as _deleted, 'load1' as _load_id from rows"
        )


def _mapped(con: duckdb.DuckDBPyConnection, entity: str, columns: str) -> set[tuple]:
    return set(con.execute(f"select {columns} from landing.mapped__{entity}").fetchall())


def test_the_company_folder_weighs_one_hundred(tmp_path):
    folder = demo_company.write_company_folder(tmp_path / "demo")
    standards = demo_company.standards(folder)
    assert [(one.id, one.version) for one in standards] == [
        ("after_sales", 1),
        ("hr", 1),
        ("newcomer", 1),
        ("regional_manager", 1),
        ("regional_manager", 2),
        ("sales_director", 1),
        ("sales_rep", 1),
        ("sales_rep", 2),
    ]
    assert all(sum(weight.weight for weight in one.weights) == 100 for one in standards)
    assert (folder / "sources" / "hr.yaml").exists()
    assert all(
        any(f"${{{name}}}" in path.read_text("utf-8") for path in folder.rglob("*.yaml"))
        for name in demo_company.ENVIRONMENT
    )


@pytest.mark.slow
def test_the_demos_scores_spread_over_all_grades():
    scores = expected_scores(generate("small"), *demo_company.standards()).values()
    grades = Counter(score.grade for score in scores if score.score is not None)
    assert set(grades) == {"A", "B", "C", "D"}
    assert min(grades.values()) > 10
