"""The sandboxed tenant's records: a mutable store that behaves as Fxiaoke does when records change.

Records are dicts as the vendor shows them (amounts as text, moments and days in milliseconds, people in lists), without
the names that answers add. Every change moves last_modified_time and version and is noted in the change log.
"""

import bisect
import hashlib
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.fxiaoke_objects import SPECS, FieldSpec, ObjectSpec

Record = dict[str, Any]
SYSTEM_USER = "-10000"
TOKEN_SECONDS = 7_200
SAME_TOKEN_SECONDS = 6_600
_CHILDREN = (
    *("ContactObj", "NewOpportunityObj", "ActiveRecordObj", "CheckinsObj", "ScheduleObj", "CasesObj"),
    *("QuoteObj", "ContractObj"),
)
"""Objects whose account_id follows the survivor of a merge."""
_NOT_LOGGED = frozenset({"last_modified_time", "last_modified_by", "version"})


def fxiaoke_id(object_name: str, key: str) -> str:
    """The 24 hexadecimal digits of our key."""
    return hashlib.sha256(f"{object_name}:{key}".encode()).hexdigest()[:24]


def user_id(number: str) -> str:
    """The open id (FSUID) of an employee number."""
    return "FSUID_" + hashlib.sha256(f"user:{number}".encode()).hexdigest()[:32].upper()


def milliseconds(moment: datetime) -> int:
    """A moment as the vendor writes it."""
    return int(moment.timestamp() * 1000)


@dataclass
class Token:
    """One token and when it ends, in seconds of the store's clock."""

    value: str
    made: float
    ends: float


@dataclass
class Person:
    """An employee: the open id is the key; the employee id (1000, ...) is what the newer convention shows."""

    open_id: str
    employee_id: str
    values: Record = field(default_factory=dict)


class FxiaokeDb:
    """Records by object and id, the address book, and switches for what the tenant does to its callers.

    shows_invalid: a query without conditions shows invalidated records. hidden: fields the user may not see, by object
    ('*' hides the object). calls_per_window: calls of one interface in 20 seconds (None: as many as one likes).
    daily_limit: calls of a day (None: no end). projection_drops_names: with a projection, no `__r` comes.
    """

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Record]] = {name: {} for name in SPECS}
        self.specs: dict[str, ObjectSpec] = dict(SPECS)
        self.bin: dict[str, tuple[str, Record]] = {}
        self.options: dict[tuple[str, str], dict[str, str]] = {}
        self.departments: list[Record] = []
        self.people: dict[str, Person] = {}
        self.logs: dict[str, list[Record]] = {}
        self.shows_invalid = False
        self.projection_drops_names = True
        self.hidden: dict[str, frozenset[str]] = {}
        self.calls_per_window: int | None = None
        self.daily_limit: int | None = None
        self.calls = 0
        self.tokens: list[Token] = []
        self.skipped = 0.0
        self._windows: dict[str, list[float]] = {}
        self._sorted: dict[str, list[str]] = {}
        self._made = itertools.count(1)

    def create(self, object_name: str, key: str | None = None, *, at: datetime | None = None, **values: Any) -> str:
        """A new record; returns its id. `at` is the moment of creation (default: now)."""
        record_id = fxiaoke_id(object_name, key or f"made {next(self._made)}")
        if record_id in self.tables[object_name]:
            raise ValueError(f"{object_name} {key} exists already")
        moment = milliseconds(at or datetime.now(UTC))
        self.tables[object_name][record_id] = {
            "_id": record_id,
            "create_time": moment,
            "created_by": [SYSTEM_USER],
            "last_modified_time": moment,
            "last_modified_by": [SYSTEM_USER],
            "life_status": "normal",
            "lock_status": "0",
            "is_deleted": False,
            "record_type": "default__c",
            "version": "1",
            **self._known(object_name, values),
        }
        self._sorted.pop(object_name, None)
        return record_id

    def update(self, record_id: str, *, at: datetime | None = None, by: str = SYSTEM_USER, **values: Any) -> None:
        """Change fields; the change log keeps what was there before."""
        name, record = self._find(record_id)
        moment = milliseconds(at or datetime.now(UTC))
        changes = [
            {"fieldApiName": field, "oldValue": record.get(field), "newValue": value}
            for field, value in self._known(name, values).items()
            if field not in _NOT_LOGGED and record.get(field) != value
        ]
        if changes:
            self._log(record_id, moment, by, changes)
        record |= values
        record |= {"last_modified_time": moment, "last_modified_by": [by], "version": str(int(record["version"]) + 1)}

    def invalidate(self, record_id: str, *, at: datetime | None = None) -> None:
        """作废: the record is out of use and can be recovered or deleted."""
        self.update(record_id, at=at, life_status="invalid")

    def recover(self, record_id: str, *, at: datetime | None = None) -> None:
        """Back from 作废."""
        self.update(record_id, at=at, life_status="normal")

    def delete(self, record_id: str) -> None:
        """Physically gone, without a trace; ValueError unless it was invalidated before."""
        name, record = self._find(record_id)
        if record["life_status"] != "invalid":
            raise ValueError("only invalidated records can be deleted")
        self.bin[record_id] = (name, self.tables[name].pop(record_id))
        self._sorted.pop(name, None)

    def restore(self, record_id: str, *, at: datetime | None = None) -> None:
        """Back from the recycle bin, where a physical deletion leaves a record for a while (回收站)."""
        name, record = self.bin.pop(record_id)
        self.tables[name][record_id] = record
        self._sorted.pop(name, None)
        self.recover(record_id, at=at)

    def clear(self, object_name: str) -> None:
        """The object shows no record any more, as when the reading user lost the right to see them."""
        self.tables[object_name].clear()
        self._sorted.pop(object_name, None)

    def merge(self, survivor_id: str, loser_id: str, *, at: datetime | None = None) -> None:
        """Merge two accounts: the loser is invalidated, its children move over."""
        for name in _CHILDREN:
            for child in [row for row in self.tables[name].values() if row.get("account_id") == loser_id]:
                self.update(child["_id"], at=at, account_id=survivor_id)
        self.invalidate(loser_id, at=at)
        self.update(survivor_id, at=at)

    def get(self, record_id: str) -> Record:
        """The record as stored. KeyError when there is none."""
        return self._find(record_id)[1]

    def rows(self, object_name: str, after: str | None = None) -> Iterator[Record]:
        """Records of an object in order of id, from behind the given id on."""
        table = self.tables[object_name]
        if object_name not in self._sorted:
            self._sorted[object_name] = sorted(table)
        ids = self._sorted[object_name]
        start = bisect.bisect_right(ids, after) if after else 0
        return (table[ids[rank]] for rank in range(start, len(ids)))

    def log_stage(self, deal: str, before: str, after: str, at: datetime, by: str) -> None:
        """A change of stage that took place before the store was filled."""
        changes = [{"fieldApiName": "sales_stage", "oldValue": before, "newValue": after}]
        self._log(deal, milliseconds(at), by, changes)

    def add_field(self, object_name: str, name: str, kind: str = "text") -> None:
        """An administrator adds a field, or gives one another type."""
        spec = self.specs[object_name]
        fields = {**spec.fields, name: FieldSpec(name, kind)}
        self.specs[object_name] = ObjectSpec(spec.name, spec.label, fields)

    def option(self, object_name: str, field_name: str, label: str) -> str:
        """The value of a choice of the tenant's own that has this label, made when there is none yet."""
        options = self.options.setdefault((object_name, field_name), {})
        found = next((value for value, text in options.items() if text == label), None)
        if found is None:
            found = str(len(options) + 1)
            options[found] = label
        return found

    def options_of(self, object_name: str, spec: FieldSpec) -> dict[str, str]:
        """Label by value of a choice."""
        return {**(spec.options or {}), **self.options.get((object_name, spec.name), {})}

    def clock(self) -> float:
        """Seconds of the store's own clock; `skipped` moves it on."""
        return time.monotonic() + self.skipped

    def issue_token(self, value: str) -> Token:
        """The current token while it is young, else a new one of that value; the old one stays valid to its end."""
        now = self.clock()
        self.tokens = [token for token in self.tokens if token.ends > now]
        if self.tokens and now - self.tokens[-1].made < SAME_TOKEN_SECONDS:
            return self.tokens[-1]
        self.tokens.append(Token(value, now, now + TOKEN_SECONDS))
        return self.tokens[-1]

    def is_valid(self, token: str) -> bool:
        """Whether a token may still be used."""
        return any(known.value == token and known.ends > self.clock() for known in self.tokens)

    def expire_tokens(self) -> None:
        """Every token given out so far ends."""
        self.tokens.clear()

    def is_too_often(self, path: str) -> bool:
        """Note a call of an interface; whether it is one too many within 20 seconds."""
        now = self.clock()
        recent = [moment for moment in self._windows.get(path, ()) if now - moment < 20.0]
        self._windows[path] = [*recent, now]
        return self.calls_per_window is not None and len(recent) >= self.calls_per_window

    def _log(self, record_id: str, moment: int, by: str, changes: list[Record]) -> None:
        entries = self.logs.setdefault(record_id, [])
        entries.append(
            {
                "logID": f"{record_id}-{len(entries) + 1}",
                "logMsg": "编辑",
                "owner": {"employeeID": by, "name": ""},
                "operationTime": moment,
                "operationType": "Modify",
                "operationLabel": "编辑",
                "snapShotType": 0,
                "objectInfo": {"changes": changes},
            }
        )

    def _find(self, record_id: str) -> tuple[str, Record]:
        for name, table in self.tables.items():
            if record_id in table:
                return name, table[record_id]
        raise KeyError(record_id)

    def _known(self, object_name: str, values: Record) -> Record:
        unknown = values.keys() - self.specs[object_name].fields.keys()
        if unknown:
            raise ValueError(f"{object_name} has no field {', '.join(sorted(unknown))}")
        return values
