"""Which published values stand once their period is closed, and how two states of them are compared.

A table closes with its period when people are paid or judged by it: `kpi_value`, `incentive_*` and every `appraisal_*`
but those that say how far an appraisal has come. Rows that read facts on today's tree (`org_view` as_is) follow today's
tree by definition and never close. The ledger of restatements and the gate both compare through here, so they cannot
disagree about what a difference is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from expectations.catalog import Table

PERIOD = ("period_type", "period_start")
OFFICIAL = "official"
"""Schema of what is published of these tables: computed rows, and for closed periods the rows that stand."""
HELD, CLOSING = "held_", "closing_"
"""Prefixes there: rows as the last release shows them; rows as the release that closed their period had them."""
DETAIL = ("appraisal_contribution", "appraisal_flip", "incentive_line")
"""Evidence of a score or statement, many rows a person: it stands and moves with the one, which is what is booked."""
_LIVING = ("appraisal_calendar", "appraisal_state")
"""Talks and acknowledgements go on after the numbers are closed."""
_SUBJECTS = ("subject_id", "employee_id", "rater_employee_id")
_BY_NAME = ("kpi_value",)
_BY_PREFIX = ("appraisal_", "incentive_")


@dataclass(frozen=True)
class ClosingTable:
    """One table that closes. `subject`: column naming the person, unit or company a row is about."""

    table: Table
    subject: str

    @property
    def name(self) -> str:
        """Name it is published under."""
        return self.table.name

    @property
    def computed(self) -> str:
        """Relation of the values as the build computes them."""
        return self.table.relation

    @property
    def official(self) -> str:
        """Relation of the values as they are published."""
        return f"{OFFICIAL}.{self.name}"

    @property
    def held(self) -> str:
        """Relation of closed rows as the last release shows them."""
        return f"{OFFICIAL}.{HELD}{self.name}"

    @property
    def closing(self) -> str:
        """Relation of closed rows as the release that closed their period had them."""
        return f"{OFFICIAL}.{CLOSING}{self.name}"

    @property
    def values(self) -> tuple[str, ...]:
        """Columns whose change is a restatement."""
        return tuple(column for column in self.table.content_columns if column not in self.table.grain)

    @property
    def is_booked(self) -> bool:
        """Whether its differences are booked row by row."""
        return self.name not in DETAIL

    def closes(self, alias: str = "") -> str:
        """Condition on a row: it is of the kind that closes."""
        prefix = f"{alias}." if alias else ""
        return f"{prefix}org_view = 'as_was'" if self.table.has("org_view") else "true"

    def row_key(self, alias: str) -> str:
        """The row's whole key as JSON text."""
        pairs = ", ".join(f"'{column}', cast({alias}.{column} as varchar)" for column in self.table.grain)
        return f"cast(json_object({pairs}) as varchar)"


def closing_tables(tables: Mapping[str, Table]) -> tuple[ClosingTable, ...]:
    """The tables that close with their period, by name."""
    found = []
    for name, table in sorted(tables.items()):
        named = (name in _BY_NAME or name.startswith(_BY_PREFIX)) and name not in _LIVING
        subject = next((column for column in _SUBJECTS if column in table.grain), None)
        if named and table.published and subject and all(column in table.grain for column in PERIOD):
            found.append(ClosingTable(table, subject))
    return tuple(found)


def difference_sql(one: ClosingTable, old: str, new: str, where: str = "true") -> str:
    """Query for every value that differs between two relations of a table's columns.

    Rows: table_name, period_type, period_start, subject, row_key, column_name, old_value, new_value (text; null where
    there is no value or no row). `where` is a condition on a row, the same on both sides.
    """
    grain = one.table.grain
    same = " and ".join(f"a.{column} is not distinct from b.{column}" for column in grain)
    key = ", ".join(f"coalesce(a.{column}, b.{column}) as {column}" for column in grain)
    pairs = ", ".join(
        f"{{'column_name': '{column}', 'old_value': cast(a.{column} as varchar), "
        f"'new_value': cast(b.{column} as varchar)}}"
        for column in one.values
    )
    differs = " or ".join(f"a.{column} is distinct from b.{column}" for column in one.values)
    return f"""
        select '{one.name}' as table_name, period_type, period_start, {one.subject} as subject,
            {one.row_key("paired")} as row_key, change.column_name, change.old_value, change.new_value
        from (
            select {key}, unnest([{pairs}]) as change
            from (select * from {old} as side where {where}) as a
            full join (select * from {new} as side where {where}) as b on {same}
            where {differs}
        ) as paired
        where change.old_value is distinct from change.new_value"""


def values_sql(one: ClosingTable, relation: str, where: str = "true") -> str:
    """Query for every value of a relation as (table_name, row_key, column_name, value), text; no row for a null."""
    pairs = ", ".join(
        f"{{'column_name': '{column}', 'value': cast(side.{column} as varchar)}}" for column in one.values
    )
    return f"""
        select '{one.name}' as table_name, row_key, field.column_name, field.value
        from (
            select {one.row_key("side")} as row_key, unnest([{pairs}]) as field from {relation} as side where {where}
        )
        where field.value is not null"""
