"""What a company configures for one Fxiaoke (纷享销客) tenant: the `connection` part of its source file."""

from datetime import timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.limits import Limits

VENDOR_LIMITS = Limits(requests_per_minute=270, concurrency=1)
"""An interface may be called 100 times in 20 seconds (older editions of the manual: 60), for tokens one by one."""
ISO_CURRENCY = r"^[A-Z]{3}$"


class FxiaokeConfig(BaseModel):
    """Where a Fxiaoke tenant is, who we are there, and which of its fields and values mean what."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(description="Address of the tenant's cloud, e.g. https://open.fxiaoke.com.")
    app_id: str = Field(description="Id of the self-built app (FSAID_...).")
    app_secret: SecretStr = Field(description="Secret of the app; give it as ${ENV_VAR}.")
    permanent_code: SecretStr = Field(
        description="Permanent code of the app for this enterprise; give it as ${ENV_VAR}."
    )
    user_id: str = Field(
        description="Whose view we read: FSUID_... (legacy) or employee id such as 1000 (oauth). Records this user may "
        "not see are missing, so take a CRM administrator."
    )
    convention: Literal["oauth", "legacy"] = Field(
        "oauth", description="oauth: token and enterprise in headers; legacy: corpAccessToken in the body (旧版)."
    )
    page_size: int = Field(
        100, ge=1, le=1000, description="Records asked for per page; the manual allows 100, some objects give 1000."
    )
    limits: Limits = Field(
        default_factory=Limits, description="How much the tenant may be asked; 270 requests a minute unless said."
    )
    throttle_wait_seconds: float = Field(
        20.0, ge=0, description="How long to wait when the vendor says that calls come too often (codes 30004, 14001)."
    )
    timeout_seconds: float = Field(60.0, gt=0, description="How long one answer may take before the call is repeated.")
    overlap_minutes: int = Field(
        10, ge=0, description="How far before the last watermark a sync starts, for records that were committed late."
    )
    time_zone: str = Field(
        "Asia/Shanghai", description="Zone whose midnight a date field's milliseconds stand for, an IANA name."
    )
    opportunity_object: Literal["NewOpportunityObj", "OpportunityObj"] = Field(
        "NewOpportunityObj", description="商机2.0 (NewOpportunityObj) or the older 商机 (OpportunityObj)."
    )
    custom_objects: list[str] = Field(
        default_factory=list, description="API names (...__c) of custom objects to land, each as a stream of its own."
    )
    exclude_streams: list[str] = Field(
        default_factory=list, description="Streams not to read, e.g. those the reading user may not see."
    )
    exclude_fields: dict[str, list[str]] = Field(
        default_factory=dict, description="Vendor fields not to land, by stream, e.g. {contact: [mobile1]}."
    )
    roles: dict[str, dict[str, str | None]] = Field(
        default_factory=dict,
        description="Which vendor field means what, by stream, where the default is wrong: {account: {tax_id: "
        "field_ab12__c, postal_code: null}}; null: there is none.",
    )
    field_projection: bool = Field(
        False,
        description="Ask for the landed fields only. Saves traffic; names of countries and provinces are then missing.",
    )
    read_invalid: bool = Field(
        True, description="Also ask for invalidated records (作废), which then count as deleted."
    )
    invalid_shown: bool = Field(
        False, description="Whether a query without conditions shows invalidated records too; only counting needs it."
    )
    stage_history: bool = Field(
        True,
        description="Read the change log of every changed opportunity (one call each) for stages and owners over time; "
        "off: changes are seen from the first sync on.",
    )
    log_keys: tuple[str, str, str] = Field(
        ("fieldApiName", "oldValue", "newValue"),
        description="Keys of a change in the change log: field, value before, value after.",
    )
    default_currency: str | None = Field(
        None, pattern=ISO_CURRENCY, description="ISO 4217 code of all amounts in a tenant without multi-currency."
    )
    person_record_types: list[str] = Field(
        default_factory=list, description="Record types (record_type) of AccountObj that are private persons."
    )
    won_statuses: list[str] = Field(
        ["赢单", "贏單", "won", "win"], description="Values or labels of the opportunity's status that mean won."
    )
    lost_statuses: list[str] = Field(
        ["输单", "輸單", "无效", "lost", "lose", "invalid", "abandoned"],
        description="Values or labels of the opportunity's status that mean lost.",
    )
    converted_lead_statuses: list[str] = Field(
        ["transformed", "已转换"], description="Values or labels of the lead's status that mean converted."
    )
    lost_lead_statuses: list[str] = Field(
        ["closed", "无效", "已关闭"], description="Values or labels of the lead's status that mean lost."
    )
    agreed_contract_statuses: list[str] = Field(
        ["agreed", "signed", "已接受", "已签订", "已签约", "已生效"],
        description="Values or labels of the role `status` of quotes and contracts that mean the customer agreed.",
    )
    rejected_contract_statuses: list[str] = Field(
        ["rejected", "cancelled", "canceled", "已拒绝", "已取消", "已终止"],
        description="The same, for those nothing came of; all others are open.",
    )
    confirmed_order_statuses: list[str] = Field(
        default_factory=list,
        description="Values or labels of the order's status that make it count as booked. Empty: orders and payments "
        "are kept in another system, and those of this tenant count as drafts.",
    )
    cancelled_order_statuses: list[str] = Field(
        ["cancelled", "canceled", "已取消", "已作废"],
        description="Values or labels of the order's status that mean cancelled.",
    )
    closed_case_statuses: list[str] = Field(
        ["closed", "finished", "已关闭", "已完成"],
        description="Values or labels of the case's status that mean closed.",
    )
    satisfaction_scale: Decimal = Field(
        Decimal(5), gt=0, description="Most points the case's satisfaction field (role satisfaction) can have."
    )
    done_statuses: list[str] = Field(
        ["done", "finished", "已完成", "已签到"],
        description="Values or labels of a visit's or schedule's status: done.",
    )
    cancelled_statuses: list[str] = Field(
        ["cancelled", "canceled", "已取消", "已作废"],
        description="The same for cancelled ones; all others are planned.",
    )
    activity_types: dict[str, Literal["call", "visit", "meeting", "mail", "task"]] = Field(
        {
            "电话": "call",
            "电话沟通": "call",
            "拜访": "visit",
            "上门拜访": "visit",
            "会议": "meeting",
            "邮件": "mail",
            "任务": "task",
        },
        description="Label of the type of a sales record or schedule -> kind of activity; others are tasks.",
    )

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("expected an address such as https://open.fxiaoke.com")
        return value.rstrip("/")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("no such time zone; use an IANA name such as Asia/Shanghai") from None
        return name

    @field_validator("custom_objects")
    @classmethod
    def _custom_names(cls, names: list[str]) -> list[str]:
        wrong = [name for name in names if not name.endswith("__c")]
        if wrong:
            raise ValueError(f"{wrong[0]} is no custom object; their API names end in __c")
        return names

    @property
    def overlap(self) -> timedelta:
        """`overlap_minutes` as a duration."""
        return timedelta(minutes=self.overlap_minutes)
