"""The benchmark company's ERP side written down as Odoo records (fields and quirks as the version has them)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from connectors.sandbox.company import BenchmarkCompany, Employee, Invoice, Opportunity, Order, Payment
from connectors.sandbox.odoo_database import OdooDatabase, Row

OWN_COMPANY = 1
ONE_DAY = timedelta(days=1)
_ORDER_STATES = {"draft": "draft", "confirmed": "sale", "cancelled": "cancel"}
_MOVE_STATES = {"draft": "draft", "posted": "posted", "cancelled": "cancel"}

_MODELS: dict[str, tuple[str, str]] = {
    "res.company": (
        "name:char currency_id:many2one:res.currency partner_id:many2one:res.partner",
        "id",
    ),
    "res.currency": (
        "name:char active:boolean decimal_places:integer rate:float",
        "name",
    ),
    "res.currency.rate": (
        "name:date rate:float currency_id:many2one:res.currency company_id:many2one:res.company",
        "name desc",
    ),
    "res.country": (
        "name:char code:char",
        "name",
    ),
    "res.country.state": (
        "name:char code:char country_id:many2one:res.country",
        "name",
    ),
    "res.partner.industry": (
        "name:char full_name:char active:boolean",
        "name",
    ),
    "res.partner": (
        "name:char is_company:boolean type:selection parent_id:many2one:res.partner "
        "commercial_partner_id:many2one:res.partner ref:char vat:char email:char phone:char website:char "
        "function:char street:char street2:char city:char zip:char state_id:many2one:res.country.state "
        "country_id:many2one:res.country industry_id:many2one:res.partner.industry "
        "category_id:many2many:res.partner.category user_id:many2one:res.users customer_rank:integer "
        "supplier_rank:integer active:boolean company_id:many2one:res.company image_128:binary",
        "name",
    ),
    "res.users": (
        "login:char name:char email:char partner_id:many2one:res.partner company_id:many2one:res.company "
        "company_ids:many2many:res.company share:boolean active:boolean sale_team_id:many2one:crm.team",
        "name",
    ),
    "hr.department": (
        "name:char complete_name:char parent_id:many2one:hr.department manager_id:many2one:hr.employee "
        "company_id:many2one:res.company active:boolean",
        "name",
    ),
    "hr.job": (
        "name:char department_id:many2one:hr.department",
        "name",
    ),
    "hr.employee": (
        "name:char work_email:char job_id:many2one:hr.job job_title:char department_id:many2one:hr.department "
        "parent_id:many2one:hr.employee user_id:many2one:res.users company_id:many2one:res.company active:boolean "
        "barcode:char first_contract_date:date departure_date:date",
        "name",
    ),
    "product.category": (
        "name:char complete_name:char parent_id:many2one:product.category",
        "name",
    ),
    "product.template": (
        "name:char active:boolean",
        "name",
    ),
    "product.product": (
        "default_code:char barcode:char name:char product_tmpl_id:many2one:product.template "
        "categ_id:many2one:product.category list_price:float active:boolean company_id:many2one:res.company",
        "default_code",
    ),
    "sale.order": (
        "name:char state:selection partner_id:many2one:res.partner date_order:datetime user_id:many2one:res.users "
        "team_id:many2one:crm.team company_id:many2one:res.company currency_id:many2one:res.currency "
        "amount_untaxed:monetary amount_tax:monetary amount_total:monetary invoice_status:selection "
        "opportunity_id:many2one:crm.lead origin:char client_order_ref:char tag_ids:many2many:crm.tag",
        "date_order desc, id desc",
    ),
    "sale.order.line": (
        "order_id:many2one:sale.order sequence:integer display_type:selection product_id:many2one:product.product "
        "name:text product_uom_qty:float qty_invoiced:float price_unit:float discount:float price_subtotal:monetary "
        "price_total:monetary salesman_id:many2one:res.users company_id:many2one:res.company state:selection "
        "currency_id:many2one:res.currency x_returned_line_id:many2one:sale.order.line",
        "order_id, sequence, id",
    ),
    "account.move": (
        "name:char move_type:selection state:selection payment_state:selection partner_id:many2one:res.partner "
        "commercial_partner_id:many2one:res.partner invoice_date:date date:date invoice_date_due:date "
        "invoice_user_id:many2one:res.users currency_id:many2one:res.currency company_id:many2one:res.company "
        "amount_untaxed:monetary amount_tax:monetary amount_total:monetary amount_untaxed_signed:monetary "
        "invoice_origin:char reversed_entry_id:many2one:account.move line_ids:one2many:account.move.line",
        "date desc, name desc, id desc",
    ),
    "account.move.line": (
        "move_id:many2one:account.move parent_state:selection sequence:integer product_id:many2one:product.product "
        "name:char quantity:float price_unit:float price_subtotal:monetary price_total:monetary "
        "currency_id:many2one:res.currency company_id:many2one:res.company sale_line_ids:many2many:sale.order.line "
        "display_type:selection date:date",
        "date desc, move_id desc, id",
    ),
    "account.payment": (
        "name:char state:selection payment_type:selection partner_type:selection partner_id:many2one:res.partner "
        "amount:monetary currency_id:many2one:res.currency company_id:many2one:res.company date:date "
        "move_id:many2one:account.move is_internal_transfer:boolean is_reconciled:boolean "
        "reconciled_invoice_ids:many2many:account.move",
        "date desc, name desc",
    ),
    "crm.team": (
        "name:char user_id:many2one:res.users company_id:many2one:res.company active:boolean",
        "name",
    ),
    "crm.stage": (
        "name:char sequence:integer is_won:boolean",
        "sequence",
    ),
    "crm.lost.reason": (
        "name:char active:boolean",
        "id",
    ),
    "crm.lead": (
        "name:char type:selection partner_id:many2one:res.partner partner_name:char user_id:many2one:res.users "
        "stage_id:many2one:crm.stage probability:float expected_revenue:monetary date_closed:datetime "
        "date_conversion:datetime date_deadline:date source_id:many2one:utm.source active:boolean "
        "company_id:many2one:res.company priority:selection",
        "priority desc, id desc",
    ),
    "utm.source": (
        "name:char",
        "name",
    ),
    "ir.model.fields": (
        "name:char model:char",
        "name",
    ),
    "mail.message": (
        "model:char res_id:many2one_reference date:datetime author_id:many2one:res.partner subject:char "
        "mail_activity_type_id:many2one:mail.activity.type",
        "id desc",
    ),
    "mail.activity.type": (
        "name:char category:selection active:boolean",
        "id",
    ),
    "mail.activity": (
        "res_model:char res_id:many2one_reference activity_type_id:many2one:mail.activity.type summary:char "
        "date_deadline:date user_id:many2one:res.users calendar_event_id:many2one:calendar.event",
        "date_deadline",
    ),
    "calendar.event": (
        "name:char start:datetime stop:datetime user_id:many2one:res.users partner_ids:many2many:res.partner "
        "opportunity_id:many2one:crm.lead active:boolean",
        "start",
    ),
}
"""Model -> its fields as `name:type[:related model]`, and its default order."""


def fill(db: OdooDatabase, company: BenchmarkCompany, logins: Iterable[str], *, crm: bool) -> dict[str, int]:
    """Define the models and write the company's records into `db`; the ids of the given API users by login."""
    _define(db)
    writer = _Writer(db, company)
    writer.basics()
    uids = {login: writer.user(login, login, None) for login in logins}
    writer.people()
    writer.parties()
    writer.products()
    for order in company.orders:
        writer.order(order)
    for invoice in company.invoices:
        writer.invoice(invoice)
    for payment in company.payments:
        writer.payment(payment)
    if crm:
        writer.crm()
    return uids


def enter_order(db: OdooDatabase, company: BenchmarkCompany, order: Order) -> None:
    """Type one more order into a filled database, now."""
    _Writer(db, company).order(order)
    now: Row = {"create_date": db.now()}
    db.write("sale.order", db.id_of("sale.order", order.key), now)
    for line in order.lines:
        db.write("sale.order.line", db.id_of("sale.order.line", line.key), now)


def _define(db: OdooDatabase) -> None:
    for model, (fields, order) in _MODELS.items():
        db.define(model, fields, order)
    tracking = "old_value_integer:integer new_value_integer:integer old_value_char:char new_value_char:char"
    tracked = "field_id" if db.version >= 17 else "field"
    db.define(
        "mail.tracking.value", f"{tracking} mail_message_id:many2one:mail.message {tracked}:many2one:ir.model.fields"
    )
    if db.version >= 16:
        db.table("res.partner").fields["company_registry"] = ("char", "")
    if db.version < 16:
        db.table("account.move.line").fields["exclude_from_invoice_tab"] = ("boolean", "")
    if db.version >= 15:
        db.define("crm.team.member", "crm_team_id:many2one:crm.team user_id:many2one:res.users active:boolean")


class _Writer:
    """Writes one kind of record after the other; references go through the keys of the benchmark company."""

    def __init__(self, db: OdooDatabase, company: BenchmarkCompany) -> None:
        self.db, self.company = db, company
        self.zone = ZoneInfo(company.time_zone)
        self._moments: dict[date, str] = {}
        self._written = 0

    def moment(self, day: date) -> str:
        """A moment of that day in the company's zone as UTC text; many records share its second, as after an import."""
        self._written += 1
        if day not in self._moments:
            local = datetime.combine(day, time(10, 0), self.zone)
            self._moments[day] = local.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        return f"{self._moments[day]}.{self._written * 7919 % 1_000_000:06}"

    def key(self, model: str, key: str | None) -> int | None:
        """The id of a record shown earlier, None for None and for what this system does not know."""
        return None if key is None else self.db.keys.get((model, key))

    def named(self, model: str, name: str | None, **values: object) -> int | None:
        """The id of the small master record of that name (country, category, ...), made on first use."""
        if name is None:
            return None
        known = self.key(model, name)
        return known or self.db.create(model, {"name": name, **values}, self.moment(self.first_day()), name)

    def first_day(self) -> date:
        days = [employee.hired for employee in self.company.employees] + [
            party.created for party in self.company.parties
        ]
        return min([*days, self.company.as_of])

    def basics(self) -> None:
        """Own company, currencies and rates, countries, the system user."""
        company = self.company
        for name in dict.fromkeys((company.reporting_currency, *(rate.currency for rate in company.rates))):
            self.named("res.currency", name, decimal_places=2, rate=1.0)
        own: Row = {"name": company.name, "is_company": True, "type": "contact", "commercial_partner_id": 1}
        self.db.create("res.partner", own, self.moment(self.first_day()))
        currency = self.key("res.currency", company.reporting_currency)
        values: Row = {"name": company.name, "currency_id": currency, "partner_id": 1}
        self.db.create("res.company", values, self.moment(self.first_day()))
        self.user("__system__", "OdooBot", None, active=False)
        for rate in company.rates:
            values = {"name": rate.rate_date.isoformat(), "rate": round(float(1 / rate.rate), 12)}
            values |= {"currency_id": self.key("res.currency", rate.currency), "company_id": OWN_COMPANY}
            self.db.create(
                "res.currency.rate", values, self.moment(rate.rate_date), f"{rate.currency} {rate.rate_date}"
            )

    def user(self, login: str, name: str, key: str | None, active: bool = True) -> int:
        """A user with its partner; `key` is the employee number."""
        moment = self.moment(self.first_day())
        email = login if "@" in login else None
        partner: Row = {"name": name, "email": email, "type": "contact", "is_company": False, "active": active}
        partner_id = self.db.create("res.partner", partner, moment)
        self.db.write("res.partner", partner_id, {"commercial_partner_id": partner_id, "write_date": moment})
        values: Row = {
            "login": login,
            "name": name,
            "email": email,
            "partner_id": partner_id,
            "company_id": OWN_COMPANY,
        }
        values |= {"company_ids": [OWN_COMPANY], "share": False, "active": active}
        return self.db.create("res.users", values, moment, key)

    def people(self) -> None:
        """Departments, users and employees as they stand on the as-of date (Odoo keeps no history)."""
        today = self.company.as_of
        for unit in self.company.units:
            if unit.valid_from <= today < unit.valid_to:
                moment = self.moment(min(unit.valid_from, today))
                self.db.create("hr.department", {"name": unit.name, "company_id": OWN_COMPANY}, moment, unit.code)
        for unit in self.company.units:
            if unit.valid_from <= today < unit.valid_to and unit.parent_code:
                row = self.db.table("hr.department").rows[self.db.id_of("hr.department", unit.code)]
                row["parent_id"] = self.db.id_of("hr.department", unit.parent_code)
        for employee in self.company.employees:
            self._employee(employee)
        self._postings(today)

    def _employee(self, employee: Employee) -> None:
        today = self.company.as_of
        active = employee.left is None or employee.left > today
        user_id = self.user(employee.email, employee.name, employee.number, active)
        values: Row = {
            "name": employee.name,
            "work_email": employee.email,
            "job_title": employee.job_title,
            "user_id": user_id,
            "company_id": OWN_COMPANY,
            "active": active,
            "barcode": employee.number,
            "first_contract_date": employee.hired.isoformat(),
            "departure_date": None if active or employee.left is None else (employee.left - ONE_DAY).isoformat(),
        }
        self.db.create("hr.employee", values, self.moment(min(employee.hired, today)), employee.number)

    def _postings(self, today: date) -> None:
        """Department and manager of today, for leavers those of their last posting."""
        last = {}
        for posting in sorted(self.company.assignments, key=lambda posting: posting.valid_from):
            if posting.valid_from <= today:
                last[posting.employee_number] = posting
        for number, posting in last.items():
            row = self.db.table("hr.employee").rows[self.db.id_of("hr.employee", number)]
            department = self.key("hr.department", posting.unit_code)
            manager = self.key("hr.employee", posting.manager_number)
            row |= {name: value for name, value in (("department_id", department), ("parent_id", manager)) if value}

    def parties(self) -> None:
        for party in self.company.parties:
            if party.erp_name is None:
                continue
            country = self.named("res.country", party.country, code=party.country[:2].upper())
            values: Row = {
                "name": party.erp_name,
                "is_company": party.party_type == "organisation",
                "type": "contact",
                "parent_id": self.key("res.partner", party.parent_key),
                "vat": party.tax_id,
                "company_registry": party.registry_id if self.db.version >= 16 else None,
                "email": party.email,
                "phone": party.phone,
                "website": party.website,
                "street": party.street,
                "city": party.city,
                "zip": party.postal_code,
                "state_id": self.named("res.country.state", party.province, country_id=country, code=party.province),
                "country_id": country,
                "industry_id": self.named("res.partner.industry", party.industry),
                "user_id": self.key("res.users", party.owner_number),
                "customer_rank": 1,
            }
            id = self.db.create("res.partner", values, self.moment(party.created), party.key)
            self.db.table("res.partner").rows[id]["commercial_partner_id"] = id

    def products(self) -> None:
        for product in self.company.products:
            category = self.named("product.category", product.category, complete_name=product.category)
            moment = self.moment(self.first_day())
            template = self.db.create("product.template", {"name": product.name}, moment)
            values: Row = {"default_code": product.code, "name": product.name, "product_tmpl_id": template}
            values |= {"categ_id": category, "list_price": float(product.list_price)}
            self.db.create("product.product", values, moment, product.code)

    def order(self, order: Order) -> None:
        total = float(sum((line.net_amount for line in order.lines), Decimal()))
        shared: Row = {"company_id": OWN_COMPANY, "currency_id": self.key("res.currency", order.currency)}
        shared["state"] = _ORDER_STATES[order.status]
        owner = self.key("res.users", order.owner_number)
        values: Row = {
            "name": order.number,
            "partner_id": self.key("res.partner", order.party_key),
            "date_order": self.moment(order.order_date)[:19] + ".000000",
            "user_id": owner,
            "amount_untaxed": total,
            "amount_tax": 0.0,
            "amount_total": total,
            "invoice_status": "to invoice" if order.status == "confirmed" else "no",
        }
        order_id = self.db.create("sale.order", values | shared, self.moment(order.order_date), order.key)
        for position, line in enumerate(order.lines, 1):
            values = {
                "order_id": order_id,
                "sequence": position * 10,
                "product_id": self.key("product.product", line.product_code),
                "name": line.product_code,
                "product_uom_qty": float(line.quantity),
                "price_unit": float(line.unit_price),
                "discount": float(line.discount_pct),
                "price_subtotal": float(line.net_amount),
                "price_total": float(line.net_amount),
                "salesman_id": owner,
                "x_returned_line_id": self.key("sale.order.line", line.returned_line_key),
            }
            self.db.create("sale.order.line", values | shared, self.moment(order.order_date), line.key)

    def invoice(self, invoice: Invoice) -> None:
        """A credit note shows positive amounts under its own move type, as Odoo does."""
        sign = -1 if invoice.invoice_type == "credit_note" else 1
        total = float(sign * sum((line.net_amount for line in invoice.lines), Decimal()))
        partner = self.key("res.partner", invoice.party_key)
        shared: Row = {"company_id": OWN_COMPANY, "currency_id": self.key("res.currency", invoice.currency)}
        order = self.key("sale.order", invoice.order_key)
        values: Row = {
            "name": invoice.number,
            "move_type": "out_refund" if sign < 0 else "out_invoice",
            "state": _MOVE_STATES[invoice.status],
            "payment_state": "not_paid",
            "partner_id": partner,
            "commercial_partner_id": partner,
            "invoice_date": invoice.invoice_date.isoformat(),
            "date": invoice.invoice_date.isoformat(),
            "invoice_date_due": invoice.due_date.isoformat(),
            "invoice_user_id": self.key("res.users", invoice.owner_number),
            "amount_untaxed": total,
            "amount_tax": 0.0,
            "amount_total": total,
            "amount_untaxed_signed": sign * total,
            "invoice_origin": self.db.table("sale.order").rows[order]["name"] if order else None,
            "reversed_entry_id": self.key("account.move", invoice.reversed_key),
        }
        move = self.db.create("account.move", values | shared, self.moment(invoice.invoice_date), invoice.key)
        self._move_lines(invoice, move, sign, shared | {"parent_state": values["state"]})

    def _move_lines(self, invoice: Invoice, move: int, sign: int, shared: dict) -> None:
        kind: Row = {"exclude_from_invoice_tab": False} if self.db.version < 16 else {"display_type": "product"}
        for position, line in enumerate(invoice.lines, 1):
            sold = self.key("sale.order.line", line.order_line_key)
            values: Row = {
                "move_id": move,
                "sequence": position * 10,
                "product_id": self.key("product.product", line.product_code),
                "name": line.product_code,
                "quantity": float(sign * line.quantity),
                "price_subtotal": float(sign * line.net_amount),
                "price_total": float(sign * line.net_amount),
                "sale_line_ids": [sold] if sold else [],
                "date": invoice.invoice_date.isoformat(),
            }
            self.db.create("account.move.line", values | kind | shared, self.moment(invoice.invoice_date), line.key)
        receivable: Row = (
            {"exclude_from_invoice_tab": True} if self.db.version < 16 else {"display_type": "payment_term"}
        )
        values = {"move_id": move, "date": invoice.invoice_date.isoformat()} | receivable
        self.db.create("account.move.line", values | shared, self.moment(invoice.invoice_date))

    def payment(self, payment: Payment) -> None:
        """A payment with the journal entry that carries its state and date up to version 17."""
        state, day = _MOVE_STATES[payment.status], payment.payment_date.isoformat()
        shared: Row = {"company_id": OWN_COMPANY, "currency_id": self.key("res.currency", payment.currency)}
        moment = self.moment(payment.payment_date)
        entry: Row = {"name": payment.key, "move_type": "entry", "state": state, "date": day}
        invoice = self.key("account.move", payment.invoice_key)
        values: Row = {
            "name": payment.key,
            "state": state,
            "payment_type": "outbound" if payment.amount < 0 else "inbound",
            "partner_type": "customer",
            "partner_id": self.key("res.partner", payment.party_key),
            "amount": float(abs(payment.amount)),
            "date": day,
            "move_id": self._payment_entry(entry | shared, moment),
            "is_internal_transfer": False,
            "is_reconciled": invoice is not None,
            "reconciled_invoice_ids": [invoice] if invoice else [],
        }
        self.db.create("account.payment", values | shared, moment, payment.key)

    def _payment_entry(self, entry: Row, moment: str) -> int:
        """The journal entry of a payment, with the item that is matched with invoices."""
        move = self.db.create("account.move", entry, moment)
        item = self.db.create("account.move.line", {"move_id": move, "date": entry["date"]}, moment)
        self.db.table("account.move").rows[move]["line_ids"] = [item]
        return move

    def crm(self) -> None:
        """Opportunities with their stage changes, leads and done visits, for a company whose CRM is Odoo, too."""
        stages = dict.fromkeys(stay.stage for deal in self.company.opportunities for stay in deal.stages)
        won = {deal.stages[-1].stage for deal in self.company.opportunities if deal.status == "won" and deal.stages}
        for position, stage in enumerate(stages):
            self.named("crm.stage", stage, sequence=position, is_won=stage in won)
        self.db.create("ir.model.fields", {"name": "stage_id", "model": "crm.lead"}, key="crm.lead.stage_id")
        for deal in self.company.opportunities:
            self._deal(deal)
        for lead in self.company.leads:
            if lead.opportunity_key is not None:
                continue  # the converted lead is the opportunity's own record in Odoo
            values: Row = {
                "name": lead.name,
                "type": "lead",
                "partner_name": lead.company_name,
                "company_id": OWN_COMPANY,
            }
            values |= {"user_id": self.key("res.users", lead.owner_number), "active": lead.status != "lost"}
            values["source_id"] = self.named("utm.source", lead.channel)
            self.db.create("crm.lead", values, self.moment(lead.created), lead.key)
        self._activities()

    def _deal(self, deal: Opportunity) -> None:
        lead = next((lead for lead in self.company.leads if lead.opportunity_key == deal.key), None)
        values: Row = {
            "name": deal.name,
            "type": "opportunity",
            "partner_id": self.key("res.partner", deal.party_key),
            "user_id": self.key("res.users", deal.owner_number),
            "stage_id": self.key("crm.stage", deal.stages[-1].stage) if deal.stages else None,
            "probability": {"won": 100.0, "lost": 0.0}.get(deal.status, 50.0),
            "expected_revenue": float(deal.amount) if deal.amount is not None else None,
            "date_deadline": deal.expected_close.isoformat(),
            "date_closed": self.moment(deal.closed)[:19] + ".000000" if deal.closed else None,
            "date_conversion": self.moment(deal.created)[:19] + ".000000" if lead else None,
            "source_id": self.named("utm.source", lead.channel) if lead else None,
            "active": deal.status != "lost",
            "company_id": OWN_COMPANY,
        }
        created = lead.created if lead else deal.created
        id = self.db.create("crm.lead", values, self.moment(created), deal.key)
        tracked = "field_id" if self.db.version >= 17 else "field"
        for before, after in zip(deal.stages, deal.stages[1:], strict=False):
            moment = after.entered_at.strftime("%Y-%m-%d %H:%M:%S.%f")
            message = self.db.create("mail.message", {"model": "crm.lead", "res_id": id, "date": moment}, moment)
            values = {
                tracked: self.key("ir.model.fields", "crm.lead.stage_id"),
                "old_value_integer": self.key("crm.stage", before.stage),
                "new_value_integer": self.key("crm.stage", after.stage),
                "old_value_char": before.stage,
                "new_value_char": after.stage,
                "mail_message_id": message,
            }
            self.db.create("mail.tracking.value", values, moment)

    def _activities(self) -> None:
        kinds = {"call": "Call", "mail": "Email", "task": "To Do", "visit": "Visit", "meeting": "Meeting"}
        for kind, name in kinds.items():
            category = "meeting" if kind == "meeting" else "default"
            self.db.create("mail.activity.type", {"name": name, "category": category}, key=kind)
        partners = {row["id"]: row["partner_id"] for row in self.db.table("res.users").rows.values()}
        for activity in self.company.activities:
            model = "crm.lead" if activity.opportunity_key else "res.partner"
            target = self.key(model, activity.opportunity_key or activity.party_key)
            user = self.key("res.users", activity.employee_number)
            type_id = self.key("mail.activity.type", activity.activity_type)
            moment = self.moment(activity.activity_date)
            if activity.status == "cancelled" or target is None or user is None:
                continue  # a cancelled activity is simply deleted in Odoo
            if activity.status == "done":
                values: Row = {"model": model, "res_id": target, "date": moment, "author_id": partners[user]}
                values |= {"subject": activity.subject, "mail_activity_type_id": type_id}
                self.db.create("mail.message", values, moment, activity.key)
            else:
                values = {"res_model": model, "res_id": target, "activity_type_id": type_id, "user_id": user}
                values |= {"summary": activity.subject, "date_deadline": activity.activity_date.isoformat()}
                self.db.create("mail.activity", values, moment, activity.key)
