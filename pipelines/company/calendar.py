"""The company's calendar day by day: who works when. What it knows of a country's holidays is `public_holidays`.

Public holidays and the weekends worked instead are known as far as they are announced: China's State Council names them
each autumn for the year after. Later years hold the fixed and lunar holidays without moved days.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.company.models import Calendar
from pipelines.company.public_holidays import PublicHolidays, public_holidays

FIRST_DAY = date(2000, 1, 1)
"""No fact of a sales system is older."""
YEARS_AHEAD = 2
EXTRAS = ("extra_holidays", "extra_working_days")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_COMPANY_HOLIDAY = {"zh": "公司假日", "en": "Company holiday"}


@dataclass(frozen=True)
class CalendarDay:
    """One day of the company; the minutes count from midnight and are the same for every day."""

    date_day: date
    is_working_day: bool
    holiday_name: str | None
    """In the company's first language where the library knows it, else as the country writes it; null: none."""
    holiday_name_en: str | None
    opening_minute: int
    closing_minute: int


def calendar_days(calendar: Calendar, language: str, as_of: date) -> Iterator[CalendarDay]:
    """Every day from `FIRST_DAY` to the end of the second year after `as_of`, in order.

    Whole years, so that one day more does not change the calendar. What the company names itself (extra working days,
    then extra holidays) wins over the country's word, and that over the weekend.
    """
    last_day = date(as_of.year + YEARS_AHEAD, 12, 31)
    public = _public_holidays(calendar, language, last_day)
    for offset in range((last_day - FIRST_DAY).days + 1):
        day = FIRST_DAY + timedelta(days=offset)
        yield CalendarDay(
            date_day=day,
            is_working_day=_is_working(calendar, public, day),
            holiday_name=_name(calendar, public.names, day, language),
            holiday_name_en=_name(calendar, public.names_en, day, "en"),
            opening_minute=calendar.opening_minute,
            closing_minute=calendar.closing_minute,
        )


def idle_extras(calendar: Calendar) -> Iterator[tuple[str, int, date]]:
    """Extra days (field, position, day) that change nothing: outside the calendar, or so without being named."""
    extras = [(field, index, day) for field in EXTRAS for index, day in enumerate(getattr(calendar, field))]
    if not extras:
        return
    plain = calendar.model_copy(update={field: [] for field in EXTRAS})
    public = _public_holidays(plain, "en", max(FIRST_DAY, *(day for _, _, day in extras)))
    for field, index, day in extras:
        if day < FIRST_DAY or _is_working(plain, public, day) == (field == "extra_working_days"):
            yield field, index, day


def _public_holidays(calendar: Calendar, language: str, last_day: date) -> PublicHolidays:
    if calendar.country is None:
        return PublicHolidays()
    years = range(FIRST_DAY.year, last_day.year + 1)
    return public_holidays(calendar.country, calendar.subdivision, language, years)


def _is_working(calendar: Calendar, public: PublicHolidays, day: date) -> bool:
    if day in calendar.extra_working_days:
        return True
    if day in calendar.extra_holidays:
        return False
    if day in public.working_weekends:
        return True
    return day not in public.names and _WEEKDAYS[day.weekday()] not in calendar.weekend


def _name(calendar: Calendar, names: Mapping[date, str], day: date, language: str) -> str | None:
    return names.get(day) or (_COMPANY_HOLIDAY[language] if day in calendar.extra_holidays else None)
