"""Sure keys: ids that make two records one customer, how far each of them is trusted, and the guard against hubs.

A tax id, registry id (credit code, LEI) that two records share joins them. How many different names may share it before
it is doubted depends on the check digit: `hub_names` where it is right, else the limits below. A key over its limit
joins only records whose names agree. Names of one script are counted; those that agree with each other count as one.

A tax id, registry id, phone or e-mail that more than `hub_names` names share is a hub: an agent's number on the files
of all its clients, say. What the model thinks of two of its records counts only if their names agree, because all that
the model saw may be the agent.
"""

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

UNVERIFIED_NAMES = 1
"""Names that may share an id of a kind without check digit."""
BROKEN_NAMES = 0
"""Names that may share an id with a wrong check digit: none, so it joins only records whose names agree."""
COMPARED_NAMES = 30
"""A key with more spellings than this is not looked into: each spelling counts as a name of its own."""
PAIRED_RECORDS = 50
"""Up to this many records a key joins every two of them, beyond it each with the first."""

SURE_FIELDS, CONTACT_FIELDS = ("tax_id", "registry_id"), ("phone", "email")

NAME_COLUMNS = (
    "name_compact, name_script, name_pinyin, name_initials, name_acronyms, name_short_forms, other_names, name_tokens"
)
"""What `names_agree` looks at."""


def names_agree(left: str, right: str) -> str:
    """SQL: whether two rows with the name columns of a normalised record may well be names of one party.

    Equal names in writing or sound; one among the other's other, short or initial forms; all words of the one in the
    other; or at most slight differences of spelling (Jaro-Winkler 0.92). Unknown names give null.
    """
    one_way = " or ".join(_is_form_of(a, b) for a, b in ((left, right), (right, left)))
    return f"""(
        {left}.name_compact = {right}.name_compact
        or coalesce({left}.name_pinyin = {right}.name_pinyin, false)
        or jaro_winkler_similarity({left}.name_compact, {right}.name_compact) >= 0.92
        or {one_way}
    )"""


def _is_form_of(short: str, full: str) -> str:
    return f"""coalesce(list_contains({full}.other_names, {short}.name_compact), false)
        or coalesce(list_contains({full}.name_short_forms, {short}.name_compact), false)
        or coalesce(list_contains({full}.name_acronyms, {short}.name_compact), false)
        or coalesce({full}.name_initials = {short}.name_compact, false)
        or coalesce(len({short}.name_tokens) > 0 and list_has_all({full}.name_tokens, {short}.name_tokens), false)"""


def collect_keys(con: duckdb.DuckDBPyConnection, records: str, hub_names: int) -> None:
    """Temp tables for the functions below: `sure_member`, one row per record and key; `key_group`, see there.

    records: temp table of normalised records numbered by `i` in the order of record_id.
    """
    con.execute(f"create or replace temp table sure_member as {_members(records, hub_names)}")
    con.execute(f"create or replace temp table key_name as {_names(records)}")
    _group_names(con)
    con.execute(
        f"""create or replace temp table key_group as
        with counted as (
            select key_no, name_script = 'latin' as is_latin, count(distinct name_group) as names from key_name_group
            group by all
        )
        select member.key_no, coalesce(max(counted.names), 0) as names,
            coalesce(max(counted.names), 0) > {hub_names} as is_hub,
            coalesce(max(counted.names), 0) > any_value(member.name_limit) as is_doubted
        from (select key_no, min(name_limit) as name_limit from sure_member group by key_no) as member
        left join counted using (key_no) group by member.key_no"""
    )


def key_hashes() -> str:
    """SQL: the keys of a normalised record as list of hashes (ubigint[]), in no order; equal keys, equal hashes."""
    schemes = [(_scheme(field), field) for field in SURE_FIELDS] + [(f"'{field}'", field) for field in CONTACT_FIELDS]
    hashes = (f"case when {field} is not null then hash({scheme}, {field}) end" for scheme, field in schemes)
    return f"list_filter([{', '.join(hashes)}], lambda key: key is not null)"


def _scheme(field: str) -> str:
    """SQL: what kind of key an id is. Credit codes and LEIs mean the same in either field."""
    return f"case when {field}_kind in ('uscc', 'lei') then {field}_kind else '{field}' end"


def _members(records: str, hub_names: int) -> str:
    """SQL: records by key. A key only one record has is none."""
    ids = " union all ".join(
        f"""select i, {_scheme(field)} as scheme, {field} as value, '{field}' as field,
            case {field}_valid when true then {hub_names} when false then {BROKEN_NAMES}
                else {UNVERIFIED_NAMES} end as name_limit
        from {records} where {field} is not null"""
        for field in SURE_FIELDS
    )
    contacts = " union all ".join(
        f"select i, '{field}', {field}, '{field}', {hub_names} from {records} where {field} is not null"
        for field in CONTACT_FIELDS
    )
    return f"""
        with listed as ({ids} union all {contacts}),
        member as (
            select scheme, value, i, bool_or(field = 'tax_id') as in_tax_id, min(name_limit) as name_limit
            from listed group by all
        ),
        shared as (
            select scheme, value, row_number() over () as key_no from member group by scheme, value having count(*) > 1
        )
        select key_no, scheme, scheme not in ('phone', 'email') as is_sure, i, in_tax_id, name_limit
        from member inner join shared using (scheme, value)"""


def _names(records: str) -> str:
    """The names under each key that has more spellings than its limit, with the forms they are known by."""
    return f"""
        with written as (
            select member.key_no, member.name_limit, {NAME_COLUMNS}, member.i
            from sure_member as member inner join {records} as record using (i)
            semi join (select key_no from sure_member group by key_no having count(*) > min(name_limit)) using (key_no)
            where name_compact is not null
        ),
        doubtful as (
            select key_no, count(distinct name_compact) as spellings from written group by key_no
            having spellings > min(name_limit)
        )
        select row_number() over (order by key_no, name_compact) - 1 as node, key_no, any_value(spellings) as spellings,
            name_compact, arg_min(name_script, i) as name_script, arg_min(name_pinyin, i) as name_pinyin,
            arg_min(name_initials, i) as name_initials, arg_min(name_tokens, i) as name_tokens,
            list_distinct(flatten(list(coalesce(other_names, [])))) as other_names,
            list_distinct(flatten(list(coalesce(name_short_forms, [])))) as name_short_forms,
            list_distinct(flatten(list(coalesce(name_acronyms, [])))) as name_acronyms
        from written inner join doubtful using (key_no) group by key_no, name_compact"""


def _group_names(con: duckdb.DuckDBPyConnection) -> None:
    """`key_name_group`: spellings under one key that agree, directly or through others, get one number."""
    ((nodes,),) = con.execute("select count(*) from key_name").fetchall()
    agreeing = f"""select l.node as l, r.node as r from key_name as l inner join key_name as r using (key_no)
        where l.node < r.node and l.spellings <= {COMPARED_NAMES} and {names_agree("l", "r")}"""
    groups = components(con, agreeing, nodes)
    con.register("name_group_of_node", pa.table({"node": np.arange(nodes), "name_group": groups}))
    con.execute(
        """create or replace temp table key_name_group as
        select key_no, name_compact, name_script, name_group from key_name inner join name_group_of_node using (node)"""
    )
    con.unregister("name_group_of_node")


def components(con: duckdb.DuckDBPyConnection, edges: str, nodes: int) -> NDArray[np.int64]:
    """For every node from 0 on the least node it is connected to, directly or through others. edges: SQL for l, r."""
    table: Any = con.sql(edges).to_arrow_table()
    ends = (table["l"].to_numpy(), table["r"].to_numpy())
    graph = coo_array((np.ones(table.num_rows, dtype=np.int8), ends), shape=(nodes, nodes))
    _, label = connected_components(graph, directed=False)
    least = np.full(nodes, nodes, dtype=np.int64)
    np.minimum.at(least, label, np.arange(nodes))
    return least[label]


def sure_edges(records: str) -> str:
    """SQL: pairs (l, r, in_tax_id) of record numbers that a sure key joins. Never across branches of a firm."""
    return f"""
        with member as (
            select sure_member.key_no, sure_member.i, sure_member.in_tax_id, coalesce(record.branch, '') as branch,
                if(key_group.is_doubted, name.name_group, -1) as name_group
            from sure_member
            inner join key_group using (key_no)
            inner join {records} as record using (i)
            left join key_name_group as name
                on name.key_no = sure_member.key_no and name.name_compact = record.name_compact
            where sure_member.is_sure
        ),
        grouped as (
            select *, min(i) over same_group as first_i, count(*) over same_group as size
            from member where name_group is not null
            window same_group as (partition by key_no, name_group, branch)
        )
        select l.i as l, r.i as r, bool_or(l.in_tax_id and r.in_tax_id) as in_tax_id
        from grouped as l inner join grouped as r using (key_no, name_group, branch)
        where l.i < r.i and (l.size <= {PAIRED_RECORDS} or l.i = l.first_i)
        group by l.i, r.i"""


def pairs_only_a_hub_joins(records: str, pairs: str) -> str:
    """SQL: pairs (l, r) among `pairs` whose records share a hub's key while their names do not agree."""
    return f"""
        with hub_member as (
            select sure_member.key_no, sure_member.i from sure_member inner join key_group using (key_no) where is_hub
        )
        select distinct pair.l, pair.r from {pairs} as pair
        inner join hub_member as hub_l on hub_l.i = pair.l
        inner join hub_member as hub_r on hub_r.i = pair.r and hub_r.key_no = hub_l.key_no
        inner join {records} as left_record on left_record.i = pair.l
        inner join {records} as right_record on right_record.i = pair.r
        where {names_agree("left_record", "right_record")} is not true"""
