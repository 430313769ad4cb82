"""What every published number of the benchmark company must be: deliberately plain, from the truth, without SQL.

It shares no code with the pipeline and never feeds it; tests compare the marts with it. The rules it follows, which
the SQL must follow too:

Same customer. The truth knows (`Party.key`): the records of one party in ERP and CRM are one customer, whatever they
say; a branch, a company of a group and a person are customers of their own.

Credit. Per order the first rule that finds somebody: `explicit_split` (the order's splits), `order_owner`,
`opportunity_owner` (orders of the truth name no opportunity, so it never applies), `account_owner`, else
`unassigned`. A return line takes the shares of the order of the line it returns, whoever owns the return (rule
`return`). An invoice is credited like the order it bills; an invoice without order to its owner (`invoice_owner`),
else the account owner, else `unassigned`; a credit note of such an invoice takes the invoice's shares (`reversal`). A
payment takes its invoice's shares (`invoice`); one without invoice goes to the account owner, else to `unassigned`.

Money. A document line (a payment) is converted at the latest rate on or before the event's date and rounded half-up
to 6 decimals; parts are share x that amount, rounded half-up to 6 decimals; shares are ordered by employee id and the
last takes the remainder. Events: confirmed order lines on the order's date, posted invoice lines on the invoice's
date, posted payments on theirs.

Units. `as_was`: the unit of the credited employee's posting on the event's date, and all units above it on the tree
of that date. `as_is`: the unit of the latest posting begun on or before the company's as_of date (whoever left: the
last one), on the tree of the as_of date. Without a posting, or where the unit does not stand on that day, the unit is
`unassigned`, which has no parent.

Metrics. Additive ones are 0 without events; a rate or average without denominator is None, and so is every value of a
metric of which the whole company has no event. Events after the as_of date do not count. `bookings`, `billings`,
`collections`: sums of credited amounts. `order_count`: shares of confirmed orders whose lines sum to more than zero.
`new_customers`: shares of a unified customer's first such order (earliest date, then lowest number).
`churned_customers`: shares of such an order that none of the customer's follows within the days of churn, on the day
they have passed (an order on that very day still keeps the customer). `repeat_rate`: such orders that are not the
customer's first / all such orders. `churn_rate`, for each period on its own: customers who have an order before its
first day whose days of churn had not passed by the day before, each with the shares of its last order before the
period, on the period's first day; of them those whose days pass inside the period (by the as_of date) without another
order. Where there are orders `churned_customers` and `churn_rate` are known. `win_rate`: won / (won + lost) by closed
date and opportunity owner. `sales_cycle_days`: days from created to closed over won opportunities. `visits`: activities
of type visit that are done.

Periods are calendar months, quarters and years (fiscal year starts in January), from the first event's to the as_of
date's. A row is expected for every subject present in the period (employee: posted on one of its days; unit: standing
on one; company) and for every subject with an event or a target in it. Target: the highest version. Attainment =
value / target, None without a value, without a target or with target zero.

Appraisal. A standard applies to whoever holds its role on the last day of the period, or on the last day posted
inside it; the version is the latest valid on the first day of the period. Per metric: target, else the weight's
reference value; points = value / target x 100 (`sales_cycle_days`, where less is better: target / value x 100, the
cap when the value is 0), at most the cap, at least 0; a metric without target or value drops out of the divisor.
Score = sum(weight x points) / sum(weights that apply), rounded half-up to 2 decimals; None when nothing applies. The
grade is the best whose lowest score is reached.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from connectors.sandbox.company import (
    Assignment,
    BenchmarkCompany,
    Invoice,
    Order,
    OrderLine,
    Payment,
    Target,
    UnitVersion,
)

UNASSIGNED = "unassigned"
MICRO = Decimal("0.000001")
ADDITIVE = ("bookings", "billings", "collections", "order_count", "new_customers", "churned_customers", "visits")
RATIOS = ("win_rate", "sales_cycle_days", "churn_rate", "repeat_rate")
KNOWN_BY_ORDERS = ("churned_customers", "churn_rate")
CHURNED_DAYS = 365
"""Days without an order after which a customer is lost, where the company says nothing else."""
LOWER_IS_BETTER = ("sales_cycle_days",)
ORG_VIEWS = ("as_was", "as_is")
PERIOD_MONTHS = {"month": 1, "quarter": 3, "year": 12}

Key = tuple[str, str, str, date, str, str]
"""subject_type, subject_id, period_type, period_start, metric, org_view"""
Shares = tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True)
class Kpi:
    """One expected `kpi_value` row; `value` and `attainment` have Decimal's 28 digits (the mart: 9 decimals)."""

    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    target: Decimal | None
    attainment: Decimal | None


@dataclass(frozen=True)
class Credit:
    """Who is credited with a document, and by which rule."""

    rule: str
    shares: Shares


@dataclass(frozen=True)
class CreditedAmount:
    """One expected row of a credit fact: a document line's (payment's) part for one employee, reporting currency."""

    document_key: str
    employee_id: str
    day: date
    share: Decimal
    amount: Decimal
    rule: str


@dataclass(frozen=True)
class Event:
    """One addition to a metric: numerator and, for rates and averages, denominator.

    It counts in the periods that hold the day; with a `period_type` only in the one of that length.
    """

    metric: str
    day: date
    employee_id: str
    numerator: Decimal
    denominator: Decimal
    period_type: str | None = None


@dataclass(frozen=True)
class Weight:
    """A metric of an appraisal standard."""

    metric: str
    weight: Decimal
    cap: Decimal
    reference_value: Decimal | None = None


@dataclass(frozen=True)
class Standard:
    """One version of an appraisal standard; grades are (name, lowest score), the best first."""

    id: str
    version: int
    role: str
    valid_from: date
    weights: tuple[Weight, ...]
    grades: tuple[tuple[str, Decimal], ...]
    period_type: str = "quarter"


@dataclass(frozen=True)
class Component:
    """One expected `appraisal_component`, points rounded half-up to 9 decimals, None: does not apply."""

    weight: Decimal
    raw_value: Decimal | None
    target: Decimal | None
    points: Decimal | None


@dataclass(frozen=True)
class Score:
    """One expected `appraisal_score` with its components by metric."""

    score: Decimal | None
    grade: str | None
    standard_id: str
    standard_version: int
    components: dict[str, Component]


def same_customers(company: BenchmarkCompany) -> list[frozenset[tuple[str, str]]]:
    """The records ('erp' or 'crm', party key) of each customer."""
    known = (
        frozenset(
            (system, party.key)
            for system, name in (("erp", party.erp_name), ("crm", party.crm_name))
            if name is not None
        )
        for party in company.parties
    )
    return sorted(known, key=sorted)


class Reference:
    """The expected numbers of one company; every method follows the module's docstring."""

    def __init__(self, company: BenchmarkCompany, churned_days: int = CHURNED_DAYS) -> None:
        self.company = company
        self._churned_after = timedelta(days=churned_days)
        self._orders = {order.key: order for order in company.orders}
        self._order_of_line = {line.key: order for order in company.orders for line in order.lines}
        self._invoices = {invoice.key: invoice for invoice in company.invoices}
        self._owners = {party.key: party.owner_number for party in company.parties}
        self._rates = _rates_by_currency(company)
        self._units: dict[str, list[UnitVersion]] = defaultdict(list)
        for unit in company.units:
            self._units[unit.code].append(unit)
        self._postings: dict[str, list[Assignment]] = defaultdict(list)
        for posting in sorted(company.assignments, key=lambda one: (one.employee_number, one.valid_from)):
            self._postings[posting.employee_number].append(posting)

    # credit

    def order_credit(self, order: Order) -> Credit:
        """Credit of an order's own lines (of a return: of its first line's original)."""
        original = order.lines[0].returned_line_key if order.lines else None
        if original is not None:
            return Credit("return", self.order_credit(self._order_of_line[original]).shares)
        if order.splits:
            return Credit("explicit_split", tuple(sorted(order.splits)))
        return self._owner_credit("order_owner", order.owner_number, order.party_key)

    def invoice_credit(self, invoice: Invoice) -> Credit:
        """Credit of an invoice or credit note."""
        if invoice.order_key is not None:
            return self.order_credit(self._orders[invoice.order_key])
        if invoice.reversed_key is not None:
            return Credit("reversal", self.invoice_credit(self._invoices[invoice.reversed_key]).shares)
        return self._owner_credit("invoice_owner", invoice.owner_number, invoice.party_key)

    def _owner_credit(self, rule: str, owner: str | None, party_key: str) -> Credit:
        if owner:
            return Credit(rule, ((owner, Decimal(1)),))
        if account_owner := self._owners[party_key]:
            return Credit("account_owner", ((account_owner, Decimal(1)),))
        return Credit(UNASSIGNED, ((UNASSIGNED, Decimal(1)),))

    def credited_sales(self) -> Iterator[CreditedAmount]:
        """Every confirmed order line's parts."""
        for order in self.company.orders:
            if order.status == "confirmed":
                for line in order.lines:
                    credit = self._line_credit(order, line)
                    yield from self._parts(line.key, line.net_amount, order.currency, order.order_date, credit)

    def credited_billings(self) -> Iterator[CreditedAmount]:
        """Every posted invoice line's parts."""
        for invoice in self.company.invoices:
            if invoice.status == "posted":
                credit = self.invoice_credit(invoice)
                for line in invoice.lines:
                    yield from self._parts(line.key, line.net_amount, invoice.currency, invoice.invoice_date, credit)

    def credited_collections(self) -> Iterator[CreditedAmount]:
        """Every posted payment's parts."""
        for payment in self.company.payments:
            if payment.status == "posted":
                credit = self._payment_credit(payment)
                yield from self._parts(payment.key, payment.amount, payment.currency, payment.payment_date, credit)

    def _line_credit(self, order: Order, line: OrderLine) -> Credit:
        if line.returned_line_key is None:
            return self.order_credit(order)
        return Credit("return", self.order_credit(self._order_of_line[line.returned_line_key]).shares)

    def _payment_credit(self, payment: Payment) -> Credit:
        if payment.invoice_key is None:
            return self._owner_credit("payment_owner", None, payment.party_key)
        return Credit("invoice", self.invoice_credit(self._invoices[payment.invoice_key]).shares)

    def _parts(self, key: str, amount: Decimal, currency: str, day: date, credit: Credit) -> Iterator[CreditedAmount]:
        whole = _micro(amount * self.rate(currency, day))
        rest = whole
        for position, (employee, share) in enumerate(credit.shares, 1):
            part = rest if position == len(credit.shares) else _micro(whole * share)
            rest -= part
            yield CreditedAmount(key, employee, day, share, part, credit.rule)

    def rate(self, currency: str, day: date) -> Decimal:
        """CNY (reporting currency) for one unit; raises LookupError when no rate is known by that day."""
        if currency == self.company.reporting_currency:
            return Decimal(1)
        days, rates = self._rates.get(currency, ([], []))
        position = bisect_right(days, day)
        if position == 0:
            raise LookupError(f"no {currency} rate on or before {day}")
        return rates[position - 1]

    # organisation

    def path(self, employee_id: str, day: date, org_view: str) -> list[str]:
        """The unit an employee counts in for an event of that day, and the units above it."""
        tree_day = day if org_view == "as_was" else self.company.as_of
        unit = self._unit(employee_id, day, org_view)
        found: list[str] = []
        while unit is not None and unit not in found and (version := self._version(unit, tree_day)):
            found.append(unit)
            unit = version.parent_code
        return found or [UNASSIGNED]

    def _unit(self, employee_id: str, day: date, org_view: str) -> str | None:
        postings = self._postings.get(employee_id, [])
        if org_view == "as_was":
            return next((one.unit_code for one in postings if one.valid_from <= day < one.valid_to), None)
        begun = [one.unit_code for one in postings if one.valid_from <= self.company.as_of]
        return begun[-1] if begun else None

    def _version(self, code: str, day: date) -> UnitVersion | None:
        return next((unit for unit in self._units.get(code, []) if unit.valid_from <= day < unit.valid_to), None)

    def role(self, employee_id: str, period_type: str, period_start: date) -> str | None:
        """The role on the last day posted inside the period; None when not posted in it."""
        end = period_end(period_type, period_start)
        known = [one for one in self._postings.get(employee_id, []) if one.valid_from <= self.company.as_of]
        inside = [one for one in known if one.valid_from < end and one.valid_to > period_start]
        return inside[-1].role if inside else None

    # metrics

    def events(self) -> Iterator[Event]:
        """All events of all metrics."""
        nothing = Decimal(0)
        for metric, parts in (
            ("bookings", self.credited_sales()),
            ("billings", self.credited_billings()),
            ("collections", self.credited_collections()),
        ):
            yield from (Event(metric, part.day, part.employee_id, part.amount, nothing) for part in parts)
        yield from self._order_events()
        yield from self._opportunity_events()
        for activity in self.company.activities:
            if (activity.activity_type, activity.status) == ("visit", "done"):
                yield Event("visits", activity.activity_date, activity.employee_number, Decimal(1), nothing)

    def _order_events(self) -> Iterator[Event]:
        nothing = Decimal(0)
        for orders in self._purchases().values():
            for rank, order in enumerate(orders):
                lapse = self._lapse(orders, rank)
                for employee, share in self.order_credit(order).shares:
                    yield Event("order_count", order.order_date, employee, share, nothing)
                    yield Event("repeat_rate", order.order_date, employee, share if rank else nothing, share)
                    if rank == 0:
                        yield Event("new_customers", order.order_date, employee, share, nothing)
                    if lapse is not None:
                        yield Event("churned_customers", lapse, employee, share, nothing)

    def _purchases(self) -> dict[str, list[Order]]:
        """Confirmed orders with a positive total by customer, in their order."""
        found: dict[str, list[Order]] = defaultdict(list)
        for order in sorted(self.company.orders, key=lambda one: (one.order_date, one.number)):
            if order.status == "confirmed" and sum(line.net_amount for line in order.lines) > 0:
                found[order.party_key].append(order)
        return found

    def _lapse(self, orders: list[Order], rank: int) -> date | None:
        """The day a customer's purchase of this rank lapses; None when the next one comes by then."""
        day = orders[rank].order_date + self._churned_after
        kept = rank + 1 < len(orders) and orders[rank + 1].order_date <= day
        return None if kept else day

    def _cohort_events(self, first_day: date) -> Iterator[Event]:
        """For every period the customers it began with, on its first day, and which of them it lost."""
        for orders in self._purchases().values():
            for period_type, start in periods(first_day, self.company.as_of):
                before = [rank for rank, order in enumerate(orders) if order.order_date < start]
                if before and orders[before[-1]].order_date + self._churned_after >= start:
                    lapse = self._lapse(orders, before[-1])
                    end = min(period_end(period_type, start), self.company.as_of + timedelta(days=1))
                    lost = Decimal(lapse is not None and lapse < end)
                    for employee, share in self.order_credit(orders[before[-1]]).shares:
                        yield Event("churn_rate", start, employee, lost * share, share, period_type)

    def _opportunity_events(self) -> Iterator[Event]:
        for deal in self.company.opportunities:
            if deal.closed is not None and deal.status in ("won", "lost"):
                won = Decimal(deal.status == "won")
                yield Event("win_rate", deal.closed, deal.owner_number, won, Decimal(1))
                if won:
                    days = Decimal((deal.closed - deal.created).days)
                    yield Event("sales_cycle_days", deal.closed, deal.owner_number, days, Decimal(1))

    def kpis(self) -> dict[Key, Kpi]:
        """Every expected row of `kpi_value`."""
        sums: dict[Key, list[Decimal]] = {}
        last = self.company.as_of
        events = [event for event in self.events() if event.day <= last]
        first = min(event.day for event in events)
        events += self._cohort_events(first)
        for key in self._present(first):
            sums[key] = [Decimal(0), Decimal(0)]
        paths: dict[tuple[str, date, str], list[str]] = {}
        for event in events:
            for subject_type, subject_id, org_view in self._subjects(event, paths):
                for period_type in [event.period_type] if event.period_type else PERIOD_MONTHS:
                    start = period_of(period_type, event.day)
                    cell = sums.setdefault(
                        (subject_type, subject_id, period_type, start, event.metric, org_view), [Decimal(0), Decimal(0)]
                    )
                    cell[0] += event.numerator
                    cell[1] += event.denominator
        targets, known_periods = self.targets(), {(key[2], key[3]) for key in sums}
        for subject_type, subject_id, period_type, start, metric in targets:
            for org_view in ORG_VIEWS if (period_type, start) in known_periods else ():
                sums.setdefault(
                    (subject_type, subject_id, period_type, start, metric, org_view), [Decimal(0), Decimal(0)]
                )
        known = {event.metric for event in events}
        known |= set(KNOWN_BY_ORDERS) if "order_count" in known else set()
        return {key: _kpi(key, sums[key][0], sums[key][1], targets, key[4] in known) for key in sorted(sums)}

    def _subjects(self, event: Event, paths: dict[tuple[str, date, str], list[str]]) -> Iterator[tuple[str, str, str]]:
        for org_view in ORG_VIEWS:
            yield "employee", event.employee_id, org_view
            yield "company", "company", org_view
            asked = (event.employee_id, event.day, org_view)
            if asked not in paths:
                paths[asked] = self.path(*asked)
            yield from (("org_unit", unit, org_view) for unit in paths[asked])

    def _present(self, first_day: date) -> Iterator[Key]:
        """A key for every subject present in a period, metric and view, whether anything happened or not."""
        for period_type, start in periods(first_day, self.company.as_of):
            end = period_end(period_type, start)
            subjects = {("company", "company")}
            subjects |= {
                ("employee", one.employee_number)
                for one in self.company.assignments
                if one.valid_from < end and one.valid_to > start
            }
            subjects |= {
                ("org_unit", one.code) for one in self.company.units if one.valid_from < end and one.valid_to > start
            }
            for subject in sorted(subjects):
                for metric in (*ADDITIVE, *RATIOS):
                    yield from ((*subject, period_type, start, metric, org_view) for org_view in ORG_VIEWS)

    def targets(self) -> dict[tuple[str, str, str, date, str], Decimal]:
        """The value of the highest version by subject type, subject, period type, period start and metric."""
        best: dict[tuple[str, str, str, date, str], Target] = {}
        for target in self.company.targets:
            key = (target.subject_type, target.subject_ref, target.period_type, target.period_start, target.metric)
            if key not in best or target.version > best[key].version:
                best[key] = target
        return {key: target.value for key, target in best.items()}

    # appraisal

    def scores(self, standards: Sequence[Standard], kpis: dict[Key, Kpi]) -> dict[tuple[str, str, date], Score]:
        """Every expected `appraisal_score` by employee, period type and period start."""
        found = {}
        starts = sorted({(key[2], key[3]) for key in kpis})
        for period_type, start in starts:
            for employee in sorted(self._postings):
                role = self.role(employee, period_type, start)
                valid = [
                    one
                    for one in standards
                    if (one.role, one.period_type) == (role, period_type) and one.valid_from <= start
                ]
                if valid:
                    standard = max(valid, key=lambda one: one.valid_from)
                    found[employee, period_type, start] = _score(standard, employee, start, kpis)
        return found


def expected_kpis(company: BenchmarkCompany) -> dict[Key, Kpi]:
    """Every `kpi_value` row the company's truth implies."""
    return Reference(company).kpis()


def expected_scores(company: BenchmarkCompany, *standards: Standard) -> dict[tuple[str, str, date], Score]:
    """Every `appraisal_score` the company's truth implies under these standards."""
    reference = Reference(company)
    return reference.scores(standards, reference.kpis())


def period_of(period_type: str, day: date) -> date:
    """First day of the calendar period that holds a day."""
    months = PERIOD_MONTHS[period_type]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def period_end(period_type: str, period_start: date) -> date:
    """First day after the period."""
    return period_of(period_type, period_start + timedelta(days=31 * PERIOD_MONTHS[period_type]))


def periods(first_day: date, last_day: date) -> Iterator[tuple[str, date]]:
    """All periods from the one that holds the first day to the one that holds the last."""
    for period_type in PERIOD_MONTHS:
        start = period_of(period_type, first_day)
        while start <= last_day:
            yield period_type, start
            start = period_end(period_type, start)


def half_up(value: Decimal, decimals: int) -> Decimal:
    """Rounded half away from zero."""
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _micro(amount: Decimal) -> Decimal:
    return amount.quantize(MICRO, ROUND_HALF_UP)


def _rates_by_currency(company: BenchmarkCompany) -> dict[str, tuple[list[date], list[Decimal]]]:
    found: dict[str, tuple[list[date], list[Decimal]]] = {}
    for rate in sorted(company.rates, key=lambda one: (one.currency, one.rate_date)):
        days, rates = found.setdefault(rate.currency, ([], []))
        days.append(rate.rate_date)
        rates.append(rate.rate)
    return found


def _kpi(
    key: Key,
    numerator: Decimal,
    denominator: Decimal,
    targets: dict[tuple[str, str, str, date, str], Decimal],
    known: bool,
) -> Kpi:
    subject_type, subject_id, period_type, start, metric, _ = key
    target = targets.get((subject_type, subject_id, period_type, start, metric))
    if not known:
        return Kpi(None, None, None, target, None)
    if metric in ADDITIVE:
        value: Decimal | None = numerator
    else:
        value = numerator / denominator if denominator else None
    attainment = value / target if value is not None and target else None
    return Kpi(value, numerator, denominator if metric in RATIOS else None, target, attainment)


def _score(standard: Standard, employee: str, start: date, kpis: dict[Key, Kpi]) -> Score:
    components, applicable = {}, []
    for weight in standard.weights:
        kpi = kpis.get(("employee", employee, standard.period_type, start, weight.metric, "as_was"))
        target = kpi.target if kpi and kpi.target is not None else weight.reference_value
        points = _points(weight, kpi, target)
        shown = None if points is None else rounded(points, 9)
        components[weight.metric] = Component(weight.weight, kpi.value if kpi else None, target, shown)
        applicable += [(Fraction(weight.weight), points)] if points is not None else []
    divisor = sum(weight for weight, _ in applicable)
    if not divisor:
        return Score(None, None, standard.id, standard.version, components)
    score = rounded(sum(weight * points for weight, points in applicable) / divisor, 2)
    grade = next((name for name, lowest in standard.grades if score >= lowest), None)
    return Score(score, grade, standard.id, standard.version, components)


def _points(weight: Weight, kpi: Kpi | None, target: Decimal | None) -> Fraction | None:
    """Points as an exact fraction, so that a third stays a third until the score is rounded."""
    if kpi is None or kpi.value is None or kpi.numerator is None or not target:
        return None
    value, cap = Fraction(kpi.numerator) / Fraction(kpi.denominator or 1), Fraction(weight.cap)
    if weight.metric in LOWER_IS_BETTER:
        reached = Fraction(target) / value * 100 if value > 0 else cap
    else:
        reached = value / Fraction(target) * 100
    return max(Fraction(0), min(cap, reached))


def rounded(value: Fraction, decimals: int) -> Decimal:
    """A non-negative fraction rounded half-up, without ever being a float."""
    scaled = value * 10**decimals
    return Decimal(int(scaled + Fraction(1, 2))).scaleb(-decimals)
