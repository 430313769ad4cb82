"""Every expected statement of every incentive plan, with its lines.

Who. A credited line is paid for by the plan versions valid on the first day of the period of its day whose roles hold
the role posted on that day (a day without posting: the posting before it; `pays_after_leaving` False: nothing then).

Returns. A negative line that names what it gives back (a returned order line, a credit note of an invoice, a payment
back on an invoice) meets the positive lines of the same origin, employee and currency in order of days, in document
currency; what exceeds them meets nothing. What is given back by the end of the line's period does not count in it.
Later it takes back what the line earned x what was given back of it / what it kept, in cents, all reversals so far
together, each the difference to the one before. Negative lines that name nothing count as they are.

Earned. What counts of a line is its amount (or margin; unknown cost: 0) x kept / document amount, rounded to 9 and 6
decimals. Lines climb the rates by day and key; a line earns pay(up to it) - pay(before it), each rounded half-up to
cents and at most the cap. Below zero the first rate holds. Borders by attainment are target x percent, 6 decimals,
and need a target above zero.

Bad debt. At the end of each period (or the as_of date): of an invoice overdue by more days than the version that paid
it says, the part still open of what credit notes left of it; as much of what the line kept and later returns left it
is lost. The difference to the end of the period before is booked: round(earned x (returned + lost) / kept) -
round(earned x returned / kept).

Paid. A period short of zero pays nothing and is owed; guarantee, then draw, each by working days posted of those of
the period, fill up what was earned; what is owed is taken from earnings above both.

Bonus. Of final scores by grade, by working days scored of those of the period; another grade or none: 0.

Eligibility. Of the scores of people whose last role judged is one of the plan's. Promotion: final scores with a grade
that the version of their period names, in periods that follow each other, this one included, at most as many as are
needed. Training: the components with a course and fewer points than asked, the weakest first (then the heavier, then
by name).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from connectors.sandbox.company import Invoice
from connectors.sandbox.reference.appraisal import Score, ScoreKey, completed_months
from connectors.sandbox.reference.credit import CreditedAmount
from connectors.sandbox.reference.plan import Commission, Plan, Steps
from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import Key, Kpi, half_up, period_end, period_of, quotient
from connectors.sandbox.reference.working import days

ZERO = Decimal(0)
ONE_DAY = timedelta(days=1)
StatementKey = tuple[str, str, str, date]
"""employee, plan, period type, period start"""


@dataclass(frozen=True)
class Line:
    """One expected `incentive_line`; adjustments have a kind and an amount only."""

    kind: str
    amount: Decimal
    source_key: str | None = None
    day: date | None = None
    credited: Decimal | None = None
    counted: Decimal | None = None
    calculated: Decimal | None = None
    paid_key: str | None = None


@dataclass(frozen=True)
class Statement:
    """One expected `incentive_statement`; commission amounts None: no version of the plan pays any."""

    plan_version: int
    status: str
    working_days: int | None
    calculated: Decimal | None
    earned: Decimal | None
    clawback: Decimal | None
    carried: Decimal | None
    guarantee: Decimal | None
    draw: Decimal | None
    recovered: Decimal | None
    bonus: Decimal | None
    payable: Decimal
    owed_before: Decimal
    owed_after: Decimal
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Eligibility:
    """One expected `incentive_eligibility`; reached and needed: of promotion, points: of training."""

    eligibility: str
    amount: Decimal | None = None
    reached: int | None = None
    needed: int | None = None
    points: Decimal | None = None


@dataclass(frozen=True)
class _Credited:
    """A credited line or payment; `invoice` only of billings."""

    key: str
    origin: str
    is_reversal: bool
    employee: str
    day: date
    currency: str
    document: Decimal
    amount: Decimal
    cost: Decimal | None = None
    invoice: str | None = None


@dataclass(frozen=True)
class _Paid:
    """A line with what counts and what it earned in its period."""

    plan: Plan
    start: date
    line: _Credited
    kept: Decimal
    counted: Decimal
    calculated: Decimal
    earned: Decimal


@dataclass
class _Sums:
    """What happened to one person, plan and period, before anything fills up."""

    sales: list[_Paid]
    lines: list[Line]


def expected(
    truth: Truth, plans: Sequence[Plan], kpis: Mapping[Key, Kpi], scores: Mapping[ScoreKey, Score]
) -> dict[StatementKey, Statement]:
    """Every statement by employee, plan, period type and period start."""
    return _Payer(truth, plans, kpis, scores).statements()


def eligible(
    plans: Sequence[Plan], scores: Mapping[ScoreKey, Score], statements: Mapping[StatementKey, Statement]
) -> dict[tuple[str, str, str, date, str, str], Eligibility]:
    """Every row by employee, plan, period type, period start, kind and item."""
    found: dict[tuple[str, str, str, date, str, str], Eligibility] = {}
    for plan in plans:
        for (employee, period_type, start), score in scores.items():
            if not _looks_at(plan, period_type, start, score):
                continue
            key, is_open = (employee, plan.id, period_type, start), score.status == "provisional"
            if plan.bonus is not None:
                amount = statements[key].bonus
                word = "provisional" if amount is None else "eligible" if amount else "not_eligible"
                found[*key, "bonus", score.grade or "-"] = Eligibility(word, amount)
            if plan.promotion:
                needed = plan.promotion[1]
                reached = min(_in_a_row(plans, scores, plan, employee, start), needed)
                word = "provisional" if is_open else "eligible" if reached == needed else "not_eligible"
                found[*key, "promotion", plan.promotion[2] or "-"] = Eligibility(word, None, reached, needed)
            for metric, points in _weak(plan, score):
                word = "provisional" if is_open else "eligible"
                found[*key, "training", metric] = Eligibility(word, points=points)
    return found


def _looks_at(plan: Plan, period_type: str, start: date, score: Score | None) -> bool:
    if score is None or not score.parts or period_type != plan.period_type:
        return False
    return plan.valid_from <= start < plan.valid_to and score.parts[max(score.parts)].standard.role in plan.roles


def _in_a_row(plans: Sequence[Plan], scores: Mapping[ScoreKey, Score], last: Plan, employee: str, start: date) -> int:
    """Periods with a good grade, back from this one."""
    count = 0
    while True:
        plan = next((one for one in plans if one.id == last.id and one.valid_from <= start < one.valid_to), None)
        score = scores.get((employee, last.period_type, start))
        if plan is None or score is None or not _looks_at(plan, last.period_type, start, score):
            return count
        if plan.promotion is None or score.status != "scored" or score.grade not in plan.promotion[0]:
            return count
        count, start = count + 1, period_of(last.period_type, start - ONE_DAY)


def _weak(plan: Plan, score: Score) -> list[tuple[str, Decimal]]:
    if plan.training is None:
        return []
    below, most, metrics = plan.training
    weak = [
        (one.points, -one.weight, metric)
        for metric, one in score.components.items()
        if metric in metrics and one.points is not None and one.points < below
    ]
    return [(metric, points) for points, _, metric in sorted(weak)[:most]]


class _Payer:
    def __init__(
        self, truth: Truth, plans: Sequence[Plan], kpis: Mapping[Key, Kpi], scores: Mapping[ScoreKey, Score]
    ) -> None:
        self.truth, self.plans, self.kpis, self.scores = truth, plans, kpis, scores
        self.as_of = truth.company.as_of
        self.periods = sorted({(key[2], key[3]) for key in kpis})
        self.hired = {person.number: person.hired for person in truth.company.employees}
        self.stretches = {employee: _stretches(truth, employee) for employee in truth.organisation.postings}
        self.sums: dict[tuple[str, str, str, date], _Sums] = defaultdict(lambda: _Sums([], []))
        self.working: dict[tuple[date, date], int] = {}
        self.receivables = {one.invoice.key: one for one in truth.receivables}
        self.documents: dict[str, list[Invoice]] = defaultdict(list)
        for invoice in truth.company.invoices:
            if invoice.status == "posted":
                self.documents[invoice.reversed_key or invoice.key].append(invoice)

    def statements(self) -> dict[StatementKey, Statement]:
        """Earn, take back, then pay period by period."""
        paid: list[_Paid] = []
        for pays_on in sorted({plan.commission.pays_on for plan in self.plans if plan.commission}):
            credited = [one for one in _credited(self.truth, pays_on) if one.day <= self.as_of]
            met = _met(credited)
            own = [plan for plan in self.plans if plan.commission and plan.commission.pays_on == pays_on]
            paid += self._earn(own, [one for one in credited if not one.is_reversal], met)
        return self._pay(paid)

    # earning

    def _earn(self, plans: Sequence[Plan], credited: Sequence[_Credited], met: "_Met") -> list[_Paid]:
        together: dict[tuple[Plan, str, date], list[_Credited]] = defaultdict(list)
        for line in credited:
            for plan in plans:
                start = period_of(plan.period_type, line.day)
                if plan.valid_from <= start < plan.valid_to and self._role(line.employee, line.day) in plan.roles:
                    together[plan, line.employee, start].append(line)
        found = []
        for (plan, employee, start), lines in together.items():
            paid = self._climb(plan, employee, start, lines, met)
            self.sums[employee, plan.id, plan.period_type, start].sales += paid
            found += paid
            for one in paid:
                self._give_back(one, met)
                self._write_off(one, met)
        return found

    def _role(self, employee: str, day: date) -> str | None:
        held = [role for first, _, role in self.stretches.get(employee, []) if first <= day]
        return held[-1] if held else None

    def _is_without_posting(self, employee: str, day: date) -> bool:
        return not any(first <= day < end for first, end, _ in self.stretches[employee])

    def _climb(self, plan: Plan, employee: str, start: date, lines: Sequence[_Credited], met: "_Met") -> list[_Paid]:
        commission, end = plan.commission, period_end(plan.period_type, start)
        assert commission is not None
        counting = []
        for line in sorted(lines, key=lambda one: (one.day, one.key)):
            kept = line.document - sum(
                (back for one, back in met.get((line.employee, line.key), []) if one.day < end), ZERO
            )
            counting.append((line, kept, self._counted(commission, line, kept)))
        total = sum((counted for _, _, counted in counting), ZERO)
        target = self._target(plan, commission, employee, start)
        found, climbed = [], ZERO
        for line, kept, counted in counting:
            before, after = (_pay(commission, target, total, point) for point in (climbed, climbed + counted))
            climbed += counted
            found.append(
                _Paid(
                    plan,
                    start,
                    line,
                    kept,
                    counted,
                    _cents(after) - _cents(before),
                    _cents(_capped(commission, after)) - _cents(_capped(commission, before)),
                )
            )
        return found

    def _counted(self, commission: Commission, line: _Credited, kept: Decimal) -> Decimal:
        if not commission.pays_after_leaving and self._is_without_posting(line.employee, line.day):
            return ZERO
        basis = line.amount
        if commission.basis == "margin":
            if line.cost is None:
                return ZERO
            basis -= line.cost
        return basis if kept == line.document else half_up(quotient(basis * kept, line.document), 6)

    def _target(self, plan: Plan, commission: Commission, employee: str, start: date) -> Decimal | None:
        metric = "gross_margin" if commission.basis == "margin" else commission.pays_on
        kpi = self.kpis.get(("employee", employee, plan.period_type, start, metric, "as_was"))
        return kpi.target if kpi and kpi.target and kpi.target > 0 else None

    # taking back

    def _give_back(self, paid: _Paid, met: "_Met") -> None:
        plan, line = paid.plan, paid.line
        assert plan.commission is not None
        own = (line.employee, plan.id, plan.period_type)
        end, back, taken, uncounted = period_end(plan.period_type, paid.start), ZERO, ZERO, ZERO
        for reversal, amount in met.get((line.employee, line.key), []):
            if reversal.day < end:
                shown = Line(
                    "return_in_period", ZERO, reversal.key, reversal.day, reversal.amount, ZERO, ZERO, line.key
                )
                self.sums[*own, paid.start].lines.append(shown)
            elif plan.commission.returns:
                back += amount
                taken_now = half_up(quotient(paid.earned * back, paid.kept), 2)
                uncounted_now = half_up(quotient(paid.counted * back, paid.kept), 6)
                self.sums[*own, period_of(plan.period_type, reversal.day)].lines.append(
                    Line(
                        "return",
                        taken - taken_now,
                        reversal.key,
                        reversal.day,
                        reversal.amount,
                        uncounted - uncounted_now,
                        taken - taken_now,
                        line.key,
                    )
                )
                taken, uncounted = taken_now, uncounted_now

    def _write_off(self, paid: _Paid, met: "_Met") -> None:
        """What open invoices take back at the end of each period."""
        plan, line, booked = paid.plan, paid.line, ZERO
        assert plan.commission is not None
        if plan.commission.bad_debt_days is None or line.invoice not in self.receivables or paid.kept <= 0:
            return
        receivable, wait = self.receivables[line.invoice], plan.commission.bad_debt_days
        for period_type, start in self.periods:
            last = min(period_end(period_type, start) - ONE_DAY, self.as_of)
            if period_type != plan.period_type or (last - receivable.invoice.due_date).days <= wait:
                continue
            later = period_end(plan.period_type, paid.start)
            given = met.get((line.employee, line.key), [])
            back = sum((amount for one, amount in given if later <= one.day <= last), ZERO)
            billed, left = self._billed(line.invoice, last), receivable.left_on(last)
            lost = half_up(quotient((paid.kept - back) * min(left, billed), billed), 6) if billed > 0 else ZERO
            position = half_up(quotient(paid.earned * (back + lost), paid.kept), 2)
            position -= half_up(quotient(paid.earned * back, paid.kept), 2)
            if position != booked:
                change = booked - position
                shown = Line("bad_debt", change, line.invoice, last, calculated=change, paid_key=line.key)
                self.sums[line.employee, plan.id, plan.period_type, start].lines.append(shown)
            booked = position

    def _billed(self, invoice: str, day: date) -> Decimal:
        """Amount of an invoice with the credit notes that reverse it, by a day."""
        return sum(
            (line.net_amount for one in self.documents[invoice] if one.invoice_date <= day for line in one.lines),
            ZERO,
        )

    # paying

    def _pay(self, paid: Sequence[_Paid]) -> dict[StatementKey, Statement]:
        found: dict[StatementKey, Statement] = {}
        for plan_id in sorted({plan.id for plan in self.plans}):
            versions = [plan for plan in self.plans if plan.id == plan_id]
            for employee in sorted(self.truth.organisation.postings):
                owed = ZERO
                for period_type, start in self.periods:
                    plan = next((one for one in versions if one.valid_from <= start < one.valid_to), None)
                    if plan is None or plan.period_type != period_type:
                        continue
                    statement = self._statement(plan, employee, start, owed)
                    if statement is not None:
                        found[employee, plan_id, period_type, start] = statement
                        owed = statement.owed_after
        return found

    def _statement(self, plan: Plan, employee: str, start: date, owed: Decimal) -> Statement | None:
        end = period_end(plan.period_type, start)
        own = self.sums.get((employee, plan.id, plan.period_type, start), _Sums([], []))
        posted = self._working_days(employee, plan, start, end) if plan.commission or plan.bonus is not None else 0
        is_graded, bonus = self._bonus(plan, employee, start, end)
        if not (own.sales or own.lines or posted or is_graded):
            return None
        earned = sum((one.earned for one in own.sales), ZERO)
        clawback = sum((line.amount for line in own.lines), ZERO)
        net = earned + clawback
        guarantee, draw = self._floors(plan, employee, start, posted, self._worked(start, end))
        carried, reached = max(-net, ZERO), max(net, ZERO)
        filled = max(guarantee - reached, ZERO)
        drawn = max(draw - max(reached, guarantee), ZERO)
        recovered = min(owed, max(reached - max(guarantee, draw), ZERO))
        is_owed = plan.commission is not None and plan.commission.draw is not None and plan.commission.draw[1]
        sales = tuple(
            Line("sale", one.earned, one.line.key, one.line.day, one.line.amount, one.counted, one.calculated)
            for one in own.sales
        )
        adjustments = (
            ("carried", carried),
            ("guarantee", filled),
            ("draw", drawn),
            ("recovered", -recovered),
            ("bonus", bonus or ZERO),
        )
        lines = (*sales, *own.lines, *(Line(kind, amount) for kind, amount in adjustments if amount))
        pays = any(one.commission for one in self.plans if one.id == plan.id)
        known = (lambda value: value) if pays else (lambda value: None)
        return Statement(
            plan.version,
            "final" if end <= self.as_of + ONE_DAY else "provisional",
            posted or None,
            known(sum((one.calculated for one in own.sales), ZERO)),
            known(earned),
            known(clawback),
            known(carried),
            known(filled),
            known(drawn),
            known(-recovered),
            bonus,
            sum((line.amount for line in lines), ZERO),
            owed,
            owed - recovered + carried + (drawn if is_owed else ZERO),
            lines,
        )

    def _floors(self, plan: Plan, employee: str, start: date, posted: int, worked: int) -> tuple[Decimal, Decimal]:
        """Guarantee and draw of the days posted."""
        if plan.commission is None or not posted:
            return ZERO, ZERO
        amount, below = plan.commission.guarantee or (ZERO, None)
        if below is not None and completed_months(self.hired[employee], start) >= below:
            amount = ZERO
        drawn, _ = plan.commission.draw or (ZERO, False)
        return tuple(half_up(quotient(one * posted, worked), 2) for one in (amount, drawn))  # type: ignore[return-value]

    def _bonus(self, plan: Plan, employee: str, start: date, end: date) -> tuple[bool, Decimal | None]:
        """Whether the person is graded under the plan, and the bonus where that is final."""
        score = self.scores.get((employee, plan.period_type, start))
        if plan.bonus is None or score is None or not score.parts:
            return False, None
        if score.parts[max(score.parts)].standard.role not in plan.roles:
            return False, None
        if score.status == "provisional":
            return True, None
        amount = dict(plan.bonus).get(score.grade or "", ZERO)
        scored = sum(part.elapsed for part in score.parts.values() if part.status == "ok")
        if plan.bonus_pro_rata:
            amount = half_up(quotient(amount * scored, self._worked(start, end)), 2)
        return True, amount

    def _working_days(self, employee: str, plan: Plan, start: date, end: date) -> int:
        return sum(
            self._worked(max(first, start), min(until, end))
            for first, until, role in self.stretches[employee]
            if role in plan.roles and first <= self.as_of and first < end and start < until
        )

    def _worked(self, first: date, end: date) -> int:
        if (first, end) not in self.working:
            self.working[first, end] = sum(self.truth.is_working_day(day) for day in days(first, end - ONE_DAY))
        return self.working[first, end]


# rates


def _pay(commission: Commission, target: Decimal | None, total: Decimal, point: Decimal) -> Fraction:
    """What is earned from nothing up to a point, exactly."""
    tiers = _held(commission.tiers, commission.tiers_by == "attainment", commission.tiers_method, target, total)
    factors = ((ZERO, Decimal(1)), *commission.accelerators)
    factors = _held(factors, True, commission.accelerators_method, target, total)
    cuts = sorted({border for border, _ in (*tiers, *factors)})
    found = Fraction(0)
    for position, cut in enumerate(cuts):
        above = cuts[position + 1] if position + 1 < len(cuts) else None
        top = point if above is None else min(point, above)
        if top > cut or position == 0:
            rate = Fraction(_at(tiers, cut)) * Fraction(_at(factors, cut)) / 100
            found += rate * (Fraction(top) - Fraction(cut))
    return found


def _held(steps: Steps, by_attainment: bool, method: str, target: Decimal | None, total: Decimal) -> Steps:
    """The steps with borders as amounts; of retroactive ones the last reached, from zero on."""
    borders: list[tuple[Decimal, Decimal]] = []
    for border, value in steps:
        if border and by_attainment:
            if target is None:
                continue
            border = half_up(Decimal(target * border / 100), 6)
        borders.append((border, value))
    if method == "retroactive":
        return ((ZERO, [value for border, value in borders if border <= max(total, ZERO)][-1]),)
    return tuple(borders)


def _at(steps: Steps, point: Decimal) -> Decimal:
    return [value for border, value in steps if border <= point][-1]


def _capped(commission: Commission, amount: Fraction) -> Fraction:
    return amount if commission.cap is None else min(amount, Fraction(commission.cap))


def _cents(amount: Fraction) -> Decimal:
    """Rounded half away from zero."""
    size = Decimal(int(abs(amount) * 100 + Fraction(1, 2))) / 100
    return size if amount >= 0 else -size


# what is credited


_Met = dict[tuple[str, str], list[tuple[_Credited, Decimal]]]
"""Reversals with what they give back in document currency, by employee and line given back."""


def _met(credited: Sequence[_Credited]) -> _Met:
    found: _Met = defaultdict(list)
    together: dict[tuple[str, str, str], list[_Credited]] = defaultdict(list)
    for line in sorted(credited, key=lambda one: (one.day, one.key)):
        together[line.origin, line.employee, line.currency].append(line)
    for lines in together.values():
        sold = [line for line in lines if line.document > 0]
        unmet = {line.key: line.document for line in sold}
        for reversal in lines:
            left = -reversal.document if reversal.is_reversal else ZERO
            for one in sold:
                back = min(left, unmet[one.key])
                if back > 0:
                    unmet[one.key] -= back
                    left -= back
                    found[one.employee, one.key].append((reversal, back))
    return found


def _stretches(truth: Truth, employee: str) -> list[tuple[date, date, str]]:
    """Days of each posting on which its unit stands: first, end, role; in their order."""
    found = []
    for posting in truth.organisation.postings[employee]:
        for unit in truth.organisation.units.get(posting.unit_code, []):
            first, end = max(posting.valid_from, unit.valid_from), min(posting.valid_to, unit.valid_to)
            if first < end:
                found.append((first, end, posting.role))
    return sorted(found)


def _credited(truth: Truth, pays_on: str) -> Iterator[_Credited]:
    lines = {"bookings": _booked, "billings": _billed, "collections": _collected}[pays_on]
    return (line for line in lines(truth) if line.employee in truth.organisation.postings)


def _booked(truth: Truth) -> Iterator[_Credited]:
    ours = truth.company.reporting_currency
    returned = {line.key: line.returned_line_key for order in truth.company.orders for line in order.lines}
    for order in truth.company.orders:
        for line in order.lines if order.status == "confirmed" else ():
            origin = line.key
            while returned[origin] is not None:
                origin = str(returned[origin])
            cost = truth.cost_of.get(line.product_code)
            costs = truth.credit.line_parts(order, line, line.quantity * cost.cost, cost.currency) if cost else ()
            yield from _joined(
                truth.credit.line_parts(order, line, line.net_amount, ours),
                truth.credit.line_parts(order, line, line.net_amount, order.currency),
                origin,
                origin != line.key,
                order.currency,
                {part.employee_id: part.amount for part in costs},
            )


def _billed(truth: Truth) -> Iterator[_Credited]:
    ours = truth.company.reporting_currency
    for invoice in truth.company.invoices:
        for line in invoice.lines if invoice.status == "posted" else ():
            parts = _joined(
                truth.credit.invoice_parts(replace(invoice, currency=ours), line.net_amount),
                truth.credit.invoice_parts(invoice, line.net_amount),
                invoice.reversed_key or invoice.key,
                invoice.reversed_key is not None,
                invoice.currency,
                {},
            )
            yield from (replace(part, key=line.key, invoice=invoice.key) for part in parts)


def _collected(truth: Truth) -> Iterator[_Credited]:
    ours = truth.company.reporting_currency
    reversed_by = {invoice.key: invoice.reversed_key or invoice.key for invoice in truth.company.invoices}
    for payment in truth.company.payments:
        if payment.status == "posted":
            invoice = payment.invoice_key
            yield from _joined(
                truth.credit.payment_parts(payment, ours),
                truth.credit.payment_parts(payment, payment.currency),
                reversed_by[invoice] if invoice else payment.key,
                invoice is not None,
                payment.currency,
                {},
            )


def _joined(
    documents: Iterator[CreditedAmount],
    amounts: Iterator[CreditedAmount],
    origin: str,
    names_origin: bool,
    currency: str,
    costs: Mapping[str, Decimal],
) -> Iterator[_Credited]:
    """The parts of one line, in document and in reporting currency."""
    for document, part in zip(documents, amounts, strict=True):
        yield _Credited(
            part.document_key,
            origin,
            names_origin and document.amount < 0,
            part.employee_id,
            part.day,
            currency,
            document.amount,
            part.amount,
            costs.get(part.employee_id),
        )
