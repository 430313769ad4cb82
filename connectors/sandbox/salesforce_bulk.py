"""Bulk API 2.0 query jobs of the sandboxed org: create, poll, results as CSV with locators, abort, delete.

A job's records are those of the moment it was made. It shows `UploadComplete`, then `InProgress` for `polls` looks,
then `JobComplete`; its results stay, page by page and repeatable, until it is deleted.
"""

import base64
import csv
import io
import itertools
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.salesforce_soql import Query, Record, SoqlError

NO_BULK = frozenset({"CaseStatus", "ContractStatus", "TaskStatus", "TaskPriority", "PartnerRole", "RecentlyViewed"})
"""Small objects that the vendor serves over REST only."""
MOST_RECORDS = 50_000
"""Records of one page of results where the caller asks for none or more."""


@dataclass
class Job:
    """One query job. `polls`: looks left until it is complete; `failure`: what it ends with instead."""

    id: str
    query: Query
    rows: list[Record]
    version: str
    operation: str
    made: str
    polls: int
    failure: str | None = None
    state: str = "UploadComplete"

    def poll(self) -> dict[str, Any]:
        """What a look at the job shows; every look brings it nearer to its end."""
        if self.state in ("UploadComplete", "InProgress"):
            ended = "Failed" if self.failure else "JobComplete"
            self.state = ended if self.polls <= 0 else "InProgress"
            self.polls -= 1
        shown = {**self.head(), "jobType": "V2Query", "retries": 0, "totalProcessingTime": 12}
        done = len(self.rows) if self.state == "JobComplete" else 0
        return {**shown, "numberRecordsProcessed": done} | ({"errorMessage": self.failure} if self.failure else {})

    def head(self) -> dict[str, Any]:
        """The job as it answers its creation."""
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.query.spec.name,
            "createdById": "005xx000001SvogAAC",
            "createdDate": self.made,
            "systemModstamp": self.made,
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        }

    def page(self, locator: str | None, most: int) -> tuple[str, int, str | None]:
        """CSV text of a page with its header, the number of its records, and the next locator (None: the last page)."""
        start = int(base64.urlsafe_b64decode(locator.encode())) if locator else 0
        rows = self.rows[start : start + most]
        written = io.StringIO()
        writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(self.query.fields)
        times = frozenset(self.query.times)
        writer.writerows([_cell(row[name], name in times) for name in self.query.fields] for row in rows)
        end = start + len(rows)
        following = base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(self.rows) else None
        return written.getvalue(), len(rows), following


class Jobs:
    """The jobs of one org. `polls` is how often a new job shows itself unfinished, `failure` what new jobs end with."""

    def __init__(self) -> None:
        self.polls = 1
        self.failure: str | None = None
        self.made: dict[str, Job] = {}
        self._numbers = itertools.count(1)

    def create(self, query: Query, rows: list[Record], version: str, operation: str, made: str) -> Job:
        """A new job over these records. Raises SoqlError for what Bulk does not take."""
        if query.spec.name in NO_BULK:
            raise SoqlError("INVALIDENTITY", f"Entity '{query.spec.name}' is not supported by the Bulk API.")
        if query.counts:
            raise SoqlError("API_ERROR", "Aggregate functions are not supported in Bulk Query")
        if query.compounds:
            raise SoqlError("FEATURENOTENABLED", "Selecting compound data not supported in Bulk Query")
        job_id = f"750xx{next(self._numbers):010d}AAA"
        job = Job(job_id, query, rows, version, operation, made, self.polls, self.failure)
        self.made[job_id] = job
        return job


def _cell(value: Any, is_time: bool) -> str:
    """A value as CSV shows it: null is empty, moments end in Z."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace("+0000", "Z") if is_time else str(value)
