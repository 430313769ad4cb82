"""Trade on a real Odoo server, so that there is something to compare; and what may happen to it afterwards.

Everything is done over JSON-RPC as the server's own users would do it, and carries the mark `Scoreline`; what the
server brought along stays as it is. `trade` may be repeated: what is there is kept, what is missing or moved is mended.
"""

from dataclasses import dataclass

from tests.real.odoo_server import OdooServer

Payments = tuple[tuple[str, float | None], ...]
"""Days and amounts."""


@dataclass(frozen=True)
class Deal:
    """One order to be: what becomes of it, and when. Amounts net in the order's currency."""

    number: int
    seller: str
    currency: str
    ordered: str
    """Moment of confirmation, UTC."""
    prices: tuple[float, ...]
    invoiced: str | None = None
    """Day of the posted invoice."""
    paid: Payments = ()
    credited: str | None = None
    """Day of a posted credit note over the whole invoice."""
    paid_back: str | None = None
    """Day on which the credit note is paid out."""

    @property
    def mark(self) -> str:
        return f"Scoreline {self.number:02}"


DEALS = (
    # 23:30 UTC on 29 February is 1 March in Brussels: the company's day counts
    Deal(1, "admin", "USD", "2024-02-29 23:30:00", (1234.56, 99.99), "2024-03-04", (("2024-04-02", 1000.0),)),
    Deal(2, "demo", "USD", "2024-03-11 09:00:00", (780.10, 19.95, 0.35), "2024-03-31", (("2024-05-15", 800.40),)),
    Deal(3, "demo", "EUR", "2024-03-12 10:00:00", (450.25, 333.33), "2024-04-01", (("2024-04-20", 783.58),)),
    Deal(4, "admin", "EUR", "2024-05-02 08:00:00", (2799.99,), "2024-05-06", credited="2024-06-03"),
    Deal(5, "demo", "USD", "2024-12-31 22:59:59", (640.05,), "2025-01-02", (("2025-01-20", 640.05),), "2025-02-03"),
    # one second later it is a new year in Brussels
    Deal(6, "admin", "USD", "2024-12-31 23:00:00", (88.88, 11.12)),
    Deal(7, "demo", "EUR", "2025-06-16 12:00:00", (0.07, 12.34, 56.78), "2025-06-30"),
    Deal(8, "admin", "USD", "2025-09-01 06:00:00", (10250.00,), "2025-09-02", (("2025-09-30", 5000.0),)),
    Deal(
        9,
        "demo",
        "USD",
        "2025-09-15 06:00:00",
        (315.15,),
        "2025-09-16",
        (("2025-09-17", 315.15),),
        credited="2025-10-01",
        paid_back="2025-10-06",
    ),
)


GIVEN_AWAY = "Scoreline 02"
"""The order that gets another salesperson."""
OPEN = "Scoreline 01"
"""The order whose invoice is settled out of a payment that was made on account."""
ON_ACCOUNT, LEAVER, DRAFT, LOST = "Scoreline on account", "Scoreline Leaver", "Scoreline draft", "Scoreline lost deal"
"""That payment; a partner, an order and an opportunity that are there only to be archived or deleted."""


def trade(odoo: OdooServer) -> None:
    """Orders, invoices, payments and credit notes as in DEALS, and what `afterwards` needs."""
    partner = odoo.make("res.partner", "name", "Scoreline Trading", is_company=True)
    product = odoo.make(
        "product.product", "default_code", "SCORELINE", name="Scoreline Chair", invoice_policy="order", taxes_id=[[5]]
    )
    for deal in DEALS:
        order = _order(odoo, deal, partner, product)
        if deal.invoiced:
            invoice = _invoice(odoo, deal, order)
            _pay(odoo, invoice, deal.paid)
            if deal.credited:
                note = _credit_note(odoo, invoice, deal.credited)
                _pay(odoo, note, ((deal.paid_back, None),) if deal.paid_back else ())
    _set_apart(odoo, _payment_on_account(odoo, partner))
    leaver = odoo.make("res.partner", "name", LEAVER, is_company=True)
    odoo.call("res.partner", "write", [leaver], {"active": True})
    if not odoo.find("sale.order", ["client_order_ref", "=", DRAFT]):
        _draft(odoo, DRAFT, DEALS[0], partner, product)
    if not odoo.find("crm.lead", ["name", "=", LOST]):
        seller = odoo.the("res.users", ["login", "=", "demo"])
        deal_lost = odoo.make("crm.lead", "name", LOST, type="opportunity", partner_id=partner, user_id=seller)
        odoo.call("crm.lead", "action_set_lost", [deal_lost])


def afterwards(odoo: OdooServer) -> None:
    """One order changes hands, a payment on account settles an invoice, a partner is archived; a draft order and a lost
    opportunity are deleted."""
    order = odoo.the("sale.order", ["client_order_ref", "=", GIVEN_AWAY])
    odoo.call("sale.order", "write", [order], {"user_id": odoo.the("res.users", ["login", "=", "admin"])})
    settled = odoo.the("sale.order", ["client_order_ref", "=", OPEN])
    invoice = min(odoo.read("sale.order", settled, "invoice_ids")["invoice_ids"])
    item = _receivable_item(odoo, odoo.the("account.payment", ["ref", "=", ON_ACCOUNT]))
    odoo.call("account.move", "js_assign_outstanding_line", [invoice], item)
    odoo.call("res.partner", "write", [odoo.the("res.partner", ["name", "=", LEAVER])], {"active": False})
    odoo.call("sale.order", "unlink", [odoo.the("sale.order", ["client_order_ref", "=", DRAFT])])
    odoo.call("crm.lead", "unlink", [odoo.the("crm.lead", ["name", "=", LOST])])


def _payment_on_account(odoo: OdooServer, partner: int) -> int:
    """A posted payment of more than any open invoice, for no invoice in particular."""
    found = odoo.find("account.payment", ["ref", "=", ON_ACCOUNT])
    if found:
        return found
    payment = {
        "ref": ON_ACCOUNT,
        "payment_type": "inbound",
        "partner_type": "customer",
        "partner_id": partner,
        "amount": 1000.0,
        "date": "2025-03-03",
        "journal_id": odoo.the("account.journal", ["type", "=", "bank"]),
    }
    id: int = odoo.call("account.payment", "create", payment)
    odoo.call("account.payment", "action_post", [id])
    return id


def _set_apart(odoo: OdooServer, payment: int) -> None:
    """Take the payment off whatever invoice it was matched with."""
    odoo.call("account.move.line", "remove_move_reconcile", [_receivable_item(odoo, payment)])


def _receivable_item(odoo: OdooServer, payment: int) -> int:
    move = odoo.read("account.payment", payment, "move_id")["move_id"]
    return odoo.the("account.move.line", ["move_id", "=", move], ["account_internal_type", "=", "receivable"])


def _order(odoo: OdooServer, deal: Deal, partner: int, product: int) -> int:
    """The confirmed order; the server stamps a confirmation with its own clock, so the moment is written afterwards."""
    found = odoo.find("sale.order", ["client_order_ref", "=", deal.mark])
    order = found or _draft(odoo, deal.mark, deal, partner, product)
    seller = odoo.the("res.users", ["login", "=", deal.seller])
    now = odoo.read("sale.order", order, "state", "user_id")
    if now["state"] == "draft":
        odoo.call("sale.order", "action_confirm", [order])
        odoo.call("sale.order", "write", [order], {"date_order": deal.ordered})
    if now["user_id"] != seller:
        odoo.call("sale.order", "write", [order], {"user_id": seller})
    return order


def _draft(odoo: OdooServer, mark: str, deal: Deal, partner: int, product: int) -> int:
    currency = odoo.the("res.currency", ["name", "=", deal.currency])
    pricelist = odoo.make("product.pricelist", "name", f"Scoreline {deal.currency}", currency_id=currency)
    lines = [[0, 0, {"product_id": product, "price_unit": price, "product_uom_qty": 1}] for price in deal.prices]
    order = {
        "client_order_ref": mark,
        "partner_id": partner,
        "user_id": odoo.the("res.users", ["login", "=", deal.seller]),
        "pricelist_id": pricelist,
        "order_line": lines,
    }
    return odoo.call("sale.order", "create", order)


def _invoice(odoo: OdooServer, deal: Deal, order: int) -> int:
    """The posted invoice over the whole order."""
    if not odoo.read("sale.order", order, "invoice_ids")["invoice_ids"]:
        # the day is given at once: the ledger takes the exchange rate of the day a draft was made for
        day = {"default_invoice_date": deal.invoiced, "default_date": deal.invoiced}
        answers = {"advance_payment_method": "delivered"}
        odoo.wizard("sale.advance.payment.inv", "create_invoices", "sale.order", order, answers, **day)
    invoice = min(odoo.read("sale.order", order, "invoice_ids")["invoice_ids"])
    _post(odoo, invoice, deal.invoiced)
    return invoice


def _post(odoo: OdooServer, move: int, day: str | None) -> None:
    if odoo.read("account.move", move, "state")["state"] == "draft":
        odoo.call("account.move", "write", [move], {"invoice_date": day, "date": day})
        odoo.call("account.move", "action_post", [move])


def _credit_note(odoo: OdooServer, invoice: int, day: str) -> int:
    """The posted credit note over the whole invoice."""
    note = odoo.find("account.move", ["reversed_entry_id", "=", invoice])
    if not note:
        answers = {"refund_method": "refund", "date": day}
        odoo.wizard("account.move.reversal", "reverse_moves", "account.move", invoice, answers)
        note = odoo.the("account.move", ["reversed_entry_id", "=", invoice])
    _post(odoo, note, day)
    return note


def _pay(odoo: OdooServer, move: int, payments: Payments) -> None:
    """Payments for an invoice or credit note; without an amount, of all that is open."""
    if payments and odoo.read("account.move", move, "payment_state")["payment_state"] == "not_paid":
        for day, amount in payments:
            answers = {"payment_date": day, **({"amount": amount} if amount else {})}
            odoo.wizard("account.payment.register", "action_create_payments", "account.move", move, answers)
