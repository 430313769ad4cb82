"""What a company configures for its 伙伴云 workspace: the `connection` part of its source file."""

from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator

from connectors.limits import Limits
from connectors.named import each_name_once

VENDOR_LIMITS = Limits(requests_per_minute=300, concurrency=1)
"""Nothing is published; five calls a second, one after the other, is what public scripts get by with."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Id = Annotated[str, StringConstraints(pattern=r"^\d+$")]


class HuobanStream(BaseModel):
    """One table, or the members of the workspace."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name = Field(description="Name of the stream; mappings refer to it.")
    kind: Literal["table", "members"] = Field(default="table", description="table, or the members of the workspace.")
    table_id: Id | None = Field(default=None, description="Id of the table (16 digits, as text).")
    fields: dict[str, Id] = Field(
        default_factory=dict,
        description="Landed column -> field id; other fields land as f<id>. Names may change, these ids never do. "
        "`scoreline sources describe` lists them.",
    )

    @model_validator(mode="after")
    def _has_an_address(self) -> "HuobanStream":
        if self.kind == "table" and not self.table_id:
            raise ValueError("a table needs table_id; `scoreline sources describe` lists them")
        return self


class HuobanConfig(BaseModel):
    """Where the workspace is, with which key, and which of its tables to read."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        "https://api.huoban.com/openapi/v1", description="Address of the interface; a private edition has its own."
    )
    api_key: SecretStr = Field(description="API key made in the administration; give it as ${ENV_VAR}.")
    space_id: Id = Field(description="Id of the workspace (16 digits, as text).")
    streams: list[HuobanStream] = Field(
        default_factory=list, description="The tables to read; empty until `scoreline sources describe` has shown them."
    )
    members_path: str = Field(
        "/space/{space_id}/members",
        description="Path of the list of members; the manual's navigation does not show it.",
    )
    page_size: int = Field(100, ge=2, le=500, description="Items asked for per page.")
    timeout_seconds: float = Field(60.0, gt=0, description="How long one answer may take before the call is repeated.")
    limits: Limits = Field(
        default_factory=Limits, description="How much the workspace may be asked; 300 requests a minute unless said."
    )
    throttle_codes: list[int] = Field(
        [429], description="Codes in an answer that mean that calls come too often, besides HTTP 429."
    )
    throttle_words: list[str] = Field(
        ["频繁", "频率", "too many", "rate limit"], description="Words in a refusal's message that mean the same."
    )
    throttle_wait_seconds: float = Field(5.0, ge=0, description="How long to wait then.")
    changed_field: str | None = Field(
        "updated_on", description="System field that moves with every change; null: every sync reads the tables whole."
    )
    order_field: str = Field("created_on", description="System field that items are paged by; it must never change.")
    time_zone: str = Field("Asia/Shanghai", description="Zone of the times, which carry none; an IANA name.")
    overlap_minutes: int = Field(
        10, ge=0, description="How far before the last watermark a sync starts, for items that were saved late."
    )

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("expected an address such as https://api.huoban.com/openapi/v1")
        return value.rstrip("/")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("no such time zone; use an IANA name such as Asia/Shanghai") from None
        return name

    @field_validator("streams")
    @classmethod
    def _each_name_once(cls, streams: list[HuobanStream]) -> list[HuobanStream]:
        return each_name_once(streams)

    @property
    def overlap(self) -> timedelta:
        """`overlap_minutes` as a duration."""
        return timedelta(minutes=self.overlap_minutes)
