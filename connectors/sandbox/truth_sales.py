"""The benchmark company's business: orders and returns, invoices and credit notes, payments, and the CRM's records.

Amounts carry no tax. A line's net amount is quantity x price x (1 - discount), rounded half-up to cents; a return is
an order of its own whose lines are negative and name the line they return; a credit note repeats lines of the invoice
it reverses with the sign turned.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from zoneinfo import ZoneInfo

from connectors.sandbox.company import (
    Activity,
    Assignment,
    Case,
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
)

CENT = Decimal("0.01")
COMPANY_TIME = ZoneInfo("Asia/Shanghai")
CURRENCIES = {"CN": "CNY", "DE": "EUR", "US": "USD", "GB": "USD"}
PRICE_DIVISOR = {"CNY": Decimal(1), "USD": Decimal("7.2"), "EUR": Decimal("7.8")}
SPLIT_SHARES = ("0.7 0.3", "0.5 0.5", "0.6 0.25 0.15", "0.333333333 0.333333333 0.333333334")
STAGES = ("Prospecting", "Qualification", "Proposal/Price Quote", "Negotiation/Review")


def cents(amount: Decimal) -> Decimal:
    """Rounded half-up to two decimals."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def exchange_rates(rng: Random, first_day: date, last_day: date) -> tuple[Rate, ...]:
    """Weekly USD and EUR rates in CNY, four decimals, from the week before the data begins."""
    found = []
    for currency, value in (("USD", 71_800), ("EUR", 78_100)):
        day = first_day - timedelta(days=7)
        while day <= last_day:
            value += rng.randrange(-350, 351)
            found.append(Rate(currency, day, Decimal(value) / 10_000))
            day += timedelta(days=7)
    return tuple(found)


class Roster:
    """Who could sell on a day: mostly the customer's owner while posted to sales, else one of the owner's last unit."""

    def __init__(self, sellers: dict[str, list[Assignment]], fallback: Sequence[Assignment]) -> None:
        self._by_unit = sellers
        self._by_person: dict[str, list[Assignment]] = {}
        for posting in fallback:
            self._by_person.setdefault(posting.employee_number, []).append(posting)
        self._everyone = list(fallback)

    def seller(self, rng: Random, party: Party, day: date) -> str:
        """The person who handles the customer on that day."""
        own = self._by_person.get(party.owner_number or "", [])
        if rng.random() < 0.67 and any(posting.valid_from <= day < posting.valid_to for posting in own):
            return own[0].employee_number
        unit = own[-1].unit_code if own else ""
        return self._somebody(rng, self._by_unit.get(unit, []), day) or self.anybody(rng, day)

    def anybody(self, rng: Random, day: date) -> str:
        """Any salesperson posted on that day."""
        return self._somebody(rng, self._everyone, day) or self._everyone[0].employee_number

    def _somebody(self, rng: Random, postings: Sequence[Assignment], day: date) -> str | None:
        start = rng.randrange(len(postings)) if postings else 0
        for step in range(len(postings)):
            posting = postings[(start + step) % len(postings)]
            if posting.valid_from <= day < posting.valid_to:
                return posting.employee_number
        return None


def orders(
    rng: Random,
    count: int,
    parties: Sequence[Party],
    products: Sequence[Product],
    roster: Roster,
    first_day: date,
    last_day: date,
) -> Iterator[Order]:
    """Orders in no particular order of date, each followed by its return if there is one; numbers are given later."""
    known = [party for party in parties if party.erp_name]
    for rank in range(1, count + 1):
        # every 40th order comes from a customer nobody owns, so that `unassigned` is never empty
        ownerless = [party for party in known if party.owner_number is None] if rank % 40 == 20 else []
        party = rng.choice(ownerless or known)
        start = max(first_day, party.created)
        day = start + timedelta(days=rng.randrange((last_day - start).days + 1))
        order = _order(rng, f"O{rank:07d}", rank, party, products, roster, day)
        yield order
        returned = day + timedelta(days=rng.randrange(10, 90))
        if order.status == "confirmed" and rank % 25 in (3, 14) and returned <= last_day:
            yield _return(rng, order, roster.seller(rng, party, returned), returned)


def _order(
    rng: Random, key: str, rank: int, party: Party, products: Sequence[Product], roster: Roster, day: date
) -> Order:
    currency = CURRENCIES[party.country]
    lines = tuple(_line(rng, f"{key}-{position}", currency, products) for position in range(1, rng.randrange(1, 6) + 1))
    owner = None if rank % 40 == 20 or rank % 40 == 30 else roster.seller(rng, party, day)
    status = {11: "draft", 17: "cancelled"}.get(rank % 24, "confirmed")
    splits = _splits(rng, owner, roster, day) if owner and rank % 16 == 5 else ()
    return Order(key, "", party.key, owner, status, day, currency, lines, splits)


def _line(rng: Random, key: str, currency: str, products: Sequence[Product]) -> OrderLine:
    product, quantity = rng.choice(products), Decimal(rng.choice((1, 1, 2, 3, 5, 10)))
    price = cents(product.list_price / PRICE_DIVISOR[currency])
    discount = Decimal(rng.choice((0, 0, 0, 5, 10, 15, 12))) + Decimal(rng.choice((0, 0, 5))) / 10
    return OrderLine(key, product.code, quantity, price, discount, _net(quantity, price, discount))


def _net(quantity: Decimal, price: Decimal, discount: Decimal) -> Decimal:
    return cents(quantity * price * (100 - discount) / 100)


def _splits(rng: Random, owner: str, roster: Roster, day: date) -> tuple[tuple[str, Decimal], ...]:
    """Shares of an order for its owner and others posted that day; a share nobody else can take makes no split."""
    shares = rng.choice(SPLIT_SHARES).split()
    people = [owner]
    for _ in range(20):
        other = roster.anybody(rng, day)
        if other not in people and len(people) < len(shares):
            people.append(other)
    return tuple(zip(people, map(Decimal, shares), strict=True)) if len(people) == len(shares) else ()


def _return(rng: Random, order: Order, owner: str, day: date) -> Order:
    """The customer sends back some lines, in whole or in part."""
    lines = rng.sample(order.lines, rng.randrange(1, len(order.lines) + 1))
    key = f"{order.key}R"
    return replace(
        order,
        key=key,
        owner_number=owner,
        order_date=day,
        splits=(),
        lines=tuple(_returned(rng, f"{key}-{position}", line) for position, line in enumerate(lines, 1)),
    )


def _returned(rng: Random, key: str, line: OrderLine) -> OrderLine:
    quantity = Decimal(rng.randrange(1, int(line.quantity) + 1))
    net = _net(-quantity, line.unit_price, line.discount_pct)
    return replace(line, key=key, quantity=-quantity, net_amount=net, returned_line_key=line.key)


def numbered(found: Iterable[Order]) -> tuple[Order, ...]:
    """Orders by date, numbered in that order within their year."""
    ordered = sorted(found, key=lambda order: (order.order_date, order.key))
    counts: dict[int, int] = {}
    return tuple(replace(order, number=_number("SO", order.order_date.year, counts)) for order in ordered)


def _number(prefix: str, year: int, counts: dict[int, int]) -> str:
    counts[year] = counts.get(year, 0) + 1
    return f"{prefix}{year}-{counts[year]:07d}"


def invoices(
    rng: Random,
    found: Sequence[Order],
    parties: Sequence[Party],
    products: Sequence[Product],
    roster: Roster,
    last_day: date,
) -> tuple[Invoice, ...]:
    """Invoices of orders, invoices without an order, and credit notes; numbered by date."""
    made = [invoice for order in found if _is_sale(order) for invoice in _billing(rng, order, last_day)]
    made += _service_invoices(rng, len(found) // 50 + 2, parties, products, roster, last_day)
    by_line = {
        line.order_line_key: invoice
        for invoice in made
        if invoice.status == "posted"
        for line in invoice.lines
        if line.order_line_key
    }
    made += [note for order in found if not _is_sale(order) for note in _credit_notes(order, by_line, last_day)]
    ordered = sorted(made, key=lambda invoice: (invoice.invoice_date, invoice.key))
    counts: dict[int, int] = {}
    return tuple(replace(invoice, number=_number("INV", invoice.invoice_date.year, counts)) for invoice in ordered)


def _is_sale(order: Order) -> bool:
    return order.lines[0].returned_line_key is None


def _billing(rng: Random, order: Order, last_day: date) -> Iterator[Invoice]:
    """None (not billed yet), one, or two invoices of an order; two share out its lines."""
    draw, day = rng.random(), order.order_date + timedelta(days=rng.randrange(2, 21))
    if order.status != "confirmed" or draw < 0.06 or day > last_day:
        return
    half = len(order.lines) // 2 if draw > 0.85 else 0
    for part, lines in enumerate((order.lines[:half], order.lines[half:]), 1):
        billed = min(day + timedelta(days=15 * (part - 1) if half else 0), last_day)
        if lines:
            yield _invoice(rng, f"{order.key}I{part}", order, lines, billed)


def _invoice(rng: Random, key: str, order: Order, lines: Sequence[OrderLine], day: date) -> Invoice:
    return Invoice(
        key=key,
        number="",
        invoice_type="invoice",
        party_key=order.party_key,
        owner_number=order.owner_number,
        order_key=order.key,
        reversed_key=None,
        status=rng.choice(("draft", "cancelled")) if rng.random() < 0.05 else "posted",
        invoice_date=day,
        due_date=day + timedelta(days=rng.choice((30, 45, 60))),
        currency=order.currency,
        lines=tuple(
            InvoiceLine(f"{key}-{position}", line.key, line.product_code, line.quantity, line.net_amount)
            for position, line in enumerate(lines, 1)
        ),
    )


def _service_invoices(
    rng: Random, count: int, parties: Sequence[Party], products: Sequence[Product], roster: Roster, last_day: date
) -> Iterator[Invoice]:
    """Invoices no order stands behind, with and without owner; every fifth is reversed in full."""
    known = [party for party in parties if party.erp_name]
    for rank in range(1, count + 1):
        party, day = rng.choice(known), last_day - timedelta(days=rng.randrange(20, 360))
        key, currency = f"S{rank:06d}I", CURRENCIES[party.country]
        amount = cents(Decimal(rng.randrange(50_000, 900_000)) / 100 / PRICE_DIVISOR[currency])
        invoice = Invoice(
            key=key,
            number="",
            invoice_type="invoice",
            party_key=party.key,
            owner_number=roster.seller(rng, party, day) if rank % 2 else None,
            order_key=None,
            reversed_key=None,
            status="posted",
            invoice_date=day,
            due_date=day + timedelta(days=30),
            currency=currency,
            lines=(InvoiceLine(f"{key}-1", None, rng.choice(products).code, Decimal(1), amount),),
        )
        yield invoice
        if rank % 5 == 2:
            yield _note(
                invoice,
                f"{key}R",
                day + timedelta(days=15),
                [(line, line.quantity, line.net_amount) for line in invoice.lines],
            )


def _note(invoice: Invoice, key: str, day: date, lines: Sequence[tuple[InvoiceLine, Decimal, Decimal]]) -> Invoice:
    """A posted credit note over some lines of an invoice; each with the quantity and amount to take back."""
    return replace(
        invoice,
        key=key,
        number="",
        invoice_type="credit_note",
        reversed_key=invoice.key,
        status="posted",
        invoice_date=day,
        due_date=day,
        lines=tuple(
            replace(line, key=f"{key}-{position}", quantity=-quantity, net_amount=-amount)
            for position, (line, quantity, amount) in enumerate(lines, 1)
        ),
    )


def _credit_notes(order: Order, by_line: dict[str, Invoice], last_day: date) -> Iterator[Invoice]:
    """One credit note per invoice whose lines a return takes back; none while the sale is not billed."""
    day = order.order_date + timedelta(days=4)
    reversed_invoices = {
        by_line[key].key: by_line[key] for line in order.lines if (key := line.returned_line_key) in by_line and key
    }
    for position, invoice in enumerate(reversed_invoices.values(), 1):
        returned = {line.returned_line_key: line for line in order.lines}
        lines = [
            (line, -returned[line.order_line_key].quantity, -returned[line.order_line_key].net_amount)
            for line in invoice.lines
            if line.order_line_key in returned
        ]
        if invoice.invoice_date <= day <= last_day:
            yield _note(invoice, f"{order.key}N{position}", day, lines)


def payments(rng: Random, found: Sequence[Invoice], parties: Sequence[Party], last_day: date) -> tuple[Payment, ...]:
    """Payments of posted invoices in one or two parts, refunds of some credit notes, a few advances without invoice."""
    made = [payment for invoice in found if invoice.status == "posted" for payment in _paid(rng, invoice, last_day)]
    known = [party for party in parties if party.erp_name]
    for rank in range(1, len(found) // 100 + 3):
        party, day = rng.choice(known), last_day - timedelta(days=rng.randrange(5, 300))
        amount = Decimal(rng.randrange(100_000, 900_000)) / 100
        made.append(Payment(f"A{rank:06d}P", party.key, None, "posted", day, CURRENCIES[party.country], amount))
    return tuple(sorted(made, key=lambda payment: (payment.payment_date, payment.key)))


def _paid(rng: Random, invoice: Invoice, last_day: date) -> Iterator[Payment]:
    total, draw = sum((line.net_amount for line in invoice.lines), Decimal(0)), rng.random()
    if draw > (0.5 if invoice.invoice_type == "credit_note" else 0.9):
        return
    first = cents(total / 2) if draw < 0.12 else total
    for part, amount in enumerate((first, total - first), 1):
        day = invoice.invoice_date + timedelta(days=rng.randrange(12, 50) * part)
        if amount and day <= last_day:
            status = rng.choice(("draft", "cancelled")) if rng.random() < 0.03 else "posted"
            yield Payment(
                f"{invoice.key}P{part}", invoice.party_key, invoice.key, status, day, invoice.currency, amount
            )


def opportunities(
    rng: Random, count: int, parties: Sequence[Party], roster: Roster, first_day: date, last_day: date
) -> tuple[Opportunity, ...]:
    """Deals of the CRM's customers; about half won, a third lost, the rest open."""
    known = [party for party in parties if party.crm_name]
    return tuple(
        _opportunity(rng, rank, rng.choice(known), roster, first_day, last_day) for rank in range(1, count + 1)
    )


def left_behind(
    rng: Random, employees: Sequence[Employee], deals: Sequence[Opportunity], parties: Sequence[Party]
) -> tuple[Opportunity, ...]:
    """An open deal for the first leaver, where that person's last ones were all closed."""
    leaver = next(person for person in employees if person.left)
    assert leaver.left is not None
    if any(deal.owner_number == leaver.number and deal.status == "open" for deal in deals):
        return ()
    party = rng.choice([party for party in parties if party.crm_name])
    created, currency = leaver.left - timedelta(days=rng.randrange(20, 40)), CURRENCIES[party.country]
    stay = StageStay(STAGES[0], _moment(rng, created), None)
    return (
        Opportunity(
            f"D{len(deals) + 1:07d}",
            f"{(party.crm_name or '').strip()} - 交接",
            party.key,
            leaver.number,
            "open",
            cents(Decimal(rng.randrange(20_000, 900_000)) / PRICE_DIVISOR[currency]),
            currency,
            created,
            created + timedelta(days=rng.randrange(60, 200)),
            None,
            (stay,),
        ),
    )


def _opportunity(rng: Random, rank: int, party: Party, roster: Roster, first_day: date, last_day: date) -> Opportunity:
    created = first_day + timedelta(days=rng.randrange(-40, (last_day - first_day).days - 10))
    stays, outcome = _stages(rng, created, last_day)
    closed = stays[-1].entered_at.astimezone(COMPANY_TIME).date() if outcome != "open" else None
    currency = CURRENCIES[party.country]
    amount = None if rank % 30 == 7 else cents(Decimal(rng.randrange(20_000, 900_000)) / PRICE_DIVISOR[currency])
    name = f"{(party.crm_name or '').strip()} - {rng.choice(('新线', '改造', '备件年框', '扩产', '试点'))} {rank}"
    owner = roster.seller(rng, party, closed or max(created, first_day))
    expected = closed or created + timedelta(days=rng.randrange(60, 200))
    return Opportunity(
        f"D{rank:07d}", name, party.key, owner, outcome, amount, currency, created, expected, closed, stays
    )


def _stages(rng: Random, created: date, last_day: date) -> tuple[tuple[StageStay, ...], str]:
    """The stays, oldest first; entered at any hour, so that the UTC date is often the day before."""
    outcome = rng.choice(("Closed Won", "Closed Won", "Closed Lost", "Closed Lost", None, "Closed Won"))
    steps = [*STAGES[: rng.randrange(2, 5)], *([outcome] if outcome else [])]
    entries, day = [], created
    for step in steps:
        if day > last_day:
            break
        entries.append((step, _moment(rng, day)))
        day += timedelta(days=rng.randrange(3, 40))
    leaving: list[datetime | None] = [entered for _, entered in entries[1:]]
    stays = tuple(
        StageStay(step, entered, left) for (step, entered), left in zip(entries, [*leaving, None], strict=True)
    )
    return stays, {"Closed Won": "won", "Closed Lost": "lost"}.get(stays[-1].stage, "open")


def _moment(rng: Random, day: date) -> datetime:
    return datetime.combine(day, time(rng.randrange(24), rng.randrange(60)), COMPANY_TIME).astimezone(UTC)


def leads(
    rng: Random, count: int, deals: Sequence[Opportunity], roster: Roster, first_day: date, last_day: date
) -> tuple[Lead, ...]:
    """Enquiries; every third became one of the deals."""
    return tuple(_lead(rng, rank, deals, roster, first_day, last_day) for rank in range(1, count + 1))


def _lead(
    rng: Random, rank: int, deals: Sequence[Opportunity], roster: Roster, first_day: date, last_day: date
) -> Lead:
    channel, company = rng.choice(("Web", "Trade Show", "Referral", "Phone")), f"潜在客户{rank:05d}有限公司"
    if rank % 3 == 0 and rank // 3 <= len(deals):
        deal = deals[rank // 3 - 1]
        created = deal.created - timedelta(days=rng.randrange(1, 20))
        return Lead(
            f"L{rank:07d}",
            f"询价 {rank}",
            company,
            deal.owner_number,
            "converted",
            channel,
            created,
            deal.created,
            deal.key,
        )
    created = first_day + timedelta(days=rng.randrange((last_day - first_day).days + 1))
    status, owner = rng.choice(("open", "lost")), roster.anybody(rng, created)
    return Lead(f"L{rank:07d}", f"询价 {rank}", company, owner, status, channel, created, None, None)


def activities(
    rng: Random,
    count: int,
    parties: Sequence[Party],
    deals: Sequence[Opportunity],
    roster: Roster,
    first_day: date,
    last_day: date,
) -> tuple[Activity, ...]:
    """Calls, visits, meetings, mails and tasks; most done, some planned or cancelled, a third on a deal."""
    known = [party for party in parties if party.crm_name]
    return tuple(_activity(rng, rank, known, deals, roster, first_day, last_day) for rank in range(1, count + 1))


def _activity(
    rng: Random,
    rank: int,
    known: Sequence[Party],
    deals: Sequence[Opportunity],
    roster: Roster,
    first_day: date,
    last_day: date,
) -> Activity:
    day, kind = first_day + timedelta(days=rng.randrange((last_day - first_day).days + 1)), rng.choice(_KINDS)
    deal = rng.choice(deals) if rank % 3 == 0 else None
    party = rng.choice(known)
    status = rng.choice(("done",) * 17 + ("planned", "cancelled", "cancelled"))
    party_key = deal.party_key if deal else party.key
    owner = roster.seller(rng, party, day)
    subject = f"{_SUBJECTS[kind]} {rank}"
    return Activity(f"V{rank:07d}", kind, subject, owner, party_key, deal.key if deal else None, day, status)


_KINDS = ("visit", "visit", "call", "call", "meeting", "mail", "task")
_SUBJECTS = {"visit": "客户拜访", "call": "电话回访", "meeting": "方案讨论", "mail": "邮件跟进", "task": "待办"}


def cases(
    rng: Random, count: int, parties: Sequence[Party], engineers: Sequence[str], first_day: date, last_day: date
) -> tuple[Case, ...]:
    """Service cases of after-sales engineers; one in four still open."""
    known = [party for party in parties if party.crm_name]
    return tuple(_case(rng, rank, rng.choice(known), engineers, first_day, last_day) for rank in range(1, count + 1))


def _case(rng: Random, rank: int, party: Party, engineers: Sequence[str], first_day: date, last_day: date) -> Case:
    opened = _moment(rng, first_day + timedelta(days=rng.randrange((last_day - first_day).days)))
    closed = opened + timedelta(hours=rng.randrange(1, 400)) if rank % 4 else None
    if closed and closed.astimezone(COMPANY_TIME).date() > last_day:
        closed = None
    status, priority = "closed" if closed else "open", rng.choice(("High", "Medium", "Low"))
    return Case(f"K{rank:07d}", f"{rank:08d}", party.key, rng.choice(engineers), status, priority, opened, closed)
