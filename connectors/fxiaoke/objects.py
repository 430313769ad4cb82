"""Which Fxiaoke objects are streams, and which of their fields mean what unless the source file says otherwise.

A role is a landed column whose vendor field differs from tenant to tenant, and the only kind of column staging relies
on. Whatever else describe shows of an object is landed under the field's own name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connectors.base import Stream
from connectors.fxiaoke.config import FxiaokeConfig

CURSOR = "last_modified_time"
ID = "_id"


@dataclass(frozen=True)
class Flag:
    """A boolean landed column: is value or label of the role's field one of those the configuration lists?"""

    column: str
    role: str
    values: Callable[[FxiaokeConfig], list[str]]


@dataclass(frozen=True)
class FxObject:
    """One object: its API name, stream, and roles (landed column -> vendor field; None: the tenant must name it).

    essential: roles that carry the numbers, so a sync without them fails instead of landing nulls. money: whether
    amounts need a currency. has_kinds: whether role `type` says what kind of activity a record is.
    """

    name: str
    stream: str
    description: str
    roles: Mapping[str, str | None] = field(default_factory=dict)
    essential: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    money: bool = False
    has_kinds: bool = False

    @property
    def is_custom(self) -> bool:
        """Whether the tenant made it; such objects have a path of their own."""
        return self.name.endswith("__c")


def _same(text: str) -> dict[str, str]:
    """Roles that are called like their vendor field."""
    return {name: name for name in text.split()}


_RECORD = {"owner": "owner", "created_at": "create_time"}

ACCOUNT = FxObject(
    "AccountObj",
    "account",
    "Customers (客户).",
    {
        **_RECORD,
        **_same("name email country province city district"),
        "tax_id": "uniform_social_credit_code",
        "registry_id": None,
        "other_names": None,
        "given_name": None,
        "family_name": None,
        "birth_date": None,
        "phone": "tel",
        "website": "url",
        "street": "address",
        "postal_code": None,
        "industry": "industry_level1",
        "parent_id": "parent_account_id",
        "record_type": "record_type",
    },
    essential=("name", "owner"),
    flags=(Flag("is_person", "record_type", lambda config: config.person_record_types),),
)
_DEAL = {**_RECORD, **_same("name account_id probability")}
_DEAL_FLAGS = (
    Flag("is_won", "status", lambda config: config.won_statuses),
    Flag("is_lost", "status", lambda config: config.lost_statuses),
)
_DEAL_ESSENTIAL = ("account_id", "owner", "stage", "status", "amount", "stage_changed_at")
OPPORTUNITIES = {
    "NewOpportunityObj": FxObject(
        "NewOpportunityObj",
        "opportunity",
        "Deals (商机2.0).",
        {
            **_DEAL,
            "stage": "sales_stage",
            "status": "sales_status",
            "amount": "amount",
            "currency": "mc_currency",
            "expected_close": "close_date",
            "stage_changed_at": "stg_changed_time",
        },
        _DEAL_ESSENTIAL,
        _DEAL_FLAGS,
        money=True,
    ),
    "OpportunityObj": FxObject(
        "OpportunityObj",
        "opportunity",
        "Deals (商机).",
        {
            **_DEAL,
            "stage": "oppo_stage_id",
            "status": "biz_status",
            "amount": "expected_deal_amount",
            "currency": "mc_currency",
            "expected_close": "expected_deal_closed_date",
            "stage_changed_at": "sales_stg_changed_time",
        },
        _DEAL_ESSENTIAL,
        _DEAL_FLAGS,
        money=True,
    ),
}
_ACTIVITY_FLAGS = (
    Flag("is_done", "status", lambda config: config.done_statuses),
    Flag("is_cancelled", "status", lambda config: config.cancelled_statuses),
)
_AGREEMENT = (
    Flag("is_agreed", "status", lambda config: config.agreed_contract_statuses),
    Flag("is_rejected", "status", lambda config: config.rejected_contract_statuses),
)
_OTHERS = (
    FxObject(
        "ContactObj",
        "contact",
        "Persons at customers (联系人).",
        {**_RECORD, **_same("name account_id email job_title"), "phone": "tel1", "mobile": "mobile1"},
        essential=("name", "account_id"),
    ),
    FxObject(
        "LeadsObj",
        "lead",
        "Enquiries (线索).",
        {
            **_RECORD,
            **_same("name company source"),
            "status": "biz_status",
            "converted_at": "transform_time",
            "opportunity_id": "new_opportunity_id",
        },
        essential=("status", "owner"),
        flags=(
            Flag("is_converted", "status", lambda config: config.converted_lead_statuses),
            Flag("is_lost", "status", lambda config: config.lost_lead_statuses),
        ),
    ),
    FxObject(
        "QuoteObj",
        "quote",
        "Quotes (报价单).",
        {
            **_RECORD,
            **_same("name account_id"),
            "opportunity_id": "new_opportunity_id",
            "amount": "quote_amount",
            "quoted_on": "quote_time",
            "currency": "mc_currency",
            "status": None,
            "valid_until": None,
        },
        flags=_AGREEMENT,
        money=True,
    ),
    FxObject(
        "QuoteLinesObj",
        "quote_line",
        "Lines of quotes (报价单明细).",
        {**_RECORD, **_same("quote_id product_id quantity"), "amount": "sales_amount"},
    ),
    FxObject(
        "ContractObj",
        "contract",
        "Contracts (合同).",
        {
            **_RECORD,
            **_same("name account_id"),
            "opportunity_id": "new_opportunity_id",
            "amount": "contract_amount",
            "confirmed_at": "confirm_time",
            "currency": "mc_currency",
            "status": None,
            "starts_on": None,
            "ends_on": None,
        },
        flags=_AGREEMENT,
        money=True,
    ),
    FxObject(
        "SalesOrderObj",
        "sales_order",
        "Orders kept in the CRM (销售订单).",
        {
            **_RECORD,
            **_same("name account_id opportunity_id"),
            "amount": "order_amount",
            "ordered_on": "order_time",
            "status": "order_status",
            "currency": "mc_currency",
        },
        flags=(
            Flag("is_confirmed", "status", lambda config: config.confirmed_order_statuses),
            Flag("is_cancelled", "status", lambda config: config.cancelled_order_statuses),
        ),
        money=True,
    ),
    FxObject(
        "SalesOrderProductObj",
        "sales_order_line",
        "Lines of orders (订单产品).",
        {**_RECORD, **_same("order_id product_id quantity"), "amount": "subtotal", "price": "sales_price"},
    ),
    FxObject(
        "PaymentObj",
        "payment",
        "Money received (回款).",
        {
            **_RECORD,
            **_same("account_id order_id"),
            "amount": "payment_amount",
            "paid_on": "payment_time",
            "currency": "mc_currency",
        },
        money=True,
    ),
    FxObject(
        "ActiveRecordObj",
        "active_record",
        "Calls, mails and talks that took place (销售记录).",
        {
            **_RECORD,
            **_same("account_id"),
            "opportunity_id": "new_opportunity_id",
            "type": "active_record_type",
            "subject": "active_record_content",
            "happened_at": "create_time",
        },
        essential=("owner", "happened_at"),
        has_kinds=True,
    ),
    FxObject(
        "CheckinsObj",
        "checkin",
        "Visits to customers (高级外勤).",
        {
            **_RECORD,
            **_same("account_id"),
            "opportunity_id": "new_opportunity_id",
            "subject": "name",
            "status": "checkins_status",
            "happened_at": "checkins_time",
        },
        essential=("owner", "happened_at"),
        flags=_ACTIVITY_FLAGS,
    ),
    FxObject(
        "ScheduleObj",
        "schedule",
        "Calendar entries and to-dos (日程).",
        {
            **_RECORD,
            **_same("account_id"),
            "opportunity_id": "new_opportunity_id",
            "subject": "name",
            "type": "schedule_type",
            "status": "schedule_status",
            "happened_at": "begin_time",
        },
        essential=("owner", "happened_at"),
        flags=_ACTIVITY_FLAGS,
        has_kinds=True,
    ),
    FxObject(
        "CasesObj",
        "case",
        "Service requests (工单).",
        {
            **_RECORD,
            **_same("account_id priority"),
            "number": "name",
            "status": "case_status",
            "closed_at": "finish_time",
            "first_response_at": None,
            "reopened_count": None,
            "satisfaction": None,
        },
        essential=("account_id", "owner", "status"),
        flags=(Flag("is_closed", "status", lambda config: config.closed_case_statuses),),
    ),
    FxObject(
        "ProductObj",
        "product",
        "Things sold (产品).",
        {**_RECORD, **_same("name category"), "code": "product_code"},
        essential=("name", "code"),
    ),
    FxObject("GoalValueObj", "goal_value", "Targets (目标值)."),
)

DEPARTMENT, USER, STAGE_CHANGE = "department", "user", "opportunity_change"
LISTS = {
    DEPARTMENT: Stream(
        DEPARTMENT, ("id",), None, keys_listable=True, description="Departments, stopped ones included (部门)."
    ),
    USER: Stream(USER, ("id",), None, keys_listable=True, description="Employees, stopped ones included (人员)."),
}
CHANGES = Stream(
    STAGE_CHANGE,
    ("opportunity_id", "log_id", "field"),
    "changed_at",
    description="Changes of stage and owner of deals, from each deal's change log (修改记录).",
)


def objects_of(config: FxiaokeConfig) -> dict[str, FxObject]:
    """The objects this tenant's streams are read from, by stream name; in the order they are read."""
    found = [ACCOUNT, OPPORTUNITIES[config.opportunity_object], *_OTHERS]
    found += [FxObject(name, stream_name(name), f"Custom object {name}.") for name in config.custom_objects]
    return {item.stream: item for item in found if item.stream not in config.exclude_streams}


def stream_name(object_name: str) -> str:
    """The stream of a custom object: `object_Ab12__c` is object_ab12_c."""
    return object_name.lower().replace("__", "_")


def stream_of(item: FxObject) -> Stream:
    """The landing stream of an object; all live ids can be listed, so physical deletions are found."""
    return Stream(item.stream, ("id",), CURSOR, keys_listable=True, description=item.description)


def roles_of(item: FxObject, config: FxiaokeConfig) -> dict[str, str | None]:
    """Landed column -> vendor field for this tenant."""
    return {**item.roles, **config.roles.get(item.stream, {})}
