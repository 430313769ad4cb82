"""The connector: streams of one Zoho CRM account as landing wants them."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pyarrow as pa

from connectors import arrow
from connectors.ahead import ahead
from connectors.base import ConfigurationError, Health, SourceError, Stream, Window
from connectors.limits import Usage
from connectors.zoho_crm.client import VanishedRecord, ZohoClient
from connectors.zoho_crm.config import ZohoCrmConfig
from connectors.zoho_crm.details import DETAILS, DetailStream
from connectors.zoho_crm.fields import Layout, hidden, layout_of, missing_fields
from connectors.zoho_crm.modules import ZohoModule, modules_of, stream_of
from connectors.zoho_crm.pages import deleted_page
from connectors.zoho_crm.readers import LIST_PAGE, ListReader, QueryReader, Reader, last_live, since_header
from connectors.zoho_crm.settings import SETTINGS

PAGES_AHEAD = 4
"""Pages fetched before they are asked for: landing works in batches of several pages, meanwhile the account goes on."""
DELETED_PAGES = 10
"""Pages of the list of deletions that are read; what is beyond is found by comparing ids."""
DETAIL_ROWS = 1_000


class ZohoCrmConnector:
    """Reads one account with queries, list calls and settings calls (see `connectors.base.Connector`)."""

    system = "zoho_crm"

    def __init__(self, config: ZohoCrmConfig, sleep: Callable[[float], None] | None = None) -> None:
        self.config = config
        self.overlap: timedelta = config.overlap
        self._modules = modules_of(config)
        self._client = ZohoClient(config, sleep)
        self._layouts: dict[str, Layout] = {}
        self._readers: dict[str, Reader] = {}
        self._currency: str | None = None

    def streams(self) -> Sequence[Stream]:
        """One stream per module, details and settings; what is not shown is said by `check` and when read."""
        return [
            *(stream_of(module) for module in self._modules.values()),
            *(detail.stream for detail in DETAILS.values() if detail.wanted(self.config)),
            *(settings.stream for settings in SETTINGS.values()),
        ]

    def check(self) -> Health:
        """Log in and compare the fields of every module with what we would read."""
        try:
            organisation, _ = self._client.organisation()
            problems = {name: problem for name, module in self._modules.items() if (problem := self._problem(module))}
        except SourceError as error:
            return Health(False, str(error))
        licence = (organisation.get("license_details") or {}).get("paid_type", "unknown")
        return Health(True, f"connected to {organisation.get('company_name')}, edition {licence}", problems)

    def usage(self) -> Usage:
        """Requests so far, the limits they keep, and the credits the account has left."""
        return self._client.usage()

    def now(self) -> datetime:
        """The account's own clock."""
        organisation, clock = self._client.organisation()
        self._currency = organisation.get("iso_code")
        return clock

    def read(self, stream: Stream, window: Window) -> Iterator[pa.Table]:
        """Records changed at or after the window's start, then what was deleted since then."""
        if stream.name in DETAILS:
            yield from self._details(DETAILS[stream.name], window)
        elif stream.name in SETTINGS:
            yield from SETTINGS[stream.name].pages(self._client, self.config, window.since)
        else:
            layout = self._layout(stream)
            yield from ahead(self._reader(stream).changed(layout, window.since, window.after), PAGES_AHEAD)
            if window.since is not None:
                yield from self._deleted(layout, window.since)

    def position(self, stream: Stream, page: pa.Table) -> str | None:
        """Where a read goes on behind the last live record of the page; None for settings, which are short."""
        if stream.name in SETTINGS:
            return None
        if stream.name in DETAILS:
            detail = DETAILS[stream.name]
            # Records come in order of their ids only when they are queried.
            return None if self.config.lists(detail.module.stream) else str(page[detail.record][-1].as_py())
        last = last_live(page)
        return self._reader(stream).position(last) if last is not None else None

    def count(self, stream: Stream) -> int | None:
        """Live records now; None for details, which cannot be counted."""
        if stream.name in DETAILS:
            return None
        if stream.name in SETTINGS:
            return sum(len(page) for page in self.keys(stream))
        answer = self._client.json(f"{self._modules[stream.name].name}/actions/count")
        return int(answer["count"]) if answer else 0

    def keys(self, stream: Stream) -> Iterator[list[object]]:
        """All live keys, a page at a time."""
        if stream.name in SETTINGS:
            for page in SETTINGS[stream.name].pages(self._client, self.config, None):
                parts = [page[name].to_pylist() for name in stream.key]
                yield list(zip(*parts, strict=True)) if len(parts) > 1 else parts[0]
            return
        for ids in self._reader(stream).ids(self._layout(stream)):
            yield list[object](ids)

    def read_keys(self, stream: Stream, keys: Sequence[object]) -> Iterator[pa.Table]:
        """The records of the given keys that still exist."""
        if stream.name in SETTINGS:
            # Short lists that Zoho gives only whole; landing keeps what it does not have.
            yield from SETTINGS[stream.name].pages(self._client, self.config, None)
            return
        yield from self._reader(stream).named(self._layout(stream), [str(key) for key in keys])

    def _reader(self, stream: Stream) -> Reader:
        if stream.name not in self._readers:
            kind = ListReader if self.config.lists(stream.name) else QueryReader
            self._readers[stream.name] = kind(self._client, self.config.page_size)
        return self._readers[stream.name]

    def _deleted(self, layout: Layout, since: datetime) -> Iterator[pa.Table]:
        """What the account's list of deletions names: recycled and purged records."""
        for page in range(1, DELETED_PAGES + 1):
            asked = {"type": "all", "page": str(page), "per_page": str(LIST_PAGE)}
            answer = self._client.json(f"{layout.module.name}/deleted", asked, since_header(since))
            if answer is None:
                return
            yield deleted_page(layout, [str(record["id"]) for record in answer["data"]])
            if not answer["info"]["more_records"]:
                return

    def _details(self, detail: DetailStream, window: Window) -> Iterator[pa.Table]:
        """The details of every record that changed, several records at once, in the order of the records."""
        where, rows = f"zoho_crm {detail.stream.name}", list[dict]()
        records = stream_of(detail.module)
        with ThreadPoolExecutor(self._client.concurrency) as pool:
            try:
                for ids in self._reader(records).ids(self._layout(records), window.since, window.after):
                    for found in pool.map(lambda record_id: self._details_of(detail, record_id), ids):
                        rows += found
                        if len(rows) >= DETAIL_ROWS:
                            yield arrow.page(rows, detail.schema, where)
                            rows = []
            except SourceError:
                # What was read lands, so that the next sync goes on behind it.
                if rows:
                    yield arrow.page(rows, detail.schema, where)
                raise
            finally:
                pool.shutdown(cancel_futures=True)
        if rows:
            yield arrow.page(rows, detail.schema, where)

    def _details_of(self, detail: DetailStream, record_id: str) -> list[dict]:
        try:
            return list(detail.fetch(self._client, self.config, record_id))
        except VanishedRecord:
            return []  # deleted since it was listed; the stream of the records will say so

    def _layout(self, stream: Stream) -> Layout:
        if stream.name not in self._layouts:
            module = self._modules[stream.name]
            self._layouts[stream.name] = layout_of(module, self._described(module), self.config, self._home_currency())
        return self._layouts[stream.name]

    def _home_currency(self) -> str | None:
        if self._currency is None:
            self._currency = self._client.organisation()[0].get("iso_code")
        return self._currency

    def _described(self, module: ZohoModule) -> list[dict]:
        answer = self._client.json("settings/fields", {"module": module.name})
        if answer is None:  # how Zoho hides a module from a profile
            raise ConfigurationError(
                f"zoho_crm {module.name}: the account shows no field of this module; give the profile of the token's "
                f"user access to it, or leave {module.stream} out of the source's streams"
            )
        return list(answer["fields"])

    def _problem(self, module: ZohoModule) -> str | None:
        try:
            described = self._described(module)
        except ConfigurationError as error:
            return str(error)
        shown = {field["api_name"] for field in described} | set(self.config.exclude_fields.get(module.stream, ()))
        missing = missing_fields(module, shown, self.config)
        return hidden(module, missing) if missing else None
