"""An explanation without who rated.

Bundles leave the house, so no form, rater or number under the floor goes with them.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pipelines.explain.score import Component, Explanation, Fact, Part
from pipelines.restatements import Restated

FLOOR = "below_anonymity_floor"
_OF_A_FORM = ("source_entity", "source_system", "source_key", "load_id", "contributor_id", "fact_date")
_OF_RATERS = ("appraisal_rating", "appraisal_rater")
_Kind = tuple[Any, Any, Any]


def anonymised(found: Explanation) -> Explanation:
    """The same score; kinds of raters below the anonymity floor without numbers, forms without source, key and day."""
    hidden = {
        (row["standard_id"], row["standard_version"], row["rater_kind"])
        for row in found.ratings
        if row["rating_status"] == FLOOR
    }
    kinds = {kind for _, _, kind in hidden}
    return replace(
        found,
        ratings=[
            {**row, "raters": None, "average_points": None} if row["rating_status"] == FLOOR else row
            for row in found.ratings
        ],
        gates=[{**row, "value": None} if row["rater_kind"] in kinds else row for row in found.gates],
        # what one form does to the score would tell what it says
        flips=[
            flip
            for flip in found.flips
            if flip.row["left_out_kind"] != "rater" and flip.row["left_out_key"] not in kinds
        ],
        parts=[_part(part, hidden) for part in found.parts],
        shows_raters=False,
    )


def without_ratings(booked: Iterable[Restated]) -> list[Restated]:
    """Restatements but those of ratings: the difference one more form makes would tell what it says."""
    return [value for value in booked if value.table not in _OF_RATERS and value.what != "rating"]


def _part(part: Part, hidden: set[_Kind]) -> Part:
    return replace(part, components=[_component(component, hidden) for component in part.components])


def _component(component: Component, hidden: set[_Kind]) -> Component:
    standard = component.row["standard_id"], component.row["standard_version"]
    shown = [fact for fact in component.facts if (*standard, fact.row["rater_kind"]) not in hidden]
    return replace(component, facts=[_fact(fact) for fact in shown])


def _fact(fact: Fact) -> Fact:
    if fact.row["rater_kind"] is None:
        return fact
    return replace(fact, row={**fact.row, **dict.fromkeys(_OF_A_FORM)}, names=(), record=None)
