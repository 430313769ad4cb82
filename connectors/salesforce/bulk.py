"""Bulk API 2.0: one query job, waited for, its result read as pages of CSV.

A job's result stays with the org for days and each of its locators stays valid, so a read can go on at any page.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from connectors.base import ConfigurationError, TransientError
from connectors.salesforce.client import BulkRefused, SalesforceClient
from connectors.salesforce.config import SalesforceConfig
from connectors.salesforce.pages import Layout

FIRST_LOOK_SECONDS, LONGEST_LOOK_SECONDS = 2.0, 30.0
PATIENCE_SECONDS = 6 * 3600
"""Jobs of many millions of records take hours; one that takes longer has stalled."""
_POSITION = b"position"


@dataclass(frozen=True)
class BulkPosition:
    """A place in the result of a job: the locator of the page to read next; None behind the last page."""

    job: str
    locator: str | None

    def text(self) -> str:
        """As `Window.after` carries it."""
        return json.dumps({"job": self.job, "locator": self.locator})

    @classmethod
    def of(cls, text: str | None) -> "BulkPosition | None":
        """From `Window.after`; None when that is the position of a read over REST, or of none."""
        found: Any = json.loads(text) if text else None
        return cls(found["job"], found["locator"]) if isinstance(found, dict) else None


def position_of(page: pa.Table) -> str | None:
    """The position behind a page read in bulk; None for other pages."""
    return (page.schema.metadata or {}).get(_POSITION, b"").decode() or None


class BulkReader:
    """Query jobs of one org."""

    def __init__(self, client: SalesforceClient, config: SalesforceConfig) -> None:
        self._client, self._config = client, config

    def start(self, soql: str) -> BulkPosition:
        """A new job over the query, deleted records included. Raises BulkRefused when REST must do it."""
        asked = {"operation": "queryAll", "query": soql, "contentType": "CSV", "columnDelimiter": "COMMA"}
        made = self._client.post(f"{self._client.root}/jobs/query", {**asked, "lineEnding": "LF"})
        return BulkPosition(made["id"], "")

    def pages(self, layout: Layout, start: BulkPosition) -> Iterator[pa.Table]:
        """The job's pages from a position on, each with its position; the org removes old jobs by itself."""
        self._wait(start.job)
        locator = start.locator
        while locator is not None:
            table, locator = self._page(layout, start.job, locator)
            place = BulkPosition(start.job, locator).text().encode()
            if table.num_rows:
                yield table.replace_schema_metadata({_POSITION: place})

    def _page(self, layout: Layout, job: str, locator: str) -> tuple[pa.Table, str | None]:
        params = {"maxRecords": str(self._config.bulk_page_size)} | ({"locator": locator} if locator else {})
        answer = self._client.get(f"{self._client.root}/jobs/query/{job}/results", params, {"Accept": "text/csv"})
        following = answer.headers.get("Sforce-Locator", "null")
        return layout.csv_page(answer.content), None if following == "null" else following

    def has(self, job: str) -> bool:
        """Whether the org still has the job."""
        try:
            self._client.get(f"{self._client.root}/jobs/query/{job}")
        except ConfigurationError:
            return False
        return True

    def _wait(self, job: str) -> None:
        """Until the job is complete; looks become rarer, so that they cost few requests."""
        waited, pause = 0.0, FIRST_LOOK_SECONDS
        while True:
            shown = self._client.json(f"{self._client.root}/jobs/query/{job}")
            if shown["state"] == "JobComplete":
                return
            if shown["state"] in ("Failed", "Aborted"):
                raise _failure(job, shown)
            if waited >= PATIENCE_SECONDS:
                raise TransientError(
                    f"salesforce: bulk job {job} is still {shown['state']} after {waited / 3600:.0f} hours; look at it "
                    "in Setup, Bulk Data Load Jobs, and try again, or set bulk_from_records: null"
                )
            self._client.wait(pause)
            waited, pause = waited + pause, min(pause * 1.5, LONGEST_LOOK_SECONDS)


def _failure(job: str, shown: dict[str, Any]) -> Exception:
    told = (
        f"salesforce: bulk job {job} over {shown.get('object')} ended as {shown['state']}: {shown.get('errorMessage')}"
    )
    if "INVALID_FIELD" in told or "MALFORMED_QUERY" in told:
        return ConfigurationError(f"{told}. Check what the integration user may see and the fields in the source file")
    return (
        BulkRefused(told) if shown["state"] == "Failed" else TransientError(f"{told}. Somebody stopped it; try again")
    )
