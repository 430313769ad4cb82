"""The sandboxed 伙伴云 workspace: tables with their fields and items, members, and switches.

Items are dicts as the vendor shows them (times as text in China's zone, values wrapped by type). Every change moves
updated_on; a deleted item is gone from every list.
"""

import bisect
import hashlib
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

Record = dict[str, Any]
CHINA = timezone(timedelta(hours=8))


def _number(prefix: str, text: str) -> str:
    """16 digits, the first four of which say what kind of thing it is."""
    return prefix + str(int(hashlib.sha256(text.encode()).hexdigest()[:12], 16) % 10**12).zfill(12)


def table_id(name: str) -> str:
    """The id of a table."""
    return _number("2100", name)


def field_id(table: str, label: str) -> str:
    """The id of a field."""
    return _number("2200", f"{table}.{label}")


def item_id(table: str, key: str) -> str:
    """The id of our key."""
    return _number("2300", f"{table}:{key}")


def stamp(moment: datetime) -> str:
    """A moment as the vendor writes it (whole seconds, China's zone, none named)."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


@dataclass
class StoredTable:
    """One table. fields: as its configuration shows them; rows: by id; order: (created_on, id), kept
    sorted; sorted: the ids in that order, None after a change."""

    table_id: str
    name: str
    fields: list[Record]
    rows: dict[str, Record] = field(default_factory=dict)
    order: list[tuple[str, str]] = field(default_factory=list)
    sorted: list[str] | None = None

    def field(self, label: str) -> Record:
        """The field of that name. KeyError when there is none."""
        found = next((one for one in self.fields if one["name"] == label), None)
        if found is None:
            raise KeyError(f"{self.name} has no field {label}")
        return found

    def add(self, row: Record) -> None:
        """Put a row in its place."""
        self.rows[row["item_id"]], self.sorted = row, None
        bisect.insort(self.order, (row["created_on"], row["item_id"]))

    def remove(self, row_id: str) -> Record:
        """Take a row out."""
        row, self.sorted = self.rows.pop(row_id), None
        self.order.remove((row["created_on"], row_id))
        return row


class HuobanDb:
    """Tables by id, members, and switches for what the workspace does to its callers.

    fields_at_top: a table's configuration stands in `data.fields` instead of `data.table.fields`.
    dates_in_milliseconds: date fields come as milliseconds. bare_key: the key is taken without `Bearer`, too.
    throttle_in_200: too many calls are told by a code inside HTTP 200. most_calls: calls answered before every other
    one is too many (None: no end).
    """

    def __init__(self) -> None:
        self.tables: dict[str, StoredTable] = {}
        self.members: list[Record] = []
        self.bin: dict[str, tuple[str, Record]] = {}
        self.fields_at_top = self.dates_in_milliseconds = self.bare_key = self.throttle_in_200 = False
        self.most_calls: int | None = None
        self.calls = 0
        self._made = itertools.count(1)

    def add_table(self, name: str, label: str, fields: list[Record]) -> StoredTable:
        """A new table, empty."""
        table = StoredTable(table_id(name), label, fields)
        self.tables[table.table_id] = table
        return table

    def table(self, label: str) -> StoredTable:
        """The table of that name."""
        return next(table for table in self.tables.values() if table.name == label)

    def create(self, label: str, key: str | None = None, *, at: datetime | None = None, **values: Any) -> str:
        """A new item of the table of that name, wrapped values by field name; returns its id."""
        table, moment = self.table(label), stamp(at or datetime.now(UTC))
        row_id = item_id(label, key or f"made {next(self._made)}")
        user = {"user_id": "1024", "name": "接口", "avatar": ""}
        row = {"item_id": row_id, "title": "", "created_by": user, "created_on": moment, "updated_by": user}
        table.add({**row, "updated_on": moment, "fields": self._named(table, values)})
        return row_id

    def update(self, row_id: str, *, at: datetime | None = None, **values: Any) -> None:
        """Change fields, by name; None empties one."""
        table, row = self._find(row_id)
        row["fields"] |= self._named(table, values)
        row["updated_on"] = stamp(at or datetime.now(UTC))

    def delete(self, row_id: str) -> None:
        """Gone from every list, kept in the recycle bin."""
        table, _ = self._find(row_id)
        self.bin[row_id] = (table.table_id, table.remove(row_id))

    def restore(self, row_id: str) -> None:
        """Out of the recycle bin, as it was."""
        table, row = self.bin.pop(row_id)
        self.tables[table].add(row)

    def clear(self, label: str) -> None:
        """The table shows no item any more, as when the key lost its rights."""
        table = self.table(label)
        table.rows.clear()
        table.order.clear()
        table.sorted = None

    def get(self, row_id: str) -> Record:
        """The item as stored. KeyError when there is none."""
        return self._find(row_id)[1]

    def _named(self, table: StoredTable, values: Record) -> Record:
        return {table.field(label)["field_id"]: value for label, value in values.items()}

    def _find(self, row_id: str) -> tuple[StoredTable, Record]:
        for table in self.tables.values():
            if row_id in table.rows:
                return table, table.rows[row_id]
        raise KeyError(row_id)
