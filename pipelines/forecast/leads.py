"""How likely an open lead becomes an opportunity, from the leads that were decided, and why.

The share of decided leads that converted is the base. A lead's channel, owner and age each move it: the share among
the leads that have it in common, diluted with 20 leads at the base, as log-odds beside the base's; the three add up,
as if they had nothing to do with each other (naive Bayes). No source says on which day a lead was lost, so a lost one
counts at every age, and age can only lower a chance: what has not converted by now is less and less likely to.
"""

import json
from datetime import date
from math import exp, log

import numpy as np
import pandas as pd
import pyarrow as pa

from pipelines.forecast.tables import PROBABILITY, arrow, probabilities, sorted_frame
from pipelines.forecast.words import Reason, reason_texts

PRIOR_LEADS = 20
AGES = (0, 8, 31, 91, 181)
"""Days at which a next group of ages begins."""
SCORE = pa.schema(
    [
        ("source_system", pa.string()),
        ("source_key", pa.string()),
        ("age_days", pa.int64()),
        ("score", PROBABILITY),
        ("status", pa.string()),
        ("reasons_en", pa.string()),
        ("reasons_zh", pa.string()),
        ("reasons", pa.string()),
    ]
)
"""Grain: open lead. score: probability of conversion; null with status no_data while no lead was ever decided."""
_KEYS = ["source_system", "source_key"]
Counts = tuple[int, int]


def scores(leads: pa.Table, today: date) -> pa.Table:
    """The open leads of `int_lead`, scored (`SCORE`), in order of their key."""
    known = sorted_frame(
        leads, _KEYS, [*_KEYS, "status", "source_channel", "owner_employee_id", "created_date", "converted_date"]
    )
    now = float((today - date(1970, 1, 1)).days)
    decided = known[known["status"].isin(["converted", "lost"])]
    waiting = known[known["status"] == "open"].reset_index(drop=True)
    waiting = waiting.assign(age=np.maximum(now - waiting["created_date"], 0))
    found = _Record(decided)
    columns = (waiting[name].tolist() for name in ("source_channel", "owner_employee_id", "age"))
    judged = [found.judge(channel, owner, age) for channel, owner, age in zip(*columns, strict=True)]
    return arrow(
        {
            **{name: waiting[name] for name in _KEYS},
            "age_days": pa.array([int(age) for age in waiting["age"]], pa.int64()),
            "score": probabilities([chance for chance, _ in judged]),
            "status": ["no_data" if np.isnan(chance) else "ok" for chance, _ in judged],
            "reasons_en": [reason_texts(reasons, "en") for _, reasons in judged],
            "reasons_zh": [reason_texts(reasons, "zh") for _, reasons in judged],
            "reasons": [json.dumps([one.as_json() for one in reasons], ensure_ascii=False) for _, reasons in judged],
        },
        SCORE,
    )


class _Record:
    """What became of decided leads, in all and by what they had in common: (converted, decided)."""

    def __init__(self, decided: pd.DataFrame) -> None:
        converted = decided["status"] == "converted"
        self.all: Counts = (int(converted.sum()), len(decided))
        self._channels = _counts(decided["source_channel"], converted)
        self._owners = _counts(decided["owner_employee_id"], converted)
        took = (decided["converted_date"] - decided["created_date"])[converted].to_numpy(dtype=float)
        lost = len(decided) - self.all[0]
        self._ages = [(later := int((took >= start).sum()), later + lost) for start in AGES]

    def judge(self, channel: str | None, owner: str | None, age: float) -> tuple[float, list[Reason]]:
        """Probability, and the reasons with the weightiest first; nan without a decided lead."""
        if not self.all[1]:
            return float("nan"), []
        group = sum(age >= start for start in AGES) - 1
        seen = (
            ("channel", channel, self._channels.get(channel)),
            ("owner", owner, self._owners.get(owner)),
            ("age", age, self._ages[group] if group > 0 else None),
        )
        reasons = [Reason(name, value, self._effect(counts), counts) for name, value, counts in seen if counts]
        odds = log(_share(self.all)) - log(1 - _share(self.all)) + sum(reason.effect for reason in reasons)
        ordered = sorted(reasons, key=lambda reason: (-abs(reason.effect), reason.feature))
        return 1 / (1 + exp(-odds)), ordered or [Reason("all_leads", None, 0.0, self.all)]

    def _effect(self, counts: Counts) -> float:
        base = _share(self.all)
        share = (counts[0] + PRIOR_LEADS * base) / (counts[1] + PRIOR_LEADS)
        return log(share / (1 - share)) - log(base / (1 - base))


def _share(counts: Counts) -> float:
    """Converted of decided, half a lead added to both outcomes so that never and always stay finite."""
    return (counts[0] + 0.5) / (counts[1] + 1)


def _counts(values: pd.Series, converted: pd.Series) -> dict[str | None, Counts]:
    grouped = converted.groupby(values)
    return {value: (int(group.sum()), len(group)) for value, group in grouped}
