"""The sandboxed 简道云 account: forms with their widgets and records, members and departments, and switches.

Records are dicts as the vendor shows them (times and days in UTC, members and departments as objects). Every change
moves updateTime; a deleted record vanishes into the recycle bin, from where it comes back with its old id.
"""

import bisect
import hashlib
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Record = dict[str, Any]
FLOW = "flowState"


def object_id(kind: str, key: str) -> str:
    """24 hexadecimal digits; those of the truth's records come before those made later, as ids grow with time."""
    return "60000000" + hashlib.sha256(f"{kind}:{key}".encode()).hexdigest()[:16]


def widget_id(form: str, label: str) -> str:
    """The permanent id of a field."""
    return "_widget_" + str(int(hashlib.sha256(f"{form}.{label}".encode()).hexdigest()[:11], 16))


def stamp(moment: datetime) -> str:
    """A moment as the vendor writes it (milliseconds, UTC)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@dataclass
class StoredForm:
    """One form. widgets: as the widget list shows them; rows: by id."""

    app_id: str
    entry_id: str
    name: str
    widgets: list[Record]
    rows: dict[str, Record] = field(default_factory=dict)
    modified: str = ""
    order: list[str] | None = None

    def widget(self, label: str) -> Record:
        """The widget with that label. KeyError when there is none."""
        found = next((widget for widget in self.widgets if widget["label"] == label), None)
        if found is None:
            raise KeyError(f"{self.name} has no field {label}")
        return found

    def after(self, data_id: str | None) -> Iterator[Record]:
        """Records in order of id, from behind the given one on."""
        if self.order is None:
            self.order = sorted(self.rows)
        start = bisect.bisect_right(self.order, data_id) if data_id else 0
        return (self.rows[self.order[rank]] for rank in range(start, len(self.order)))


class JiandaoyunDb:
    """Forms by entry id, the address book, and switches for what the account does to its callers.

    calls_per_second: of one interface (None: as many as one likes); above it comes code 8303.
    """

    def __init__(self) -> None:
        self.apps: dict[str, str] = {}
        self.forms: dict[str, StoredForm] = {}
        self.members: list[Record] = []
        self.departments: list[Record] = []
        self.bin: dict[str, tuple[str, Record]] = {}
        self.calls_per_second: int | None = None
        self._calls: dict[str, list[float]] = {}
        self._made = itertools.count(1)

    def add_form(self, app_id: str, name: str, label: str, widgets: list[Record]) -> StoredForm:
        """A new form, empty; its entry id comes from its name."""
        form = StoredForm(app_id, object_id("form", name), label, widgets)
        self.forms[form.entry_id] = form
        return form

    def form(self, label: str) -> StoredForm:
        """The form with that label."""
        return next(form for form in self.forms.values() if form.name == label)

    def create(self, label: str, key: str | None = None, *, at: datetime | None = None, **values: Any) -> str:
        """A new record of the form with that label, values by field label; returns its id."""
        form, moment = self.form(label), stamp(at or datetime.now(UTC))
        made = f"{int(time.time()):08x}{next(self._made):016x}"
        record_id = object_id(label, key) if key else made
        form.rows[record_id] = {
            "_id": record_id,
            "appId": form.app_id,
            "entryId": form.entry_id,
            "creator": self.members[0] if self.members else None,
            "updater": self.members[0] if self.members else None,
            "deleter": None,
            "createTime": moment,
            "updateTime": moment,
            "deleteTime": None,
            FLOW: 1,
            **self._named(form, values),
        }
        form.order, form.modified = None, moment
        return record_id

    def update(self, record_id: str, *, at: datetime | None = None, **values: Any) -> None:
        """Change fields, by label."""
        form, record = self._find(record_id)
        record |= self._named(form, values)
        record["updateTime"] = form.modified = stamp(at or datetime.now(UTC))

    def delete(self, record_id: str) -> None:
        """Into the recycle bin: no list shows the record any more."""
        form, record = self._find(record_id)
        self.bin[record_id] = (form.entry_id, record)
        del form.rows[record_id]
        form.order = None

    def recover(self, record_id: str) -> None:
        """Out of the recycle bin, with the old id and the old updateTime."""
        entry_id, record = self.bin.pop(record_id)
        self.forms[entry_id].rows[record_id] = record
        self.forms[entry_id].order = None

    def get(self, record_id: str) -> Record:
        """The record as stored. KeyError when there is none."""
        return self._find(record_id)[1]

    def clear(self, label: str) -> None:
        """The form shows no record any more, as when the key lost its rights."""
        form = self.form(label)
        form.rows.clear()
        form.order = None

    def rename(self, label: str, field_label: str, alias: str) -> None:
        """An administrator gives a field another alias: records carry the value under it from now on."""
        form = self.form(label)
        widget = form.widget(field_label)
        for record in form.rows.values():
            if widget["name"] in record:
                record[alias] = record.pop(widget["name"])
        widget["name"] = alias

    def is_too_often(self, path: str) -> bool:
        """Note a call; whether it is one too many within a second."""
        now = time.monotonic()
        recent = [moment for moment in self._calls.get(path, ()) if now - moment < 1.0]
        self._calls[path] = [*recent, now]
        return self.calls_per_second is not None and len(recent) >= self.calls_per_second

    def _named(self, form: StoredForm, values: Record) -> Record:
        system = {FLOW, "createTime", "updateTime"}
        return {(label if label in system else form.widget(label)["name"]): value for label, value in values.items()}

    def _find(self, record_id: str) -> tuple[StoredForm, Record]:
        for form in self.forms.values():
            if record_id in form.rows:
                return form, form.rows[record_id]
        raise KeyError(record_id)
