"""Why two records are one customer, or are not: everything that had a say, ready to be put in words.

What the candidate in the warehouse holds is read from it; what it does not keep (the links inside a customer, hubs, the
comparison of a pair nobody looked at) is worked out for the few records concerned, by the functions that did it then.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.customers.clusters import (
    MODEL,
    REASONS,
    REGISTRY_ID,
    TAX_ID,
    ClusterRules,
    collect_evidence,
    exclusive_values,
)
from pipelines.customers.judgement import Judgement, judge
from pipelines.customers.lookup import (
    KeyEvent,
    Parent,
    Record,
    UnknownRecord,
    events,
    find_record,
    keys_today,
    members,
    parents_among,
    scratch,
)
from pipelines.customers.stewardship import Decision, last_words, words_table


@dataclass(frozen=True)
class Link:
    """A step of the chain that joins the two. reason: steward, tax_id, registry_id or model."""

    left: str
    right: str
    reason: str
    match_probability: float
    value: str | None
    decision: Decision | None


@dataclass(frozen=True)
class SharedValue:
    """An id, phone or e-mail both records have. names: different names that share it where that was counted."""

    scheme: str
    value: str
    is_sure: bool
    is_hub: bool
    is_doubted: bool
    records: int
    names: int


@dataclass(frozen=True)
class Obstacle:
    """Something of which one customer has one value, while the two sides have different ones. kind: id or branch."""

    kind: str
    left: tuple[str, ...]
    right: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """A decision about the two. holds: it is the last word; is_built: the candidate was built with it."""

    decision: Decision
    holds: bool
    is_built: bool


@dataclass(frozen=True)
class StandsFor:
    """A customer was named: one of its records is looked at."""

    customer: str
    record_id: str
    records: int


@dataclass(frozen=True)
class Explanation:
    """All about two records. since: the event that brought them together, or parted them; None: they never were one.

    hub_guard: the model's word on the pair does not count, because the two may only share an agent.
    """

    left: Record
    right: Record
    stands_for: tuple[StandsFor, ...]
    is_same: bool
    since: KeyEvent | None
    history: tuple[KeyEvent, ...]
    chain: tuple[Link, ...]
    judgement: Judgement
    shared: tuple[SharedValue, ...]
    hub_guard: bool
    obstacles: tuple[Obstacle, ...]
    kept_apart: tuple[Decision, ...]
    said: tuple[Said, ...]
    parents: tuple[Parent, ...]


def why(
    con: duckdb.DuckDBPyConnection, a: str, b: str, filed: Sequence[Decision], built: Sequence[Decision]
) -> Explanation:
    """Why `a` and `b` are or are not one customer; each a record (`source:key`) or a customer key.

    filed: all decisions people filed; built: those the candidate was built with. A customer is stood for by its record
    with the strongest tie to the other side. Raises UnknownRecord, UnknownKey.
    """
    left, right, stands_for = _two_records(con, a, b)
    is_same = left.customer_key == right.customer_key
    history = events(con, (), (left.record_id, right.record_id))
    judgement = judge(con, left, right)
    found = _Evidence(con, left, right, built)
    return Explanation(
        left,
        right,
        stands_for,
        is_same,
        _since(history, left.record_id, right.record_id),
        tuple(history),
        found.chain if is_same else (),
        judgement,
        found.shared,
        judgement.band == "same" and not found.model_counts,
        () if is_same else found.obstacles,
        () if is_same else found.kept_apart,
        _said(left, right, filed, built),
        parents_among(con, (left.customer_key, right.customer_key)).get(
            frozenset((left.customer_key, right.customer_key)), ()
        ),
    )


def _two_records(con: duckdb.DuckDBPyConnection, a: str, b: str) -> tuple[Record, Record, tuple[StandsFor, ...]]:
    left, right = _candidates(con, a), _candidates(con, b)
    if set(left) == set(right):
        raise UnknownRecord(
            f"{a} and {b} are one and the same {'record' if len(left) == 1 else 'customer'}; name two different records"
            + (f": {', '.join(left)}" if len(left) > 1 else "")
        )
    one, other = _strongest(con, left, right)
    stands_for = tuple(
        StandsFor(asked, chosen, len(held))
        for asked, chosen, held in ((a, one, left), (b, other, right))
        if asked != chosen
    )
    return left[one], right[other], stands_for


def _candidates(con: duckdb.DuckDBPyConnection, text: str) -> Mapping[str, Record]:
    """The one record that was named, or all records of the customer."""
    if ":" in text:
        record = find_record(con, text)
        return {record.record_id: record}
    today = keys_today(con, text)
    found = {name: record for key in today for name, record in members(con, key).items()}
    if not found:
        raise UnknownRecord(f"the customer {text} has no records any more: all of them left their sources")
    return found


def _strongest(
    con: duckdb.DuckDBPyConnection, left: Mapping[str, Record], right: Mapping[str, Record]
) -> tuple[str, str]:
    """Two different records, one of each side, with the highest match weight, else the first ones."""
    rows = con.execute(
        """select record_id_l, record_id_r from core.int_customer_pair
        where (list_contains(?::varchar[], record_id_l) and list_contains(?::varchar[], record_id_r))
            or (list_contains(?::varchar[], record_id_l) and list_contains(?::varchar[], record_id_r))
        order by match_weight desc, record_id_l, record_id_r limit 1""",
        [list(left), list(right), list(right), list(left)],
    ).fetchall()
    for one, other in rows:
        return (one, other) if one in left and other in right else (other, one)
    return next((one, other) for one in sorted(left) for other in sorted(right) if one != other)


def _since(history: Iterable[KeyEvent], left: str, right: str) -> KeyEvent | None:
    """The last event at which the two came to hold one key, or ceased to."""
    keys: dict[str, str | None] = {left: None, right: None}
    turned: KeyEvent | None = None
    for event in history:
        before = keys[left] is not None and keys[left] == keys[right]
        for name in keys.keys() & set(event.record_ids):
            keys[name] = None if event.event_type == "leave" else event.customer_key
        if before != (keys[left] is not None and keys[left] == keys[right]):
            turned = event
    return turned


class _Evidence:
    """What joins or parts the customers of two records, from their records and all that share a key with these."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, left: Record, right: Record, decisions: Sequence[Decision]
    ) -> None:
        sides = [members(con, record.customer_key) for record in (left, right)]
        involved = sorted({name for side in sides for name in side})
        words = words_table(last_words(decisions))
        tables = {"normalised": _around(con, involved), "pairs": _pairs_among(con, involved), "word": words}
        with scratch(**tables) as own:
            collect_evidence(own, "normalised", "pairs", "word", ClusterRules())
            self.model_counts = _has_edge(own, left.record_id, right.record_id, MODEL)
            self.shared = _shared(own, left.record_id, right.record_id)
            self.obstacles = _obstacles(own, *sides)
        held = [word.last for word in last_words(decisions) if word.last.decision != "undo"]
        self.kept_apart = tuple(
            said for said in held if said.decision in ("different", "parent") and _crosses(said, *sides)
        )
        path = _path(left.record_id, right.record_id, _links(con, list(sides[0])))
        self.chain = tuple(_with_word(link, held) for link in path)


def _crosses(said: Decision, one: Mapping[str, Record], other: Mapping[str, Record]) -> bool:
    return (said.record_id_l in one and said.record_id_r in other) or (
        said.record_id_l in other and said.record_id_r in one
    )


def _around(con: duckdb.DuckDBPyConnection, record_ids: Sequence[str]) -> Any:
    """These records and all that share an id, phone or e-mail with one: how many share it decides what it proves."""
    return con.sql(
        """with involved as (select * from core.int_customer_normalised where list_contains(?::varchar[], record_id)),
        shared as (
            select unnest([tax_id, registry_id]) as id, null as contact from involved
            union select null, unnest([phone, email]) from involved
        )
        select * from core.int_customer_normalised
        where list_contains(?::varchar[], record_id)
            or tax_id in (select id from shared where id is not null)
            or registry_id in (select id from shared where id is not null)
            or phone in (select contact from shared where contact is not null)
            or email in (select contact from shared where contact is not null)
        order by record_id""",
        params=[list(record_ids), list(record_ids)],
    ).to_arrow_table()


def _pairs_among(con: duckdb.DuckDBPyConnection, record_ids: Sequence[str]) -> Any:
    return con.sql(
        """select record_id_l, record_id_r, match_probability, band from core.int_customer_pair
        where list_contains(?::varchar[], record_id_l) and list_contains(?::varchar[], record_id_r)""",
        params=[list(record_ids), list(record_ids)],
    ).to_arrow_table()


def _has_edge(con: duckdb.DuckDBPyConnection, left: str, right: str, rank: int) -> bool:
    """Whether this speaks for joining the two, whatever became of it."""
    rows = con.execute(
        """select 1 from cluster_edge inner join cluster_record as l on cluster_edge.l = l.i
        inner join cluster_record as r on cluster_edge.r = r.i
        where l.record_id = least(?, ?) and r.record_id = greatest(?, ?) and rank = ?""",
        [left, right, left, right, rank],
    ).fetchall()
    return bool(rows)


def _links(con: duckdb.DuckDBPyConnection, record_ids: Sequence[str]) -> list[Link]:
    """What joins these records directly, the strongest first."""
    rows = con.execute(
        """with link as (
            select record_id as l, unnest(links, recursive := true) from (
                select record_id as l, links from core.int_customer_resolution
                where list_contains(?::varchar[], record_id)
            ) as held(record_id, links)
        )
        select l, record_id, match_reason, match_probability from link""",
        [list(record_ids)],
    ).fetchall()
    ids = _sure_ids(con, record_ids)
    strength = list(REASONS.values()).index
    links = [
        Link(left, right, reason, probability, _common(ids, left, right, reason), None)
        for left, right, reason, probability in rows
    ]
    return sorted(links, key=lambda link: (strength(link.reason), -link.match_probability, link.left, link.right))


def _sure_ids(con: duckdb.DuckDBPyConnection, record_ids: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
    rows = con.execute(
        "select record_id, tax_id, registry_id from core.int_customer_normalised "
        "where list_contains(?::varchar[], record_id)",
        [list(record_ids)],
    ).fetchall()
    return {name: (tax_id, registry_id) for name, tax_id, registry_id in rows}


def _common(ids: Mapping[str, tuple[str | None, str | None]], left: str, right: str, reason: str) -> str | None:
    """The id behind a link by a sure key; a credit code or LEI may stand in either field."""
    if reason not in (REASONS[TAX_ID], REASONS[REGISTRY_ID]):
        return None
    first = ids[left] if reason == REASONS[TAX_ID] else ids[left][::-1]
    return next((value for value in first if value is not None and value in ids[right]), None)


def _with_word(link: Link, held: Iterable[Decision]) -> Link:
    if link.reason != "steward":
        return link
    pair = {link.left, link.right}
    word = next(said for said in held if {said.record_id_l, said.record_id_r} == pair)
    return Link(link.left, link.right, link.reason, link.match_probability, link.value, word)


def _path(start: str, end: str, links: Iterable[Link]) -> list[Link]:
    """A shortest chain of links from one record to the other; among equals the one of the stronger links."""
    neighbours: dict[str, list[tuple[str, Link]]] = {}
    for link in links:
        neighbours.setdefault(link.left, []).append((link.right, link))
        neighbours.setdefault(link.right, []).append((link.left, link))
    came_by: dict[str, tuple[str, Link] | None] = {start: None}
    waiting = deque([start])
    while waiting and end not in came_by:
        name = waiting.popleft()
        for other, link in neighbours.get(name, []):
            if other not in came_by:
                came_by[other] = (name, link)
                waiting.append(other)
    return _walked(came_by, end)


def _walked(came_by: Mapping[str, tuple[str, Link] | None], end: str) -> list[Link]:
    chain: list[Link] = []
    at, step = end, came_by.get(end)
    while step is not None:
        before, link = step
        chain.insert(0, Link(before, at, link.reason, link.match_probability, link.value, link.decision))
        at, step = before, came_by[before]
    return chain


def _shared(con: duckdb.DuckDBPyConnection, left: str, right: str) -> tuple[SharedValue, ...]:
    rows = con.execute(
        """select l.scheme, case l.scheme when 'phone' then one.phone when 'email' then one.email
            when 'tax_id' then one.tax_id when 'registry_id' then one.registry_id
            else if(one.tax_id_kind = l.scheme and one.tax_id in (other.tax_id, other.registry_id),
                one.tax_id, one.registry_id) end as value, l.is_sure, hub.is_hub, hub.is_doubted,
            (select count(distinct i) from sure_member as every where every.key_no = l.key_no), hub.names
        from sure_member as l inner join sure_member as r using (key_no)
        inner join key_group as hub using (key_no)
        inner join cluster_record as one on l.i = one.i inner join cluster_record as other on r.i = other.i
        where one.record_id = ? and other.record_id = ? order by not l.is_sure, l.scheme, value""",
        [left, right],
    ).fetchall()
    return tuple(SharedValue(*row) for row in rows)


def _obstacles(
    con: duckdb.DuckDBPyConnection, left: Mapping[str, Record], right: Mapping[str, Record]
) -> tuple[Obstacle, ...]:
    """Kinds of ids (or branches) of which both customers have values, but none in common."""
    held: tuple[dict[str, set[str]], dict[str, set[str]]] = ({}, {})
    rows = con.execute(
        f"select record_id, kind, value from ({exclusive_values()}) inner join cluster_record using (i)"
    ).fetchall()
    for name, kind, value in rows:
        for side, values in zip((left, right), held, strict=True):
            if name in side:
                values.setdefault(kind, set()).add(value)
    one, other = held
    return tuple(
        Obstacle(kind, tuple(sorted(one[kind])), tuple(sorted(other[kind])))
        for kind in sorted(one.keys() & other.keys())
        if one[kind].isdisjoint(other[kind])
    )


def _said(left: Record, right: Record, filed: Sequence[Decision], built: Sequence[Decision]) -> tuple[Said, ...]:
    pair = {left.record_id, right.record_id}
    about = [said for said in filed if {said.record_id_l, said.record_id_r} == pair]
    known = {_content(said) for said in built}
    last = max((said.decision_no for said in about), default=None)
    return tuple(
        Said(said, said.decision_no == last and said.decision != "undo", _content(said) in known)
        for said in sorted(about, key=lambda said: said.decision_no)
    )


def _content(said: Decision) -> tuple[object, ...]:
    return (said.decision, said.record_id_l, said.record_id_r, said.decided_by, said.decided_on, said.reason)
