"""Learns a model without labels: how often pairs of one and of two customers reach each level.

Only whole numbers leave the database (how many pairs show a pattern of levels), and the arithmetic runs over patterns
in a fixed order: so neither the order of the records nor the number of threads can change a parameter.
"""

import math
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import numpy.typing as npt

from pipelines.customers.matching.blocking import common_keys, store_pairs
from pipelines.customers.matching.comparisons import compared_columns, levels_sql
from pipelines.customers.matching.model import Model, ValueCounts, rounded
from pipelines.customers.matching.prepare import (
    features_sql,
    number_records,
    register_frequencies,
    store_keys,
    store_prepared,
)
from pipelines.customers.settings import Comparison, PartySettings, Pattern

Numbers = npt.NDArray[np.float64]

RING = 100_000
"""At most so many records take part in random pairs; each meets its successors in an order drawn by hash."""

_SETTLED = 1e-9
_EVEN = 0.5


def train(con: duckdb.DuckDBPyConnection, records: str, settings: PartySettings) -> Model:
    """A model of one party type, learnt from table `records` (normalised columns, grain: record).

    u is learnt from random pairs, m from the candidate pairs of a sample of records, both by expectation-maximisation
    (Dempster, Laird and Rubin 1977) of the Fellegi-Sunter model with Dirichlet priors from the settings. The fewer
    records, the more the priors say; without any record the priors are the model.
    """
    count = number_records(con, settings, records)
    store_keys(con, settings, records)
    model = replace(
        prior_model(settings, count),
        frequencies=_frequencies(con, settings, records),
        stop_keys=common_keys(con, settings),
    )
    if count < 2:
        return model
    register_frequencies(con, model)
    return _maximise(model, _observe(con, records, model))


def prior_model(settings: PartySettings, records: int) -> Model:
    """What the settings say before any record is seen; `records` scales what is stated per record."""
    pairs = max(1, records - 1) / 2
    return Model(
        settings=settings,
        records=records,
        match_share=rounded(min(0.5, settings.training.matches_per_record / pairs)),
        levels={
            comparison.name: {
                level.name: (rounded(level.m / _prior_sum(comparison)[0]), rounded(level.u / _prior_sum(comparison)[1]))
                for level in comparison.levels
                if level.m is not None and level.u is not None
            }
            for comparison in settings.comparisons
        },
        joint={
            pattern.name: rounded(min(0.5, pattern.joint.pairs_per_record / pairs)) for pattern in settings.patterns
        },
    )


def _prior_u(comparison: Comparison) -> list[float]:
    return [(level.u or 0.0) / _prior_sum(comparison)[1] for level in comparison.levels if not level.neutral]


def _prior_sum(comparison: Comparison) -> tuple[float, float]:
    return sum(level.m or 0.0 for level in comparison.levels), sum(level.u or 0.0 for level in comparison.levels)


@dataclass(frozen=True)
class Observed:
    """Patterns of levels with their number of pairs: `random` pairs, and `candidates` of the sampled records.

    A pattern is a row of level values in the order of the comparisons, the joint pattern last.
    `reached` counts all pairs that have a sampled record, candidates or not; `sampled` the sampled records.
    """

    random: "Patterns"
    candidates: "Patterns"
    sampled: int
    reached: float


@dataclass(frozen=True)
class Patterns:
    """Distinct rows of level values, in order, and how many pairs show each."""

    values: npt.NDArray[np.int64]
    pairs: Numbers


def _observe(con: duckdb.DuckDBPyConnection, records: str, model: Model) -> Observed:
    training = model.settings.training
    ring = min(model.records, RING)
    con.execute(
        """create or replace temp table matching_drawn as
        select record_no, row_number() over (order by md5_number_lower(record_id), record_id) - 1 as place
        from matching_numbered"""
    )
    con.execute(
        f"create or replace temp table matching_sampled as select record_no from matching_drawn"
        f" where place < {training.sample_records}"
    )
    sampled = min(model.records, training.sample_records)
    store_pairs(con, model.stop_keys, "matching_candidates", "matching_sampled" if sampled < model.records else None)
    _store_random_pairs(con, ring, min(training.random_pairs, training.random_pairs_per_record * model.records))
    con.execute(
        """create or replace temp table matching_involved as
        select unnest([record_no_l, record_no_r]) as record_no from matching_candidates
        union select unnest([record_no_l, record_no_r]) from matching_random"""
    )
    columns = compared_columns(model.settings)
    store_prepared(con, model, records, columns, "matching_prepared", only="matching_involved")
    others = model.records - sampled
    return Observed(
        random=_patterns(con, model.settings, "matching_random"),
        candidates=_patterns(con, model.settings, "matching_candidates"),
        sampled=sampled,
        reached=sampled * (sampled - 1) / 2 + sampled * others,
    )


def _store_random_pairs(con: duckdb.DuckDBPyConnection, ring: int, wanted: int) -> None:
    """Pairs of records a few places apart on a ring in hash order; all pairs where there are not more than wanted."""
    steps = math.ceil(wanted / ring)
    met = f"(select *, unnest(range(1, {steps + 1})) as step from ring) as one"
    met += f" join ring as other on other.place = (one.place + one.step) % {ring}"
    if 2 * steps >= ring - 1:
        met = "ring as one join ring as other on one.record_no < other.record_no"
    con.execute(
        f"""create or replace temp table matching_random as
        with ring as (select * from matching_drawn where place < {ring})
        select least(one.record_no, other.record_no) as record_no_l,
            greatest(one.record_no, other.record_no) as record_no_r
        from {met}"""
    )


def _patterns(con: duckdb.DuckDBPyConnection, settings: PartySettings, pairs: str) -> Patterns:
    gammas = ", ".join(f"gamma_{name}" for name in [*(c.name for c in settings.comparisons), "joint"])
    rows = con.execute(
        f"select {gammas}, count(*) from ({levels_sql(settings, pairs, 'matching_prepared')}) group by all order by all"
    ).fetchnumpy()
    columns = list(rows.values())
    return Patterns(
        values=np.column_stack([np.asarray(column, dtype=np.int64) for column in columns[:-1]]),
        pairs=np.asarray(columns[-1], dtype=np.float64),
    )


def _frequencies(con: duckdb.DuckDBPyConnection, settings: PartySettings, records: str) -> dict[str, ValueCounts]:
    """Counts of frequent values of the columns whose frequency matters, and of frequent tokens of list columns."""
    features = features_sql(settings, records)
    values = {column: f"select {column} as value from ({features})" for column in settings.frequency_columns}
    tokens = {
        column: f"select unnest(list_distinct({column})) as value from ({features})"
        for column in settings.rarity_columns
    }
    return {
        column: _value_counts(con, sql, settings.frequencies.frequent_from)
        for column, sql in {**values, **tokens}.items()
    }


def _value_counts(con: duckdb.DuckDBPyConnection, values: str, frequent_from: int) -> ValueCounts:
    con.execute(
        f"""create or replace temp table matching_counted as
        select value, count(*) as records from ({values}) where value is not null group by value"""
    )
    (known, distinct), *_ = con.execute(
        "select coalesce(sum(records), 0)::bigint, count(*) from matching_counted"
    ).fetchall()
    frequent = con.execute(
        f"select value, records from matching_counted where records >= {frequent_from} order by records desc, value"
    ).fetchall()
    return ValueCounts(known=max(1, known), distinct=distinct, counts=dict(frequent))


def _maximise(model: Model, observed: Observed) -> Model:
    """Expectation and maximisation in turn until nothing moves any more, at most as often as the settings say."""
    for _ in range(model.settings.training.rounds):
        better = _learn(model, observed)
        settled = _distance(model, better) < _SETTLED
        model = better
        if settled:
            break
    return _rounded_model(model)


def _learn(model: Model, observed: Observed) -> Model:
    """One round: each pattern's probability of being one customer, then the shares that follow from it."""
    same = _match_probability(model, observed.candidates) * observed.candidates.pairs
    probability = _match_probability(model, observed.random)
    different = (1 - probability) * observed.random.pairs
    # Of pairs that only their names speak for, each round would count a little more as different: they count whole.
    clearly_different = np.where(probability < _EVEN, observed.random.pairs, 0.0)
    unmatched = observed.candidates.pairs - same
    telling = same * _teaches_by_value(model)[observed.candidates.values[:, -1]]
    training = model.settings.training
    levels = {}
    for place, comparison in enumerate(model.settings.comparisons):
        m = _capped(
            comparison,
            _level_shares(comparison, observed.candidates.values[:, place], telling, training.pseudo_matches, "m"),
        )
        u = _level_shares(comparison, observed.random.values[:, place], different, training.pseudo_pairs, "u")
        if comparison.learns == "u":
            m = _level_shares(comparison, observed.candidates.values[:, place], 0 * same, training.pseudo_matches, "m")
            u = _level_shares(
                comparison, observed.random.values[:, place], clearly_different, training.pseudo_pairs, "u"
            )
            u = {
                level: max(share, model_u)
                for (level, share), model_u in zip(u.items(), _prior_u(comparison), strict=True)
            }
        levels[comparison.name] = {name: (m[name], u[name]) for name in m}
    return replace(
        model,
        match_share=_per_pair(float(same.sum()), training.matches_per_record, model, observed),
        levels=levels,
        joint={pattern.name: _joint_share(model, pattern, observed, unmatched) for pattern in model.settings.patterns},
    )


def _joint_share(model: Model, pattern: Pattern, observed: Observed, unmatched: Numbers) -> float:
    found = _pairs_at(model, pattern, observed, unmatched)
    return _per_pair(found, pattern.joint.pairs_per_record, model, observed)


def _match_probability(model: Model, patterns: Patterns) -> Numbers:
    weight = np.full(len(patterns.pairs), model.prior_weight)
    for place, comparison in enumerate(model.settings.comparisons):
        weight += _weights_by_value(model, comparison)[patterns.values[:, place] + 1]
    weight += _joint_weights_by_value(model)[patterns.values[:, -1]]
    return 1.0 / (1.0 + np.exp2(-np.minimum(weight, _limits(model, patterns))))


def _limits(model: Model, patterns: Patterns) -> Numbers:
    """The highest match weight of each pattern of levels."""
    limits = np.full(len(patterns.pairs), math.inf)
    places = {comparison.name: place for place, comparison in enumerate(model.settings.comparisons)}
    for pattern in model.settings.patterns:
        limited = patterns.values[:, -1] == model.settings.pattern_value(pattern)
        for name, values in model.settings.level_values(pattern.joint.unless).items():
            limited &= ~np.isin(patterns.values[:, places[name]], values)
        limits[limited] = model.weight_limit(pattern)
    return limits


def _weights_by_value(model: Model, comparison: Comparison) -> Numbers:
    """Weights by level value, beginning with -1 (missing)."""
    return np.array([0.0, *(model.level_weight(comparison.name, level) for level in reversed(comparison.levels))])


def _joint_weights_by_value(model: Model) -> Numbers:
    return np.array([0.0, *(model.joint_weight(pattern) for pattern in reversed(model.settings.patterns))])


def _teaches_by_value(model: Model) -> Numbers:
    return np.array([1.0, *(float(pattern.joint.teaches) for pattern in reversed(model.settings.patterns))])


def _level_shares(
    comparison: Comparison, values: npt.NDArray[np.int64], pairs: Numbers, pseudo: float, kind: str
) -> dict[str, float]:
    """Shares of the levels among `pairs`, with the priors as so many pseudo pairs; neutral and missing are no level."""
    seen = np.bincount(values + 1, weights=pairs, minlength=len(comparison.levels) + 1)
    sums = _prior_sum(comparison)
    prior = {
        level.name: (level.m or 0.0) / sums[0] if kind == "m" else (level.u or 0.0) / sums[1]
        for level in comparison.levels
        if not level.neutral
    }
    counts = {
        name: float(seen[comparison.value_of(comparison.level(name)) + 1]) + pseudo * prior[name] for name in prior
    }
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items()}


def _capped(comparison: Comparison, m: dict[str, float]) -> dict[str, float]:
    """m with no level above its ceiling; what is cut off goes to the levels without one, in proportion."""
    ceilings = {level.name: level.m_at_most for level in comparison.levels if level.m_at_most is not None}
    fixed = {name: min(m[name], ceiling) for name, ceiling in ceilings.items()}
    free = sum(share for name, share in m.items() if name not in fixed)
    scale = (1 - sum(fixed.values())) / free
    return {name: fixed.get(name, share * scale) for name, share in m.items()}


def _pairs_at(model: Model, pattern: Pattern, observed: Observed, unmatched: Numbers) -> float:
    value = model.settings.pattern_value(pattern)
    return float(unmatched[observed.candidates.values[:, -1] == value].sum())


def _per_pair(found: float, per_record: float, model: Model, observed: Observed) -> float:
    """Share of all pairs, from pairs found around the sampled records and a prior stated per record."""
    pseudo = model.settings.training.pseudo_records / observed.sampled
    prior = 2 * per_record / max(1, model.records - 1)
    return min(0.5, (found / observed.reached + pseudo * prior) / (1 + pseudo))


def _distance(one: Model, other: Model) -> float:
    return max(abs(a - b) for a, b in zip(_parameters(one), _parameters(other), strict=True))


def _parameters(model: Model) -> list[float]:
    levels = [share for comparison in model.levels.values() for shares in comparison.values() for share in shares]
    return [model.match_share, *model.joint.values(), *levels]


def _rounded_model(model: Model) -> Model:
    return replace(
        model,
        match_share=rounded(model.match_share),
        levels={
            comparison: {level: (rounded(m), rounded(u)) for level, (m, u) in levels.items()}
            for comparison, levels in model.levels.items()
        },
        joint={name: rounded(share) for name, share in model.joint.items()},
    )
