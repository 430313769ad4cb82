"""Candidate pairs -> scored pairs, and a scored pair in words.

What a pair's score is depends on its two records and the model alone: scoring a few changed records against all gives
the rows that scoring everything would give for them.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.customers.matching.blocking import store_pairs
from pipelines.customers.matching.comparisons import (
    JOINT,
    NO_JOINT,
    compared_columns,
    frequency_weight_columns,
    levels_sql,
    weights_sql,
)
from pipelines.customers.matching.model import Model
from pipelines.customers.matching.prepare import number_records, register_frequencies, store_keys, store_prepared
from pipelines.customers.settings import Comparison, Pattern

WEIGHT_DECIMALS = 6
_SHOWN = 0.005
"""Bits from which a reason is told: less is written as 0.00."""
LIMIT = "limit"
"""Name of the reason that stands for what a joint pattern's `at_most` cuts off."""
RARITY = "rarity:"
"""Prefix of the evidence entries that hold what a value's frequency adds to the weight of its comparison's level."""


def score(
    con: duckdb.DuckDBPyConnection,
    records: str,
    model: Model,
    into: str,
    changed: str | None = None,
    keys: str | None = None,
) -> None:
    """Write table `into`: the pairs of the model's party type that are at least worth keeping.

    Grain: pair, record_id_l < record_id_r, ordered. Columns: record_id_l, record_id_r, match_weight (bits),
    match_probability, evidence (JSON: comparison -> level value, -1 where a side has no value; `rarity:` in bits).
    `changed` names a table of record_id: then only pairs with at least one of these records, found from their side;
    `records` need then hold no others than what `reached` finds.
    `keys` names the table that `blocking_keys` wrote for the records; without it they are worked out here.
    """
    number_records(con, model.settings, records)
    store_keys(con, model.settings, records, keys)
    if changed is not None:
        con.execute(
            f"create or replace temp table matching_changed as"
            f" select record_no from matching_numbered semi join {changed} using (record_id)"
        )
    store_pairs(con, model.stop_keys, "matching_pairs", "matching_changed" if changed is not None else None)
    con.execute(
        """create or replace temp table matching_involved as
        select record_no_l as record_no from matching_pairs union select record_no_r from matching_pairs"""
    )
    register_frequencies(con, model)
    store_prepared(con, model, records, compared_columns(model.settings), "matching_prepared", only="matching_involved")
    keep = model.settings.thresholds.keep
    con.execute(f"create or replace table {into} as {scored_sql(model, math.log2(keep / (1 - keep)))}")


def scored_sql(model: Model, least_weight: float | None) -> str:
    """The pairs of `matching_pairs` from that match weight on, all of them without one; columns: see `score`."""
    levels = levels_sql(model.settings, "matching_pairs", "matching_prepared")
    limit = _limit_sql(model)
    return f"""
        select l.record_id as record_id_l, r.record_id as record_id_r,
            round(least(match_weight, {limit}), {WEIGHT_DECIMALS}) as match_weight,
            round(1 / (1 + pow(2, -least(match_weight, {limit}))), {WEIGHT_DECIMALS}) as match_probability,
            {_evidence_sql(model)} as evidence
        from ({weights_sql(model, levels, least_weight)}) as scored
        join matching_numbered as l on l.record_no = record_no_l
        join matching_numbered as r on r.record_no = record_no_r
        order by record_id_l, record_id_r"""


def _limit_sql(model: Model) -> str:
    """The highest match weight that a pair's joint pattern allows; null, which `least` passes over, without one."""
    limits = [
        f" when {_is_limited(model, pattern)} then {model.weight_limit(pattern)}"
        for pattern in model.settings.patterns
        if pattern.joint.at_most is not None
    ]
    return f"(case{''.join(limits)} end)" if limits else "null"


def _is_limited(model: Model, pattern: Pattern) -> str:
    own = model.settings.level_values(pattern.joint.unless).items()
    lifted = "".join(f" and gamma_{name} not in ({', '.join(map(str, values))})" for name, values in own)
    return f"gamma_{JOINT} = {model.settings.pattern_value(pattern)}{lifted}"


def _evidence_sql(model: Model) -> str:
    """JSON text with the levels of all comparisons, in the settings' order, and rarities that are not 0."""
    entries = [f"""'"{comparison.name}": ' || gamma_{comparison.name}""" for comparison in model.settings.comparisons]
    entries.append(f"""'"{JOINT}": ' || {f"gamma_{JOINT}" if model.settings.joint else f"'{NO_JOINT}'"}""")
    for name, column in frequency_weight_columns(model.settings).items():
        weight = f"round({column}, {WEIGHT_DECIMALS})"
        entries.append(f"""case when {weight} <> 0 then '"{RARITY}{name}": ' || {weight} end""")
    return "'{' || concat_ws(', ', " + ", ".join(entries) + ") || '}'"


@dataclass(frozen=True)
class Reason:
    """What one comparison adds to a pair's match weight. Grain: pair x comparison. `weight` in bits."""

    comparison: str
    comparison_zh: str
    comparison_en: str
    level: str
    zh: str
    en: str
    weight: float


def describe(model: Model, pair: Mapping[str, Any]) -> list[Reason]:
    """A scored pair in words: where the odds start, then a reason per comparison; the weights add up to `match_weight`.

    Comparisons without evidence (a side has no value) are left out. KeyError when the pair's evidence was written under
    other settings.
    """
    evidence = json.loads(pair["evidence"])
    reasons = [
        _reason(model, comparison, evidence[comparison.name], evidence.get(RARITY + comparison.name, 0.0))
        for comparison in model.settings.comparisons
        if evidence[comparison.name] >= 0
    ]
    for pattern in model.settings.patterns:
        if evidence[JOINT] == model.settings.pattern_value(pattern):
            reasons += _joint_reasons(model, pattern, reasons, pair["match_weight"])
    start = round(pair["match_weight"] - sum(reason.weight for reason in reasons), WEIGHT_DECIMALS)
    return [Reason("start", "起点", "start", "start", _START_ZH, _START_EN, start), *reasons]


_START_ZH = "任意两条记录属于同一客户的可能性"
_START_EN = "how likely any two records are one customer"
_LIMIT_ZH = "最高{:.0%}，因为：{}"
_LIMIT_EN = "limited to {:.0%} because: {}"


def _reason(model: Model, comparison: Comparison, value: int, rarity: float) -> Reason:
    level = comparison.levels[len(comparison.levels) - 1 - value]
    weight = round(model.level_weight(comparison.name, level) + rarity, WEIGHT_DECIMALS)
    return Reason(comparison.name, comparison.zh, comparison.en, level.name, level.zh, level.en, weight)


def _joint_reasons(model: Model, pattern: Pattern, reasons: Sequence[Reason], match_weight: float) -> list[Reason]:
    """What the pattern takes off, and what its highest probability cuts off above that; without what is nothing."""
    joint = pattern.joint
    taken = round(model.joint_weight(pattern), WEIGHT_DECIMALS)
    cut = round(match_weight - model.prior_weight - sum(reason.weight for reason in reasons) - taken, WEIGHT_DECIMALS)
    found = []
    if abs(taken) >= _SHOWN:
        found.append(Reason(JOINT, "共同特征", "shared agreements", pattern.name, joint.zh, joint.en, taken))
    if joint.at_most is not None and cut <= -_SHOWN:
        zh, en = _LIMIT_ZH.format(joint.at_most, joint.zh), _LIMIT_EN.format(joint.at_most, joint.en)
        found.append(Reason(LIMIT, "上限", "limit", pattern.name, zh, en, cut))
    return found
