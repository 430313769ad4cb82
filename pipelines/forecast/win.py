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

from pipelines.forecast.tables import PROBABILITY, arrow, dates, decimals, sorted_frame
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


def backtest(snapshots: pa.Table, today: date) -> pa.Table:
    """What each method would have said on the last four quarters' looks, trained on deals closed before (`BACKTEST`).

    Only deals closed meanwhile can be judged; those of the last months that are still open are not in it.
    """
    seen = _frame(snapshots)
    closed = seen[seen["status"] != "open"]
    now = float((today - date(1970, 1, 1)).days)
    folds = [_fold(closed, now - FOLD_DAYS * number) for number in range(FOLDS, 0, -1)]
    tested = pd.concat([fold for fold in folds if fold is not None] or [_fold_columns(closed[:0], 0.0)])
    tested = tested.sort_values([*_KEYS, "snapshot_date"], kind="stable")
    columns = {name: tested[name] for name in _KEYS} | {"is_won": tested["is_won"].astype("int32")}
    columns |= {name: dates(tested[name]) for name in ("snapshot_date", "trained_before")}
    return arrow(columns | {name: decimals(tested[name], PROBABILITY, 6) for name in METHODS}, BACKTEST)


def _fold(closed: pd.DataFrame, cutoff: float) -> pd.DataFrame | None:
    train = closed[closed["closed_date"] < cutoff]
    in_fold = (closed["snapshot_date"] >= cutoff) & (closed["snapshot_date"] < cutoff + FOLD_DAYS)
    test = closed[in_fold]
    if test.empty or not _can_learn(train):
        return None
    rates = _rates(train)
    return _fold_columns(test, cutoff).assign(
        base_rate=rates.base,
        stage_rate=[rates.of_stage(stage) for stage in test["stage"]],
        logistic=_probabilities(_learn(train), test)[0],
    )


def _fold_columns(test: pd.DataFrame, cutoff: float) -> pd.DataFrame:
    blank = dict.fromkeys(METHODS, np.nan)
    return test[[*_KEYS, "snapshot_date"]].assign(
        is_won=(test["status"] == "won").astype(int), trained_before=cutoff, **blank
    )


def chosen_model(snapshots: pa.Table, tested: pa.Table) -> pa.Table:
    """The method to use and its parameters from all closed deals (`MODEL`)."""
    seen = _frame(snapshots)
    closed = seen[seen["status"] != "open"]
    rates = _rates(closed)
    briers = _briers(tested)
    method, why = _choice(closed, rates, tested)
    parameters: dict[str, Any] = {"deals": rates.deals, "won": rates.won}
    if method == "stage_rate":
        parameters["stages"] = {stage: list(counts) for stage, counts in sorted(rates.stages.items())}
    if method == "logistic":
        parameters["logistic"] = _learn(closed)
    text = json.dumps({"method": method, **parameters}, ensure_ascii=False, sort_keys=True)
    english, chinese = method_words(why, method, rates.deals, briers)
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
    seen = _frame(snapshots)
    standing = seen[seen["status"] == "open"].reset_index(drop=True)
    parameters = json.loads(model["parameters"][0].as_py())
    chances, reasons = _told(parameters, standing)
    return arrow(
        {
            **{name: standing[name] for name in (*_KEYS, "stage")},
            **{name: _whole(standing[name]) for name in ("age_days", "stage_days")},
            "win_probability": decimals(chances, PROBABILITY, 6),
            "status": ["no_data" if np.isnan(chance) else "ok" for chance in chances],
            "reasons_en": [reason_texts(found, "en") for found in reasons],
            "reasons_zh": [reason_texts(found, "zh") for found in reasons],
            "reasons": [json.dumps([reason.as_json() for reason in found], ensure_ascii=False) for found in reasons],
        },
        SCORE,
    )


def _whole(values: pd.Series) -> pa.Array:
    return pa.array([None if np.isnan(value) else int(value) for value in values], pa.int64())


def _frame(snapshots: pa.Table) -> pd.DataFrame:
    columns = [*_KEYS, "snapshot_date", "status", "closed_date", "stage", *NUMBERS]
    return sorted_frame(snapshots, [*_KEYS, "snapshot_date"], columns)


def _rates(closed: pd.DataFrame) -> Rates:
    """Each deal counts once, and once in each stage it reached."""
    deals = closed.drop_duplicates(_KEYS)
    staged = closed[closed["stage"].notna()].drop_duplicates([*_KEYS, "stage"])
    won = (staged["status"] == "won").groupby(staged["stage"])
    stages = {str(stage): (int(group.sum()), len(group)) for stage, group in won}
    return Rates(len(deals), int((deals["status"] == "won").sum()), stages)


def _can_learn(closed: pd.DataFrame) -> bool:
    deals = closed.drop_duplicates(_KEYS)
    return len(deals) >= LEAST_DEALS and deals["status"].nunique() == 2


def _choice(closed: pd.DataFrame, rates: Rates, tested: pa.Table) -> tuple[str, str]:
    """The method, and the key of the reason for it."""
    if not rates.deals:
        return "no_data", "nothing_closed"
    if not _can_learn(closed):
        return ("stage_rate" if rates.stages else "base_rate"), "few_deals"
    if not tested.num_rows:
        return ("stage_rate" if rates.stages else "base_rate"), "untested"
    return _least_brier(tested), "least_brier"


def _least_brier(tested: pa.Table) -> str:
    """The richest method that is better than the best simpler one by more than a standard error."""
    frame = sorted_frame(tested, [*_KEYS, "snapshot_date"], [*_KEYS, "is_won", *METHODS])
    best = METHODS[0]
    for method in METHODS[1:]:
        gain = (frame[best] - frame["is_won"]) ** 2 - (frame[method] - frame["is_won"]) ** 2
        # looks at one deal share its outcome: the deals are what is independent
        by_deal = (gain - gain.mean()).groupby([frame[name] for name in _KEYS]).sum()
        if gain.sum() > np.sqrt((by_deal**2).sum()):
            best = method
    return best


def _briers(tested: pa.Table) -> dict[str, float]:
    """Brier score by method, rounded as published; none without a test."""
    if not tested.num_rows:
        return {}
    frame = sorted_frame(tested, [*_KEYS, "snapshot_date"], ["is_won", *METHODS])
    return {method: round(float(np.mean((frame[method] - frame["is_won"]) ** 2)), 6) for method in METHODS}


def _told(parameters: dict[str, Any], deals: pd.DataFrame) -> tuple[np.ndarray, list[list[Reason]]]:
    rates = Rates(
        parameters["deals"],
        parameters["won"],
        {stage: (won, count) for stage, (won, count) in parameters.get("stages", {}).items()},
    )
    if parameters["method"] == "logistic":
        return _logistic_reasons(parameters["logistic"], deals)
    if parameters["method"] == "stage_rate":
        chances = np.array([rates.of_stage(stage) for stage in deals["stage"]], dtype=float)
        return chances, [[_stage_reason(rates, stage)] for stage in deals["stage"]]
    reasons = [Reason("base_rate", None, 0.0, (rates.won, rates.deals))] if rates.deals else []
    return np.full(len(deals), rates.base), [reasons] * len(deals)


def _stage_reason(rates: Rates, stage: Any) -> Reason:
    if stage not in rates.stages:
        return Reason("base_rate", None, 0.0, (rates.won, rates.deals))
    chance = min(max(rates.of_stage(stage), 1e-6), 1 - 1e-6)
    base = min(max(rates.base, 1e-6), 1 - 1e-6)
    effect = float(np.log(chance / (1 - chance)) - np.log(base / (1 - base)))
    return Reason("stage_rate", stage, effect, rates.stages[stage])


def _learn(closed: pd.DataFrame) -> dict[str, Any]:
    """Weights of a logistic regression on standardised features, as plain numbers of 9 decimals.

    One thread, and a solver that ends at the optimum itself: the same numbers on any machine's number of threads.
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    deals = closed.drop_duplicates([*_KEYS, "stage"])["stage"].value_counts()
    stages = sorted(str(stage) for stage in deals.index[deals >= LEAST_IN_STAGE])
    raw = _design(closed, stages)
    known = ~np.isnan(raw)
    counts = known.sum(axis=0)
    means = np.divide(np.where(known, raw, 0).sum(axis=0), counts, out=np.zeros(raw.shape[1]), where=counts > 0)
    centred = np.where(known, raw - means, 0.0)
    spread = np.sqrt((centred**2).sum(axis=0) / np.maximum(counts, 1))
    spread = np.where(spread > 1e-9, spread, 1.0)
    with threadpool_limits(1):
        fitted = LogisticRegression(C=_STRENGTH, solver="newton-cholesky", tol=1e-8, max_iter=200).fit(
            centred / spread, (closed["status"] == "won").to_numpy()
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


def _design(deals: pd.DataFrame, stages: Sequence[str]) -> np.ndarray:
    """Columns of the regression: days and counts as logarithms, then one column per stage; nan where not known."""
    bent = {name: np.log1p(deals[name].to_numpy(dtype=float)) for name in ("age_days", "stage_days", "activities")}
    ratio = deals["amount_ratio"].to_numpy(dtype=float)
    bent["amount_ratio"] = np.log(np.where(ratio > 0, ratio, np.nan))
    columns = [bent.get(name, deals[name].to_numpy(dtype=float)) for name in NUMBERS]
    unknown = deals["stage"].isna().to_numpy()
    columns += [np.where(unknown, np.nan, (deals["stage"] == stage).to_numpy(dtype=float)) for stage in stages]
    return np.column_stack(columns)


def _probabilities(learnt: Mapping[str, Any], deals: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Probability per deal, and per deal and column the share in the log-odds (0 where the feature is not known)."""
    raw = _design(deals, learnt["stages"])
    centred = np.where(np.isnan(raw), 0.0, raw - np.array(learnt["means"]))
    shares = centred / np.array(learnt["spreads"]) * np.array(learnt["weights"])
    return 1 / (1 + np.exp(-(learnt["intercept"] + shares.sum(axis=1)))), shares


def _logistic_reasons(learnt: Mapping[str, Any], deals: pd.DataFrame) -> tuple[np.ndarray, list[list[Reason]]]:
    chances, shares = _probabilities(learnt, deals)
    effects = np.column_stack([shares[:, : len(NUMBERS)], shares[:, len(NUMBERS) :].sum(axis=1)])
    values = [deals[name].tolist() for name in (*NUMBERS, "stage")]
    found = []
    for row, effect in enumerate(effects):
        reasons = [
            Reason(feature, column[row], round(float(share), 6))
            for feature, column, share in zip((*NUMBERS, "stage"), values, effect, strict=True)
            if abs(share) >= LEAST_EFFECT
        ]
        found.append(sorted(reasons, key=lambda reason: (-abs(reason.effect), reason.feature))[:SHOWN_REASONS])
    return chances, found
