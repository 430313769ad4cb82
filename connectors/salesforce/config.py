"""What a company configures for one Salesforce org: the `connection` part of its source file."""

from datetime import timedelta
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.limits import Limits

VENDOR_LIMITS = Limits(concurrency=5)
"""Requests of 20 s and longer: 5 at once in trial and developer orgs, 25 elsewhere. The daily allowance is the org's
and comes with every answer.
"""

ISO_CURRENCY = r"^[A-Z]{3}$"


class SalesforceConfig(BaseModel):
    """Where a Salesforce org is, who we are there, and which of its fields mean what."""

    model_config = ConfigDict(extra="forbid")

    login_url: str = Field(
        description="My Domain address of the org, e.g. https://acme.my.salesforce.com; tokens are asked for there."
    )
    client_id: str = Field(description="Consumer key of the connected app.")
    client_secret: SecretStr | None = Field(
        None, description="Consumer secret of the connected app (client credentials flow); give it as ${ENV_VAR}."
    )
    private_key: SecretStr | None = Field(
        None,
        description="RSA private key (PEM) of the app's certificate (JWT bearer flow, instead of the secret); "
        "give it as ${ENV_VAR}.",
    )
    username: str | None = Field(None, description="User to act as (JWT bearer flow only).")
    jwt_audience: str = Field(
        "https://login.salesforce.com",
        description="Audience of the signed assertion; https://test.salesforce.com for sandboxes.",
    )
    api_version: str = Field("66.0", pattern=r"^\d{2}\.0$", description="REST API version, e.g. 66.0 (Spring '26).")
    page_size: int = Field(
        2000,
        ge=200,
        le=2000,
        description="Records asked for per page; Salesforce may send fewer. Lower it on timeouts.",
    )
    bulk_from_records: int | None = Field(
        50_000,
        ge=1,
        description="Reads of at least so many records go through Bulk API 2.0 (fewer requests); null: never.",
    )
    bulk_page_size: int = Field(20_000, ge=1, le=250_000, description="Records per page of a bulk result.")
    timeout_seconds: float = Field(120.0, gt=0, description="How long one answer may take before the call is repeated.")
    limits: Limits = Field(default_factory=Limits, description="How much the org may be asked.")
    overlap_minutes: int = Field(
        15, ge=0, description="How far before the last watermark a sync starts, for records that were committed late."
    )
    custom_fields: bool = Field(
        True,
        description="Land the org's own fields (__c) by themselves, formulas excepted; false: only those listed.",
    )
    extra_fields: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Vendor fields to land besides the usual ones, by stream, e.g. {account: [Segment__c]}.",
    )
    exclude_fields: dict[str, list[str]] = Field(
        default_factory=dict, description="Vendor fields not to land, by stream, e.g. {contact: [MobilePhone]}."
    )
    default_currency: str | None = Field(
        None,
        pattern=ISO_CURRENCY,
        description="ISO 4217 code of all amounts in an org without multi-currency (Setup, Company Information).",
    )
    tax_id_field: str | None = Field(
        "Tax_Id__c", description="Account field with the tax or registration id; lands as `tax_id`. Null: none."
    )
    registry_id_field: str | None = Field(
        None,
        description="Account field with the id in a public register (LEI, company number); lands as `registry_id`. "
        "Null: none.",
    )
    account_email_field: str | None = Field(
        "Email__c", description="Account field with the e-mail address; lands as `email`. Null: none."
    )
    unit_code_field: str | None = Field(
        None,
        description="UserRole field holding the company-wide unit code, e.g. DeveloperName; lands as `unit_code`. "
        "Null: roles are units of this source only.",
    )
    event_status_field: str | None = Field(
        "Status__c",
        description="Event field saying Planned, Held or Cancelled; lands as `event_status`. Where it is missing, an "
        "event up to the as-of date counts as done.",
    )
    case_first_response_field: str | None = Field(
        None,
        description="Case field (datetime) with the moment of the first answer, as a flow or Service Cloud fills it; "
        "lands as `first_response_at`. Null: none.",
    )
    case_reopened_field: str | None = Field(
        None,
        description="Case field (number) that counts how often a case was opened again; lands as `reopened_count`. "
        "Null: none.",
    )
    case_satisfaction_field: str | None = Field(
        None,
        description="Case field (number) with the customer's rating; lands as `satisfaction`. Null: none.",
    )
    satisfaction_scale: Decimal = Field(
        Decimal(5), gt=0, description="Most points the case's satisfaction field can have."
    )
    contract_amount_field: str | None = Field(
        None,
        description="Contract field (currency) with its amount without tax, of which Salesforce itself keeps none; "
        "lands as `amount`. Null: none.",
    )
    contract_opportunity_field: str | None = Field(
        None,
        description="Contract field (lookup) with the opportunity it came from; lands as `opportunity_id`. Null: none.",
    )
    agreed_contract_statuses: list[str] = Field(
        ["Accepted", "Activated"],
        description="Values of Quote.Status and Contract.Status that mean the customer agreed.",
    )
    rejected_contract_statuses: list[str] = Field(
        ["Denied", "Rejected", "Cancelled", "Canceled"],
        description="Values of Quote.Status and Contract.Status that mean nothing came of it.",
    )
    confirmed_order_statuses: list[str] = Field(
        default_factory=list,
        description="Values of Order.Status that make an order count as booked, e.g. [Activated]. Empty: orders are "
        "kept in another system, and those of this org count as drafts.",
    )
    cancelled_order_statuses: list[str] = Field(
        ["Cancelled", "Canceled"], description="Values of Order.Status that mean cancelled."
    )
    visit_event_types: list[str] = Field(
        ["Visit"], description="Values of Event.Type that mean a visit to the customer; other events are meetings."
    )
    lost_lead_statuses: list[str] = Field(
        ["Closed - Not Converted", "Unqualified", "Disqualified"],
        description="Values of Lead.Status that mean the enquiry is lost.",
    )
    cancelled_task_statuses: list[str] = Field(
        ["Deferred", "Cancelled", "Canceled"], description="Values of Task.Status that mean it will not be done."
    )

    @field_validator("login_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("expected an address such as https://acme.my.salesforce.com")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _can_log_in(self) -> Self:
        if (self.client_secret is None) == (self.private_key is None):
            raise ValueError("needs either `client_secret` (client credentials) or `private_key` (JWT bearer)")
        if self.private_key is not None and self.username is None:
            raise ValueError("the JWT bearer flow needs `username`, the user to act as")
        return self

    @property
    def overlap(self) -> timedelta:
        """`overlap_minutes` as a duration."""
        return timedelta(minutes=self.overlap_minutes)
