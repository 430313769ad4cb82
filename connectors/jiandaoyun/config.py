"""What a company configures for its 简道云 account: the `connection` part of its source file."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator

from connectors.limits import Limits
from connectors.named import each_name_once

VENDOR_LIMITS = Limits(requests_per_minute=1_500, concurrency=1)
"""Reading records is allowed 30 times a second, listing people 10 times, all calls together 50 times."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Widget = Annotated[str, StringConstraints(pattern=r"^_widget_\d+$")]


class JiandaoyunStream(BaseModel):
    """One form, the rows of a form's subform, or the address book."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name = Field(description="Name of the stream; mappings refer to it.")
    kind: Literal["form", "members", "departments"] = Field(
        default="form", description="form: records of a form; members and departments: the address book, whole."
    )
    app_id: str | None = Field(default=None, description="Id of the application (24 hexadecimal digits).")
    entry_id: str | None = Field(default=None, description="Id of the form in it (24 hexadecimal digits).")
    subform: Widget | None = Field(
        default=None,
        description="Read the rows of this subform instead, one record each; `parent_id` names the form's.",
    )
    fields: dict[str, Widget] = Field(
        default_factory=dict,
        description="Landed column -> permanent field id; other fields land as widget_<digits>. Labels and aliases may "
        "change, these ids never do. `scoreline sources describe` lists them.",
    )
    only_finished: bool = Field(
        default=False, description="Of a form with a workflow: only records whose workflow is finished (flowState 1)."
    )

    @model_validator(mode="after")
    def _has_an_address(self) -> "JiandaoyunStream":
        if self.kind == "form" and not (self.app_id and self.entry_id):
            raise ValueError("a form needs app_id and entry_id; `scoreline sources describe` lists them")
        return self


class JiandaoyunConfig(BaseModel):
    """Where the account is, with which key, and which of its forms to read."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        "https://api.jiandaoyun.com/api", description="Address of the interface; a private deployment has its own."
    )
    api_key: SecretStr = Field(description="Key from 开放平台, 密钥管理; give it as ${ENV_VAR}.")
    streams: list[JiandaoyunStream] = Field(
        default_factory=list, description="The forms to read; empty until `scoreline sources describe` has shown them."
    )
    page_size: int = Field(100, ge=1, le=100, description="Records asked for per page.")
    timeout_seconds: float = Field(60.0, gt=0, description="How long one answer may take before the call is repeated.")
    limits: Limits = Field(
        default_factory=Limits, description="How much the account may be asked; 1,500 requests a minute unless said."
    )
    throttle_code: int = Field(8303, description="Error code that means that calls come too often.")
    throttle_wait_seconds: float = Field(5.0, ge=0, description="How long to wait then.")
    overlap_minutes: int = Field(
        10, ge=0, description="How far before the last watermark a sync starts, for records that were committed late."
    )

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("expected an address such as https://api.jiandaoyun.com/api")
        return value.rstrip("/")

    @field_validator("streams")
    @classmethod
    def _each_name_once(cls, streams: list[JiandaoyunStream]) -> list[JiandaoyunStream]:
        return each_name_once(streams)

    @property
    def overlap(self) -> timedelta:
        """`overlap_minutes` as a duration."""
        return timedelta(minutes=self.overlap_minutes)
