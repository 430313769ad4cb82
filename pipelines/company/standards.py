"""The shape of `standards/<id>.yaml`: appraisal standards with every version ever in force, as pydantic models.

What belongs here: fields, their meaning, and what makes one standard wrong on its own. What a standard must agree on
with the rest of the company folder is `standard_lint`; what the numbers mean exactly stands in docs/appraisal.md.
"""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from pipelines.company.models import (
    Amount,
    Identifier,
    Model,
    Names,
    Percent,
    PeriodType,
    Score,
    Text,
    refuse_repeated,
)

RaterKind = Literal["manager", "peer", "customer", "self", "hr"]
RATING = "rating"
"""The component that no metric gives: what raters say."""
CurveType = Literal["linear", "capped", "threshold", "stepped", "inverse"]
MOST_POINTS: dict[str, Decimal] = {"linear": Decimal(120), "capped": Decimal(100), "threshold": Decimal(120)}
"""The most points where a curve states no cap; tables of points state theirs."""


class Step(Model):
    """One line of a table of points."""

    at_least: Amount | None = Field(
        default=None, description="Of a stepped curve: percent of the target from which on the points are earned."
    )
    up_to: Amount | None = Field(
        default=None, description="Of an inverse curve: highest value of the metric that still earns the points."
    )
    points: Score = Field(ge=0, description="Points earned.")

    @property
    def boundary(self) -> Decimal:
        """Where the step begins (stepped) or ends (inverse)."""
        return next(bound for bound in (self.at_least, self.up_to, Decimal(0)) if bound is not None)


class Curve(Model):
    """The scoring curve of one metric."""

    type: CurveType = Field(
        default="linear",
        description="linear: a point per percent of the target reached, from zero_at on; capped: the same, but full "
        "marks (100) are the most; threshold: nothing below a percentage, then a point per percent; stepped: a table "
        "of points by percent of the target reached; inverse: a table of points by the value itself, fewer points for "
        "more, without a target.",
    )
    cap: Score | None = Field(
        default=None, ge=0, description="The most points; left out: 120, of capped 100, of a table its highest points."
    )
    zero_at: Score | None = Field(
        default=None,
        ge=0,
        lt=100,
        description="Only of linear: percent of the target that earns 0 points; from there to 100 percent points rise "
        "evenly to 100 and go on so. Left out: 0.",
    )
    threshold: Score | None = Field(
        default=None, gt=0, description="Only of threshold: percent of the target below which there are no points."
    )
    steps: list[Step] | None = Field(default=None, min_length=1, description="Only of stepped and inverse: the table.")

    @property
    def most(self) -> Decimal:
        """The most points the curve can give."""
        if self.cap is not None:
            return self.cap
        return max(step.points for step in self.steps) if self.steps else MOST_POINTS[self.type]

    @model_validator(mode="after")
    def _has_what_its_type_needs(self) -> "Curve":
        for field, types in (
            ("zero_at", ("linear",)),
            ("threshold", ("threshold",)),
            ("steps", ("stepped", "inverse")),
        ):
            given = getattr(self, field) is not None
            if given and self.type not in types:
                raise ValueError(f"a curve of the type {self.type} has no {field}; it belongs to {' and '.join(types)}")
            if not given and self.type in types and field != "zero_at":
                raise ValueError(f"a curve of the type {self.type} needs {field}")
        return self

    @model_validator(mode="after")
    def _steps_go_one_way(self) -> "Curve":
        own, other = ("up_to", "at_least") if self.type == "inverse" else ("at_least", "up_to")
        for step in self.steps or ():
            if getattr(step, own) is None or getattr(step, other) is not None:
                raise ValueError(f"steps of a {self.type} curve have {own} and points")
        pairs = list(zip(self.steps or (), (self.steps or ())[1:], strict=False))
        for one, following in pairs:
            if following.boundary <= one.boundary:
                raise ValueError(f"{own} must rise from step to step, but {following.boundary} follows {one.boundary}")
            if (following.points <= one.points) != (self.type == "inverse") or following.points == one.points:
                direction = "fall" if self.type == "inverse" else "rise"
                raise ValueError(
                    f"points must {direction} from step to step, but {following.points} follows {one.points}"
                )
        return self


class Weight(Model):
    """One component of an appraisal standard: a metric and what it counts."""

    metric: Identifier = Field(
        description="Metric id of the metric registry, e.g. bookings; or `rating`: what raters say (see ratings)."
    )
    weight: Score = Field(description="Weight in percent; the weights of one version sum to 100.")
    weight_at_start: Score | None = Field(
        default=None,
        ge=0,
        description="Only with a ramp: weight at its beginning; it becomes `weight` evenly to its end. Left out: "
        "`weight` all the time. These, too, sum to 100 over the version.",
    )
    curve: Curve = Field(default_factory=Curve, description="How what was reached becomes points.")
    reference_value: Amount | None = Field(
        default=None,
        description="Value that earns 100 points in a whole period where there is no target of their own; null: none.",
    )
    subject: Literal["person", "unit"] = Field(
        default="person",
        description="person: what is credited to the person; unit: what the unit of the posting reached, by its "
        "target.",
    )

    @property
    def starting_weight(self) -> Decimal:
        """The weight at the beginning of the version's ramp."""
        return self.weight if self.weight_at_start is None else self.weight_at_start


class Grade(Model):
    """One grade with the border or the share of people that earns it."""

    grade: Text = Field(description="Name of the grade, e.g. A.")
    min_score: Score | None = Field(default=None, description="Lowest score that earns the grade.")
    share_pct: Percent | None = Field(
        default=None,
        description="Instead of min_score, for all grades of the version: percent of the people scored by it in a "
        "period who get the grade, the best first; the shares sum to 100.",
    )


class Tenure(Model):
    """For how long somebody must have been with the company to be judged by a version."""

    from_months: int = Field(default=0, ge=0, description="Completed months with the company, at least.")
    below_months: int | None = Field(default=None, ge=1, description="Completed months, fewer than; null: no limit.")

    @model_validator(mode="after")
    def _is_no_empty_band(self) -> "Tenure":
        if self.below_months is not None and self.below_months <= self.from_months:
            raise ValueError(f"below_months ({self.below_months}) must be more than from_months ({self.from_months})")
        return self


class Ramp(Model):
    """What is asked of people who are new, growing evenly with every completed month."""

    from_months: int = Field(default=0, ge=0, description="Completed months up to which it stands at its beginning.")
    to_months: int = Field(ge=1, description="Completed months from which on all is asked.")
    expectation_pct: Percent = Field(
        default=Decimal(100),
        gt=0,
        description="Percent of targets and reference values asked at its beginning, of metrics that add up and of "
        "which more is better; rates stay as set.",
    )

    @model_validator(mode="after")
    def _rises(self) -> "Ramp":
        if self.to_months <= self.from_months:
            raise ValueError(f"to_months ({self.to_months}) must be more than from_months ({self.from_months})")
        return self


class StandardGate(Model):
    """A breach that caps the score or the grade, whatever else was reached."""

    id: Identifier = Field(description="Shown with every score it caps.")
    metric: Identifier | None = Field(
        default=None, description="Metric id: the value of the person in the whole period decides."
    )
    rating: RaterKind | None = Field(
        default=None, description="Instead of a metric: the average points of these raters, where they count."
    )
    above: Amount | None = Field(default=None, description="A value above this is a breach.")
    below: Amount | None = Field(default=None, description="A value below this is a breach.")
    cap_score: Score | None = Field(default=None, ge=0, description="The most the score can be then.")
    cap_grade: Text | None = Field(default=None, description="The best the grade can be then.")
    reason: Names = Field(description="What people read beside the score.")

    @model_validator(mode="after")
    def _says_what_and_how(self) -> "StandardGate":
        if (self.metric is None) == (self.rating is None):
            raise ValueError("say what is measured: either a metric or a rating")
        if (self.above is None) == (self.below is None):
            raise ValueError("say what a breach is: either above or below")
        if self.cap_score is None and self.cap_grade is None:
            raise ValueError("say what a breach does: cap_score, cap_grade or both")
        return self


class RatingKind(Model):
    """Raters of one kind and what they count."""

    kind: RaterKind = Field(description="Who rates.")
    weight: Score = Field(gt=0, description="Weight of the kind; kinds without ratings drop out of the divisor.")
    min_raters: int = Field(default=1, ge=1, description="With fewer raters the kind drops out.")


class Ratings(Model):
    """Whose word counts for the component `rating`, and how the raters are protected."""

    kinds: list[RatingKind] = Field(min_length=1, description="Kinds of raters with their weights.")
    anonymous: list[RaterKind] = Field(
        default=["peer", "customer"], description="Kinds whose raters are promised that nobody learns what they said."
    )
    anonymity_floor: int = Field(
        default=3, ge=2, description="With fewer raters an anonymous kind neither shows nor counts."
    )
    min_raters: int = Field(
        default=1, ge=1, description="With fewer raters in all the kinds that count the component drops out."
    )

    @model_validator(mode="after")
    def _each_kind_once(self) -> "Ratings":
        refuse_repeated([one.kind for one in self.kinds], "the kind {} is listed twice")
        return self


class Minimum(Model):
    """What there must be at least for days under a standard to count; otherwise nobody is judged on chance."""

    weight_pct: Percent = Field(default=Decimal(0), description="Sum of the weights of the components that apply.")
    components: int = Field(default=1, ge=1, description="Number of the components that apply.")
    working_days: int = Field(default=1, ge=1, description="Working days posted under the standard in the period.")


class StandardVersion(Model):
    """One version of an appraisal standard, valid until the next version begins."""

    version: int = Field(ge=1, description="1 for the first version, rising by one.")
    valid_from: date = Field(description="First day of validity; periods that start on or after it use this version.")
    approved_by: Text = Field(description="Who approved this version.")
    review_by: date | None = Field(
        default=None, description="Day by which it is looked at again; check warns after it."
    )
    period_type: PeriodType = Field(description="Length of the period that is appraised.")
    tenure: Tenure = Field(
        default_factory=Tenure, description="Whom of the role it judges; left out: everybody. See also tenure_on."
    )
    tenure_on: Literal["period_start", "period_end"] = Field(
        default="period_start", description="Day of the period on which the months with the company are counted."
    )
    ramp: Ramp | None = Field(
        default=None, description="What is asked of people who are new; left out: all from the start."
    )
    weights: list[Weight] = Field(min_length=1, description="Components with their weights.")
    ratings: Ratings | None = Field(
        default=None, description="Whose ratings count; needed with a component or gate that looks at them."
    )
    grades: list[Grade] = Field(min_length=1, description="Grades from the best to the lowest.")
    ties: Literal["better", "worse"] = Field(
        default="better",
        description="Only with shares of people: where equal scores lie on both sides of a border, all of them get the "
        "better or the worse grade.",
    )
    gates: list[StandardGate] = Field(default_factory=list, description="Breaches that cap the score or the grade.")
    minimum: Minimum = Field(default_factory=Minimum, description="What there must be at least for a score.")

    @property
    def is_forced(self) -> bool:
        """Whether grades go by shares of people instead of borders."""
        return self.grades[0].share_pct is not None

    @model_validator(mode="after")
    def _grades_are_of_one_kind(self) -> "StandardVersion":
        kinds = {(grade.min_score is None, grade.share_pct is None) for grade in self.grades}
        if kinds not in ({(True, False)}, {(False, True)}):
            raise ValueError("either all grades of a version have min_score, or all have share_pct")
        refuse_repeated([grade.grade for grade in self.grades], "the grade {} is listed twice")
        return self

    @model_validator(mode="after")
    def _gates_are_known(self) -> "StandardVersion":
        refuse_repeated([gate.id for gate in self.gates], "two gates have the id {}; give each its own")
        names = [grade.grade for grade in self.grades]
        for gate in self.gates:
            if gate.cap_grade is not None and gate.cap_grade not in names:
                raise ValueError(f"gate {gate.id}: there is no grade '{gate.cap_grade}', only {', '.join(names)}")
        return self

    @model_validator(mode="after")
    def _ratings_are_there(self) -> "StandardVersion":
        kinds = [one.kind for one in self.ratings.kinds] if self.ratings else []
        if self.ratings is None and RATING in [weight.metric for weight in self.weights]:
            raise ValueError("a component `rating` needs `ratings`: who rates, and what that counts")
        for gate in self.gates:
            if gate.rating is not None and gate.rating not in kinds:
                raise ValueError(f"gate {gate.id}: `ratings` has no kind '{gate.rating}'")
        for weight in self.weights:
            if weight.metric == RATING and weight.subject == "unit":
                raise ValueError("people are rated, not units: the component `rating` has the subject person")
        return self

    @model_validator(mode="after")
    def _weights_start_only_with_a_ramp(self) -> "StandardVersion":
        started = [weight.metric for weight in self.weights if weight.weight_at_start is not None]
        if started and self.ramp is None:
            raise ValueError(f"{started[0]} has a weight_at_start, but the version has no ramp")
        return self


class Standard(Model):
    """`standards/<id>.yaml`: how people of one role are appraised, with all versions ever in force."""

    id: Identifier = Field(description="Same as the file name without .yaml.")
    role: Identifier = Field(description="Role id of company.yaml that is appraised by this standard.")
    name: Names = Field(description="Name people read.")
    versions: list[StandardVersion] = Field(min_length=1, description="Versions, the oldest first.")

    @model_validator(mode="after")
    def _versions_follow_each_other(self) -> "Standard":
        for earlier, later in zip(self.versions, self.versions[1:], strict=False):
            if later.version <= earlier.version:
                raise ValueError(f"version {later.version} follows version {earlier.version}; versions must rise")
            if later.valid_from <= earlier.valid_from:
                raise ValueError(
                    f"version {later.version} starts on {later.valid_from}, not after version {earlier.version} "
                    f"({earlier.valid_from})"
                )
        return self
