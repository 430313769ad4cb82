"""The sandboxed org's records: a mutable store that behaves as Salesforce does when records change.

Records are dicts as REST shows them (times as `2026-02-11T08:21:30.000+0000`, whole seconds). Every change moves
SystemModstamp. Deleting puts a record in the recycle bin; `purge` removes it for good.
"""

import functools
import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.salesforce_bulk import Jobs
from connectors.sandbox.salesforce_objects import SPECS, FieldSpec, ObjectSpec
from connectors.sandbox.salesforce_soql import Record

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_BY_PREFIX: dict[str, ObjectSpec] = {spec.prefix: spec for spec in SPECS.values()}
_CHILDREN = ("Contact", "Opportunity", "Task", "Event", "Case", "Quote", "Contract", "Order")
"""Objects whose AccountId follows the survivor of a merge."""


@functools.lru_cache(maxsize=200_000)
def salesforce_id(object_name: str, key: str) -> str:
    """The 18-character id of our key: the object's prefix, a hash in base 62, and the case checksum."""
    number = int.from_bytes(hashlib.sha256(f"{object_name}:{key}".encode()).digest()[:9])
    body = []
    for _ in range(12):
        number, digit = divmod(number, 62)
        body.append(_BASE62[digit])
    return with_checksum(SPECS[object_name].prefix + "".join(body))


def with_checksum(short: str) -> str:
    """A 15-character id made case-safe: one letter per five characters says which of them are capitals."""
    return short + "".join(_capitals(short[start : start + 5]) for start in (0, 5, 10))


def _capitals(part: str) -> str:
    return _SUFFIX[sum(1 << place for place, char in enumerate(part) if "A" <= char <= "Z")]


@functools.lru_cache(maxsize=10_000)
def stamp(moment: datetime) -> str:
    """A moment as REST shows it (whole seconds, UTC)."""
    return moment.astimezone(UTC).isoformat()[:19] + ".000+0000"


class SalesforceDb:
    """Records by object and id, and switches for what the org does to its callers.

    jobs: the org's Bulk API jobs. specs: the objects as this org has them; administrators change them (`add_field`).
    hidden: fields the user may not see, by object ('*' hides the object). daily_limit: API calls allowed.
    max_batch: most records a page carries, whatever was asked for.
    calls_per_token: a token expires after that many calls (None: never).
    zulu: write times as `...Z` instead of `...+0000`.
    """

    def __init__(self) -> None:
        self.specs = dict(SPECS)
        self.jobs = Jobs()
        self.tables: dict[str, dict[str, Record]] = {name: {} for name in SPECS}
        self.hidden: dict[str, frozenset[str]] = {}
        self.daily_limit = 15_000
        self.calls = 0
        self.max_batch = 2_000
        self.calls_per_token: int | None = None
        self.zulu = False
        self.tokens: dict[str, int] = {}
        self.locators: dict[str, Any] = {}
        self._made = itertools.count(1)

    def create(self, object_name: str, key: str | None = None, *, at: datetime | None = None, **values: Any) -> str:
        """A new record; returns its id. `at` is the moment of creation (default: now)."""
        spec = self.specs[object_name]
        record_id = salesforce_id(object_name, key or f"made {next(self._made)}")
        if record_id in self.tables[object_name]:
            raise ValueError(f"{object_name} {key} exists already")
        record: Record = {**_blank(spec), "Id": record_id}
        _touch(spec, record, at, created=True)
        _refuse_unknown(spec, values)
        record |= values
        self.tables[object_name][record_id] = record
        return record_id

    def add_field(self, object_name: str, name: str, kind: str) -> None:
        """An administrator makes a field, or gives one another type; records have no value in a new one."""
        spec = self.specs[object_name]
        self.specs[object_name] = replace(spec, fields={**spec.fields, name: FieldSpec(name, kind)})
        for record in self.tables[object_name].values():
            record.setdefault(name, None)

    def update(self, record_id: str, *, at: datetime | None = None, **values: Any) -> None:
        """Change fields; a new StageName or OwnerId also writes field history, as tracking does."""
        spec, record = self._find(record_id)
        _refuse_unknown(spec, values)
        if spec.name == "Opportunity" and values.get("StageName", record["StageName"]) != record["StageName"]:
            self._track(record, "StageName", record["StageName"], values["StageName"], at)
        if spec.name == "Opportunity" and values.get("OwnerId", record["OwnerId"]) != record["OwnerId"]:
            self._track_owner(record, values["OwnerId"], at)
        record |= values
        _touch(spec, record, at)

    def delete(self, record_id: str, *, at: datetime | None = None) -> None:
        """Into the recycle bin; objects without one lose the record at once."""
        spec, record = self._find(record_id)
        if not spec.recycles:
            self.purge(record_id)
            return
        record["IsDeleted"] = True
        _touch(spec, record, at)

    def undelete(self, record_id: str, *, at: datetime | None = None) -> None:
        """Out of the recycle bin."""
        spec, record = self._find(record_id)
        record["IsDeleted"] = False
        _touch(spec, record, at)

    def purge(self, record_id: str) -> None:
        """Gone for good, without a trace."""
        spec, _ = self._find(record_id)
        del self.tables[spec.name][record_id]

    def merge(self, survivor_id: str, loser_id: str, *, at: datetime | None = None) -> None:
        """Merge two accounts: the loser is deleted and names its survivor, its children move over."""
        for name in _CHILDREN:
            for child in [row for row in self.tables[name].values() if row["AccountId"] == loser_id]:
                self.update(child["Id"], at=at, AccountId=survivor_id)
        self.update(loser_id, at=at, MasterRecordId=survivor_id)
        self.delete(loser_id, at=at)
        self.update(survivor_id, at=at)

    def get(self, record_id: str) -> Record:
        """The record as stored. KeyError when there is none."""
        return self._find(record_id)[1]

    def rows(self, object_name: str, deleted: bool = False) -> Iterator[Record]:
        """Records of an object; those in the recycle bin only when asked for."""
        recycles = self.specs[object_name].recycles
        return (row for row in self.tables[object_name].values() if deleted or not (recycles and row["IsDeleted"]))

    def expire_tokens(self) -> None:
        """Every token given out so far becomes an expired session."""
        self.tokens.clear()

    def expire_locators(self) -> None:
        """Every open result is forgotten."""
        self.locators.clear()

    def _find(self, record_id: str) -> tuple[ObjectSpec, Record]:
        spec = self.specs[_BY_PREFIX[record_id[:3]].name]
        return spec, self.tables[spec.name][record_id]

    def _track(
        self, deal: Record, field: str, old: str, new: str, at: datetime | None, kind: str = "DynamicEnum"
    ) -> None:
        values = {"OpportunityId": deal["Id"], "Field": field, "DataType": kind, "OldValue": old, "NewValue": new}
        self.create("OpportunityFieldHistory", at=at, **values)

    def _track_owner(self, deal: Record, owner: str, at: datetime | None) -> None:
        """A lookup is tracked twice, by ids and by names."""
        users = self.tables["User"]
        self._track(deal, "Owner", deal["OwnerId"], owner, at, "EntityId")
        self._track(deal, "Owner", users[deal["OwnerId"]]["Name"], users[owner]["Name"], at, "Text")


def _blank(spec: ObjectSpec) -> Record:
    return {name: False if field.type == "boolean" else None for name, field in spec.fields.items()}


def _touch(spec: ObjectSpec, record: Record, at: datetime | None, created: bool = False) -> None:
    moment = stamp(at or datetime.now(UTC))
    names = ["LastModifiedDate", "SystemModstamp", *(["CreatedDate"] if created else [])]
    record |= {name: moment for name in names if name in spec.fields}


def _refuse_unknown(spec: ObjectSpec, values: dict[str, Any]) -> None:
    unknown = values.keys() - spec.fields.keys()
    if unknown:
        raise ValueError(f"{spec.name} has no field {', '.join(sorted(unknown))}")
