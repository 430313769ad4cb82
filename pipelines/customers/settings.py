"""The one settings scheme of matching: what is compared and how, which pairs are looked at, priors and thresholds.

`settings.yaml` beside this file holds the values, a section per party type, written for analysts. This module checks
them and turns the short forms of a level into SQL; it runs no SQL.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

SETTINGS_FILE = Path(__file__).with_name("settings.yaml")

MASK = "_mask"
"""Ending of the column beside a rarity feature: a bit (of 64) per uncommon word; no bit shared, no word shared."""

PartyType = Literal["person", "organisation"]

Columns = str | list[str]


class SettingsError(Exception):
    """The matching settings cannot be used; names the file, the place in it and what was expected."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Level(_Strict):
    """One degree of agreement of a comparison. A pair takes the first level, from the top, whose conditions hold."""

    name: str = Field(description="short name, unique in the comparison; kept with every scored pair's evidence")
    zh: str = Field(description="what a reader is told, in Chinese")
    en: str = Field(description="what a reader is told, in English")
    same: Columns | None = Field(None, description="columns that are equal on both sides")
    crossed: tuple[str, str] | None = Field(None, description="one side's first column equals the other's second one")
    similar: dict[str, float] | None = Field(None, description="column: least Jaro-Winkler similarity, 0 to 1")
    edits: dict[str, int] | None = Field(None, description="column: most single-letter edits or swapped neighbours")
    shares: dict[str, float] | None = Field(
        None, description="rarity feature: least share, by rarity, of both sides' words that are common to both"
    )
    contains: dict[str, float] | None = Field(
        None, description="rarity feature: least share, by rarity, of the shorter side's words that the other one has"
    )
    one_suffices: bool = Field(False, description="true: one of the conditions is enough, not all are needed")
    when: str | None = Field(None, description="any SQL condition over <column>_l and <column>_r")
    otherwise: bool = Field(False, description="true for the last level: nothing above holds")
    neutral: bool = Field(False, description="true: the level says nothing for or against, its weight is 0")
    m: float | None = Field(None, gt=0, lt=1, description="prior share of this level among pairs of one customer")
    u: float | None = Field(None, gt=0, lt=1, description="prior share of this level among pairs of two customers")
    m_at_most: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="ceiling of m: keeps training from taking relatives or sister firms for one customer",
    )
    frequency: str | None = Field(
        None, description="column whose frequent values count less at this level, and rare ones more"
    )

    @model_validator(mode="after")
    def _is_complete(self) -> "Level":
        conditions = (self.same, self.crossed, self.similar, self.edits, self.shares, self.contains, self.when)
        if self.otherwise == any(condition is not None for condition in conditions):
            raise ValueError(f"level {self.name}: give a condition, or `otherwise: true`, not both")
        if self.neutral == (self.m is not None) or self.neutral == (self.u is not None):
            raise ValueError(f"level {self.name}: give the priors m and u, or `neutral: true`, not both")
        return self

    @property
    def sql(self) -> str:
        """The condition over the columns of the left and the right record; 'ELSE' for the last level."""
        if self.otherwise:
            return "ELSE"
        return (" or " if self.one_suffices else " and ").join(f"({condition})" for condition in self._conditions())

    def _conditions(self) -> Iterator[str]:
        for column in _listed(self.same):
            yield f"{column}_l = {column}_r"
        if self.crossed:
            one, other = self.crossed
            yield f"{one}_l = {other}_r or {other}_l = {one}_r"
        for column, least in (self.similar or {}).items():
            yield f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}"
        for column, most in (self.edits or {}).items():
            yield f"within_edits({column}_l, {column}_r, {most})"
        for feature, least in (self.shares or {}).items():
            yield f"{_share_a_word(feature)} and shared_rarity({feature}_l, {feature}_r) >= {least}"
        for feature, least in (self.contains or {}).items():
            yield f"{_share_a_word(feature)} and contained_rarity({feature}_l, {feature}_r) >= {least}"
        if self.when:
            yield self.when


class Comparison(_Strict):
    """One aspect of two records, judged in levels. Aspects should say things that are independent of each other."""

    name: str
    zh: str
    en: str
    needs: Columns = Field(description="columns that both records must have; otherwise the comparison says nothing")
    missing: str | None = Field(None, description="further SQL condition under which the comparison says nothing")
    learns: Literal["m and u", "u"] = Field(
        "m and u",
        description="u: m stays the prior, where records alike in all else are often two customers (a group's firms)",
    )
    levels: list[Level] = Field(min_length=2)

    @model_validator(mode="after")
    def _ends_with_otherwise(self) -> "Comparison":
        if [level.otherwise for level in self.levels] != [False] * (len(self.levels) - 1) + [True]:
            raise ValueError(f"comparison {self.name}: exactly the last level must be `otherwise: true`")
        names = [level.name for level in self.levels]
        if len(set(names)) != len(names):
            raise ValueError(f"comparison {self.name}: level names must be unique")
        return self

    @property
    def missing_sql(self) -> str:
        """The condition under which this comparison is no evidence either way."""
        conditions = [f"{column}_l is null or {column}_r is null" for column in _listed(self.needs)]
        return " or ".join([*conditions, *([f"({self.missing})"] if self.missing else [])])

    def value_of(self, level: Level) -> int:
        """The number that stands for the level in a pair's evidence: 0 for the last one, upwards; -1: missing."""
        return len(self.levels) - 1 - self.levels.index(level)

    def level(self, name: str) -> Level:
        """The level of that name; KeyError otherwise."""
        for level in self.levels:
            if level.name == name:
                return level
        raise KeyError(f"comparison {self.name} has no level {name}")


class Joint(_Strict):
    """Agreements that different customers share in company, as relatives share name, home and phone.

    Taken one by one such agreements would count several times. Where all of `levels` hold, they count together as often
    as pairs of different customers show all of them: at first `pairs_per_record`, then as seen in the records.
    """

    name: str
    zh: str
    en: str
    levels: dict[str, list[str]] = Field(min_length=1, description="comparison: levels that belong to the pattern")
    also: dict[str, list[str]] = Field({}, description="comparison: further levels that must hold and count as usual")
    optional: dict[str, list[str]] = Field(
        {}, description="comparison: levels that belong to the pattern where they hold, but need not hold"
    )
    pairs_per_record: float = Field(gt=0, description="prior: pairs of different customers like this, per record")
    teaches: bool = Field(
        True, description="false: how one customer's records differ is not learnt from such pairs, they may be either"
    )
    at_most: float | None = Field(
        None, gt=0, lt=1, description="probability that such a pair never exceeds, whatever else agrees: people decide"
    )
    unless: dict[str, list[str]] = Field(
        {}, description="comparison: levels of a customer's own; one of them, and at_most does not hold"
    )

    @property
    def patterns(self) -> list["Pattern"]:
        """The patterns with and without each optional comparison, those with most of them first."""
        chosen = [
            names for count in range(len(self.optional), -1, -1) for names in combinations(sorted(self.optional), count)
        ]
        return [
            Pattern(
                name="+".join((self.name, *names)),
                joint=self,
                levels={**self.levels, **{name: self.optional[name] for name in names}},
            )
            for names in chosen
        ]


@dataclass(frozen=True)
class Pattern:
    """A joint pattern with some of its optional comparisons: all of `levels` and of `joint.also` hold."""

    name: str
    joint: Joint
    levels: Mapping[str, Sequence[str]]


class Feature(_Strict):
    """A column that matching derives from the normalised ones before it compares."""

    name: str
    why: str
    sql: str | None = Field(None, description="expression over normalised columns and features above")
    rarity_of: str | None = Field(
        None, description="list column: its tokens with how rare each one is, for shared_rarity"
    )

    @model_validator(mode="after")
    def _has_one_source(self) -> "Feature":
        if (self.sql is None) == (self.rarity_of is None):
            raise ValueError(f"feature {self.name}: give either sql or rarity_of")
        return self


class BlockingRule(_Strict):
    """Pairs worth looking at: records that agree on every part of a key. A record without a part has no key here."""

    name: str
    why: str
    key: list[str] = Field(min_length=1, description="SQL expressions over one record; `each` is the list's element")
    each: str | None = Field(None, description="list expression: one key per element")
    at_most: int = Field(ge=2, description="a key that more records share when the model is trained is not used")


class Thresholds(_Strict):
    """Probabilities that two records are one customer, where the bands begin: same, ask a person, keep at all."""

    same: float = Field(gt=0, lt=1)
    grey: float = Field(gt=0, lt=1)
    keep: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _ordered(self) -> "Thresholds":
        if not self.keep <= self.grey <= self.same:
            raise ValueError("thresholds: expected keep <= grey <= same")
        return self


class Frequencies(_Strict):
    """Which value frequencies a model keeps."""

    frequent_from: int = Field(ge=2, description="a value counts as frequent from this many records on")
    rarest: float = Field(gt=0, lt=1, description="share of records below which no value is thought to be")


class Training(_Strict):
    """How much of the records a model is trained on, and how heavily the priors weigh."""

    random_pairs: int = Field(ge=1000, description="most pairs drawn to learn how often different customers agree")
    random_pairs_per_record: int = Field(50, ge=1, description="so many pairs are drawn per record, up to random_pairs")
    sample_records: int = Field(ge=100, description="records whose candidate pairs are learnt from")
    pseudo_matches: float = Field(gt=0, description="the prior m counts as much as this many pairs of one customer")
    pseudo_pairs: float = Field(gt=0, description="the prior u counts as much as this many pairs of two customers")
    pseudo_records: float = Field(gt=0, description="rates per record count as much as this many records")
    matches_per_record: float = Field(gt=0, description="prior: pairs of one customer per record")
    rounds: int = Field(ge=1, description="expectation-maximisation stops after so many rounds")


class PartySettings(_Strict):
    """All that decides how records of one party type are matched."""

    party_type: PartyType
    thresholds: Thresholds
    training: Training
    frequencies: Frequencies
    features: list[Feature] = []
    comparisons: list[Comparison] = Field(min_length=1)
    joint: list[Joint] = []
    blocking: list[BlockingRule] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_known(self) -> "PartySettings":
        for group in (self.features, self.comparisons, self.joint, self.blocking):
            names = [item.name for item in group]
            if len(set(names)) != len(names):
                raise ValueError(f"names must be unique, found {sorted(names)}")
        for joint in self.joint:
            for levels_by_comparison in (joint.levels, joint.also, joint.optional, joint.unless):
                for comparison, levels in levels_by_comparison.items():
                    for level in levels:
                        self._check_level(joint.name, comparison, level)
            for comparison, levels in [*joint.levels.items(), *joint.optional.items()]:
                if any(self.comparison(comparison).level(level).neutral for level in levels):
                    raise ValueError(f"joint {joint.name}: {comparison}: a neutral level says nothing to take off")
        return self

    def _check_level(self, joint: str, comparison: str, level: str) -> None:
        try:
            self.comparison(comparison).level(level)
        except KeyError as unknown:
            raise ValueError(f"joint {joint}: {unknown.args[0]}") from unknown

    def comparison(self, name: str) -> Comparison:
        """The comparison of that name; KeyError otherwise."""
        for comparison in self.comparisons:
            if comparison.name == name:
                return comparison
        raise KeyError(f"there is no comparison {name}")

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """All joint patterns; a pair shows the first one whose levels it has reached."""
        return tuple(pattern for joint in self.joint for pattern in joint.patterns)

    def level_values(self, levels: Mapping[str, Sequence[str]]) -> dict[str, list[int]]:
        """Comparison -> the numbers that stand for those of its levels in a pair's evidence."""
        return {
            name: [self.comparison(name).value_of(self.comparison(name).level(level)) for level in chosen]
            for name, chosen in levels.items()
        }

    def pattern_value(self, pattern: Pattern) -> int:
        """The number that stands for a joint pattern in a pair's evidence; 0 stands for none."""
        return len(self.patterns) - self.patterns.index(pattern)

    @cached_property
    def frequency_columns(self) -> tuple[str, ...]:
        """Columns whose value frequencies the model keeps, in order of first use."""
        used = (level.frequency for comparison in self.comparisons for level in comparison.levels if level.frequency)
        return tuple(dict.fromkeys(used))

    @cached_property
    def rarity_columns(self) -> tuple[str, ...]:
        """List columns whose tokens are weighed by how rare they are."""
        return tuple(dict.fromkeys(feature.rarity_of for feature in self.features if feature.rarity_of))

    @cached_property
    def hash(self) -> str:
        """Changes with anything that could change a score; includes the engine, whose hash function blocking uses."""
        settings = json.dumps(self.model_dump(mode="json"), sort_keys=True)  # as they come back out of a stored model
        text = f"{duckdb.__version__}\n{settings}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class Settings(_Strict):
    """The whole file: one section per party type."""

    person: PartySettings
    organisation: PartySettings

    def of(self, party_type: PartyType) -> PartySettings:
        """The section of one party type."""
        return self.person if party_type == "person" else self.organisation


def load_settings(path: Path = SETTINGS_FILE) -> Settings:
    """Read and check the settings; SettingsError lists every fault with its place in the file."""
    try:
        document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise SettingsError(f"{path.name}: not YAML: {error}") from error
    if not isinstance(document, dict):
        raise SettingsError(f"{path.name}: expected the sections person and organisation")
    sections = {
        name: {"party_type": name, **section} if isinstance(section, dict) else section
        for name, section in document.items()
    }
    try:
        return Settings.model_validate(sections)
    except ValidationError as error:
        faults = "\n".join(
            f"{path.name}: {'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()
        )
        raise SettingsError(faults) from error


def _share_a_word(feature: str) -> str:
    """A cheap test before the dear one: the bits of both sides' uncommon words have one in common."""
    return f"{feature}{MASK}_l & {feature}{MASK}_r <> 0"


def _listed(columns: Columns | None) -> list[str]:
    if columns is None:
        return []
    return [columns] if isinstance(columns, str) else columns
