"""Working days, holidays and business hours of a company: what `calendar` in company.yaml means, day by day."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.company import load_company, registry
from pipelines.company.calendar import CalendarDay, calendar_days
from pipelines.company.lint import lint
from pipelines.company.load import CompanyError
from pipelines.company.models import Calendar
from tests.pipelines.company_folder import COMPANY, STUB, write

AS_OF = date(2025, 12, 31)
CHINA = Calendar(country="CN")


@pytest.fixture(autouse=True)
def stub_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.TYPES, "stub", STUB)


def days(calendar: Calendar, language: str = "zh") -> dict[date, CalendarDay]:
    return {day.date_day: day for day in calendar_days(calendar, language, AS_OF)}


def test_china_2025_works_and_rests_as_the_state_council_announced() -> None:
    # General Office of the State Council, notice of 12 November 2024 on the public holidays of 2025
    off = {
        *(date(2025, 1, day) for day in (1, 28, 29, 30, 31)),
        *(date(2025, 2, day) for day in (1, 2, 3, 4)),
        *(date(2025, 4, day) for day in (4, 5, 6)),
        *(date(2025, 5, day) for day in (1, 2, 3, 4, 5, 31)),
        *(date(2025, 6, day) for day in (1, 2)),
        *(date(2025, 10, day) for day in range(1, 9)),
    }
    moved = {date(2025, 1, 26), date(2025, 2, 8), date(2025, 4, 27), date(2025, 9, 28), date(2025, 10, 11)}
    year = [day for day in days(CHINA).values() if day.date_day.year == 2025]
    for day in year:
        expected = day.date_day in moved or (day.date_day.weekday() < 5 and day.date_day not in off)
        assert day.is_working_day == expected, day
    assert sum(day.is_working_day for day in year) == 248


def test_holidays_are_named_in_the_companys_language_and_in_english() -> None:
    spring = days(CHINA)[date(2025, 1, 29)]
    assert (spring.holiday_name, spring.holiday_name_en) == ("春节", "Chinese New Year (Spring Festival)")
    assert days(CHINA, "en")[date(2025, 1, 29)].holiday_name == "Chinese New Year (Spring Festival)"
    bavaria = days(Calendar(country="DE", subdivision="BY"))[date(2025, 1, 6)]
    assert (bavaria.is_working_day, bavaria.holiday_name) == (False, "Heilige Drei Könige")
    assert days(Calendar(country="DE"))[date(2025, 1, 6)].is_working_day


def test_without_a_calendar_people_work_monday_to_friday_from_nine_to_six() -> None:
    plain = days(Calendar())
    assert all(day.is_working_day == (day.date_day.weekday() < 5) for day in plain.values())
    assert {(day.opening_minute, day.closing_minute, day.holiday_name) for day in plain.values()} == {(540, 1080, None)}
    assert (min(plain), max(plain)) == (date(2000, 1, 1), date(2027, 12, 31))


def test_the_companys_own_days_win_over_the_countrys(tmp_path: Path) -> None:
    stated = (
        "calendar:\n  country: CN\n  weekend: [sun]\n  extra_holidays: [2025-12-24]\n"
        "  extra_working_days: [2025-10-01]\n  business_hours: ['08:30', 17:30]\n"
    )
    company = load_company(write(tmp_path, {"company.yaml": COMPANY + stated}), {"ERP_PASSWORD": "x"})
    own = days(company.settings.calendar)
    working = {day.isoformat(): own[day].is_working_day for day in (date(2025, 12, 24), date(2025, 10, 1))}
    assert working == {"2025-12-24": False, "2025-10-01": True}
    assert own[date(2025, 12, 24)].holiday_name == "公司假日"
    assert own[date(2025, 6, 7)].is_working_day  # a Saturday, worked here
    assert (own[AS_OF].opening_minute, own[AS_OF].closing_minute) == (510, 1050)


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ("{country: XX}", "no public holidays are known for the country 'XX'; use an ISO 3166 code such as CN or DE"),
        ("{country: CN, subdivision: BY}", "CN has no subdivision 'BY' with holidays of its own; leave it out"),
        ("{business_hours: ['18:00', '09:00']}", "business_hours must open before they close, found 18:00 to 09:00"),
        (
            "{extra_holidays: [2025-12-24], extra_working_days: [2025-12-24]}",
            "2025-12-24 is both an extra holiday and an extra working day; keep one of the two",
        ),
        ("{subdivision: BY}", "a subdivision needs its country"),
    ],
)
def test_a_calendar_that_cannot_be_kept_is_named_with_its_line(tmp_path: Path, stated: str, message: str) -> None:
    folder = write(tmp_path, {"company.yaml": COMPANY + f"calendar: {stated}\n"})
    with pytest.raises(CompanyError) as caught:
        load_company(folder, {"ERP_PASSWORD": "x"})
    assert [str(problem) for problem in caught.value.problems] == [f"company.yaml:10: calendar: {message}"]


def test_one_more_day_does_not_change_the_calendar_of_the_year() -> None:
    assert list(calendar_days(CHINA, "zh", date(2025, 1, 1))) == list(calendar_days(CHINA, "zh", AS_OF))


def test_a_day_that_changes_nothing_is_a_warning(tmp_path: Path) -> None:
    stated = "calendar: {country: CN, extra_holidays: [2025-10-01, 2025-10-09], extra_working_days: [2025-02-08]}\n"
    company = load_company(write(tmp_path, {"company.yaml": COMPANY + stated}), {"ERP_PASSWORD": "x"})
    assert [finding.problem.field for finding in lint(company) if "changes nothing" in finding.problem.message] == [
        "calendar.extra_holidays[0]",
        "calendar.extra_working_days[0]",
    ]
