"""Which Odoo models are read, which of their records and which of their fields.

Fields are candidates over Odoo 14 to 19: those a server does not have are left out, so one list serves all versions.
Fields that change with the clock instead of with a record (a currency's present rate, an activity's colour) stay out:
they would make a new version of every record each night.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Domain = list[Any]
Fields = dict[str, dict[str, Any]]
"""What `fields_get` says of a model: field name -> type, relation, store."""

AUDIT = ("create_date", "create_uid", "write_date", "write_uid")
"""Fields every model has; read of every stream."""


@dataclass(frozen=True)
class Follow:
    """Fields of a parent record carried along, named `<reference without _id>_<field>`.

    For models that are unreadable without their parent: a tracking value does not say which record it belongs to.
    """

    reference: str
    model: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class OdooStream:
    """One stream: a model, the records wanted of it and the fields wanted of them.

    fields: names with a blank between them. moved_by: paths to records whose write_date also counts as a change,
    because fields shown here are stored there or computed from them.
    group: what to ask the Odoo administrator for when reading is refused.
    """

    name: str
    model: str
    fields: str
    description: str
    domain: Callable[[Fields], Domain] = field(default=lambda fields: [])
    moved_by: tuple[str, ...] = ()
    follow: Follow | None = None
    group: str = "Internal User"

    @property
    def field_names(self) -> tuple[str, ...]:
        """The candidates in the order they land."""
        return ("id", *self.fields.split(), *AUDIT)


def _customer_moves(fields: Fields) -> Domain:
    return [["move_type", "in", ["out_invoice", "out_refund", "out_receipt"]]]


def _product_lines(fields: Fields) -> Domain:
    """Up to 15 a flag hides tax and receivable lines; from 16 on the display type says `product`."""
    of_customers: Domain = [["move_id.move_type", "in", ["out_invoice", "out_refund", "out_receipt"]]]
    if "exclude_from_invoice_tab" in fields:
        return [*of_customers, ["exclude_from_invoice_tab", "=", False], ["display_type", "=", False]]
    return [*of_customers, ["display_type", "=", "product"]]


def _customer_payments(fields: Fields) -> Domain:
    domain: Domain = [["partner_type", "=", "customer"]]
    return [*domain, ["is_internal_transfer", "=", False]] if "is_internal_transfer" in fields else domain


def _stage_changes(fields: Fields) -> Domain:
    """The tracked field is `field` up to 16 and `field_id` from 17 on."""
    name = "field_id" if "field_id" in fields else "field"
    return [[f"{name}.model", "=", "crm.lead"], [f"{name}.name", "=", "stage_id"]]


def _done_activities(fields: Fields) -> Domain:
    return [["mail_activity_type_id", "!=", False]]


_STREAMS: Sequence[OdooStream] = (
    OdooStream("company", "res.company", "name currency_id partner_id parent_id", "Own companies."),
    OdooStream(
        "partner",
        "res.partner",
        (
            "name is_company type parent_id commercial_partner_id ref vat company_registry email phone mobile "
            "website function street street2 city zip state_id country_id industry_id category_id user_id team_id "
            "customer_rank supplier_rank lang active company_id"
        ),
        "Customers, their contact persons and addresses, suppliers, staff.",
        group="Contact Creation or Sales / User: All Documents",
    ),
    OdooStream("partner_industry", "res.partner.industry", "name full_name active", "Industries."),
    OdooStream("country", "res.country", "name code", "Countries."),
    OdooStream("country_state", "res.country.state", "name code country_id", "States and provinces."),
    OdooStream(
        "user",
        "res.users",
        "login name email partner_id company_id company_ids share active sale_team_id",
        "People who log in; salespeople are users. `share` marks portal users.",
        moved_by=("partner_id",),
        group="Administration / Access Rights (or read access to res.users)",
    ),
    OdooStream(
        "employee",
        "hr.employee",
        (
            "name work_email work_phone mobile_phone job_id job_title department_id parent_id coach_id user_id "
            "company_id active barcode registration_number first_contract_date departure_date"
        ),
        "Employees (module hr).",
        moved_by=("resource_id",),
        group="Employees / Officer",
    ),
    OdooStream(
        "department",
        "hr.department",
        "name complete_name parent_id manager_id company_id active",
        "Departments (module hr).",
    ),
    OdooStream(
        "job",
        "hr.job",
        "name department_id company_id active",
        "Job positions (module hr).",
        group="Employees / Officer",
    ),
    OdooStream(
        "product",
        "product.product",
        "default_code barcode name product_tmpl_id categ_id list_price standard_price active company_id",
        "Product variants; name, category and price are stored on the template.",
        moved_by=("product_tmpl_id",),
    ),
    OdooStream("product_category", "product.category", "name complete_name parent_id", "Product categories."),
    OdooStream(
        "sale_order",
        "sale.order",
        (
            "name state partner_id partner_invoice_id partner_shipping_id date_order commitment_date user_id team_id "
            "company_id currency_id currency_rate pricelist_id amount_untaxed amount_tax amount_total invoice_status "
            "opportunity_id origin client_order_ref tag_ids locked"
        ),
        "Quotations and orders (module sale).",
        group="Sales / User: All Documents",
    ),
    OdooStream(
        "sale_order_line",
        "sale.order.line",
        (
            "order_id sequence display_type product_id name product_uom_qty qty_delivered qty_invoiced product_uom "
            "product_uom_id price_unit purchase_price discount price_subtotal price_total salesman_id order_partner_id "
            "company_id currency_id state is_downpayment x_returned_line_id"
        ),
        "Lines of quotations and orders; sections and notes have a display_type.",
        group="Sales / User: All Documents",
    ),
    OdooStream(
        "invoice",
        "account.move",
        (
            "name move_type state payment_state partner_id commercial_partner_id invoice_date date invoice_date_due "
            "invoice_user_id team_id currency_id company_id amount_untaxed amount_tax amount_total amount_residual "
            "amount_untaxed_signed amount_total_signed invoice_origin reversed_entry_id journal_id ref"
        ),
        "Customer invoices, credit notes and receipts; plain journal entries and vendor bills are left out.",
        domain=_customer_moves,
        group="Invoicing / Billing (or Show Accounting Features - Readonly)",
    ),
    OdooStream(
        "invoice_line",
        "account.move.line",
        (
            "move_id parent_state sequence product_id name quantity price_unit discount price_subtotal price_total "
            "balance amount_currency currency_id company_id partner_id sale_line_ids date"
        ),
        "Product lines of customer invoices and credit notes.",
        domain=_product_lines,
        group="Invoicing / Billing (or Show Accounting Features - Readonly)",
    ),
    OdooStream(
        "payment",
        "account.payment",
        (
            "name state payment_type partner_type partner_id amount currency_id company_id date payment_reference "
            "journal_id move_id is_reconciled reconciled_invoice_ids"
        ),
        "Payments received from and paid back to customers; up to 17 state and date are stored on the journal entry. "
        "Matching a part of a payment with an invoice changes nothing but journal items.",
        domain=_customer_payments,
        moved_by=("move_id", "move_id.line_ids"),
        group="Invoicing / Billing",
    ),
    OdooStream(
        "crm_team",
        "crm.team",
        "name user_id company_id member_ids sequence invoiced_target active",
        "Sales teams.",
        group="Sales / User: All Documents",
    ),
    OdooStream(
        "crm_team_member",
        "crm.team.member",
        "crm_team_id user_id active",
        "Memberships of sales teams (15 and later; 14 keeps the one team of a user in `user.sale_team_id`).",
        group="Sales / User: All Documents",
    ),
    OdooStream(
        "lead",
        "crm.lead",
        "name type partner_id partner_name contact_name email_from phone user_id team_id stage_id probability "
        "expected_revenue date_open date_closed date_conversion date_deadline date_last_stage_update lost_reason "
        "lost_reason_id won_status source_id medium_id campaign_id tag_ids priority active company_id",
        "Leads and opportunities (module crm); lost ones are archived.",
        group="Sales / User: All Documents",
    ),
    OdooStream("stage", "crm.stage", "name sequence is_won team_id team_ids fold", "Stages of opportunities."),
    OdooStream("lost_reason", "crm.lost.reason", "name active", "Reasons of lost opportunities."),
    OdooStream(
        "lead_stage_change",
        "mail.tracking.value",
        "field field_id old_value_integer new_value_integer old_value_char new_value_char mail_message_id",
        "Tracked stage changes of leads: `mail_message_res_id` is the lead, `mail_message_date` the moment.",
        domain=_stage_changes,
        follow=Follow("mail_message_id", "mail.message", ("model", "res_id", "date", "author_id")),
        group="Administration / Settings",
    ),
    OdooStream("activity_type", "mail.activity.type", "name category active", "Kinds of activities."),
    OdooStream(
        "activity",
        "mail.activity",
        "res_model res_id activity_type_id summary date_deadline user_id calendar_event_id active date_done",
        "Planned activities; Odoo deletes them when they are done and leaves a message (stream activity_done).",
        group="Sales / User: All Documents",
    ),
    OdooStream(
        "activity_done",
        "mail.message",
        "model res_id mail_activity_type_id date author_id subject",
        "Messages that completed activities left behind.",
        domain=_done_activities,
        group="Sales / User: All Documents",
    ),
    OdooStream(
        "meeting",
        "calendar.event",
        "name start stop user_id partner_ids res_model res_id opportunity_id categ_ids active",
        "Calendar meetings (module calendar).",
    ),
    OdooStream("utm_source", "utm.source", "name", "Sources a lead can come from."),
    OdooStream("currency", "res.currency", "name active decimal_places", "Currencies."),
    OdooStream(
        "currency_rate",
        "res.currency.rate",
        "name rate currency_id company_id",
        "Exchange rates: units of the currency for one unit of the company's currency, from the date in `name` on.",
    ),
)

STREAMS: dict[str, OdooStream] = {stream.name: stream for stream in _STREAMS}
ACTIVITY_MODEL_FIELD = {"activity": "res_model", "activity_done": "model"}
"""Streams narrowed to `activity_models` of the configuration, and the field that names the model."""
