"""Suite of the company's calendar."""

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, suite
from expectations.shape import not_empty

_MODEL = (
    "This is a defect of the dim_date model or of config.calendar_day, not of the data: tell the team, with the rows."
)


def dim_date(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every day is there, the running counts grow by working days alone."""
    return suite(
        "core.dim_date",
        *shape,
        not_empty(),
        failing_rows(
            "no_day_missing",
            "select date_day, lag(date_day) over (order by date_day) as day_before from {batch} "
            "qualify date_day - day_before <> 1",
            en="Every day of the calendar is there",
            zh="日历中每一天都存在，没有缺日",
            do=_MODEL,
        ),
        failing_rows(
            "counts_grow_on_working_days",
            "select * from (select date_day, is_working_day, closing_minute - opening_minute as open_minutes, "
            "working_day_number - lag(working_day_number) over (order by date_day) as days_more, "
            "working_minutes - lag(working_minutes) over (order by date_day) as minutes_more from {batch}) "
            "where days_more <> case when is_working_day then 1 else 0 end "
            "or minutes_more <> case when is_working_day then open_minutes else 0 end",
            en="Working days and business minutes grow on working days and on no others",
            zh="工作日数和工作分钟数只在工作日增加",
            do=_MODEL,
        ),
        failing_rows(
            "facts_lie_in_the_calendar",
            "select booked_date, count(*) as sales from core.fct_sales_credit where booked_date is not null "
            "and booked_date not in (select date_day from {batch}) group by booked_date",
            en="Every sale's day is in the calendar (2000 to two years ahead)",
            zh="每笔销售的日期都在日历范围内（2000 年起至两年后）",
            do="Correct the order's date at its source: it lies before 2000 or more than two years ahead.",
            severity="warning",
        ),
    )
