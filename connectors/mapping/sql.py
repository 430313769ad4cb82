"""A mapping as DuckDB SQL: pure text in, text out.

Every record of a stream meets exactly one fate, decided in this order: `deleted` at the source, `outside` the rule's
`where`, `quarantined` because a value cannot be used, `mapped`. Values go through their text form, so that a date, a
number or a moment is read the same way whether a file or a database brought it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.contracts import Column, Entity, entities
from connectors.mapping.models import ColumnRule, EntityRule, Mapping, Place, as_text

MONEY_COLUMNS = ("net_amount", "amount", "total_amount", "target_value")
"""The first of these that an entity has says how much money a quarantined record carries."""
QUARANTINE_COLUMNS = {
    "source_system": "varchar",
    "stream": "varchar",
    "entity": "varchar",
    "source_key": "varchar",
    "column_name": "varchar",
    "raw_value": "varchar",
    "expected": "varchar",
    "load_id": "varchar",
    "amount_at_stake": "decimal(28, 6)",
}
FATE_COLUMNS = {
    "source_system": "varchar",
    "stream": "varchar",
    "entity": "varchar",
    "rule": "integer",
    "fate": "varchar",
    "records": "bigint",
}
VERSION_COLUMNS = {"is_deleted": "boolean", "record_key": "varchar", "version_seq": "bigint"}
"""What a version carries beside the contract: was there no such record from then on (deleted, outside the rule or
unusable), which record it is a version of (also where its source_key changed), and the order of the versions."""
_BLANKS = "' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(12288)"
_CURRENCY = r"[\s\x{00A0}\x{3000}¥￥$€£元]|CNY|RMB|USD|EUR|GBP"
_WITH_OFFSET = r"\d{1,2}:\d{2}.*(Z|z|[+-]\d{2}(:?\d{2})?)$"
_EXPECTED = {
    "date": "a date (YYYY-MM-DD)",
    "timestamp": "a date with time (YYYY-MM-DD HH:MM:SS)",
    "boolean": "true or false",
    "integer": "a whole number",
}


@dataclass(frozen=True)
class RuleSql:
    """One rule's SELECTs.

    mapped: contract columns and `is_deleted`, one row per mapped or deleted record. quarantine: one row per value that
    cannot be used. fates: how many records met which fate. probes: each user-written piece on its own, by its place in
    the YAML, to tell which one a database refuses. versions: contract columns and `VERSION_COLUMNS`, one row per landed
    version; None where the entity keeps none or a query makes the records, which has no versions of its own.
    streams: those it reads. records: what each landed version of a record becomes under this rule (record_key,
    version_seq, load_id, is_deleted, source_key, fate). source_key_sql: the entity's key as an expression over the
    landed row. Both are None for queries, whose records are no landed ones.
    """

    entity: str
    place: Place
    mapped: str
    quarantine: str
    fates: str
    probes: dict[Place, str]
    versions: str | None
    streams: tuple[str, ...]
    records: str | None
    source_key_sql: str | None


def mapped_view_sql(
    source_name: str, mapping: Mapping, streams: Sequence[str], time_zone: str = "UTC"
) -> list[RuleSql]:
    """The SQL of every rule whose streams have landed; `streams` are the landed ones.

    A rule reads `landing.<source>__<stream>` (latest versions); its expressions see every landed stream under its own
    name, live records only. `time_zone` decides the day of a moment and the moment of a time without a zone.
    """
    found = []
    for entity, position, place, rule in mapping.rules():
        read = rule.streams(streams)
        if read and set(read) <= set(streams):
            found.append(_Rule(source_name, entities()[entity], position, place, rule, tuple(streams), time_zone).sql())
    return found


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | None) -> str:
    """An SQL text literal, or a typed null."""
    return "cast(null as varchar)" if text is None else "'" + text.replace("'", "''") + "'"


def raw_view(source_name: str, stream: str) -> str:
    """The relation of all landed versions of a stream."""
    return f"landing.{quoted(f'raw__{source_name}__{stream}')}"


def latest_view(source_name: str, stream: str) -> str:
    """The relation of a stream's latest versions."""
    return f"landing.{quoted(f'{source_name}__{stream}')}"


@dataclass(frozen=True)
class _Rule:
    source: str
    contract: Entity
    position: int
    place: Place
    rule: EntityRule
    streams: tuple[str, ...]
    time_zone: str

    def sql(self) -> RuleSql:
        judged = self._judged()
        return RuleSql(
            self.contract.name,
            self.place,
            f"{judged} {self._mapped()}",
            f"{judged} {self._quarantine()}",
            f"{judged} {self._fates()}",
            dict(self._probes()),
            self._versions(),
            tuple(self.rule.streams(self.streams)),
            self._records(),
            self._source_key_sql(),
        )

    @property
    def _stream_names(self) -> str:
        return "+".join(self.rule.streams(self.streams))

    def _columns(self) -> list[tuple[Column, ColumnRule]]:
        """Mapped columns in contract order; a missing `source_key` is the stream's own key."""
        rules = {"source_key": ColumnRule(column="_key"), **self.rule.columns}
        return [(column, rules[column.name]) for column in self.contract.columns if column.name in rules]

    def _relations(self) -> str:
        """Every landed stream by its own name, live records only, for queries and subqueries."""
        return ", ".join(
            f"{quoted(name)} as (select * from {latest_view(self.source, name)} where not _deleted)"
            for name in self.streams
        )

    def _from(self, all_versions: bool = False) -> str:
        if self.rule.from_ is not None:
            view = raw_view if all_versions else latest_view
            return f"from {view(self.source, self.rule.from_)} as {quoted(self.rule.from_)}"
        return f"from ({(self.rule.query or '').strip().rstrip(';')}) as _query"

    def _lineage(self) -> str:
        if self.rule.from_ is not None:
            return "_key, _deleted, _load_id"
        loads = " union all ".join(f"select _load_id from {quoted(name)}" for name in self.rule.streams(self.streams))
        return f"cast(null as varchar) as _key, false as _deleted, (select max(_load_id) from ({loads})) as _load_id"

    def _judged(self, all_versions: bool = False) -> str:
        """The rule's records with every value as picked (v_), text (t_), cast (c_) and what is wrong with it (e_)."""
        columns = self._columns()
        picked = ", ".join(f"{_guarded(_expression(rule))} as {_named('v', column)}" for column, rule in columns)
        texts = ", ".join(f"{_text(column)} as {_named('t', column)}" for column, _ in columns)
        casts = ", ".join(f"{self._cast(column, rule)} as {_named('c', column)}" for column, rule in columns)
        errors = ", ".join(f"{_error(column, rule)} as {_named('e', column)}" for column, rule in columns)
        any_error = ", ".join([_named("e", column) for column, _ in columns])
        condition = _guarded(self.rule.where or "true")
        lineage = self._lineage() + (", _seq" if all_versions else "")
        return f"""
with {self._relations()},
_picked as (select {lineage}, {condition} as _where, {picked} {self._from(all_versions)}),
_texts as (select *, {texts} from _picked),
_casts as (select *, {casts} from _texts),
_errors as (select *, {errors} from _casts),
_judged as (
    select *, case
        when _deleted then 'deleted'
        when _where is null then 'quarantined'
        when not coalesce(_where.v, false) then 'outside'
        when coalesce({any_error}) is not null then 'quarantined'
        else 'mapped'
    end as _fate
    from _errors
)"""

    def _mapped(self) -> str:
        columns = self._contract_columns()
        return f"select {columns}, _deleted as is_deleted from _judged where _fate in ('mapped', 'deleted')"

    def _versions(self) -> str | None:
        if not self.contract.versioned or self.rule.from_ is None:
            return None
        record = f"{literal(f'{self.position}:{self.rule.from_}:')} || _key as record_key, _seq as version_seq"
        columns = f"{self._contract_columns()}, _fate <> 'mapped' as is_deleted, {record}"
        return f"{self._judged(all_versions=True)} select {columns} from _judged"

    def _records(self) -> str | None:
        if self.rule.from_ is None:
            return None
        version = "_key as record_key, _seq as version_seq, _load_id as load_id, _deleted as is_deleted"
        columns = f'{version}, "c_source_key" as source_key, _fate as fate'
        return f"{self._judged(all_versions=True)} select {columns} from _judged"

    def _source_key_sql(self) -> str | None:
        if self.rule.from_ is None:
            return None
        column, rule = next((column, rule) for column, rule in self._columns() if column.name == "source_key")
        if rule == ColumnRule(column="_key"):
            return "_key"
        text = _text(column).replace(f"{_named('v', column)}.v", f"({_expression(rule)})")
        return self._cast(column, rule).replace(_named("t", column), f"({text})")

    def _contract_columns(self) -> str:
        mapped = {column.name for column, _ in self._columns()}
        own = {
            "source_system": literal(self.source),
            "source_key": 'case when _deleted then coalesce("c_source_key", _key) else "c_source_key" end',
            "load_id": "_load_id",
        }
        parts = []
        for column in self.contract.columns:
            value = own.get(column.name) or (_named("c", column) if column.name in mapped else "null")
            parts.append(f"cast({value} as {column.data_type}) as {quoted(column.name)}")
        return ", ".join(parts)

    def _quarantine(self) -> str:
        columns = self._columns()
        where = "case when _where is null then 'a condition that can be evaluated' end"
        items = [_finding("(where)", literal(self.rule.where), where)]
        items += [_finding(column.name, _named("t", column), _named("e", column)) for column, _ in columns]
        money = next((name for name in MONEY_COLUMNS if name in {column.name for column, _ in columns}), None)
        stake = quoted(f"c_{money}") if money else "null"
        return f"""
select
    {literal(self.source)} as source_system,
    {literal(self._stream_names)} as stream,
    {literal(self.contract.name)} as entity,
    coalesce("c_source_key", _key) as source_key,
    bad.name as column_name,
    bad.raw as raw_value,
    bad.expected as expected,
    _load_id as load_id,
    cast(case when number = 1 then {stake} end as decimal(28, 6)) as amount_at_stake
from (
    select *, unnest(findings) as bad, unnest(range(1, len(findings) + 1)) as number
    from (
        select *, list_filter([{", ".join(items)}], lambda item: item.expected is not null) as findings
        from _judged where _fate = 'quarantined'
    )
)"""

    def _fates(self) -> str:
        return (
            f"select {literal(self.source)} as source_system, {literal(self._stream_names)} as stream, "
            f"{literal(self.contract.name)} as entity, {self.position} as rule, _fate as fate, "
            "count(*) as records from _judged group by _fate"
        )

    def _probes(self) -> Iterator[tuple[Place, str]]:
        head = f"with {self._relations()} select"
        if self.rule.query is not None:
            yield (*self.place, "query"), f"{head} * {self._from()} limit 0"
        if self.rule.where is not None:
            yield (*self.place, "where"), f"{head} {_guarded(self.rule.where)} {self._from()} limit 0"
        for name, rule in self.rule.columns.items():
            yield (*self.place, "columns", name), f"{head} {_guarded(_expression(rule))} {self._from()} limit 0"

    def _cast(self, column: Column, rule: ColumnRule) -> str:
        text = _canonical_text(column, rule)
        kind = column.data_type
        if kind == "varchar":
            return text
        zone = literal(self.time_zone)
        if kind == "date":
            day = f"cast(timezone({zone}, try_cast({text} as timestamptz)) as date)"
            return _finite(f"case when {_has_offset(text)} then {day} else try_cast({text} as date) end")
        if kind == "timestamp":
            moment = f"try_cast({text} as timestamptz)"
            local = f"timezone({zone}, try_cast({text} as timestamp))"
            return _finite(f"timezone('UTC', case when {_has_offset(text)} then {moment} else {local} end)")
        if kind == "integer":
            number = f"try_cast({text} as decimal(38, 6))"
            return f"case when {number} = trunc({number}) then try_cast({number} as integer) end"
        return f"try_cast({text} as {kind})"


def _named(prefix: str, column: Column) -> str:
    return quoted(f"{prefix}_{column.name}")


def _expression(rule: ColumnRule) -> str:
    if rule.sql is not None:
        return rule.sql
    if rule.column_name is not None:
        return quoted(rule.column_name)
    return literal(as_text(rule.const))


def _guarded(expression: str) -> str:
    """The value in a struct, so that an expression that fails for one record (null) differs from one without a value.

    DuckDB's TRY takes no subqueries; those must not fail by themselves.
    """
    packed = f"struct_pack(v := ({expression}\n))"
    return packed if re.search(r"\bselect\b", expression, re.IGNORECASE) else f"try({packed})"


def _text(column: Column) -> str:
    """The picked value as text without blanks around it, null when nothing is left."""
    value = f"{_named('v', column)}.v"
    text = f"cast({value} as varchar)"
    if column.data_type == "varchar":
        # A database's exact 5 may arrive as 5.000000000000; as a key it must read 5.
        short = f"rtrim(rtrim({text}, '0'), '.')"
        text = f"case when typeof({value}) like 'DECIMAL%' and contains({text}, '.') then {short} else {text} end"
    return f"nullif(trim({text}, {_BLANKS}), '')"


def _canonical_text(column: Column, rule: ColumnRule) -> str:
    """The text after value map, default and number or date format."""
    text = _named("t", column)
    if not rule.model_fields_set & {"values", "default", "format", "number"}:
        return text
    listed = "".join(
        f" when {text} = {literal(key)} then {literal(value)}" for key, value in (rule.values or {}).items()
    )
    default = literal(as_text(rule.default)) if rule.has_default else "cast(null as varchar)"
    other = default if rule.values and rule.others == "quarantine" else _formatted(text, rule)
    return f"(case when {text} is null then {default}{listed} else {other} end)"


def _formatted(text: str, rule: ColumnRule) -> str:
    if rule.format:
        formats = ", ".join(literal(item) for item in rule.format)
        return f"cast(try_strptime({text}, [{formats}]) as varchar)"
    if rule.number:
        plain = f"regexp_replace(regexp_replace({text}, '{_CURRENCY}', '', 'g'), '^\\((.*)\\)$', '-\\1')"
        thousands, decimal = rule.number.thousands, rule.number.decimal
        groups = (
            f"|\\d{{1,3}}({re.escape(thousands)}\\d{{3}})+|\\d{{1,4}}({re.escape(thousands)}\\d{{4}})+"
            if thousands
            else ""
        )
        written = literal(f"[+-]?(\\d+{groups})({re.escape(decimal)}\\d*)?")
        bare = f"replace({plain}, {literal(thousands)}, '')" if thousands else plain
        return f"case when regexp_full_match({plain}, {written}) then replace({bare}, {literal(decimal)}, '.') end"
    return text


def _error(column: Column, rule: ColumnRule) -> str:
    """What was expected of a value that cannot be used, null when all is well."""
    text, cast = _named("t", column), _named("c", column)
    cases = []
    if rule.sql is not None:
        cases.append(
            f"when {_named('v', column)} is null then {literal(f'an expression that can be evaluated: {rule.sql}')}"
        )
    if rule.values and rule.others == "quarantine" and not rule.has_default:
        listed = ", ".join(literal(key) for key in rule.values)
        cases.append(f"when {text} not in ({listed}) then {literal('one of: ' + ', '.join(rule.values))}")
    nulled = [key for key, value in (rule.values or {}).items() if value is None]
    present = f"{text} is not null"
    if nulled:
        present += f" and {text} not in ({', '.join(literal(key) for key in nulled)})"
    if column.data_type != "varchar" or rule.format or rule.number:
        unusable = f"{present} and {cast} is null"
        if rule.has_default and rule.default is None and rule.values:
            listed = ", ".join(literal(key) for key in rule.values)
            unusable += f" and {text} in ({listed})"
        cases.append(f"when {unusable} then {literal(_expected(column, rule))}")
    if column.required:
        cases.append(f"when {cast} is null then 'a value'")
    return f"case {' '.join(cases)} end" if cases else "cast(null as varchar)"


def _expected(column: Column, rule: ColumnRule) -> str:
    if rule.format:
        return f"a date like {' or '.join(rule.format)}"
    if rule.number:
        return f"a number with thousands {rule.number.thousands!r} and decimal {rule.number.decimal!r}"
    return _EXPECTED.get(column.data_type, f"a number that fits {column.data_type}")


def _finding(name: str, raw: str, expected: str) -> str:
    return f"{{'name': {literal(name)}, 'raw': {raw}, 'expected': {expected}}}"


def _has_offset(text: str) -> str:
    return f"coalesce(regexp_matches({text}, {literal(_WITH_OFFSET)}), false)"


def _finite(value: str) -> str:
    """Null instead of the infinite dates that DuckDB reads from words such as 'infinity'."""
    return f"nullif(nullif({value}, 'infinity'), '-infinity')"
