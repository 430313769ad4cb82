"""The shape of `incentives/<id>.yaml`: commission and bonus plans with every version ever in force, as pydantic models.

What belongs here: fields, their meaning, and what makes one plan wrong on its own. What a plan must agree on with the
rest of the company folder is `incentive_lint`; what the numbers mean exactly stands in docs/incentives.md.
"""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from pipelines.company.models import (
    Amount,
    Identifier,
    Model,
    Names,
    PeriodType,
    Score,
    Text,
    refuse_repeated,
)

Money = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=2)]
"""An amount in the reporting currency, in cents at the finest."""
Credit = Literal["bookings", "billings", "collections"]
Method = Literal["marginal", "retroactive"]


class Tier(Model):
    """One rate and from where on it is paid."""

    at_least: Amount = Field(
        ge=0,
        description="Where the rate begins: an amount of the period, or percent of the target reached (see `by`); the "
        "first tier begins at 0.",
    )
    rate_pct: Score = Field(ge=0, description="Percent of the amount that is paid.")


class Tiers(Model):
    """The rates of a commission."""

    by: Literal["amount", "attainment"] = Field(
        default="amount",
        description="What `at_least` is: an amount in the reporting currency, or percent of the person's target. "
        "Without a target the first rate is paid.",
    )
    method: Method = Field(
        default="marginal",
        description="marginal: each rate is paid on what lies above its border; retroactive: the last rate reached is "
        "paid on everything.",
    )
    steps: list[Tier] = Field(min_length=1, description="Rates, the lowest border first.")

    @model_validator(mode="after")
    def _begin_at_zero_and_rise(self) -> "Tiers":
        if self.steps[0].at_least != 0:
            raise ValueError(f"the first tier must begin at 0, but begins at {self.steps[0].at_least}")
        _refuse_falling([step.at_least for step in self.steps])
        return self


class Acceleration(Model):
    """One factor on the rates and from which attainment on it holds."""

    at_least: Score = Field(gt=0, description="Percent of the person's target from which on the factor holds.")
    factor: Score = Field(gt=0, description="Rates are multiplied by it; 1.5 pays half as much again.")


class Accelerators(Model):
    """Factors on the rates by how much of the target is reached; without a target there are none."""

    method: Method = Field(
        default="marginal",
        description="marginal: the factor holds for what lies above its border; retroactive: the last one reached "
        "holds for everything.",
    )
    steps: list[Acceleration] = Field(min_length=1, description="Factors, the lowest border first.")

    @model_validator(mode="after")
    def _rise(self) -> "Accelerators":
        _refuse_falling([step.at_least for step in self.steps])
        return self


class Guarantee(Model):
    """What is paid at least in a period, whatever was sold; the difference is never asked back."""

    amount: Money = Field(description="Least pay of a whole period; of a part by working days.")
    below_months: int | None = Field(
        default=None,
        ge=1,
        description="Only for people with fewer completed months with the company on a period's first day; null: all.",
    )


class Draw(Model):
    """An advance that fills the pay of a period up to an amount."""

    amount: Money = Field(description="Pay up to which the period is filled; of a part of a period by working days.")
    recoverable: bool = Field(
        description="true: what was filled up is owed and taken from later pay above the draw; false: it is a gift."
    )


class Clawback(Model):
    """What is taken back of commission that was paid before."""

    returns: bool = Field(
        default=True,
        description="Returns and credit notes after the period of the sale take back what was paid for it, in their "
        "own period, at the rate at which it was paid. Within its period a return always counts.",
    )
    bad_debt_days: int | None = Field(
        default=None,
        ge=0,
        description="Only on billings: what is still open of an invoice overdue by more days than this at the end of a "
        "period is taken back, and given again once it is paid; null: never.",
    )


class Commission(Model):
    """Pay for what a person is credited with; who shares a sale shares its commission."""

    pays_on: Credit = Field(
        description="bookings: confirmed order lines on the order's day; billings: posted invoice lines on the "
        "invoice's day; collections: payments on theirs. Shares of the credit rules apply."
    )
    basis: Literal["amount", "margin"] = Field(
        default="amount",
        description="amount: net amount; margin: amount less cost; a line of unknown cost earns nothing and says so.",
    )
    tiers: Tiers = Field(description="Rates.")
    accelerators: Accelerators | None = Field(default=None, description="Factors by attainment; left out: none.")
    cap: Money | None = Field(default=None, description="The most that is earned in a period; null: no limit.")
    guarantee: Guarantee | None = Field(default=None, description="What is paid at least; left out: nothing.")
    draw: Draw | None = Field(default=None, description="Advance; left out: none.")
    clawback: Clawback = Field(default_factory=Clawback, description="What is taken back.")
    after_leaving: Literal["paid", "forfeited"] = Field(
        default="paid",
        description="Whether a person still earns by what is credited on days after the last posting.",
    )

    @model_validator(mode="after")
    def _bad_debt_is_of_invoices(self) -> "Commission":
        if self.clawback.bad_debt_days is not None and self.pays_on != "billings":
            raise ValueError(
                f"bad_debt_days takes back what was paid for invoices; a plan on {self.pays_on} pays for none"
            )
        return self

    @model_validator(mode="after")
    def _margin_is_of_bookings(self) -> "Commission":
        if self.basis == "margin" and self.pays_on != "bookings":
            raise ValueError(f"margin is known of order lines: pay on bookings, not on {self.pays_on}")
        return self

    @property
    def target_metric(self) -> str:
        """The metric whose target attainment is measured by."""
        return "gross_margin" if self.basis == "margin" else self.pays_on


class Bonus(Model):
    """An amount by the grade of the period's appraisal."""

    grades: dict[Text, Money] = Field(min_length=1, description="Amount by grade; other grades get none.")
    pro_rata: bool = Field(
        default=True, description="true: by the working days that the score is made of, of those of the period."
    )


class Promotion(Model):
    """Who may be promoted: good grades in periods that follow each other."""

    grades: list[Text] = Field(min_length=1, description="Grades that count.")
    periods: int = Field(ge=1, description="In how many periods in a row, the last one included.")
    to_role: Identifier | None = Field(default=None, description="Role id of company.yaml to which people move up.")


class Course(Model):
    """What helps with one component of the appraisal."""

    metric: Identifier = Field(description="Component of the appraisal: a metric id, or `rating`.")
    course: Names = Field(description="Training suggested.")


class Training(Model):
    """Training suggested by weak components of the appraisal."""

    below_points: Score = Field(gt=0, description="Points below which a component is weak.")
    at_most: int = Field(default=2, ge=1, description="How many are suggested to one person, the weakest first.")
    courses: list[Course] = Field(min_length=1, description="Training by component.")

    @model_validator(mode="after")
    def _each_component_once(self) -> "Training":
        refuse_repeated([one.metric for one in self.courses], "the component {} has two courses; name one")
        return self


class PlanVersion(Model):
    """One version of an incentive plan, valid until the next version begins."""

    version: int = Field(ge=1, description="1 for the first version, rising by one.")
    valid_from: date = Field(description="First day of validity; periods that start on or after it use this version.")
    approved_by: Text = Field(description="Who approved this version.")
    review_by: date | None = Field(
        default=None, description="Day by which it is looked at again; check warns after it."
    )
    roles: list[Identifier] = Field(min_length=1, description="Role ids of company.yaml that take part.")
    commission: Commission | None = Field(default=None, description="Pay by what is sold; left out: none.")
    bonus: Bonus | None = Field(default=None, description="Pay by the grade; left out: none.")
    promotion: Promotion | None = Field(default=None, description="Who may be promoted; left out: nobody by this plan.")
    training: Training | None = Field(default=None, description="Training suggested; left out: none.")

    @model_validator(mode="after")
    def _has_an_incentive(self) -> "PlanVersion":
        if not (self.commission or self.bonus or self.promotion or self.training):
            raise ValueError("say what there is to earn: commission, bonus, promotion or training")
        refuse_repeated(self.roles, "the role {} is listed twice")
        return self


class Plan(Model):
    """`incentives/<id>.yaml`: what people of some roles can earn, with all versions ever in force."""

    id: Identifier = Field(description="Same as the file name without .yaml.")
    name: Names = Field(description="Name people read.")
    period_type: PeriodType = Field(
        description="Length of the period that is paid; the same in all versions: for another make another plan."
    )
    versions: list[PlanVersion] = Field(min_length=1, description="Versions, the oldest first.")

    @model_validator(mode="after")
    def _versions_follow_each_other(self) -> "Plan":
        for earlier, later in pairwise(self.versions):
            if later.version <= earlier.version:
                raise ValueError(f"version {later.version} follows version {earlier.version}; versions must rise")
            if later.valid_from <= earlier.valid_from:
                raise ValueError(
                    f"version {later.version} starts on {later.valid_from}, not after version {earlier.version} "
                    f"({earlier.valid_from})"
                )
        return self


def _refuse_falling(borders: list[Decimal]) -> None:
    for one, following in pairwise(borders):
        if following <= one:
            raise ValueError(f"at_least must rise from step to step, but {following} follows {one}")
