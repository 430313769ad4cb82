"""Which record is a part of which: branches below their head office, subsidiaries below their parent.

A hierarchy is not a match: child and parent stay customers of their own.
"""

import duckdb

STEWARD, SOURCE, BRANCH = "steward", "source", "branch"
"""Reasons: a person decided it; the child's source names the parent; a branch marker and the head office's name."""


def find_parents(
    con: duckdb.DuckDBPyConnection, records: str, clusters: str, decisions: str, parent_keys: str, into: str
) -> None:
    """Writes the table `into`: record_id (child), parent_record_id, reason; by record_id.

    Grain: one row per record with a parent; a person's word before the source's, the source's before the branch marker.
    Records of one cluster are no parents of each other. parent_keys: table with record_id and parent_record_key, a key
    of the same source. A branch has a parent where the records of its core name without branch marker are one customer,
    if need be those with its tax id; otherwise it is not known which, and it has none.
    """
    # A table of its own: of the candidates inside one query the optimizer expects so many that it first compares the
    # clusters of every two records.
    con.execute(
        f"""create or replace temp table parent_candidate as
        select record_id_l as record_id, record_id_r as parent_record_id, '{STEWARD}' as reason,
            row_number() over (order by decision_no desc) as place
        from {decisions} where decision = 'parent'
        union all
        select child.record_id, source_system || ':' || parent_record_key, '{SOURCE}', null
        from {parent_keys} as child inner join {records} using (record_id) where parent_record_key is not null
        union all
        select record_id, parent_record_id, '{BRANCH}', null from ({_head_offices(records, clusters)})"""
    )
    con.execute(
        f"""create or replace table {into} as
        select candidate.record_id,
            arg_min(parent_record_id, (
                array_position(['{STEWARD}', '{SOURCE}', '{BRANCH}'], reason), coalesce(place, 0), parent_record_id
            )) as parent_record_id,
            arg_min(reason, array_position(['{STEWARD}', '{SOURCE}', '{BRANCH}'], reason)) as reason
        from parent_candidate as candidate
        inner join {clusters} as child on candidate.record_id = child.record_id
        inner join {clusters} as parent on candidate.parent_record_id = parent.record_id
        where child.cluster_id <> parent.cluster_id
        group by candidate.record_id order by candidate.record_id"""
    )
    con.execute("drop table parent_candidate")


def _head_offices(records: str, clusters: str) -> str:
    """SQL: branch records with the one customer that may be their head office, as its least record."""
    return f"""
        with office as (
            select record_id, name_core, branch, tax_id from {records}
            where party_type = 'organisation' and name_core is not null
        ),
        namesake as (
            select branch.record_id, head.record_id as parent_record_id,
                coalesce(head.tax_id = branch.tax_id, false) as has_its_tax_id
            from (from office where branch is not null) as branch
            inner join (from office where branch is null) as head using (name_core)
        ),
        candidate as (
            select namesake.*, head.cluster_id
            from namesake inner join {clusters} as head on namesake.parent_record_id = head.record_id
        ),
        judged as (
            select *, bool_or(has_its_tax_id) over (partition by record_id) as tax_id_tells from candidate
        )
        select record_id, min(parent_record_id) as parent_record_id from judged
        where has_its_tax_id or not tax_id_tells
        group by record_id having count(distinct cluster_id) = 1"""
