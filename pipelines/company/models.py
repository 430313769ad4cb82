"""The shape of every file of a company folder, as pydantic models.

What belongs here: fields, their meaning, and what makes one file wrong on its own. Reading files and naming lines is
`load`; what two files must agree on is `lint`. JSON schemas for editors are generated from these models (`schemas`).
"""

import re
import zoneinfo
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    StringConstraints,
    model_validator,
)

PeriodType = Literal["month", "quarter", "year"]
DecisionKind = Literal["same", "different", "parent", "undo"]
RuleName = Literal["explicit_split", "order_owner", "opportunity_owner", "account_owner"]
DEFAULT_CREDIT_RULES: tuple[RuleName, ...] = ("explicit_split", "order_owner", "opportunity_owner", "account_owner")

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""A name that becomes a folder, a column value or a file name: lower-case letters, digits and underscores."""
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]

_DAY = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")

_CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_CRON_NAMES = {
    name: str(number)
    for names, start in (("jan feb mar apr may jun jul aug sep oct nov dec", 1), ("sun mon tue wed thu fri sat", 0))
    for number, name in enumerate(names.split(), start)
}


def _known_time_zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("no such time zone; use an IANA name such as Asia/Shanghai or Europe/Berlin") from None
    return name


def _valid_cron(expression: str) -> str:
    parts = expression.lower().split()
    if len(parts) != 5 or not all(
        _valid_cron_field(part, *limits) for part, limits in zip(parts, _CRON_RANGES, strict=True)
    ):
        raise ValueError('no cron expression; expected five fields: minute hour day month weekday, e.g. "0 1 * * *"')
    return expression


def _valid_cron_field(part: str, lowest: int, highest: int) -> bool:
    for item in part.split(","):
        span, slash, step = item.partition("/")
        if slash and not (step.isdecimal() and int(step) > 0):
            return False
        bounds = [_CRON_NAMES.get(bound, bound) for bound in span.split("-")]
        if span != "*" and not (
            len(bounds) <= 2
            and all(bound.isdecimal() and lowest <= int(bound) <= highest for bound in bounds)
            and int(bounds[0]) <= int(bounds[-1])
        ):
            return False
    return True


TimeZone = Annotated[str, AfterValidator(_known_time_zone)]
Cron = Annotated[str, AfterValidator(_valid_cron)]
Score = Annotated[Decimal, Field(max_digits=9, decimal_places=4)]
Amount = Annotated[Decimal, Field(max_digits=28, decimal_places=6)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Model(BaseModel):
    """Base of every configuration model: unknown fields are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Names(Model):
    """One name in the languages people read; at least one of them."""

    zh: Text | None = Field(default=None, description="Name in Chinese.")
    en: Text | None = Field(default=None, description="Name in English.")

    @model_validator(mode="after")
    def _one_is_given(self) -> "Names":
        if self.zh is None and self.en is None:
            raise ValueError("a name is needed in at least one language: zh or en")
        return self

    def first(self, languages: list[str]) -> str:
        """The name in the first of the languages that has one, else in the other language."""
        known = {"zh": self.zh, "en": self.en}
        return next(name for name in [*(known[language] for language in languages), self.zh, self.en] if name)


class ClosedPeriod(Model):
    """A period the company has closed."""

    period_type: PeriodType = Field(description="month, quarter or year (quarters and years are fiscal).")
    period_start: date = Field(description="First calendar day of the period.")
    closed_by: Text | None = Field(default=None, description="Who closed the period.")


class Gate(Model):
    """Limits of the quality gate that a company sets for itself."""

    max_shrink_pct: Decimal = Field(
        default=Decimal(10),
        ge=0,
        le=100,
        description="Percent by which a published table may shrink against the last release before the gate refuses.",
    )
    max_quarantined_rows: int | None = Field(
        default=None,
        ge=0,
        description="Rows that may sit in quarantine before the gate refuses; null: any number, only reported.",
    )
    stale_sources: Literal["warn", "refuse"] = Field(
        default="warn",
        description="A source that has not synced within its fresh_within_hours: warn (the others are published, the "
        "staleness is shown) or refuse the release.",
    )


class CustomerLifecycle(Model):
    """After how many days without a purchase a customer's state changes."""

    new_days: int = Field(
        default=90,
        ge=1,
        description="Days a customer counts as new from its first purchase, and as won back from the purchase after it "
        "had churned.",
    )
    at_risk_days: int = Field(
        default=180, ge=1, description="Days without a purchase after which a customer counts as at risk."
    )
    churned_days: int = Field(
        default=365, ge=1, description="Days without a purchase after which a customer counts as churned."
    )

    @model_validator(mode="after")
    def _limits_rise(self) -> "CustomerLifecycle":
        if not self.new_days <= self.at_risk_days < self.churned_days:
            raise ValueError(
                f"new_days ({self.new_days}), at_risk_days ({self.at_risk_days}) and churned_days "
                f"({self.churned_days}) must rise"
            )
        return self


class TargetRules(Model):
    """How targets are counted, judged and foretold."""

    pro_rata: bool = Field(
        default=False,
        description="true: a person's target counts by the working days posted in the period (who joins or leaves is "
        "asked for less); false: targets count as they are set.",
    )
    max_reach: Score = Field(
        default=Decimal("1.5"),
        gt=0,
        description="A target above this multiple of the subject's best earlier value is reported as out of reach.",
    )
    reach_periods: int = Field(
        default=4, ge=1, description="How many periods of the same type back that best value is looked for."
    )
    forecast_months: int = Field(
        default=12, ge=1, description="How many complete months back the range of a landing forecast looks."
    )
    forecast_min_months: int = Field(
        default=3, ge=1, description="Fewest of them with a value for which a landing is forecast."
    )

    @model_validator(mode="after")
    def _months_fit(self) -> "TargetRules":
        if self.forecast_min_months > self.forecast_months:
            raise ValueError(
                f"forecast_min_months ({self.forecast_min_months}) must not exceed forecast_months "
                f"({self.forecast_months})"
            )
        return self


class CompanySettings(Model):
    """`company.yaml`: what is true of the whole company."""

    name: Names = Field(description="The company's name.")
    languages: list[Literal["zh", "en"]] = Field(
        default=["zh", "en"], min_length=1, description="Languages of reports, the preferred one first."
    )
    time_zone: TimeZone = Field(description="IANA time zone that decides on which day something happened.")
    reporting_currency: Currency = Field(description="ISO 4217 code; every amount is published in this currency.")
    fiscal_year_start_month: int = Field(default=1, ge=1, le=12, description="Month in which the fiscal year starts.")
    as_of: date | None = Field(
        default=None, description="Freezes the calendar on this day (tests, demos); left out: today in `time_zone`."
    )
    closed_periods: list[ClosedPeriod] = Field(default_factory=list, description="Periods the company has closed.")
    roles: dict[Identifier, list[Text]] = Field(
        default_factory=dict, description="Role id to the job titles, as written at the sources, that mean this role."
    )
    org_sources: list[Identifier] = Field(
        default_factory=list,
        description="Sources that say who sits where, the most trusted first; an earlier one wins over a later one.",
    )
    customer_sources: list[Identifier] = Field(
        default_factory=list,
        description="Sources whose word on customers (name, address, ids, owner) counts most, the most trusted first; "
        "the others follow, all equally trusted.",
    )
    customer_lifecycle: CustomerLifecycle = Field(
        default_factory=CustomerLifecycle, description="When a customer is new, at risk and churned."
    )
    targets: TargetRules = Field(
        default_factory=TargetRules, description="Pro rata, what is out of reach, how far forecasts look back."
    )
    gate: Gate = Field(default_factory=Gate, description="Limits of the quality gate.")

    @model_validator(mode="after")
    def _closed_periods_start_where_periods_start(self) -> "CompanySettings":
        for closed in self.closed_periods:
            if not self._is_period_start(closed):
                raise ValueError(f"closed_periods: no {closed.period_type} starts on {closed.period_start}")
        return self

    def _is_period_start(self, closed: ClosedPeriod) -> bool:
        months = {"month": 1, "quarter": 3, "year": 12}[closed.period_type]
        in_step = (closed.period_start.month - self.fiscal_year_start_month) % months == 0
        return closed.period_start.day == 1 and in_step


class CreditRule(Model):
    """One step of deciding who is credited with a sale; the first rule that finds somebody wins."""

    rule: RuleName = Field(
        description="explicit_split: recorded shares; order_owner: salesperson of the order; opportunity_owner: owner "
        "of the deal it came from; account_owner: owner of the customer."
    )


class CreditRules(RootModel[list[CreditRule]]):
    """`credit_rules.yaml`: the rules in the order they are tried; what none of them settles goes to `unassigned`."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="after")
    def _each_rule_once(self) -> "CreditRules":
        names = [item.rule for item in self.root]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"rule {repeated[0]} is listed more than once; the second never applies")
        return self


class Curve(Model):
    """The scoring curve of one metric."""

    type: Literal["linear"] = Field(default="linear", description="linear: a point per percent of the target reached.")
    cap: Score = Field(default=Decimal(120), ge=0, description="The most points a metric can earn.")


class Weight(Model):
    """One metric of an appraisal standard."""

    metric: Identifier = Field(description="Metric id of the metric registry, e.g. bookings.")
    weight: Score = Field(description="Weight in percent; the weights of one version sum to 100.")
    curve: Curve = Field(default_factory=Curve, description="How attainment becomes points.")
    reference_value: Amount | None = Field(
        default=None, description="Value that earns 100 points where the person has no target of their own; null: none."
    )


class Grade(Model):
    """One grade and the lowest score that earns it."""

    grade: Text = Field(description="Name of the grade, e.g. A.")
    min_score: Score = Field(description="Lowest score that earns the grade.")


class StandardVersion(Model):
    """One version of an appraisal standard, valid until the next version begins."""

    version: int = Field(ge=1, description="1 for the first version, rising by one.")
    valid_from: date = Field(description="First day of validity; periods that start on or after it use this version.")
    approved_by: Text = Field(description="Who approved this version.")
    period_type: PeriodType = Field(description="Length of the period that is appraised.")
    weights: list[Weight] = Field(min_length=1, description="Metrics with their weights.")
    grades: list[Grade] = Field(min_length=1, description="Grades from the best to the lowest.")


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


def _day(value: Any) -> Any:
    """Days as spreadsheets write them when they save text: 2025/3/1 is 2025-03-01."""
    parts = _DAY.fullmatch(value) if isinstance(value, str) else None
    return "{}-{:0>2}-{:0>2}".format(*parts.groups()) if parts else value


class StewardDecision(Model):
    """A person's decision about two customer records; among decisions on the same two the latest holds."""

    decision: DecisionKind = Field(
        description="same: one customer; different: two customers; parent: a is a part (branch, subsidiary) of b, "
        "which is another customer; undo: takes back what holds about the two."
    )
    system_a: Text = Field(description="Source of the first record: the name of its file in sources/.")
    key_a: Text = Field(description="Key of the first record at its source.")
    system_b: Text = Field(description="Source of the second record.")
    key_b: Text = Field(description="Key of the second record at its source.")
    decided_by: Text = Field(description="Who decided.")
    decided_on: Annotated[date, BeforeValidator(_day)] = Field(description="Day of the decision, YYYY-MM-DD.")
    reason: Text = Field(description="Why.")

    @model_validator(mode="after")
    def _two_records(self) -> "StewardDecision":
        if (self.system_a, self.key_a) == (self.system_b, self.key_b):
            raise ValueError(f"both records are {self.system_a} {self.key_a}; name two different records")
        return self


class StewardDecisions(RootModel[list[StewardDecision]]):
    """`stewardship/<name>.yaml`: people's decisions about customer records; nothing is ever deleted, but undone."""

    model_config = ConfigDict(frozen=True)


class SourceBase(Model):
    """`sources/<name>.yaml` without what depends on the type of system (`connection` and `mapping`)."""

    type: str = Field(description="Kind of system; decides which fields `connection` has.")
    streams: list[Identifier] | None = Field(
        default=None, min_length=1, description="Only these streams are synced; left out: all streams of the system."
    )
    schedule: Cron = Field(
        default="0 1 * * *", description="When to sync: minute hour day month weekday, in the company's time zone."
    )
    fresh_within_hours: int = Field(
        default=36,
        ge=1,
        description="Hours after which data not synced again is stale; the gate then refuses.",
    )


VARIABLE = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""A reference `${NAME}`; `$${` is the escape that stands for a literal `${`."""
