"""The sandboxed account's records: a mutable store that behaves as Zoho CRM does when records change.

Records are dicts by API name: lookups hold the id, moments are aware and have whole seconds, dates are ISO text. Every
change moves Modified_Time, except that restoring a record does not. Deleting puts a record in the recycle bin.
"""

import functools
import hashlib
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sandbox.zoho_crm_modules import SETTINGS_TABLES, SPECS, FieldSpec, ModuleSpec

Record = dict[str, Any]
ACCOUNT = "5725767"
"""First digits of every id of this account."""
TOKENS_PER_WINDOW, WINDOW_SECONDS = 10, 600.0
_TRACKED = ("Stage", "Owner", "Amount", "Closing_Date")
_CHILDREN = dict.fromkeys(("Contacts", "Deals", "Cases", "Quotes", "Sales_Orders", "Invoices"), "Account_Name")
_CHILDREN["Contracts"] = "Customer"
"""Modules and their field of the account, which follows the survivor of a merge."""


@functools.lru_cache(maxsize=200_000)
def zoho_id(module: str, key: str) -> str:
    """The 19-digit id of our key."""
    number = int.from_bytes(hashlib.sha256(f"{module}:{key}".encode()).digest()[:8]) % 10**12
    return f"{ACCOUNT}{number:012d}"


@dataclass
class Deleted:
    """An entry of the list of deletions; `record` is kept while it is in the recycle bin."""

    record: Record
    at: datetime
    kind: str = "recycle"


@dataclass
class Token:
    """An access token: when it ends (monotonic seconds) and how many calls it was used for."""

    ends: float
    calls: int = 0


@dataclass
class ZohoCrmDb:
    """Records by module and id, and switches for what the account does to its callers.

    hidden: fields the profile may not see, by module ('*' hides the module). zone: the time zone of the token's user,
    in which moments are written. credits: API credits left. calls_per_token: a token ends after that many calls (None:
    after an hour). tokens_given: when tokens were given out. place_tokens: page tokens and where their lists go on.
    list_reach, page_reach: records one list, and page numbers, reach. foreign: the data centre is another one.
    skew: added to the clock that stamps changes made without a moment.
    """

    zone: str = "Asia/Shanghai"
    hidden: dict[str, frozenset[str]] = field(default_factory=dict)
    credits: int = 100_000
    calls_per_token: int | None = None
    list_reach: int = 100_000
    page_reach: int = 2_000
    foreign: bool = False

    def __post_init__(self) -> None:
        self.specs: dict[str, ModuleSpec] = dict(SPECS)
        self.tables: dict[str, dict[str, Record]] = {name: {} for name in (*SPECS, *SETTINGS_TABLES)}
        self.deleted: dict[str, dict[str, Deleted]] = {name: {} for name in SPECS}
        self.timeline: dict[str, list[Record]] = {}
        self.territory_users: dict[str, list[str]] = {}
        self.stages: list[Record] = []
        self.organisation: Record = {}
        self.tokens: dict[str, Token] = {}
        self.tokens_given: list[float] = []
        self.places: dict[str, Any] = {}
        self._made = itertools.count(1)
        self._zone = ZoneInfo(self.zone)

    def create(self, module: str, key: str | None = None, *, at: datetime | None = None, **values: Any) -> str:
        """A new record; returns its id. `at` is the moment of creation (default: now)."""
        record_id = zoho_id(module, key or f"made {next(self._made)}")
        if record_id in self.tables[module]:
            raise ValueError(f"{module} {key} exists already")
        moment = _whole(at)
        blank: Record = dict.fromkeys(self.specs[module].fields) if module in self.specs else {}
        self._refuse_unknown(module, values)
        record = {**blank, "id": record_id, "Created_Time": moment, "Modified_Time": moment, **values}
        self.tables[module][record_id] = record
        if module == "Deals":
            self._tell(record_id, "added", moment, [])
        return record_id

    def update(self, module: str, record_id: str, *, at: datetime | None = None, **values: Any) -> None:
        """Change fields; what changes in a deal is told by its timeline."""
        record = self.tables[module][record_id]
        self._refuse_unknown(module, values)
        moment = _whole(at)
        if module == "Deals":
            changed = [name for name in _TRACKED if name in values and values[name] != record[name]]
            history = [
                self._change(name, self._told(name, record[name]), self._told(name, values[name])) for name in changed
            ]
            if history:
                self._tell(record_id, "updated", moment, history)
        record |= {**values, "Modified_Time": moment}

    def delete(self, module: str, record_id: str, *, at: datetime | None = None) -> None:
        """Into the recycle bin."""
        self.deleted[module][record_id] = Deleted(self.tables[module].pop(record_id), _whole(at))

    def restore(self, module: str, record_id: str) -> None:
        """Out of the recycle bin, with the old time of change."""
        self.tables[module][record_id] = self.deleted[module].pop(record_id).record

    def purge(self, module: str, record_id: str, *, at: datetime | None = None) -> None:
        """Deleted for good."""
        if record_id in self.tables[module]:
            self.delete(module, record_id, at=at)
        self.deleted[module][record_id] = replace(self.deleted[module][record_id], kind="permanent")

    def forget(self, module: str, record_id: str) -> None:
        """Gone without a trace, as what was deleted longer ago than the list of deletions goes back."""
        self.tables[module].pop(record_id, None)
        self.deleted.get(module, {}).pop(record_id, None)

    def merge(self, survivor_id: str, loser_id: str, *, at: datetime | None = None) -> None:
        """Merge two accounts: the loser is deleted, what hung on it moves over."""
        for module, field_name in _CHILDREN.items():
            for child in [row for row in self.tables[module].values() if row[field_name] == loser_id]:
                self.update(module, child["id"], at=at, **{field_name: survivor_id})
        self.delete("Accounts", loser_id, at=at)
        self.update("Accounts", survivor_id, at=at)

    def rows(self, module: str) -> Iterator[Record]:
        """Live records of a module or settings table."""
        return iter(self.tables[module].values())

    def add_field(self, module: str, name: str, kind: str = "text") -> None:
        """An administrator adds a custom field, or gives a field another type."""
        spec = self.specs[module]
        fields = {**spec.fields, name: FieldSpec(name, kind, custom=True)}
        self.specs[module] = replace(spec, fields=fields)
        for record in self.tables[module].values():
            record.setdefault(name, None)

    def expire_tokens(self) -> None:
        """Every token given out so far ends."""
        self.tokens.clear()

    def expire_places(self) -> None:
        """Every page token given out so far ends."""
        self.places.clear()

    def may_give_token(self) -> bool:
        """Whether the refresh token has not had its ten tokens of these ten minutes yet."""
        now = time.monotonic()
        self.tokens_given = [given for given in self.tokens_given if given > now - WINDOW_SECONDS]
        return len(self.tokens_given) < TOKENS_PER_WINDOW

    def stamp(self, moment: datetime) -> str:
        """A moment as the API writes it: whole seconds, with the offset of the user's time zone."""
        return moment.astimezone(self._zone).isoformat(timespec="seconds")

    def name_of(self, module: str | None, record_id: str) -> str | None:
        """What a lookup shows beside the id."""
        if module in SETTINGS_TABLES:
            return self.tables[str(module)].get(record_id, {}).get("full_name")
        for name in [module] if module in self.specs else ["Accounts", "Deals", "Leads"]:
            if record_id in self.tables[str(name)]:
                return self.tables[str(name)][record_id][self.specs[str(name)].label]
        return None

    def _told(self, name: str, value: Any) -> str | None:
        """A value as the timeline shows it: users by their name."""
        if value is None:
            return None
        return self.name_of("Users", value) if name == "Owner" else str(value)

    def _change(self, name: str, old: str | None, new: str | None) -> Record:
        kind = self.specs["Deals"].fields[name].type
        return {
            "api_name": name,
            "data_type": kind,
            "field_label": name.replace("_", " "),
            "id": zoho_id("fields", name),
            "_value": {"old": old, "new": new},
        }

    def _tell(self, deal_id: str, action: str, moment: datetime, history: list[Record]) -> None:
        entries = self.timeline.setdefault(deal_id, [])
        entry_id = zoho_id("timeline", f"{deal_id} {len(entries)}")
        entries.append({"id": entry_id, "action": action, "audited_time": moment, "field_history": history})

    def _refuse_unknown(self, module: str, values: Record) -> None:
        if module in self.specs and (unknown := values.keys() - self.specs[module].fields.keys()):
            raise ValueError(f"{module} has no field {', '.join(sorted(unknown))}")


def _whole(moment: datetime | None) -> datetime:
    return (moment or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
