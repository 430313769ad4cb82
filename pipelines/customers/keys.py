"""The ledger of customer keys: clusters come and go, keys last.

Grain of a ledger: event x record. `event_no` numbers the events of all nights; in their order, each row says which key
its record has from then on (`leave`: none). So replaying the ledger gives today's keys, and every change of a key is in
it with its reason and who caused it.

    issue   a new customer's first key
    join    a record new to a customer that has a key, or one that came back to its key
    leave   a record that is gone at its source; its key stays reserved
    merge   the record's customer became part of an elder one; `previous_customer_key` is no longer given to anybody
    split   the record left a customer that goes on with others
    undo    a merge or split that came about because a person took a decision back or changed it

How a night's clusters get keys:

1. Every key that live records hold goes to the cluster with most of its records. Records that were merged into it and
   have a key of their own to go back to count after the others; of equals the one whose record had the key first.
   A cluster that several keys go to keeps the elder (issued first, then by key).
2. A cluster without a key takes one back that its records had in the past and that nobody has now, chosen the same way:
   what comes back or is parted again gets its old key.
3. What is left gets a new one, made from its least record id.
"""

from datetime import date

import duckdb

EVENT_COLUMNS = {
    "event_no": "bigint",
    "event_date": "date",
    "event_type": "varchar",
    "customer_key": "varchar",
    "previous_customer_key": "varchar",
    "source_system": "varchar",
    "source_key": "varchar",
    "reason": "varchar",
    "actor": "varchar",
}
"""Columns of a ledger with their types."""
MATCHER = "matcher"
_RECORD_ID = "source_system || ':' || source_key"
_SCRATCH = (
    "ledger_last",
    "ledger_holding",
    "ledger_key",
    "ledger_today",
    "ledger_gone",
    "ledger_heir",
    "ledger_choice",
    "ledger_decided",
    "ledger_change",
)
_LEAVE, _ISSUE, _SPLIT, _MERGE, _JOIN = range(5)
"""Order of a night's events. Splits come before merges, so that the last event of a merged key is its merge."""


class UnknownKey(LookupError):
    """The key was never issued."""


def update_ledger(
    con: duckdb.DuckDBPyConnection,
    clusters: str,
    previous_events: str,
    event_date: date,
    decisions: str,
    into: str,
    links: str | None = None,
    previous_decisions: str | None = None,
) -> None:
    """Writes the ledger `into`: the previous events, then what today's clusters change; arguments: see `new_events`."""
    new_events(con, clusters, previous_events, event_date, decisions, "ledger_new", links, previous_decisions)
    kept = ", ".join(EVENT_COLUMNS)
    con.execute(
        f"""create or replace table {into} as
        select {kept} from {previous_events} union all by name select {kept} from ledger_new
        order by event_no, source_system, source_key"""
    )
    con.execute("drop table ledger_new")


def new_events(
    con: duckdb.DuckDBPyConnection,
    clusters: str,
    previous_events: str,
    event_date: date,
    decisions: str,
    into: str,
    links: str | None = None,
    previous_decisions: str | None = None,
) -> None:
    """Writes the temp table `into`: the events of today, which go on with the numbers. Nothing changed: none.

    clusters, links: see `clusters.build_clusters`; links make the reasons of merges more precise. decisions: the last
    word per pair, see `stewardship`; previous_decisions: the same as of the previous ledger, so that only what people
    changed since then becomes an `undo`; left out: every pair on which people changed their mind counts.
    """
    _read_state(con, clusters, previous_events)
    _pass_keys_on(con)
    _give_keys_back(con)
    _issue_keys(con, previous_events)
    _read_decisions(con, decisions, previous_decisions)
    _list_changes(con, links)
    _write(con, previous_events, event_date, into)
    for table in _SCRATCH:
        con.execute(f"drop table {table}")


def keys_of(con: duckdb.DuckDBPyConnection, events: str, into: str) -> None:
    """Writes the table `into` by replaying a ledger: record_id, source_system, source_key, customer_key, by record_id.

    Grain: one row per record that has a key today.
    """
    con.execute(
        f"""create or replace table {into} as
        select record_id, source_system, source_key, customer_key from ({_replayed(events)})
        where not has_left order by record_id"""
    )


def current_keys(con: duckdb.DuckDBPyConnection, events: str) -> dict[str, str]:
    """Today's key per record_id, by replaying a ledger."""
    rows = con.execute(f"select record_id, customer_key from ({_replayed(events)}) where not has_left").fetchall()
    return dict(sorted(rows))


def resolve_keys(con: duckdb.DuckDBPyConnection, events: str, into: str) -> None:
    """Writes the table `into`: customer_key -> current_key, for every key that was ever issued, by both.

    A key that is held today is its own current key; a merged one leads to what it was merged into, step by step. A key
    whose last records left their sources without a successor has the current key null. More than one row per key where
    records that came back were taken over by several customers.
    """
    con.execute(
        f"""create or replace table {into} as
        with recursive held as ({_intervals(events)}),
        life as (
            select customer_key, bool_or(until_no is null and event_type <> 'leave') as is_current,
                max(until_no) filter (event_type <> 'leave') as last_no
            from held group by customer_key
        ),
        step as (
            select distinct event.previous_customer_key as old_key, event.customer_key as next_key
            from {events} as event inner join life on event.previous_customer_key = life.customer_key
            where event.event_type in ('merge', 'undo') and not life.is_current and event.event_no >= life.last_no
        ),
        path as (
            select customer_key, customer_key as reached from life
            union
            select path.customer_key, step.next_key from path inner join step on path.reached = step.old_key
        ),
        ended as (
            select path.customer_key, path.reached as current_key from path
            inner join life on path.reached = life.customer_key where life.is_current
        )
        select life.customer_key, ended.current_key from life left join ended using (customer_key)
        order by all"""
    )


def resolve_key(con: duckdb.DuckDBPyConnection, events: str, customer_key: str) -> list[str]:
    """Today's keys of what had this key, usually one; none when all its records left. Raises UnknownKey."""
    resolve_keys(con, events, "resolved_key")
    rows = con.execute("select current_key from resolved_key where customer_key = ?", [customer_key]).fetchall()
    con.execute("drop table resolved_key")
    if not rows:
        raise UnknownKey(f"customer key {customer_key} was never issued; is it typed as the report shows it?")
    return [key for (key,) in rows if key is not None]


def _replayed(events: str) -> str:
    """SQL: last word on every record that ever had a key."""
    return f"""
        select {_RECORD_ID} as record_id, source_system, source_key, customer_key, event_type = 'leave' as has_left
        from {events} semi join (
            select source_system, source_key, max(event_no) as event_no from {events} group by source_system, source_key
        ) using (source_system, source_key, event_no)"""


def _intervals(events: str) -> str:
    """SQL: which record had which key from which event until which (null: still)."""
    return f"""
        select customer_key, event_type, event_no,
            lead(event_no) over (partition by source_system, source_key order by event_no) as until_no
        from {events}"""


def _read_state(con: duckdb.DuckDBPyConnection, clusters: str, events: str) -> None:
    """Where the previous ledger left records and keys. Clusters that keep their key as it is are left out."""
    con.execute(f"create or replace temp table ledger_last as {_replayed(events)}")
    con.execute(
        f"""create or replace temp table ledger_today as
        with today as materialized (
            select today.record_id, today.cluster_id, today.match_reason,
                if(has_left, null, customer_key) as live_key, if(has_left, customer_key, null) as former_key
            from {clusters} as today left join ledger_last using (record_id)
        ),
        -- a cluster is named after one of its records: where all have the key of that one and nobody else has it, all
        -- is as it was
        mixed as (
            select distinct today.cluster_id from today
            left join (from today where record_id = cluster_id) as head on today.cluster_id = head.record_id
            where today.live_key is null or today.live_key is distinct from head.live_key
        ),
        torn as (
            select live_key from today where record_id = cluster_id group by live_key having count(*) > 1
            union all
            select live_key from today semi join mixed using (cluster_id)
        )
        select * from today
        where cluster_id in (from mixed) or live_key in (select live_key from torn where live_key is not null)"""
    )
    con.execute(
        f"""create or replace temp table ledger_gone as
        select record_id, customer_key from ledger_last anti join {clusters} using (record_id) where not has_left"""
    )
    con.execute(
        f"""create or replace temp table ledger_holding as
        select record_id, customer_key, min(event_no) as first_no
        from (select *, {_RECORD_ID} as record_id from {events}) semi join ledger_today using (record_id)
        where event_type <> 'leave' group by record_id, customer_key"""
    )
    con.execute(
        f"""create or replace temp table ledger_key as
        select customer_key, min(event_no) as issued_no,
            customer_key in (select customer_key from ledger_last where not has_left) as is_live
        from {events} semi join ledger_holding using (customer_key) group by customer_key"""
    )


_HEIRS = """
    select customer_key, cluster_id from (
        select customer_key, cluster_id, row_number() over (
            partition by customer_key
            order by count(*) filter (not can_go_back) desc, count(*) desc, min(first_no), min(record_id)
        ) as place
        from ({claims}) group by customer_key, cluster_id
    ) where place = 1"""

_ELDERS = """
    select cluster_id, arg_min(customer_key, (issued_no, customer_key)) as customer_key
    from ({heirs}) inner join ledger_key using (customer_key) group by cluster_id"""


def _pass_keys_on(con: duckdb.DuckDBPyConnection) -> None:
    """Step 1: `ledger_heir`, the cluster each live key goes to, and `ledger_choice`, the key each cluster keeps."""
    claims = """
        select live_key as customer_key, cluster_id, today.record_id, holding.first_no,
            own.record_id is not null as can_go_back
        from ledger_today as today
        inner join ledger_holding as holding
            on today.record_id = holding.record_id and today.live_key = holding.customer_key
        left join (
            select distinct record_id from ledger_holding inner join ledger_key using (customer_key) where not is_live
        ) as own on today.record_id = own.record_id"""
    con.execute(f"create or replace temp table ledger_heir as {_HEIRS.format(claims=claims)}")
    con.execute(
        f"""create or replace temp table ledger_choice as
        select cluster_id, customer_key, false as is_new from ({_ELDERS.format(heirs="from ledger_heir")})"""
    )


def _give_keys_back(con: duckdb.DuckDBPyConnection) -> None:
    """Step 2: former keys that nobody has go to clusters without one."""
    claims = """
        select holding.customer_key, today.cluster_id, today.record_id, holding.first_no, false as can_go_back
        from ledger_today as today
        anti join ledger_choice using (cluster_id)
        inner join ledger_holding as holding using (record_id)
        inner join ledger_key on holding.customer_key = ledger_key.customer_key and not is_live"""
    con.execute(
        f"""insert into ledger_choice
        select cluster_id, customer_key, false from ({_ELDERS.format(heirs=_HEIRS.format(claims=claims))})"""
    )


def _issue_keys(con: duckdb.DuckDBPyConnection, events: str) -> None:
    """Step 3: new keys. One that was ever issued is not issued again: a number is added until it is unheard of."""
    con.execute(
        """create or replace temp table ledger_keyless as
        select cluster_id, min(record_id) as record_id from ledger_today anti join ledger_choice using (cluster_id)
        group by cluster_id"""
    )
    attempt = 0
    while con.execute("select 1 from ledger_keyless limit 1").fetchall():
        suffix = f"#{attempt}" if attempt else ""
        con.execute(
            f"""insert into ledger_choice
            select arg_min(cluster_id, record_id), new_key, true from (
                select cluster_id, record_id, 'C' || upper(left(md5(record_id || '{suffix}'), 16)) as new_key
                from ledger_keyless
            )
            where new_key not in (select customer_key from {events})
                and new_key not in (select customer_key from ledger_choice)
            group by new_key"""
        )
        con.execute("delete from ledger_keyless where cluster_id in (select cluster_id from ledger_choice)")
        attempt += 1
    con.execute("drop table ledger_keyless")


def _read_decisions(con: duckdb.DuckDBPyConnection, decisions: str, previous: str | None) -> None:
    """`ledger_decided`: people's last words on two records of today, seen from either; is_change: a change of mind."""
    before = (
        f"select least(record_id_l, record_id_r), greatest(record_id_l, record_id_r), decision from {previous}"
        if previous
        else f"select least(record_id_l, record_id_r), greatest(record_id_l, record_id_r), previous_decision "
        f"from {decisions}"
    )
    con.execute(
        f"""create or replace temp table ledger_decided as
        with before(least_id, greatest_id, decision) as ({before}),
        word as (
            select now.* exclude previous_decision, before.decision as previous_decision,
                coalesce(before.decision <> now.decision, false) as is_change
            from {decisions} as now
            left join before on least_id = least(now.record_id_l, now.record_id_r)
                and greatest_id = greatest(now.record_id_l, now.record_id_r)
        ),
        seen as (
            select *, record_id_l as one, record_id_r as other from word
            union all
            select *, record_id_r, record_id_l from word
        )
        select decision_no, decision, previous_decision, is_change, decided_by as actor, reason,
            one.record_id, one.cluster_id, one.live_key,
            other.cluster_id as other_cluster_id, other.live_key as other_live_key
        from seen
        inner join ledger_today as one on seen.one = one.record_id
        inner join ledger_today as other on seen.other = other.record_id"""
    )


def _list_changes(con: duckdb.DuckDBPyConnection, links: str | None) -> None:
    """`ledger_change`: one row per record whose key changes, with type, reason and actor; step: order in the night."""
    con.execute(
        f"""create or replace temp table ledger_change as
        with moved as (
            select today.record_id, today.cluster_id, today.match_reason, today.live_key, today.former_key,
                choice.customer_key, {_step()} as step
            from ledger_today as today
            inner join ledger_choice as choice using (cluster_id)
            left join ledger_heir as heir on today.live_key = heir.customer_key
            where today.live_key is distinct from choice.customer_key
        ),
        parted as ({_by_people("cluster_id, live_key", _PARTED, "other_live_key = live_key", "<>")}),
        united as ({_by_people("cluster_id, live_key", _UNITED, "other_live_key is distinct from live_key", "=")}),
        joined as ({_by_people("record_id", _UNITED, "live_key is null", "=")}),
        linked as ({_strongest_links(links)})
        select moved.record_id, moved.customer_key,
            coalesce(moved.live_key, nullif(moved.former_key, moved.customer_key)) as previous_customer_key, moved.step,
            coalesce(parted.word, united.word, joined.word) as word,
            case step
                when {_ISSUE} then 'first seen'
                when {_SPLIT} then 'no longer the same customer'
                when {_MERGE} then 'same customer' || coalesce(' by ' || linked.match_reason, '')
                else if(moved.former_key = moved.customer_key, 'came back', 'same customer by ' || moved.match_reason)
            end as matcher_reason
        from moved
        left join parted on step = {_SPLIT} and parted.cluster_id = moved.cluster_id
            and parted.live_key = moved.live_key
        left join united on step = {_MERGE} and united.cluster_id = moved.cluster_id
            and united.live_key = moved.live_key
        left join joined on step = {_JOIN} and joined.record_id = moved.record_id
        left join linked on linked.cluster_id = moved.cluster_id
            and linked.held_key = coalesce(moved.live_key, moved.former_key)
        union all
        select record_id, customer_key, null, {_LEAVE}, null, 'gone at its source' from ledger_gone"""
    )


def _step() -> str:
    """SQL: what a change of key is. A former key that stays dead was merged away, unless its record starts anew."""
    return f"""case
        when today.live_key is not null then if(heir.cluster_id = today.cluster_id, {_MERGE}, {_SPLIT})
        when choice.is_new then {_ISSUE}
        when today.former_key is null or today.former_key in (select customer_key from ledger_choice) then {_JOIN}
        else {_MERGE}
    end"""


_PARTED = ("'different', 'parent'", "'same'")
_UNITED = ("'same'", "'different', 'parent'")


def _by_people(grain: str, words: tuple[str, str], condition: str, same_cluster: str) -> str:
    """SQL: per group of records the latest decision that has the wanted effect, or takes the contrary one back."""
    wanted, contrary = words
    is_undo = f"(is_change and previous_decision in ({contrary}))"
    return f"""
        select {grain}, arg_max(struct_pack(is_undo, actor, reason), decision_no) as word from (
            select *, {is_undo} as is_undo from ledger_decided
            where other_cluster_id {same_cluster} cluster_id and {condition}
                and (decision in ({wanted}) or {is_undo})
        ) group by all"""


def _strongest_links(links: str | None) -> str:
    """SQL: what joins the records of one key to the others of their cluster; empty without links."""
    if links is None:
        return "select null as cluster_id, null as held_key, null as match_reason where false"
    return f"""
        with linked as (
            select l.cluster_id, link.match_reason,
                coalesce(l.live_key, l.former_key) as key_l, coalesce(r.live_key, r.former_key) as key_r,
                array_position(['steward', 'tax_id', 'registry_id', 'model'], link.match_reason) as place
            from {links} as link
            inner join ledger_today as l on link.record_id_l = l.record_id
            inner join ledger_today as r on link.record_id_r = r.record_id
            where key_l is distinct from key_r
        )
        select cluster_id, held_key, arg_min(match_reason, place) as match_reason from (
            select cluster_id, key_l as held_key, match_reason, place from linked
            union all select cluster_id, key_r, match_reason, place from linked
        ) group by cluster_id, held_key"""


def _write(con: duckdb.DuckDBPyConnection, previous: str, event_date: date, into: str) -> None:
    types = {_LEAVE: "leave", _ISSUE: "issue", _SPLIT: "split", _MERGE: "merge", _JOIN: "join"}
    whens = " ".join(f"when {step} then '{name}'" for step, name in types.items())
    con.execute(
        f"""create or replace temp table {into} as
        with named as (
            select *, if(step in ({_SPLIT}, {_MERGE}) and word.is_undo, 'undo', case step {whens} end) as event_type,
                coalesce(word.actor, '{MATCHER}') as actor, coalesce(word.reason, matcher_reason) as reason
            from ledger_change
        )
        select (select coalesce(max(event_no), 0) from {previous}) + dense_rank() over (
                order by step, customer_key, previous_customer_key, event_type, actor, reason
            ) as event_no,
            ?::date as event_date, event_type, customer_key, previous_customer_key,
            split_part(record_id, ':', 1) as source_system, substr(record_id, strpos(record_id, ':') + 1) as source_key,
            reason, actor
        from named""",
        [event_date],
    )
