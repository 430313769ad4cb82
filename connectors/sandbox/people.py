"""What HR and market research know about the benchmark company, as plain records; see `company` for the rest."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class EmploymentEvent:
    """Somebody was hired, moved or left; of a leaver `day` is the first day no longer employed."""

    key: str
    employee_number: str
    event_type: str  # hired, transfer, left
    day: date
    is_voluntary: bool | None = None
    reason: str | None = None


@dataclass(frozen=True)
class HeadcountPlan:
    """Posts planned in one unit, those of units below not counted, for one half-open period."""

    key: str
    unit_code: str
    posts: int
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class Training:
    """A course somebody took or has to take."""

    key: str
    employee_number: str
    course: str
    is_required: bool
    due: date | None
    completed: date | None
    hours: Decimal
    score: Decimal | None


@dataclass(frozen=True)
class Review:
    """What one rater says about one employee for a quarter; `is_complete` is None while nothing is handed in."""

    key: str
    review_key: str
    employee_number: str
    rater_number: str | None
    rater_kind: str  # manager, peer, customer, self, hr
    period_start: date
    due: date | None
    submitted: date | None
    score: Decimal | None
    is_complete: bool | None
    comment: str | None
    scale_max: Decimal | None = None


@dataclass(frozen=True)
class CoachingTalk:
    """A talk of a manager with somebody about how the work goes."""

    key: str
    manager_number: str
    employee_number: str
    day: date
    status: str  # done, planned, cancelled


@dataclass(frozen=True)
class StaffAnswer:
    """How content somebody is with the appraisal, 1 to 5; `employee_number` is None where the answer bears no name."""

    key: str
    employee_number: str | None
    score: Decimal
    day: date


@dataclass(frozen=True)
class MarketSize:
    """What all suppliers sell in a market; `unit_code` None: the whole company's; an industry: a segment of it."""

    key: str
    market: str
    unit_code: str | None
    industry: str | None
    period_type: str
    period_start: date
    amount: Decimal
    currency: str
    publisher: str


@dataclass(frozen=True)
class Staff:
    """All that HR keeps beside postings, each in a fixed order."""

    events: tuple[EmploymentEvent, ...] = ()
    plans: tuple[HeadcountPlan, ...] = ()
    trainings: tuple[Training, ...] = ()
    reviews: tuple[Review, ...] = ()
    talks: tuple[CoachingTalk, ...] = ()
    answers: tuple[StaffAnswer, ...] = ()
