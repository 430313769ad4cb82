"""What customers owe: posted invoices with the credit notes and payments that change what is left of them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.sandbox.company import BenchmarkCompany, Invoice

ZERO = Decimal(0)


@dataclass(frozen=True)
class Receivable:
    """An invoice and all that changes what is left of it, in the invoice's currency."""

    invoice: Invoice
    entries: tuple[tuple[date, Decimal], ...]

    def left_on(self, day: date) -> Decimal:
        """What is left to pay at the end of a day; 0 where more was paid."""
        return max(sum((amount for entry_day, amount in self.entries if entry_day <= day), ZERO), ZERO)


def receivables(company: BenchmarkCompany) -> list[Receivable]:
    """One for every invoice posted."""
    posted = [invoice for invoice in company.invoices if invoice.status == "posted"]
    entries: dict[str, list[tuple[date, Decimal]]] = {one.key: [] for one in posted if one.invoice_type == "invoice"}
    origin = {one.key: one.reversed_key or one.key for one in posted}
    for one in posted:
        if origin[one.key] in entries:
            entries[origin[one.key]].append((one.invoice_date, sum((line.net_amount for line in one.lines), ZERO)))
    for payment in company.payments:
        paid = origin.get(payment.invoice_key or "")
        if payment.status == "posted" and paid in entries:
            entries[paid].append((payment.payment_date, -payment.amount))
    return [Receivable(one, tuple(entries[one.key])) for one in posted if one.key in entries]
