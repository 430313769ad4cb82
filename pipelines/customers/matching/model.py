"""A trained model: everything that decides a score, so that it scores the same pair the same for ever.

Holds parameters, frozen frequencies and frozen stop keys together with the settings they were trained for. Nothing
here reads records.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pipelines.customers.settings import Level, PartySettings, Pattern

RETRAIN_GROWTH = 2
"""A model serves until the records have doubled: by then a match is half as likely, and new values are frequent."""

DIGITS = 6
"""Significant digits that parameters keep: more would carry noise of the arithmetic, not knowledge."""


@dataclass(frozen=True)
class ValueCounts:
    """Frozen counts of a column's frequent values. Grain: value. `known` records have a value at all."""

    known: int
    distinct: int
    counts: Mapping[str, int]

    def share(self, value: str, rarest: float) -> float:
        """Share of records with this value; values that are not frequent all have the same share."""
        return rounded(max(self.counts[value] / self.known, rarest)) if value in self.counts else self.other(rarest)

    def other(self, rarest: float) -> float:
        """Mean share of a value that is not among the frequent ones."""
        values = self.distinct - len(self.counts)
        if values <= 0:
            return rounded(rarest)
        return rounded(max((self.known - sum(self.counts.values())) / values / self.known, rarest))


@dataclass(frozen=True)
class Model:
    """A trained model of one party type.

    `levels`: comparison -> level -> (m, u), the shares of the level among pairs of one and of different customers.
    `joint`: pattern -> how often different customers show the whole pattern, share of all pairs.
    `stop_keys`: hashes of blocking keys that too many records shared.
    """

    settings: PartySettings
    records: int
    match_share: float
    levels: Mapping[str, Mapping[str, tuple[float, float]]]
    joint: Mapping[str, float] = field(default_factory=dict)
    frequencies: Mapping[str, ValueCounts] = field(default_factory=dict)
    stop_keys: tuple[int, ...] = ()

    @property
    def settings_hash(self) -> str:
        """Hash of the settings this model was trained for."""
        return self.settings.hash

    def needs_training(self, settings_hash: str, records: int) -> bool:
        """True when the settings are others or the records have doubled (or halved) since training."""
        if settings_hash != self.settings_hash:
            return True
        return not self.records <= records * RETRAIN_GROWTH <= self.records * RETRAIN_GROWTH**2

    @property
    def prior_weight(self) -> float:
        """Log2 odds that two records drawn at random are one customer."""
        return math.log2(self.match_share / (1 - self.match_share))

    def level_weight(self, comparison: str, level: Level) -> float:
        """Log2 of m / u (Fellegi and Sunter 1969): what the level adds to a pair's match weight."""
        if level.neutral:
            return 0.0
        m, u = self.levels[comparison][level.name]
        return math.log2(m / u)

    def joint_weight(self, pattern: Pattern) -> float:
        """What a pattern of shared agreements takes off the sum of its levels' weights; never above 0."""
        return min(0.0, math.log2(self.joint_chance(pattern) / self.joint[pattern.name]))

    def weight_limit(self, pattern: Pattern) -> float:
        """The highest match weight (bits) that a pair of this pattern can have; infinite if settings name none."""
        limit = pattern.joint.at_most
        return math.inf if limit is None else math.log2(limit / (1 - limit))

    def joint_chance(self, pattern: Pattern) -> float:
        """How often different customers would show the pattern if its agreements were independent."""
        return math.prod(
            sum(self.levels[comparison][level][1] for level in levels) for comparison, levels in pattern.levels.items()
        )

    def to_json(self) -> str:
        """The model as JSON text with sorted keys: equal models give equal text."""
        state = {**asdict(replace(self, settings=None)), "settings": self.settings.model_dump(mode="json")}  # type: ignore[arg-type]
        return json.dumps(state, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Model":
        """The model that `to_json` wrote; ValueError when the text is something else."""
        state: dict[str, Any] = json.loads(text)
        return cls(
            settings=PartySettings.model_validate(state["settings"]),
            records=state["records"],
            match_share=state["match_share"],
            levels={
                comparison: {level: (m, u) for level, (m, u) in levels.items()}
                for comparison, levels in state["levels"].items()
            },
            joint=state["joint"],
            frequencies={column: ValueCounts(**counts) for column, counts in state["frequencies"].items()},
            stop_keys=tuple(state["stop_keys"]),
        )


def rounded(share: float) -> float:
    """A parameter with `DIGITS` significant digits."""
    return float(f"{share:.{DIGITS - 1}e}")
