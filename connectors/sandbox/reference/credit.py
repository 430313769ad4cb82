"""Who is credited with what money.

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
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from connectors.sandbox.company import BenchmarkCompany, Invoice, Order, OrderLine, Payment
from connectors.sandbox.reference.values import UNASSIGNED, Shares

MICRO = Decimal("0.000001")


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


class CreditBook:
    """Credit of every document of the truth."""

    def __init__(self, company: BenchmarkCompany) -> None:
        self.company = company
        self._orders = {order.key: order for order in company.orders}
        self._order_of_line = {line.key: order for order in company.orders for line in order.lines}
        self._invoices = {invoice.key: invoice for invoice in company.invoices}
        self._owners = {party.key: party.owner_number for party in company.parties}
        self._rates = _rates_by_currency(company)

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
                    yield from self.line_parts(order, line, line.net_amount, order.currency)

    def line_parts(self, order: Order, line: OrderLine, amount: Decimal, currency: str) -> Iterator[CreditedAmount]:
        """Any amount of an order line, shared out like the line."""
        return self._parts(line.key, amount, currency, order.order_date, self._line_credit(order, line))

    def invoice_parts(self, invoice: Invoice, amount: Decimal) -> Iterator[CreditedAmount]:
        """An amount of a whole invoice in its currency, shared out like the invoice."""
        return self._parts(invoice.key, amount, invoice.currency, invoice.invoice_date, self.invoice_credit(invoice))

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
                yield from self.payment_parts(payment, payment.currency)

    def payment_parts(self, payment: Payment, currency: str) -> Iterator[CreditedAmount]:
        """A payment's amount, taken as of that currency, shared out like the payment."""
        credit = self._payment_credit(payment)
        return self._parts(payment.key, payment.amount, currency, payment.payment_date, credit)

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

    def has_rate(self, currency: str, day: date) -> bool:
        """Whether a rate is known by that day."""
        days, _ = self._rates.get(currency, ([], []))
        return currency == self.company.reporting_currency or bisect_right(days, day) > 0

    def rate(self, currency: str, day: date) -> Decimal:
        """CNY (reporting currency) for one unit; raises LookupError when no rate is known by that day."""
        if currency == self.company.reporting_currency:
            return Decimal(1)
        days, rates = self._rates.get(currency, ([], []))
        position = bisect_right(days, day)
        if position == 0:
            raise LookupError(f"no {currency} rate on or before {day}")
        return rates[position - 1]


def _micro(amount: Decimal) -> Decimal:
    return amount.quantize(MICRO, ROUND_HALF_UP)


def _rates_by_currency(company: BenchmarkCompany) -> dict[str, tuple[list[date], list[Decimal]]]:
    found: dict[str, tuple[list[date], list[Decimal]]] = {}
    for rate in sorted(company.rates, key=lambda one: (one.currency, one.rate_date)):
        days, rates = found.setdefault(rate.currency, ([], []))
        days.append(rate.rate_date)
        rates.append(rate.rate)
    return found
