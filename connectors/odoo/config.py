"""What a company configures for one Odoo database: the `connection` part of its source file."""

from datetime import timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.limits import Limits
from connectors.odoo.streams import STREAMS

VENDOR_LIMITS = Limits(concurrency=1)
"""Hosted plans answer about one call at a time; no pace is published."""


class OdooConfig(BaseModel):
    """Where an Odoo database is, who we are there, and which of its records and fields to read."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(description="Address of the server without a path, e.g. https://erp.example.com.")
    database: str = Field(description="Name of the database on that server.")
    login: str = Field("", description="Login of the reading user (jsonrpc only; json2 knows the user by the key).")
    api_key: SecretStr | None = Field(None, description="API key of the reading user; give it as ${ENV_VAR}.")
    password: SecretStr | None = Field(None, description="Password, where there is no API key (jsonrpc only).")
    protocol: Literal["jsonrpc", "json2"] = Field(
        "jsonrpc", description="jsonrpc for Odoo 14 to 18; json2 (bearer key) for 19 and later."
    )
    page_size: int = Field(
        2000, ge=1, le=20_000, description="Records asked for per read; lower it when the server's worker limits bite."
    )
    timeout_seconds: float = Field(120.0, gt=0, description="How long one answer may take before the call is repeated.")
    limits: Limits = Field(
        default_factory=Limits, description="How much the server may be asked; one request at a time unless said."
    )
    overlap_minutes: int = Field(
        15, ge=0, description="How far before the last watermark a sync starts, for transactions that committed late."
    )
    companies: list[int] = Field(
        default_factory=list,
        description="Ids of the Odoo companies to read (allowed_company_ids); empty: all of the reading user.",
    )
    lang: str | None = Field(
        None, description="Language of translated names, e.g. zh_CN; empty: the language of the reading user."
    )
    streams: list[str] | None = Field(None, description="Only these streams; empty: all of them.")
    exclude_streams: list[str] = Field(
        default_factory=list, description="Streams not to read, e.g. those the reading user may not see."
    )
    custom_fields: bool = Field(
        True,
        description="Land fields made in the company's own database (x_...) by themselves; false: only those listed.",
    )
    extra_fields: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Odoo fields to land besides the usual ones, by stream, e.g. {partner: [x_segment]}.",
    )
    exclude_fields: dict[str, list[str]] = Field(
        default_factory=dict, description="Odoo fields not to land, by stream, e.g. {partner: [phone, mobile]}."
    )
    activity_models: list[str] = Field(
        ["crm.lead", "res.partner", "sale.order"],
        description="Odoo models whose activities are read (streams activity and activity_done).",
    )

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("expected an address such as https://erp.example.com")
        return value.rstrip("/")

    @field_validator("streams", "exclude_streams")
    @classmethod
    def _streams_exist(cls, value: list[str] | None) -> list[str] | None:
        _refuse_unknown(value or [])
        return value

    @field_validator("extra_fields", "exclude_fields")
    @classmethod
    def _fields_of_streams(cls, value: dict[str, list[str]]) -> dict[str, list[str]]:
        _refuse_unknown(list(value))
        if any("id" in fields for fields in value.values()):
            raise ValueError("`id` is the key of every record and is always read")
        return value

    @model_validator(mode="after")
    def _can_log_in(self) -> Self:
        if self.protocol == "json2" and self.api_key is None:
            raise ValueError("protocol json2 needs `api_key`")
        if self.protocol == "jsonrpc" and not (self.login and (self.api_key or self.password)):
            raise ValueError("protocol jsonrpc needs `login` and either `api_key` or `password`")
        return self

    @property
    def secret(self) -> str:
        """What the user is known by: the API key if there is one, else the password."""
        chosen = self.api_key or self.password
        return chosen.get_secret_value() if chosen else ""

    @property
    def overlap(self) -> timedelta:
        """`overlap_minutes` as a duration."""
        return timedelta(minutes=self.overlap_minutes)


def _refuse_unknown(names: list[str]) -> None:
    unknown = sorted(set(names) - set(STREAMS))
    if unknown:
        raise ValueError(f"no such stream: {', '.join(unknown)}; there are {', '.join(STREAMS)}")
