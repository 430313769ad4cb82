"""From scored pairs, sure keys and people's decisions to clusters of records: what is one customer today.

Clusters have no durable names; `keys` gives them those. The result depends on the content of the tables alone, not on
the order of their rows or the number of threads.

What joins two records, in this order of strength: a person's `same`; a sure key (see `sure_keys`); the model, where it
puts a pair into the band `same`. Connected records form a cluster, unless the component holds something that must
not be:

- two records a person called `different` (or one the `parent` of the other), also through others;
- two different ids of one kind whose check digits are right, or two branches, or a branch and its head office: only a
  person can join these;
- a chain: two groups that the model joins although few of the pairs across them have support (a sure key, or at least
  the grey band), less than `cohesion` of them.

In such a component the edges are taken one by one, strongest first, then by record id, and one that would make such a
cluster is dropped: so the weakest link of a path is cut.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.customers.agglomerate import Agglomeration, Edge
from pipelines.customers.sure_keys import NAME_COLUMNS, collect_keys, components, pairs_only_a_hub_joins, sure_edges

RULES_VERSION = 1
"""Raised with every change to what clusters come out of the same records, pairs and decisions."""
STEWARD, TAX_ID, REGISTRY_ID, MODEL = range(4)
"""Ranks of what joins two records, the strongest first."""
REASONS = {STEWARD: "steward", TAX_ID: "tax_id", REGISTRY_ID: "registry_id", MODEL: "model"}
SINGLE = "single"
_RECORD_COLUMNS = (
    f"record_id, party_type, {NAME_COLUMNS}, branch, tax_id, tax_id_kind, tax_id_valid, registry_id, registry_id_kind, "
    "registry_id_valid, phone, email, country"
)
_SCRATCH = ("cluster_record", "sure_member", "key_name", "key_name_group", "key_group", "cluster_pair", "cluster_edge")


@dataclass(frozen=True)
class ClusterRules:
    """When records become one customer, beyond the bands of the model.

    hub_names: names that may share a tax id, registry id, phone or e-mail before it counts as an agent's. cohesion:
    share of the pairs across two groups that must have support before the model joins them.
    """

    hub_names: int = 3
    cohesion: float = 0.3


def build_clusters(
    con: duckdb.DuckDBPyConnection,
    records: str,
    pairs: str,
    decisions: str,
    rules: ClusterRules,
    into: str,
    links: str | None = None,
) -> None:
    """Writes the table `into`: record_id, cluster_id, component_id, match_reason, match_probability; in record order.

    Grain: one row per record. cluster_id is the least record_id of the cluster; component_id that of the records it is
    connected to, before anything is cut. match_reason and match_probability are those of the strongest link
    that holds the record in its cluster: steward, tax_id, registry_id (all 1) or model; `single` (1) without any.
    records: normalised records. pairs: scored pairs with their `band` (same, grey, different). decisions: the last word
    per pair, see `stewardship`. links: where to write the links inside clusters (record_id_l, record_id_r,
    match_reason, match_probability), if anywhere.
    Decisions and pairs about records that do not exist are left out.
    """
    collect_evidence(con, records, pairs, decisions, rules)
    component = _components(con)
    _write(con, _labels(con, component, decisions, rules), component, into, links)
    for table in _SCRATCH:
        con.execute(f"drop table {table}")


def collect_evidence(
    con: duckdb.DuckDBPyConnection, records: str, pairs: str, decisions: str, rules: ClusterRules
) -> None:
    """Temp tables of what speaks for joining which records, before anything is joined; `why` explains from them.

    `cluster_record`: the records numbered by `i`; `cluster_pair`, `cluster_edge`: l, r and what is between them, rank
    as in `REASONS`; the tables of `collect_keys`. Arguments: see `build_clusters`.
    """
    con.execute(
        f"""create or replace temp table cluster_record as
        select i, {_RECORD_COLUMNS} from {records} inner join (
            select record_id, row_number() over (order by record_id) - 1 as i from {records}
        ) using (record_id)"""
    )
    collect_keys(con, "cluster_record", rules.hub_names)
    _collect_edges(con, pairs, decisions)


def _collect_edges(con: duckdb.DuckDBPyConnection, pairs: str, decisions: str) -> None:
    """`cluster_pair`: pairs the model finds at least grey; `cluster_edge`: what may join records, ranked."""
    con.execute(
        f"""create or replace temp table cluster_pair as
        select l.i as l, r.i as r, match_probability, band from {pairs} as pair
        inner join cluster_record as l on pair.record_id_l = l.record_id
        inner join cluster_record as r on pair.record_id_r = r.record_id
        where band in ('same', 'grey')"""
    )
    con.execute(
        f"""create or replace temp table cluster_edge as
        select l, r, {STEWARD}::tinyint as rank, decision_no::double as strength, 1::double as match_probability
        from ({_decided(decisions, "same")})
        union all
        select l, r, if(in_tax_id, {TAX_ID}, {REGISTRY_ID})::tinyint, 1, 1 from ({sure_edges("cluster_record")})
        union all
        select l, r, {MODEL}::tinyint, match_probability, match_probability from cluster_pair
        anti join ({pairs_only_a_hub_joins("cluster_record", "cluster_pair")}) using (l, r)
        where band = 'same'"""
    )


def _decided(decisions: str, *kinds: str) -> str:
    """SQL: the pairs (l < r) of existing records about which people decided one of these."""
    return f"""select least(l.i, r.i) as l, greatest(l.i, r.i) as r, decision_no from {decisions} as decision
        inner join cluster_record as l on decision.record_id_l = l.record_id
        inner join cluster_record as r on decision.record_id_r = r.record_id
        where decision in ({", ".join(map(repr, kinds))}) and l.i <> r.i"""


def _components(con: duckdb.DuckDBPyConnection) -> NDArray[np.int64]:
    """Connected component of every record, as the least record number in it."""
    ((count,),) = con.execute("select count(*) from cluster_record").fetchall()
    return components(con, "select l, r from cluster_edge", count)


def _labels(
    con: duckdb.DuckDBPyConnection, component: NDArray[np.int64], decisions: str, rules: ClusterRules
) -> NDArray[np.int64]:
    """Cluster of every record, as the least record number in it."""
    label, count = component.copy(), len(component)
    shared = np.bincount(label, minlength=count)[label] > 1
    con.register("component", pa.table({"i": np.arange(count)[shared], "label": label[shared]}))
    con.execute(f"create or replace temp table troubled as {_troubled(decisions, rules)}")
    for record, cluster in _resolved(con, decisions, rules).items():
        label[record] = cluster
    con.unregister("component")
    con.execute("drop table troubled")
    return label


_VALUES = """
    select i, case {field}_kind when 'vat' then 'vat ' || if(regexp_matches({field}, '^[A-Z][A-Z]'), left({field}, 2),
            coalesce(country, '')) when 'other' then '{field}' else {field}_kind end as kind, {field} as value
    from cluster_record where {field}_valid"""


def exclusive_values() -> str:
    """SQL: per record the values of which a cluster holds at most one of each kind, unless people say otherwise."""
    ids = [_VALUES.format(field=field) for field in ("tax_id", "registry_id")]
    branch = "select i, 'branch', coalesce(branch, '') from cluster_record where party_type = 'organisation'"
    return " union all ".join([*ids, branch])


def _troubled(decisions: str, rules: ClusterRules) -> str:
    """SQL: components that hold what must not be in one cluster, or that some pair of records has no support in."""
    return f"""
        with conflict as (
            select label from ({exclusive_values()}) inner join component using (i)
            group by label, kind having count(distinct value) > 1
        ),
        kept_apart as (
            select l.label from ({_decided(decisions, "different", "parent")}) as decided
            inner join component as l on decided.l = l.i
            inner join component as r on decided.r = r.i and r.label = l.label
        ),
        loose as (
            select label from (select label, count(*) as size from component group by label having size > 2)
            inner join (
                select component.label, count(*) as supported from ({_support()}) as supported
                inner join component on supported.l = component.i
                inner join component as other on supported.r = other.i and other.label = component.label
                group by component.label
            ) using (label)
            where supported < size * (size - 1) / 2 and {rules.cohesion} > 0
        )
        select label from conflict union select label from kept_apart union select label from loose"""


def _support() -> str:
    return "select l, r from cluster_edge union select l, r from cluster_pair"


def _resolved(con: duckdb.DuckDBPyConnection, decisions: str, rules: ClusterRules) -> dict[int, int]:
    """Cluster of every record of the troubled components."""
    rows = con.execute("select i from component semi join troubled using (label) order by i").fetchall()
    records = [record for (record,) in rows]
    if not records:
        return {}
    inside = "semi join troubled_record as tl on l = tl.i semi join troubled_record as tr on r = tr.i"
    con.register("troubled_record", pa.table({"i": records}))
    apart = con.execute(f"select l, r from ({_decided(decisions, 'different', 'parent')}) {inside}").fetchall()
    support = con.execute(f"select l, r from ({_support()}) {inside}").fetchall()
    edges = con.execute(f"select l, r, rank from cluster_edge {inside} order by rank, strength desc, l, r").fetchall()
    clusters = Agglomeration(_values_by_record(con), apart, support, rules.cohesion)
    con.unregister("troubled_record")
    for left, right, rank in edges:
        clusters.join(Edge(left, right, rank == STEWARD, rank in (TAX_ID, REGISTRY_ID)))
    return _least(records, clusters)


def _values_by_record(con: duckdb.DuckDBPyConnection) -> dict[int, dict[str, frozenset[str]]]:
    rows = con.execute(
        f"select i, kind, value from ({exclusive_values()}) semi join troubled_record using (i)"
    ).fetchall()
    held: dict[int, dict[str, frozenset[str]]] = {}
    for record, kind, value in rows:
        kinds = held.setdefault(record, {})
        kinds[kind] = kinds.get(kind, frozenset()) | {value}
    return held


def _least(records: list[int], clusters: Agglomeration) -> dict[int, int]:
    least: dict[int, int] = {}
    for record in records:
        least.setdefault(clusters.cluster(record), record)
    return {record: least[clusters.cluster(record)] for record in records}


def _write(
    con: duckdb.DuckDBPyConnection,
    label: NDArray[np.int64],
    component: NDArray[np.int64],
    into: str,
    links: str | None,
) -> None:
    con.register("record_label", pa.table({"i": np.arange(len(label)), "label": label, "component": component}))
    con.execute(
        """create or replace temp table cluster_link as
        select edge.l, edge.r, edge.rank, edge.match_probability from cluster_edge as edge
        inner join record_label as a on edge.l = a.i
        inner join record_label as b on edge.r = b.i and a.label = b.label"""
    )
    whens = " ".join(f"when {rank} then '{name}'" for rank, name in REASONS.items())
    reason = f"case rank {whens} end"
    con.execute(
        f"""create or replace table {into} as
        with held as (
            select i, min(rank) as rank, arg_min(match_probability, (rank, -match_probability)) as match_probability
            from (
                select l as i, rank, match_probability from cluster_link
                union all select r, rank, match_probability from cluster_link
            ) group by i
        )
        select record.record_id, head.record_id as cluster_id, whole.record_id as component_id,
            coalesce({reason}, '{SINGLE}') as match_reason, coalesce(held.match_probability, 1) as match_probability
        from cluster_record as record
        inner join record_label on record.i = record_label.i
        inner join cluster_record as head on record_label.label = head.i
        inner join cluster_record as whole on record_label.component = whole.i
        left join held on record.i = held.i
        order by record.record_id"""
    )
    if links:
        con.execute(
            f"""create or replace table {links} as
            select l.record_id as record_id_l, r.record_id as record_id_r, {reason} as match_reason, match_probability
            from cluster_link inner join cluster_record as l on cluster_link.l = l.i
            inner join cluster_record as r on cluster_link.r = r.i order by all"""
        )
    con.unregister("record_label")
    con.execute("drop table cluster_link")
