"""Tiny CRM over its REST API, read only. Unverified: that 600 requests a minute are allowed (setting: `limits`)."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pyarrow as pa
import requests
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors import arrow
from connectors.base import DELETED, ConfigurationError, Health, SourceError, Stream, Window
from connectors.http import HttpClient
from connectors.limits import Limits, Usage

VENDOR_LIMITS = Limits(requests_per_minute=600, concurrency=1)
ACCOUNT = Stream("account", ("id",), "changed_at", keys_listable=True, description="Customers.")
TYPES = {"integer": pa.int64(), "decimal": arrow.MONEY, "date": pa.date32(), "moment": arrow.TIME}


class TinyConfig(BaseModel):
    """Where a Tiny CRM is and who we are there."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(description="Address of the CRM, e.g. https://crm.example.com.")
    api_key: SecretStr = Field(description="API key; give it as ${ENV_VAR}.")
    page_size: int = Field(500, ge=1, le=1000, description="Records per page.")
    timeout_seconds: float = Field(60.0, gt=0, description="How long one answer may take.")
    overlap_minutes: int = Field(10, ge=0, description="How far before the last watermark a sync starts.")
    limits: Limits = Field(default_factory=Limits, description="How much the CRM may be asked.")


class TinyConnector:
    """See `connectors.base.Connector`; reads go by change and id, so they can go on where they ended."""

    system = "tiny"

    def __init__(self, config: TinyConfig, sleep: Callable[[float], None] | None = None) -> None:
        self.config = config
        self.overlap = timedelta(minutes=config.overlap_minutes)
        key = config.api_key.get_secret_value()
        limits = config.limits.or_vendors(VENDOR_LIMITS)
        self._http = HttpClient(config.url, (key,), config.timeout_seconds, sleep=sleep, limits=limits)
        self._http.session.headers["X-Api-Key"] = key

    def check(self) -> Health:
        try:
            return Health(True, f"{self.config.url}: {self._get('count')['count']} accounts")
        except SourceError as error:
            return Health(False, str(error))

    def streams(self) -> Sequence[Stream]:
        return [ACCOUNT]

    def usage(self) -> Usage:
        return self._http.usage

    def now(self) -> datetime:
        return parsedate_to_datetime(self._send("count").headers["Date"]).astimezone(UTC)

    def read(self, stream: Stream, window: Window) -> Iterator[pa.Table]:
        schema, after = self._schema(), window.after
        since = {"since": window.since.isoformat()} if window.since else {}
        while True:
            page = self._page(schema, {**since, **({"after": after} if after else {})})
            yield page
            if page.num_rows < self.config.page_size:
                return
            after = self.position(stream, page)

    def position(self, stream: Stream, page: pa.Table) -> str | None:
        return json.dumps([page["changed_at"][-1].as_py().isoformat(), page["id"][-1].as_py()])

    def count(self, stream: Stream) -> int | None:
        return int(self._get("count")["count"])

    def keys(self, stream: Stream) -> Iterator[list[int]]:
        yield self._get("ids")["ids"]

    def read_keys(self, stream: Stream, keys: Sequence[object]) -> Iterator[pa.Table]:
        schema = self._schema()
        for start in range(0, len(keys), self.config.page_size):
            listed = ",".join(map(str, keys[start : start + self.config.page_size]))
            yield self._page(schema, {"ids": listed})

    def _schema(self) -> pa.Schema:
        """The columns as the CRM declares them today, so that a new field arrives by itself."""
        fields = [
            (arrow.snake_case(item["name"]), TYPES.get(item["type"], pa.string())) for item in self._get("fields")
        ]
        return pa.schema([*fields, (DELETED, pa.bool_())])

    def _page(self, schema: pa.Schema, asked: dict[str, str]) -> pa.Table:
        items = self._get("accounts", {**asked, "limit": str(self.config.page_size)})["items"]
        records = [{**item, DELETED: item["deleted"]} for item in items]
        return arrow.page(records, schema, f"{self.config.url}, stream account")

    def _get(self, path: str, params: dict[str, str] | None = None) -> Any:
        answer = self._http.parse(self._send(path, params))
        if isinstance(answer, dict) and "error" in answer:  # with HTTP 200, too
            raise SourceError(self._http.redact(f"{self.config.url} refuses {path}: {answer['error']}"))
        return answer

    def _send(self, path: str, params: dict[str, str] | None = None) -> requests.Response:
        response = self._http.request("GET", f"v1/{path}", params=params)
        if response.status_code == 401:
            raise ConfigurationError(f"{self.config.url} refuses the API key; make a new one and set `api_key`")
        if not response.ok:
            told = self._http.redact(response.text[:200])
            raise SourceError(f"{self.config.url} answered HTTP {response.status_code} to {path}: {told!r}")
        return response
