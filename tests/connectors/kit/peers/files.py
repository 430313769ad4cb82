"""Files: a folder that a person fills with full pictures, one CSV file after the other; the kit changes deals."""

import contextlib
import csv
import itertools
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from connectors.base import Connector
from connectors.files import FilesConfig, FilesConnector
from tests.connectors.kit.peer import USUAL, Columns, Entry, Peer, Record, Settings, Truth


class FilesPeer(Peer):
    stream = "deal"
    columns = Columns(text="name", long_text="note")
    secret = "no-secret-in-a-local-folder"
    page_sizes = (1, 1)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.rows: dict[str, dict[str, str | None]] = {}
        self.fields = ["id", "name", "note"]
        self._numbers, self._files, self._written = itertools.count(1), itertools.count(1), ""
        self.create(Record("the first"))

    def connector(self, settings: Settings = USUAL) -> Connector:
        self._write()
        stream = {"name": self.stream, "glob": "deals_*.csv", "key": ["id"], "snapshot": True}
        return FilesConnector(FilesConfig.model_validate({"url": str(self.folder), "streams": [stream]}))

    def truth(self) -> Truth:
        return {self.stream: {key: {"name": row["name"], "note": row["note"]} for key, row in self.rows.items()}}

    def create(self, record: Record, at: datetime | None = None) -> str:
        key = str(next(self._numbers))
        self.change(key, record)
        return key

    def change(self, key: str, record: Record, at: datetime | None = None) -> None:
        self.rows[key] = {**self.rows.get(key, {}), "id": key, "name": record.text, "note": record.long_text}

    def delete(self, key: str, at: datetime | None = None) -> None:
        self._gone = self.rows.pop(key)

    def undelete(self, key: str, at: datetime | None = None) -> None:
        self.rows[key] = self._gone

    def merge(self, loser: str, survivor: str) -> None:
        self.delete(loser)

    def clear(self) -> None:
        self.rows.clear()

    def add_field(self, key: str, value: str) -> str:
        self.fields.append("segment")
        self.rows[key]["segment"] = value
        return "segment"

    def _write(self) -> None:
        """A new full picture, when something changed since the last one."""
        content = repr((self.fields, self.rows))
        if content == self._written:
            return
        self._written = content
        with (self.folder / f"deals_{next(self._files)}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, self.fields)
            writer.writeheader()
            writer.writerows(self.rows.values())


@contextlib.contextmanager
def _start(folder: Path) -> Iterator[FilesPeer]:
    yield FilesPeer(folder)


_LOCAL = "a local folder: no server that answers slowly, wrongly or not at all"
_STAMPS = "files carry no time of change and no clock; a full picture is read whole whenever it is new"
_WHOLE = "a file has no pages: it is loaded wholly or not at all, which tests/connectors/test_files.py shows"
_TESTS = {
    "test_passing_trouble_is_retried_with_growing_random_waits": _LOCAL,
    "test_lasting_trouble_ends_loudly": _LOCAL,
    "test_a_throttle_signal_is_waited_for_as_long_as_it_says": _LOCAL,
    "test_an_error_inside_http_200_is_an_error": _LOCAL,
    "test_the_budget_of_a_sync_is_kept_and_the_rest_comes_later": _LOCAL,
    "test_one_failing_stream_does_not_stop_the_others": "one stream per folder here; tests/connectors/test_files.py",
    "test_a_wrong_secret_is_said_at_once": "a local folder asks for no secret",
    "test_the_secret_is_nowhere": "a local folder asks for no secret",
    "test_a_token_that_expires_in_mid_stream_is_replaced": "a local folder asks for no secret",
    "test_a_second_sync_asks_only_for_changes": _STAMPS,
    "test_equal_timestamps_across_page_borders_lose_no_record": _STAMPS,
    "test_a_late_commit_within_the_overlap_is_caught": _STAMPS,
    "test_a_clock_ahead_or_behind_loses_nothing": _STAMPS,
    "test_page_size_one_and_the_largest_agree": _WHOLE,
    "test_a_stream_that_breaks_off_loses_nothing": _WHOLE,
    "test_a_record_changed_while_paging_is_caught_by_the_next_sync": _WHOLE,
    "test_a_long_read_goes_on_where_it_ended": _WHOLE,
    "test_an_emptied_source_is_believed_when_a_person_says_so": "an empty full picture is never believed",
    "test_a_changed_type_is_stopped_or_widened_by_configuration": "CSV holds text; types are the mapping's business",
}
ENTRIES = [Entry("files", _start, _TESTS)]
