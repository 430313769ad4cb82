"""What happens to the benchmark company's people: hired and gone, trained, coached, appraised, asked; posts planned.

Every second leaver has an event that says whether the person wished to leave; of the others the staff list alone tells
that they left. First-day courses lie years before the sales data, reviews of the last quarter fall due after it.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

from connectors.sandbox.company import OPEN_END, Assignment, Employee, UnitVersion
from connectors.sandbox.people import (
    CoachingTalk,
    EmploymentEvent,
    HeadcountPlan,
    Review,
    Staff,
    StaffAnswer,
    Training,
)

PLAN_CHANGE_DAY = date(2025, 9, 16)
REVIEW_DAYS = timedelta(days=14)
COURSES = ("新品应用", "价格与合同", "信息安全", "客户沟通")
FIRST_COURSE = "入职培训"
WISHED, DISMISSED = ("个人发展", "家庭原因", "薪酬"), ("业绩不达标", "岗位撤销")


def staff(
    rng: Callable[[str], Random],
    units: Sequence[UnitVersion],
    employees: Sequence[Employee],
    assignments: Sequence[Assignment],
    first_day: date,
    last_day: date,
) -> Staff:
    """All of it; each part draws from a generator of its own."""
    starts = _quarters(first_day, last_day)
    return Staff(
        events=tuple(_events(rng("employment"), employees, assignments)),
        plans=tuple(_plans(rng("plans"), units, assignments, first_day)),
        trainings=tuple(_trainings(rng("trainings"), employees, starts, last_day)),
        reviews=(
            *_reviews(rng("reviews"), assignments, starts, last_day),
            *_peer_reviews(rng("peer_reviews"), assignments, starts, last_day),
        ),
        talks=tuple(_talks(rng("talks"), assignments, first_day, last_day)),
        answers=tuple(_answers(rng("answers"), employees, starts, last_day)),
    )


def _quarters(first_day: date, last_day: date) -> list[date]:
    """First days of the quarters of the sales data."""
    days = [date(year, month, 1) for year in range(first_day.year, last_day.year + 1) for month in (1, 4, 7, 10)]
    return [day for day in days if first_day <= day <= last_day]


def _next_quarter(start: date) -> date:
    return date(start.year + start.month // 10, (start.month + 2) % 12 + 1, 1)


def _posted(assignments: Sequence[Assignment], day: date) -> list[Assignment]:
    return [posting for posting in assignments if posting.valid_from <= day < posting.valid_to]


def _employed(employee: Employee, day: date) -> bool:
    return employee.hired <= day and (employee.left is None or day < employee.left)


def _events(rng: Random, employees: Sequence[Employee], assignments: Sequence[Assignment]) -> Iterator[EmploymentEvent]:
    found: list[tuple[date, str, str, bool | None, str | None]] = []
    for employee in employees:
        found.append((employee.hired, employee.number, "hired", None, None))
        own = [posting for posting in assignments if posting.employee_number == employee.number]
        moves = pairwise(own)
        found += [
            (later.valid_from, employee.number, "transfer", None, None)
            for earlier, later in moves
            if earlier.unit_code != later.unit_code
        ]
    for rank, employee in enumerate(one for one in employees if one.left):
        wished = rng.random() < 0.7
        if rank % 2 == 0 and employee.left:
            reason = rng.choice(WISHED if wished else DISMISSED)
            found.append((employee.left, employee.number, "left", wished, reason))
    for rank, (day, number, kind, voluntary, why) in enumerate(sorted(found, key=lambda one: one[:3]), 1):
        yield EmploymentEvent(f"PE{rank:06d}", number, kind, day, voluntary, why)


def _plans(
    rng: Random, units: Sequence[UnitVersion], assignments: Sequence[Assignment], first_day: date
) -> Iterator[HeadcountPlan]:
    """Posts of all units but the company and the last region; every third team gets one more in mid-month."""
    codes = list(dict.fromkeys(unit.code for unit in units if unit.unit_type in ("division", "region", "team")))
    unplanned = [unit.code for unit in units if unit.unit_type == "region"][-1]
    begun = {code: min(unit.valid_from for unit in units if unit.code == code) for code in codes}
    for rank, code in enumerate(code for code in codes if code != unplanned):
        seated = sum(posting.unit_code == code for posting in _posted(assignments, max(first_day, begun[code])))
        posts = max(1, seated + rng.randrange(-1, 3))
        if rank % 3:
            yield HeadcountPlan(f"{code}-1", code, posts, begun[code], OPEN_END)
        else:
            yield HeadcountPlan(f"{code}-1", code, posts, begun[code], PLAN_CHANGE_DAY)
            yield HeadcountPlan(f"{code}-2", code, posts + 1, PLAN_CHANGE_DAY, OPEN_END)


def _trainings(
    rng: Random, employees: Sequence[Employee], starts: Sequence[date], last_day: date
) -> Iterator[Training]:
    number = 0
    for employee in employees:
        hired = employee.hired
        planned: list[tuple[str, bool, date | None, date]] = [
            (FIRST_COURSE, True, hired + timedelta(days=30), hired + timedelta(days=rng.randrange(45)))
        ]
        for start in starts:
            if _employed(employee, start):
                required, due = rng.random() < 0.6, start + timedelta(days=rng.randrange(50, 90))
                day = start + timedelta(days=rng.randrange(110))
                planned.append((rng.choice(COURSES), required, due if required else None, day))
        for course, required, deadline, day in planned:
            number += 1
            done = _employed(employee, day) and day <= last_day and rng.random() < 0.9
            hours, score = Decimal(rng.randrange(2, 17)), Decimal(rng.randrange(60, 101))
            yield Training(
                f"TR{number:06d}",
                employee.number,
                course,
                required,
                deadline,
                day if done else None,
                hours,
                score if done else None,
            )


def _reviews(
    rng: Random, assignments: Sequence[Assignment], starts: Sequence[date], last_day: date
) -> Iterator[Review]:
    """For each quarter the manager (of who has none: HR) and the employee fill in a form, due two weeks after it."""
    hr = next(posting.employee_number for posting in assignments if posting.role == "hr")
    number = 0
    for start in starts:
        end = _next_quarter(start)
        for posting in sorted(_posted(assignments, end - timedelta(days=1)), key=lambda one: one.employee_number):
            subject, manager = posting.employee_number, posting.manager_number
            for kind, rater in (("manager" if manager else "hr", manager or hr), ("self", subject)):
                number += 1
                submitted = end + timedelta(days=rng.randrange(2, 20))
                handed_in = submitted <= last_day and rng.random() < 0.95
                score, complete = Decimal(rng.randrange(50, 101)), rng.random() < 0.85
                yield Review(
                    f"RV{number:06d}",
                    f"{subject}-{start:%Y%m}",
                    subject,
                    rater,
                    kind,
                    start,
                    end + REVIEW_DAYS,
                    submitted if handed_in else None,
                    score if handed_in else None,
                    complete if handed_in else None,
                    "继续保持" if handed_in and score >= 90 else None,
                )


def _peer_reviews(
    rng: Random, assignments: Sequence[Assignment], starts: Sequence[date], last_day: date
) -> Iterator[Review]:
    """Colleagues and customers are asked about those who sell and serve, on a scale of five, without a day it is due.

    From one to five colleagues answer, so that some stay below every floor; customers give no name. A tenth of them
    does not answer.
    """
    number = 0
    for start in starts:
        end = _next_quarter(start)
        posted = sorted(_posted(assignments, end - timedelta(days=1)), key=lambda one: one.employee_number)
        people = [posting.employee_number for posting in posted if posting.role in ("sales_rep", "after_sales")]
        for subject in people:
            others = [person for person in people if person != subject]
            raters = rng.sample(others, min(rng.randrange(1, 6), len(others)))
            asked = [("peer", rater) for rater in raters] + [("customer", None)] * rng.randrange(0, 5)
            for kind, rater in asked:
                number += 1
                day, score, answers = end + timedelta(days=rng.randrange(1, 15)), rng.randrange(5, 11), rng.random()
                handed_in = day <= last_day and answers < 0.9
                yield Review(
                    f"PR{number:06d}",
                    f"{subject}-{start:%Y%m}",
                    subject,
                    rater,
                    kind,
                    start,
                    None,
                    day if handed_in else None,
                    Decimal(score) / 2 if handed_in else None,
                    None,
                    None,
                    Decimal(5),
                )


def _talks(rng: Random, assignments: Sequence[Assignment], first_day: date, last_day: date) -> Iterator[CoachingTalk]:
    """Managers talk with their people about every second month; most talks take place."""
    number, day = 0, first_day
    while day <= last_day:
        for posting in sorted(_posted(assignments, day), key=lambda one: one.employee_number):
            if posting.manager_number and rng.random() < 0.5:
                number += 1
                status = rng.choice(("done",) * 8 + ("cancelled", "planned"))
                held = day + timedelta(days=rng.randrange(28))
                yield CoachingTalk(f"CT{number:06d}", posting.manager_number, posting.employee_number, held, status)
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _answers(
    rng: Random, employees: Sequence[Employee], starts: Sequence[date], last_day: date
) -> Iterator[StaffAnswer]:
    """After each quarter's appraisal the staff are asked; two in three answer, one in five without a name."""
    number = 0
    for start in starts:
        asked = _next_quarter(start) + timedelta(days=20)
        for employee in employees:
            day = asked + timedelta(days=rng.randrange(10))
            score, answers, named = Decimal(rng.randrange(1, 6)), rng.random() < 0.67, rng.random() < 0.8
            if answers and day <= last_day and _employed(employee, day):
                number += 1
                yield StaffAnswer(f"SA{number:06d}", employee.number if named else None, score, day)
