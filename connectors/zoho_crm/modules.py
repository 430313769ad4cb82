"""Which Zoho CRM modules are streams, and what of them a sync cannot do without.

All fields a module has are landed (see `fields`); here are those the numbers rest on, and flags that the configuration
decides. A new module is one entry.
"""

from collections.abc import Callable
from dataclasses import dataclass

from connectors.base import Stream
from connectors.zoho_crm.config import ZohoCrmConfig


@dataclass(frozen=True)
class Flag:
    """A boolean landed column: is the text of `field` one of the values the configuration lists?

    field: vendor field, or a column of the setting `columns`.
    """

    column: str
    field: str
    values: Callable[[ZohoCrmConfig], list[str]]


@dataclass(frozen=True)
class ZohoModule:
    """One module and its stream.

    essential: fields without which the numbers would be wrong. parameters: what a list call must say besides the
    fields. money: whether amounts need a currency.
    """

    name: str
    stream: str
    description: str
    essential: tuple[str, ...]
    flags: tuple[Flag, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    money: bool = False


_MODULES = (
    ZohoModule(
        "Accounts",
        "account",
        "Customers; of merged accounts the loser is deleted.",
        ("Account_Name", "Owner"),
        flags=(Flag("is_person", "party_type", lambda config: config.person_values),),
    ),
    ZohoModule("Contacts", "contact", "Persons at customers.", ("Full_Name", "Account_Name")),
    ZohoModule(
        "Leads",
        "lead",
        "Enquiries; converted ones stay.",
        ("Lead_Status", "Owner"),
        flags=(Flag("is_lost", "Lead_Status", lambda config: config.lost_lead_statuses),),
        parameters=(("converted", "both"),),
    ),
    ZohoModule(
        "Deals", "deal", "Opportunities.", ("Account_Name", "Stage", "Amount", "Closing_Date", "Owner"), money=True
    ),
    ZohoModule(
        "Tasks",
        "task",
        "To-dos and mails.",
        ("Status", "Due_Date", "What_Id", "Owner"),
        flags=(
            Flag("is_done", "Status", lambda config: config.done_task_statuses),
            Flag("is_cancelled", "Status", lambda config: config.cancelled_task_statuses),
            Flag("is_mail", "activity_type", lambda config: config.mail_task_types),
        ),
    ),
    ZohoModule(
        "Events",
        "event",
        "Meetings and visits.",
        ("Start_DateTime", "What_Id", "Owner"),
        flags=(Flag("is_visit", "activity_type", lambda config: config.visit_event_types),),
    ),
    ZohoModule(
        "Calls",
        "call",
        "Telephone calls.",
        ("Call_Start_Time", "What_Id", "Owner"),
        flags=(
            Flag("is_done", "Outgoing_Call_Status", lambda config: config.done_call_statuses),
            Flag("is_planned", "Outgoing_Call_Status", lambda config: config.planned_call_statuses),
        ),
    ),
    ZohoModule(
        "Cases",
        "case",
        "Service requests.",
        ("Account_Name", "Status", "Owner"),
        flags=(Flag("is_closed", "Status", lambda config: config.closed_case_statuses),),
    ),
    ZohoModule("Products", "product", "Things sold.", ("Product_Name", "Product_Code")),
    ZohoModule(
        "Quotes",
        "quote",
        "Quotes.",
        ("Account_Name", "Quote_Stage", "Owner"),
        flags=(
            Flag("is_agreed", "Quote_Stage", lambda config: config.agreed_contract_statuses),
            Flag("is_rejected", "Quote_Stage", lambda config: config.rejected_contract_statuses),
        ),
        money=True,
    ),
    ZohoModule(
        "Sales_Orders",
        "sales_order",
        "Orders, where they are kept in the CRM.",
        ("Account_Name", "Status", "Owner"),
        flags=(
            Flag("is_confirmed", "Status", lambda config: config.confirmed_order_statuses),
            Flag("is_cancelled", "Status", lambda config: config.cancelled_order_statuses),
        ),
        money=True,
    ),
    ZohoModule(
        "Invoices",
        "invoice",
        "Invoices, where they are kept in the CRM.",
        ("Account_Name", "Status", "Owner"),
        flags=(
            Flag("is_posted", "Status", lambda config: config.posted_invoice_statuses),
            Flag("is_cancelled", "Status", lambda config: config.cancelled_order_statuses),
        ),
        money=True,
    ),
)

MODULES: dict[str, ZohoModule] = {module.stream: module for module in _MODULES}
"""Every module that each account has, by stream name."""


def modules_of(config: ZohoCrmConfig) -> dict[str, ZohoModule]:
    """Every module this account is read for, by stream name: Zoho's own, and the company's module of contracts."""
    if config.contract_module is None:
        return MODULES
    contract = ZohoModule(
        config.contract_module,
        "contract",
        "Contracts, a module of the company's own.",
        ("Owner",),
        flags=(
            Flag("is_agreed", "status", lambda config: config.agreed_contract_statuses),
            Flag("is_rejected", "status", lambda config: config.rejected_contract_statuses),
        ),
        money=True,
    )
    return {**MODULES, contract.stream: contract}


def stream_of(module: ZohoModule) -> Stream:
    """The landing stream of a module; all live ids can be listed, so restored and purged records are found."""
    return Stream(module.stream, ("id",), "modified_time", keys_listable=True, description=module.description)
