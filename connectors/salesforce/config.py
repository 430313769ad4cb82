"""What a company configures for one Salesforce org: the `connection` part of its source file."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

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
    client_id: str = Field(description="Consumer key of the connected app (OAuth client credentials).")
    client_secret: SecretStr = Field(description="Consumer secret of the connected app; give it as ${ENV_VAR}.")
    api_version: str = Field("66.0", pattern=r"^\d{2}\.0$", description="REST API version, e.g. 66.0 (Spring '26).")
    page_size: int = Field(
        2000,
        ge=200,
        le=2000,
        description="Records asked for per page; Salesforce may send fewer. Lower it on timeouts.",
    )
    timeout_seconds: float = Field(120.0, gt=0, description="How long one answer may take before the call is repeated.")
    limits: Limits = Field(default_factory=Limits, description="How much the org may be asked.")
    overlap_minutes: int = Field(
        15, ge=0, description="How far before the last watermark a sync starts, for records that were committed late."
    )
    custom_fields: bool = Field(
        True,
        description="Land the org's own fields (ending __c) by themselves, formulas excepted; false: only those listed.",
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

    @property
    def overlap(self) -> timedelta:
        """`overlap_minutes` as a duration."""
        return timedelta(minutes=self.overlap_minutes)
