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

from pipelines.company.public_holidays import unknown_place
from pipelines.periods import starts_period

PeriodType = Literal["month", "quarter", "year"]
DecisionKind = Literal["same", "different", "parent", "undo"]
RuleName = Literal["explicit_split", "order_owner", "opportunity_owner", "account_owner", "territory", "overlay"]
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
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=9, decimal_places=4)]
Amount = Annotated[Decimal, Field(max_digits=28, decimal_places=6)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _clock(value: Any) -> Any:
    """YAML reads an unquoted 18:00 as the number 1080 (minutes); it means the time of day."""
    is_minutes = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 24 * 60
    return f"{value // 60:02d}:{value % 60:02d}" if is_minutes else value


Clock = Annotated[str, BeforeValidator(_clock), StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
"""A time of day, "09:00"; "24:00" is the end of the day."""


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


class Calendar(Model):
    """Which days and hours the company works; without it Monday to Friday, 09:00 to 18:00, no holidays."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = Field(
        default=None,
        description="ISO 3166 code of the country whose public holidays hold, with its working weekends (CN: the days "
        "the State Council moves); left out: no public holidays.",
    )
    subdivision: Text | None = Field(
        default=None, description="State or province with holidays of its own, e.g. BY; left out: the whole country."
    )
    weekend: list[Weekday] = Field(default=["sat", "sun"], description="Days of the week on which nobody works.")
    extra_holidays: list[date] = Field(default_factory=list, description="Further days on which nobody works.")
    extra_working_days: list[date] = Field(
        default_factory=list, description="Days on which the company works although they are weekends or holidays."
    )
    business_hours: list[Clock] = Field(
        default=["09:00", "18:00"],
        min_length=2,
        max_length=2,
        description="Opening and closing time of a working day, in the company's time zone.",
    )

    @property
    def opening_minute(self) -> int:
        """Minutes after midnight at which a working day opens."""
        return _minutes(self.business_hours[0])

    @property
    def closing_minute(self) -> int:
        """Minutes after midnight at which a working day closes."""
        return _minutes(self.business_hours[1])

    @model_validator(mode="after")
    def _can_be_kept(self) -> "Calendar":
        both = sorted(set(self.extra_holidays) & set(self.extra_working_days))
        if both:
            raise ValueError(f"{both[0]} is both an extra holiday and an extra working day; keep one of the two")
        if len(set(self.weekend)) == 7 and not self.extra_working_days:
            raise ValueError("weekend names all seven days; leave out those on which people work")
        if self.opening_minute >= self.closing_minute:
            raise ValueError(f"business_hours must open before they close, found {' to '.join(self.business_hours)}")
        if self.subdivision and not self.country:
            raise ValueError("a subdivision needs its country")
        problem = unknown_place(self.country, self.subdivision) if self.country else None
        if problem:
            raise ValueError(problem)
        return self


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


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


class FairnessRules(Model):
    """From when on standards are audited before they take effect."""

    required_from: date = Field(
        default=date(2026, 1, 1),
        description="Versions of standards valid from this day on need a fairness audit (`scoreline fairness`), except "
        "the first that ever judges a role.",
    )


class CompanySettings(Model):
    """`company.yaml`: what is true of the whole company."""

    name: Names = Field(description="The company's name.")
    languages: list[Literal["zh", "en"]] = Field(
        default=["zh", "en"], min_length=1, description="Languages of reports, the preferred one first."
    )
    time_zone: TimeZone = Field(description="IANA time zone that decides on which day something happened.")
    reporting_currency: Currency = Field(description="ISO 4217 code; every amount is published in this currency.")
    fiscal_year_start_month: int = Field(default=1, ge=1, le=12, description="Month in which the fiscal year starts.")
    missing_rate: Literal["refuse", "last_known", "leave_out"] = Field(
        default="refuse",
        description="What happens to an amount whose exchange rate is missing on its day: refuse the release; "
        "last_known takes the latest earlier rate however old; leave_out shows the amount in its own currency only.",
    )
    rate_max_age_days: int | None = Field(
        default=None,
        ge=0,
        description="Days a rate holds when no newer one comes, then it counts as missing; null: until the next rate.",
    )
    calendar: Calendar = Field(
        default_factory=Calendar, description="Working days, public holidays and business hours."
    )
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
    fairness: FairnessRules = Field(
        default_factory=FairnessRules, description="Which standards need an audit before they take effect."
    )

    @model_validator(mode="after")
    def _closed_periods_start_where_periods_start(self) -> "CompanySettings":
        for closed in self.closed_periods:
            if not starts_period(closed.period_type, closed.period_start, self.fiscal_year_start_month):
                raise ValueError(f"closed_periods: no {closed.period_type} starts on {closed.period_start}")
        return self


class TerritoryCondition(Model):
    """Which order lines belong: every field that is given must hold one of its values; upper and lower case are one."""

    country: list[Text] | None = Field(default=None, min_length=1, description="Countries of the customer.")
    province: list[Text] | None = Field(default=None, min_length=1, description="Provinces of the customer.")
    city: list[Text] | None = Field(default=None, min_length=1, description="Cities of the customer.")
    industry: list[Text] | None = Field(default=None, min_length=1, description="Industries of the customer.")
    product_category: list[Text] | None = Field(
        default=None, min_length=1, description="Categories of the product; decides for every line of an order alone."
    )
    customer_key: list[Text] | None = Field(default=None, min_length=1, description="Unified customers by key.")
    account: list[Text] | None = Field(
        default=None,
        min_length=1,
        description="Named accounts: tax id, id in a public register or name of the customer.",
    )

    @model_validator(mode="after")
    def _asks_for_something(self) -> "TerritoryCondition":
        if not self.model_dump(exclude_none=True):
            raise ValueError(f"name at least one of: {', '.join(type(self).model_fields)}")
        return self


class OverlayCondition(TerritoryCondition):
    """Which order lines belong, by the same fields and by territory."""

    territory: list[Text] | None = Field(
        default=None, min_length=1, description="Territories the line lies in, whoever is credited with it."
    )


class CreditTo(Model):
    """Who is credited: one person, or the head of a unit on the day of the order."""

    employee: Text | None = Field(default=None, description="Employee number.")
    unit: Text | None = Field(default=None, description="Code of the unit whose head is credited.")

    @model_validator(mode="after")
    def _one_is_given(self) -> "CreditTo":
        if (self.employee is None) == (self.unit is None):
            raise ValueError("name either an employee or a unit")
        return self


class _Claim(Model):
    """What territories and overlays have in common."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")] = Field(
        description="Shown on every sale it decides; keep it when the name changes."
    )
    name: Names = Field(description="Name people read.")
    credit: CreditTo = Field(description="Who is credited.")
    valid_from: date | None = Field(
        default=None, description="First order day it holds for; give a change its day, so that history stays."
    )
    valid_to: date | None = Field(default=None, description="First order day it no longer holds for.")

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> "_Claim":
        if self.valid_from and self.valid_to and self.valid_from >= self.valid_to:
            raise ValueError(f"valid_from ({self.valid_from}) must come before valid_to ({self.valid_to})")
        return self


class Territory(_Claim):
    """Order lines that belong to one person or unit."""

    when: TerritoryCondition = Field(description="Which order lines lie in it.")


class Overlay(_Claim):
    """A second credit on order lines (a product specialist's); it counts double on purpose and is never in bookings."""

    when: OverlayCondition = Field(description="Which order lines it is paid on.")
    share_pct: Annotated[Decimal, Field(gt=0, le=100, max_digits=10, decimal_places=7)] = Field(
        description="Percent of the line's amount."
    )


class CreditRule(Model):
    """One step of deciding who is credited with a sale; the first rule that finds somebody wins."""

    rule: RuleName = Field(
        description="explicit_split: recorded shares; order_owner: salesperson of the order; opportunity_owner: owner "
        "of the deal it came from; account_owner: owner of the customer, as last known; territory: the first of "
        "`territories` the line lies in; overlay: no step, but second credits beside it (`overlays`)."
    )
    territories: list[Territory] | None = Field(
        default=None, min_length=1, description="Only of the rule territory: tried from top to bottom."
    )
    overlays: list[Overlay] | None = Field(
        default=None, min_length=1, description="Only of the rule overlay: all that hold are paid."
    )

    @model_validator(mode="after")
    def _has_what_its_rule_needs(self) -> "CreditRule":
        for rule, field in (("territory", "territories"), ("overlay", "overlays")):
            if (self.rule == rule) != (getattr(self, field) is not None):
                raise ValueError(f"the rule {rule} has a list `{field}`, and no other rule has")
        return self


class CreditRules(RootModel[list[CreditRule]]):
    """`credit_rules.yaml`: the rules in the order they are tried; what none of them settles goes to `unassigned`."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="after")
    def _each_rule_once(self) -> "CreditRules":
        refuse_repeated([item.rule for item in self.root], "rule {} is listed more than once; the second never applies")
        return self

    @model_validator(mode="after")
    def _each_id_once(self) -> "CreditRules":
        territories = [one.id for item in self.root for one in item.territories or ()]
        overlays = [one for item in self.root for one in item.overlays or ()]
        refuse_repeated(territories, "two territories have the id {}; give each its own")
        refuse_repeated([one.id for one in overlays], "two overlays have the id {}; give each its own")
        for overlay in overlays:
            for territory in overlay.when.territory or ():
                if territory not in territories:
                    raise ValueError(f"overlay {overlay.id}: there is no territory '{territory}'")
        return self


def refuse_repeated(names: list[Any], message: str) -> None:
    """Raises ValueError with the first name (put into the message) that stands in the list more than once."""
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(message.format(repeated[0]))


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


class RestatementApproval(Model):
    """A person's word that values of a closed period may move to what is booked in the ledger of restatements."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")] = Field(
        description="Shown on every row of the ledger it approves; one of a kind in the folder."
    )
    period_type: PeriodType = Field(description="month, quarter or year (quarters and years are fiscal).")
    period_start: date = Field(description="First calendar day of the period; it approves this period alone.")
    through_booking: int = Field(
        ge=1,
        description="Number of the last booking that was looked at (`scoreline restatements` shows it). A person or "
        "unit with a later booking in the period stays as it is until that is approved too.",
    )
    subjects: list[Text] | None = Field(
        default=None,
        min_length=1,
        description="Employees, units or `company` whose values move, by id; left out: all of the period.",
    )
    reason: Text = Field(description="Why the published values may move.")
    approved_by: Text = Field(description="Who approved it.")
    approved_on: Annotated[date, BeforeValidator(_day)] = Field(description="Day of the approval, YYYY-MM-DD.")


class RestatementApprovals(RootModel[list[RestatementApproval]]):
    """`approvals/<name>.yaml`: without an approval a closed value stands, and the difference waits in the ledger."""

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
    widen: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Columns that land as text, by stream, because their type changed at the source, e.g. "
        "{account: [score]}.",
    )


VARIABLE = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""A reference `${NAME}`; `$${` is the escape that stands for a literal `${`."""
