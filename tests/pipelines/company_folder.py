"""A small company folder on disk and a type of source held in memory, for tests of the company folder."""

import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.base import Health, SourceError, Stream
from pipelines.company.registry import SourceType

COMPANY = """\
name:
  zh: 示例公司
  en: Example
time_zone: Asia/Shanghai
reporting_currency: CNY
roles:
  sales_rep: [Sales Rep, 销售代表]
  hr: [HR]
org_sources: [erp]
"""

ERP = """\
type: stub
connection:
  url: https://erp.example.com
  password: ${ERP_PASSWORD}
  page_size: 50
"""

STANDARD = """\
id: rep
role: sales_rep
name: {zh: 销售考核, en: Sales}
versions:
  - version: 1
    valid_from: 2025-01-01
    approved_by: CEO
    period_type: quarter
    weights:
      - {metric: bookings, weight: 60}
      - {metric: win_rate, weight: 40, curve: {type: linear, cap: 110}, reference_value: 0.3}
    grades:
      - {grade: A, min_score: 90}
      - {grade: B, min_score: 0}
  - version: 2
    valid_from: 2025-07-01
    approved_by: CEO
    period_type: quarter
    weights: [{metric: bookings, weight: 100}]
    grades: [{grade: A, min_score: 0}]
"""


class Pool(BaseModel):
    """A nested part of the stub's connection."""

    model_config = ConfigDict(extra="forbid")

    size: int = Field(1, description="Connections held open.")


class StubConfig(BaseModel):
    """The connection of the stub type."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(description="Address of the server.")
    password: SecretStr = Field(description="Password of the reading user.")
    page_size: int = Field(100, description="Records asked for per page.")
    pool: Pool | None = Field(None, description="How connections are shared.")

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value.startswith(("https://", "/")):
            raise ValueError("expected an address such as https://erp.example.com")
        return value

    answer: str = Field("ok", description="What the stub does when it is asked: ok, refuse, hang, break.")


class StubConnector:
    """Answers `check` as its configuration says."""

    system = "stub"
    overlap = timedelta(0)

    def __init__(self, config: StubConfig) -> None:
        self.config = config

    def check(self) -> Health:
        if self.config.answer == "refuse":
            return Health(False, "wrong password for reader at erp.example.com")
        if self.config.answer == "hang":
            time.sleep(30)
        if self.config.answer == "break":
            raise RuntimeError(f"broke with {self.config.password.get_secret_value()}")
        if self.config.answer == "raise":
            raise SourceError("erp.example.com cannot be reached")
        if self.config.answer == "limited":
            return Health(True, "Stub 1.0", {"invoice": "not allowed"})
        return Health(True, "Stub 1.0 as reader")

    def streams(self) -> Sequence[Stream]:
        return [Stream("order"), Stream("invoice")]


STUB = SourceType(__name__, "StubConfig", "StubConnector")


def write(folder: Path, files: dict[str, Any]) -> Path:
    """Writes the files (text by path) on top of a valid folder and returns it; None leaves a file out."""
    texts = {"company.yaml": COMPANY, "sources/erp.yaml": ERP, "standards/rep.yaml": STANDARD, **files}
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        elif text is not None:
            path.write_text(text, encoding="utf-8")
    return folder
