"""What a company configures for one Zoho CRM account: the `connection` part of its source file."""

from datetime import timedelta
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.limits import Limits

VENDOR_LIMITS = Limits(concurrency=10)
"""Calls at once, and queries among them: 10 from the Standard edition on (5 in the free one). The credits of 24 hours
are the account's own and come with every answer.
"""
DATA_CENTERS = {
    "us": "https://accounts.zoho.com",
    "eu": "https://accounts.zoho.eu",
    "in": "https://accounts.zoho.in",
    "cn": "https://accounts.zoho.com.cn",
    "au": "https://accounts.zoho.com.au",
    "jp": "https://accounts.zoho.jp",
    "ca": "https://accounts.zohocloud.ca",
    "sa": "https://accounts.zoho.sa",
}
"""Where tokens are asked for, by data centre; accounts of different data centres know nothing of each other."""
_ACCOUNT_ROLES = (
    "birth_date",
    "email",
    "family_name",
    "given_name",
    "other_names",
    "party_type",
    "registry_id",
    "tax_id",
)
ROLES: dict[str, dict[str, str | None]] = {
    "account": dict.fromkeys(_ACCOUNT_ROLES),
    "lead": {
        "is_converted": "Converted__s",
        "converted_at": "Converted_Date_Time",
        "converted_deal_id": "Converted_Deal",
    },
    "case": dict.fromkeys(("first_response_at", "reopened_count", "closed_at", "satisfaction")),
    "event": dict.fromkeys(("activity_type", "event_status")),
    "task": dict.fromkeys(("activity_type",)),
    "contract": {"contract_number": "Name"}
    | dict.fromkeys(("customer_id", "deal_id", "status", "amount", "valid_from", "valid_to")),
    "sales_order": dict.fromkeys(("order_date",)),
    "user": dict.fromkeys(("employee_number", "job_title")),
}
"""Columns whose field is the company's own (setting `columns`), by stream, with the field they usually have."""


class ZohoCrmConfig(BaseModel):
    """Where a Zoho CRM account is, who we are there, and which of its fields mean what."""

    model_config = ConfigDict(extra="forbid")

    data_center: Literal["us", "eu", "in", "cn", "au", "jp", "ca", "sa"] | None = Field(
        None, description="Data centre of the account, as in the address of its CRM: crm.zoho.com.cn is cn."
    )
    accounts_url: str | None = Field(
        None,
        description="Address tokens are asked for at, instead of the data centre's, e.g. https://accounts.zoho.eu.",
    )
    environment: Literal["production", "sandbox", "developer"] = Field(
        "production", description="Production, or the sandbox or developer edition of the account."
    )
    api_url: str | None = Field(
        None, description="Address of the API; null: the one Zoho names in its answer to the token request."
    )
    client_id: str = Field(description="Client id of the self client or server-based client (api-console.zoho.com).")
    client_secret: SecretStr = Field(description="Client secret; give it as ${ENV_VAR}.")
    refresh_token: SecretStr = Field(
        description="Refresh token with the scopes ZohoCRM.modules.READ, ZohoCRM.settings.READ, ZohoCRM.users.READ, "
        "ZohoCRM.org.READ and ZohoCRM.coql.READ; give it as ${ENV_VAR}."
    )
    api_version: str = Field("v8", pattern=r"^v\d+(\.\d+)?$", description="Version of the API.")
    page_size: int = Field(2000, ge=1, le=2000, description="Records asked for per query; list calls take at most 200.")
    timeout_seconds: float = Field(60.0, gt=0, description="Give up waiting for an answer after this long.")
    limits: Limits = Field(default_factory=Limits, description="How much the account may be asked.")
    throttle_wait_seconds: float = Field(
        15.0, ge=0, description="Wait before another attempt when Zoho says TOO_MANY_REQUESTS; it names no time itself."
    )
    overlap_minutes: int = Field(
        15, ge=0, description="How far before the last watermark a sync starts, for records that were committed late."
    )
    list_streams: list[str] = Field(
        default_factory=list,
        description="Streams of modules to read with list calls instead of queries (COQL); '*' means all of them. "
        "Needs no scope ZohoCRM.coql.READ, but ten times the calls.",
    )
    history_fields: list[str] = Field(
        ["Stage", "Owner"],
        description="Fields of deals whose changes are landed as deal_history, which costs one call per changed deal. "
        "Empty: no history is read.",
    )
    exclude_fields: dict[str, list[str]] = Field(
        default_factory=dict, description="Vendor fields not to land, by stream, e.g. {contact: [Mobile]}."
    )
    columns: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="Fields of your own that have a meaning here: stream -> column -> vendor field, e.g. "
        "{account: {tax_id: Tax_Id}}. " + "; ".join(f"{name}: {', '.join(ROLES[name])}" for name in ROLES),
    )
    default_currency: str | None = Field(
        None,
        pattern=r"^[A-Z]{3}$",
        description="ISO 4217 code of all amounts in an account without multi-currency; null: the account's own.",
    )
    won_stages: list[str] = Field(
        default_factory=list,
        description="Deal stages that mean won, where the forecast type of the stage says otherwise.",
    )
    lost_stages: list[str] = Field(
        default_factory=list,
        description="Deal stages that mean lost, where the forecast type of the stage says otherwise.",
    )
    person_values: list[str] = Field(
        ["Person", "个人"], description="Values of the account column `party_type` that mean a private person."
    )
    lost_lead_statuses: list[str] = Field(
        ["Lost Lead", "Junk Lead", "Not Qualified"], description="Values of Leads.Lead_Status that mean it is lost."
    )
    closed_case_statuses: list[str] = Field(["Closed"], description="Values of Cases.Status that mean it is closed.")
    done_task_statuses: list[str] = Field(["Completed"], description="Values of Tasks.Status that mean it is done.")
    cancelled_task_statuses: list[str] = Field(
        ["Deferred", "Cancelled", "Canceled"], description="Values of Tasks.Status that mean it will not be done."
    )
    confirmed_order_statuses: list[str] = Field(
        default_factory=list,
        description="Values of Sales_Orders.Status that make an order count as booked. Empty: orders are kept in "
        "another system, those of this CRM count as drafts, and their lines are not read (one call per changed order).",
    )
    cancelled_order_statuses: list[str] = Field(
        ["Cancelled", "Canceled"], description="Values of Sales_Orders.Status and Invoices.Status that mean cancelled."
    )
    posted_invoice_statuses: list[str] = Field(
        default_factory=list,
        description="Values of Invoices.Status that make an invoice count as billed. Empty: as with orders.",
    )
    satisfaction_scale: Decimal = Field(
        Decimal(5), gt=0, description="Most points the case column `satisfaction` can have."
    )
    contract_module: str | None = Field(
        None,
        description="API name of the account's own module of contracts, e.g. Contracts; its fields are named under "
        "columns.contract. Null: none, and the stream contract does not exist.",
    )
    agreed_contract_statuses: list[str] = Field(
        ["Confirmed", "Closed Won", "Signed"],
        description="Values of Quotes.Quote_Stage and of the contract column `status` that mean the customer agreed.",
    )
    rejected_contract_statuses: list[str] = Field(
        ["Closed Lost", "Cancelled", "Canceled"],
        description="Values of Quotes.Quote_Stage and of the contract column `status` that mean nothing came of it.",
    )
    mail_task_types: list[str] = Field(
        ["Email", "Mail"], description="Values of the task column `activity_type` that mean a mail."
    )
    visit_event_types: list[str] = Field(
        ["Visit"],
        description="Values of the event column `activity_type` that mean a visit; so does a check-in at the place.",
    )
    done_call_statuses: list[str] = Field(
        ["Completed"], description="Values of Calls.Outgoing_Call_Status that mean the call took place."
    )
    planned_call_statuses: list[str] = Field(
        ["Scheduled", "Overdue"], description="Values of Calls.Outgoing_Call_Status that mean it is still to come."
    )

    @field_validator("accounts_url", "api_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("https://", "http://")):
            raise ValueError("expected an address such as https://accounts.zoho.eu")
        return value.rstrip("/") if value is not None else None

    @field_validator("columns")
    @classmethod
    def _are_known_columns(cls, value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        for stream, columns in value.items():
            unknown = sorted(columns.keys() - ROLES.get(stream, {}).keys())
            if unknown:
                known = ", ".join(ROLES.get(stream, ())) or f"none; streams that have some: {', '.join(ROLES)}"
                raise ValueError(f"{stream} has no column {', '.join(unknown)} to be named here; expected: {known}")
        return value

    @model_validator(mode="after")
    def _has_an_address(self) -> "ZohoCrmConfig":
        if self.data_center is None and self.accounts_url is None:
            raise ValueError(f"data_center is missing: one of {', '.join(DATA_CENTERS)}")
        return self

    @property
    def accounts(self) -> str:
        """Where tokens are asked for."""
        return self.accounts_url or DATA_CENTERS[self.data_center or "us"]

    @property
    def overlap(self) -> timedelta:
        """`overlap_minutes` as a duration."""
        return timedelta(minutes=self.overlap_minutes)

    def roles(self, stream: str) -> dict[str, str]:
        """The fields behind the columns of the company's own, by column."""
        usual = {column: field for column, field in ROLES.get(stream, {}).items() if field is not None}
        return usual | self.columns.get(stream, {})

    def lists(self, stream: str) -> bool:
        """Whether the stream of a module is read with list calls."""
        return "*" in self.list_streams or stream in self.list_streams
