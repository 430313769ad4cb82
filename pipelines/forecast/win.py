"""Which open opportunities will be won: three ways of foretelling it, judged on deals they had not seen.

base_rate: the share of closed deals that were won. stage_rate: that share among deals that reached the stage, diluted
with 20 deals at the base rate. logistic: a logistic regression (L2) on what `snapshots` knows of a deal. A richer one
is used only where its Brier score out of time (Brier 1950: mean squared difference of probability and outcome) is
lower by more than the standard error of the difference, so that chance does not choose; with fewer than 50 closed
deals nothing is learnt beyond the stage.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.forecast.tables import (
    PROBABILITY,
    arrow,
    codes,
    dates,
    first_rows,
    floats,
    group_numbers,
    in_order,
    probabilities,
)
from pipelines.forecast.words import Reason, method_words, reason_texts

METHODS = ("base_rate", "stage_rate", "logistic")
"""From the simplest to the richest."""
LEAST_DEALS = 50
PRIOR_DEALS = 20
LEAST_IN_STAGE = 20
FOLDS = 4
FOLD_DAYS = 91
SHOWN_REASONS = 3
LEAST_EFFECT = 0.05
"""Log-odds below which a feature is no reason worth telling."""
_STRENGTH = 0.1
"""Inverse of the L2 penalty on standardised features: looks at one deal are alike, so their number says too much."""
NUMBERS = ("age_days", "stage_days", "amount_ratio", "existing_customer", "activities", "owner_win_rate")

BACKTEST = pa.schema(
    [
        ("source_system", pa.string()),
        ("source_key", pa.string()),
        ("snapshot_date", pa.date32()),
        ("trained_before", pa.date32()),
        ("is_won", pa.int32()),
        *((method, PROBABILITY) for method in METHODS),
    ]
)
"""Grain: opportunity and day looked at. trained_before: the models knew only deals closed before that day."""
MODEL = pa.schema(
    [
        ("model_id", pa.string()),
        ("method", pa.string()),
        ("method_reason_en", pa.string()),
        ("method_reason_zh", pa.string()),
        ("closed_deals", pa.int64()),
        ("won_deals", pa.int64()),
        ("tested_snapshots", pa.int64()),
        ("parameters", pa.string()),
    ]
)
"""Grain: one row. parameters: JSON; a given model gives a deal the same probability for ever. model_id: its hash."""
SCORE = pa.schema(
    [
        ("source_system", pa.string()),
        ("source_key", pa.string()),
        ("stage", pa.string()),
        ("age_days", pa.int64()),
        ("stage_days", pa.int64()),
        ("win_probability", PROBABILITY),
        ("status", pa.string()),
        ("reasons_en", pa.string()),
        ("reasons_zh", pa.string()),
        ("reasons", pa.string()),
    ]
)
"""Grain: open opportunity. reasons: JSON list of feature, value, direction and effect in log-odds."""
_KEYS = ["source_system", "source_key"]
_JSON = json.JSONEncoder(ensure_ascii=False)


@dataclass(frozen=True)
class Rates:
    """Shares of closed deals won: of all, and of those that reached a stage (wins and deals)."""

    deals: int
    won: int
    stages: Mapping[str, tuple[int, int]]

    @property
    def base(self) -> float:
        """Share of all; nan without a closed deal."""
        return self.won / self.deals if self.deals else float("nan")

    def of_stage(self, stage: Any) -> float:
        """Diluted share of the stage; the base rate for a stage no closed deal reached."""
        won, deals = self.stages.get(stage, (0, 0))
        return (won + PRIOR_DEALS * self.base) / (deals + PRIOR_DEALS)


@dataclass(frozen=True)
class _Looks:
    """Looks at deals in order of key and day, as numbers: days since 1970 (nan: not known), codes (-1: none).

    deal: its number, rising; features: what the regression knows of a look but the stage, a column each of `NUMBERS`.
    """

    deal: np.ndarray
    day: np.ndarray
    closed: np.ndarray
    is_won: np.ndarray
    stage: np.ndarray
    stages: list[str]
    features: np.ndarray

    def take(self, rows: np.ndarray) -> "_Looks":
        """Those looks."""
        return _Looks(
            deal=self.deal[rows],
            day=self.day[rows],
            closed=self.closed[rows],
            is_won=self.is_won[rows],
            stage=self.stage[rows],
            stages=self.stages,
            features=self.features[rows],
        )


def backtest(snapshots: pa.Table, today: date) -> pa.Table:
    """What each method would have said on the last four quarters' looks, trained on deals closed before (`BACKTEST`).

    Only deals closed meanwhile can be judged; those of the last months that are still open are not in it.
    """
    table = _closed(snapshots)
    closed = _looks(table)
    cutoffs, told = np.full(table.num_rows, np.nan), np.full((table.num_rows, len(METHODS)), np.nan)
    now = float((today - date(1970, 1, 1)).days)
    for cutoff in (now - FOLD_DAYS * number for number in range(FOLDS, 0, -1)):
        test = np.flatnonzero((closed.day >= cutoff) & (closed.day < cutoff + FOLD_DAYS))
        train = closed.take(closed.closed < cutoff)
        rates = _rates(train)
        if len(test) and _can_learn(rates):
            cutoffs[test], told[test] = cutoff, _foretold(train, rates, closed.take(test))
    tested = np.flatnonzero(~np.isnan(cutoffs))
    columns = {name: table[name].take(pa.array(tested)) for name in (*_KEYS, "snapshot_date")}
    columns |= {"trained_before": dates(cutoffs[tested]), "is_won": closed.is_won[tested]}
    return arrow(columns | {name: probabilities(told[tested, row]) for row, name in enumerate(METHODS)}, BACKTEST)


def _foretold(train: _Looks, rates: Rates, test: _Looks) -> np.ndarray:
    """By row a look, by column one of `METHODS`."""
    by_stage = np.array([rates.of_stage(stage) for stage in (*test.stages, None)])
    logistic = _probabilities(_learn(train, rates), test)[0]
    return np.column_stack([np.full(len(logistic), rates.base), by_stage[test.stage], logistic])


def chosen_model(snapshots: pa.Table, tested: pa.Table) -> pa.Table:
    """The method to use and its parameters from all closed deals (`MODEL`)."""
    closed = _looks(_closed(snapshots))
    rates = _rates(closed)
    errors = _squared_errors(tested)
    method, why = _choice(rates, errors)
    parameters: dict[str, Any] = {"deals": rates.deals, "won": rates.won}
    if method == "stage_rate":
        parameters["stages"] = {stage: list(counts) for stage, counts in sorted(rates.stages.items())}
    if method == "logistic":
        parameters["logistic"] = _learn(closed, rates)
    text = json.dumps({"method": method, **parameters}, ensure_ascii=False, sort_keys=True)
    english, chinese = method_words(why, method, rates.deals, _briers(errors))
    return pa.Table.from_pylist(
        [
            {
                "model_id": hashlib.sha256(text.encode()).hexdigest()[:12],
                "method": method,
                "method_reason_en": english,
                "method_reason_zh": chinese,
                "closed_deals": rates.deals,
                "won_deals": rates.won,
                "tested_snapshots": tested.num_rows,
                "parameters": text,
            }
        ],
        schema=MODEL,
    )


def scores(snapshots: pa.Table, model: pa.Table) -> pa.Table:
    """Probability and reasons of every open opportunity (`SCORE`)."""
    standing = in_order(snapshots.filter(pc.equal(snapshots["status"], "open")), [*_KEYS, "snapshot_date"])
    parameters = json.loads(model["parameters"][0].as_py())
    chances, reasons = _told(parameters, standing)
    return arrow(
        {
            **{name: standing[name] for name in (*_KEYS, "stage", "age_days", "stage_days")},
            "win_probability": probabilities(chances),
            "status": ["no_data" if is_unknown else "ok" for is_unknown in np.isnan(chances)],
            "reasons_en": [reason_texts(found, "en") for found in reasons],
            "reasons_zh": [reason_texts(found, "zh") for found in reasons],
            "reasons": [_JSON.encode([reason.as_json() for reason in found]) for found in reasons],
        },
        SCORE,
    )


def _closed(snapshots: pa.Table) -> pa.Table:
    """Looks at closed deals, in order."""
    is_closed = pc.not_equal(snapshots["status"], "open")
    return in_order(snapshots.filter(is_closed), [*_KEYS, "snapshot_date"])


def _looks(table: pa.Table) -> _Looks:
    stages = pc.unique(table["stage"]).drop_null()
    return _Looks(
        deal=group_numbers(table, _KEYS),
        day=floats(table["snapshot_date"]),
        closed=floats(table["closed_date"]),
        is_won=pc.equal(table["status"], "won").to_numpy(),
        stage=codes(table["stage"], stages),
        stages=stages.to_pylist(),
        features=_bent(table),
    )


def _bent(table: pa.Table) -> np.ndarray:
    """By column one of `NUMBERS`: days and counts as logarithms; nan where not known."""
    columns = {name: floats(table[name]) for name in NUMBERS}
    for name in ("age_days", "stage_days", "activities"):
        columns[name] = np.log1p(columns[name])
    ratio = columns["amount_ratio"]
    columns["amount_ratio"] = np.log(np.where(ratio > 0, ratio, np.nan))
    return np.column_stack(list(columns.values()))


def _rates(closed: _Looks) -> Rates:
    """Each deal counts once, and once in each stage it reached."""
    deals = first_rows(closed.deal)
    staged = np.flatnonzero(closed.stage >= 0)
    reached = closed.deal[staged] * len(closed.stages) + closed.stage[staged]
    once = staged[np.unique(reached, return_index=True)[1]]
    by_stage = zip(
        *(_counts(closed.stage[rows], closed.stages) for rows in (once[closed.is_won[once]], once)), strict=True
    )
    stages = {stage: counts for stage, counts in zip(closed.stages, by_stage, strict=True) if counts[1]}
    return Rates(len(deals), int(closed.is_won[deals].sum()), stages)


def _counts(stage: np.ndarray, stages: Sequence[str]) -> list[int]:
    return np.bincount(stage, minlength=len(stages)).tolist()


def _can_learn(rates: Rates) -> bool:
    return rates.deals >= LEAST_DEALS and 0 < rates.won < rates.deals


def _choice(rates: Rates, errors: pd.DataFrame) -> tuple[str, str]:
    """The method, and the key of the reason for it."""
    if not rates.deals:
        return "no_data", "nothing_closed"
    if not _can_learn(rates):
        return ("stage_rate" if rates.stages else "base_rate"), "few_deals"
    if errors.empty:
        return ("stage_rate" if rates.stages else "base_rate"), "untested"
    return _least_brier(errors), "least_brier"


def _squared_errors(tested: pa.Table) -> pd.DataFrame:
    """Per look tested the squared error of each method; by number of the deal, in order of key and day."""
    ordered = in_order(tested, [*_KEYS, "snapshot_date"])
    is_won = floats(ordered["is_won"])
    errors = {method: (floats(ordered[method]) - is_won) ** 2 for method in METHODS}
    return pd.DataFrame(errors, index=group_numbers(ordered, _KEYS))


def _least_brier(errors: pd.DataFrame) -> str:
    """The richest method that is better than the best simpler one by more than a standard error."""
    best = METHODS[0]
    for method in METHODS[1:]:
        gain = errors[best] - errors[method]
        # looks at one deal share its outcome: the deals are what is independent
        by_deal = (gain - gain.mean()).groupby(level=0).sum()
        if gain.sum() > np.sqrt((by_deal**2).sum()):
            best = method
    return best


def _briers(errors: pd.DataFrame) -> dict[str, float]:
    """Brier score by method, rounded as published; none without a test."""
    if errors.empty:
        return {}
    return {method: round(float(errors[method].mean()), 6) for method in METHODS}


def _told(parameters: dict[str, Any], deals: pa.Table) -> tuple[np.ndarray, list[list[Reason]]]:
    rates = Rates(
        parameters["deals"],
        parameters["won"],
        {stage: (won, count) for stage, (won, count) in parameters.get("stages", {}).items()},
    )
    if parameters["method"] == "logistic":
        return _logistic_reasons(parameters["logistic"], deals)
    if parameters["method"] == "stage_rate":
        stages = deals["stage"].to_pylist()
        chances = np.array([rates.of_stage(stage) for stage in stages], dtype=float)
        return chances, [[_stage_reason(rates, stage)] for stage in stages]
    reasons = [Reason("base_rate", None, 0.0, (rates.won, rates.deals))] if rates.deals else []
    return np.full(deals.num_rows, rates.base), [reasons] * deals.num_rows


def _stage_reason(rates: Rates, stage: Any) -> Reason:
    if stage not in rates.stages:
        return Reason("base_rate", None, 0.0, (rates.won, rates.deals))
    chance = min(max(rates.of_stage(stage), 1e-6), 1 - 1e-6)
    base = min(max(rates.base, 1e-6), 1 - 1e-6)
    effect = float(np.log(chance / (1 - chance)) - np.log(base / (1 - base)))
    return Reason("stage_rate", stage, effect, rates.stages[stage])


def _learn(closed: _Looks, rates: Rates) -> dict[str, Any]:
    """Weights of a logistic regression on standardised features, as plain numbers of 9 decimals.

    One thread, and a solver that ends at the optimum itself: the same numbers on any machine's number of threads.
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    stages = sorted(stage for stage, (_, deals) in rates.stages.items() if deals >= LEAST_IN_STAGE)
    values = _design(closed, stages)
    unknown = np.isnan(values)
    counts = len(values) - unknown.sum(axis=0)
    values[unknown] = 0
    means = np.divide(values.sum(axis=0), counts, out=np.zeros(values.shape[1]), where=counts > 0)
    values -= means
    values[unknown] = 0
    spread = np.sqrt((values**2).sum(axis=0) / np.maximum(counts, 1))
    spread = np.where(spread > 1e-9, spread, 1.0)
    values /= spread
    with threadpool_limits(1):
        fitted = LogisticRegression(C=_STRENGTH, solver="newton-cholesky", tol=1e-8, max_iter=200).fit(
            values, closed.is_won
        )
    return {
        "stages": stages,
        "means": _numbers(means),
        "spreads": _numbers(spread),
        "weights": _numbers(fitted.coef_[0]),
        "intercept": round(float(fitted.intercept_[0]), 9),
    }


def _numbers(values: np.ndarray) -> list[float]:
    return [round(float(value), 9) for value in values]


def _design(looks: _Looks, stages: Sequence[str]) -> np.ndarray:
    """Columns of the regression: the features, then one column per stage; nan where not known."""
    places = {stage: place for place, stage in enumerate(looks.stages)}
    values = np.empty((len(looks.stage), len(NUMBERS) + len(stages)))
    values[:, : len(NUMBERS)] = looks.features
    for column, stage in enumerate(stages, len(NUMBERS)):
        values[:, column] = looks.stage == places.get(stage)
    values[looks.stage < 0, len(NUMBERS) :] = np.nan
    return values


def _probabilities(learnt: Mapping[str, Any], looks: _Looks) -> tuple[np.ndarray, np.ndarray]:
    """Probability per look, and per look and column the share in the log-odds (0 where the feature is not known)."""
    raw = _design(looks, learnt["stages"])
    centred = np.where(np.isnan(raw), 0.0, raw - np.array(learnt["means"]))
    shares = centred / np.array(learnt["spreads"]) * np.array(learnt["weights"])
    return 1 / (1 + np.exp(-(learnt["intercept"] + shares.sum(axis=1)))), shares


def _logistic_reasons(learnt: Mapping[str, Any], deals: pa.Table) -> tuple[np.ndarray, list[list[Reason]]]:
    chances, shares = _probabilities(learnt, _looks(deals))
    effects = np.column_stack([shares[:, : len(NUMBERS)], shares[:, len(NUMBERS) :].sum(axis=1)])
    names = (*NUMBERS, "stage")
    values = [deals[name].to_pylist() for name in names]
    found: list[list[Reason]] = [[] for _ in chances]
    for row, column in np.argwhere(np.abs(effects) >= LEAST_EFFECT).tolist():
        effect = round(float(effects[row, column]), 6)
        found[row].append(Reason(names[column], values[column][row], effect))
    return chances, [
        sorted(reasons, key=lambda reason: (-abs(reason.effect), reason.feature))[:SHOWN_REASONS] for reasons in found
    ]
