"""Birth dates in many notations as eight digits, kept even where no calendar knows them: typing errors are evidence."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from pipelines.customers.normalise.text import Trail

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年\s]\s*(\d{1,2})\s*[-/.月\s]\s*(\d{1,2})\s*[日号]?(?:\D.*)?")
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.\s]\s*(\d{1,2})\s*[-/.\s]\s*(\d{4})(?:\D.*)?")
_DIGITS = re.compile(r"(\d{8})(?:\.0)?(?:[t\s].*)?")
_DAY_MONTH_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s.,/-]*([a-z]{3})[a-z]*[\s.,/-]*(\d{4})")
_MONTH_NAME_DAY = re.compile(r"([a-z]{3})[a-z]*[\s.,/-]*(\d{1,2})(?:st|nd|rd|th)?[\s.,/-]*(\d{4})")


class BirthDate(NamedTuple):
    """Eight digits, and the step that led there."""

    digits: str | None = None
    steps: str = ""


def _with_month_name(text: str) -> str | None:
    found = _DAY_MONTH_NAME.fullmatch(text)
    if found:
        day, month, year = found.groups()
    else:
        found = _MONTH_NAME_DAY.fullmatch(text)
        if not found:
            return None
        month, day, year = found.groups()
    return f"{year}{_MONTHS.index(month) + 1:02d}{int(day):02d}" if month in _MONTHS else None


def _year_last(first: int, second: int, year: str, country: str | None) -> str:
    """Day first, as most of the world writes; month first in the United States and where the second can be no month."""
    month_first = first <= 12 and (country == "US" or second > 12)
    month, day = (first, second) if month_first else (second, first)
    return f"{year}{month:02d}{day:02d}"


def _digits(text: str, country: str | None) -> str | None:
    found = _DIGITS.fullmatch(text)
    if found:
        return found.group(1)
    found = _YEAR_FIRST.fullmatch(text)
    if found:
        return f"{found.group(1)}{int(found.group(2)):02d}{int(found.group(3)):02d}"
    found = _YEAR_LAST.fullmatch(text)
    if found:
        return _year_last(int(found.group(1)), int(found.group(2)), found.group(3), country)
    return _with_month_name(text)


@lru_cache(maxsize=200_000)
def birth_date(written: str | None, country: str | None = None) -> BirthDate:
    """'YYYYMMDD' as understood in the country; None where they cannot be told apart, and for all zeros."""
    if not written:
        return BirthDate()
    trail = Trail("birth_date")
    digits = _digits(unicodedata.normalize("NFKC", written).strip().lower(), country)
    if digits is not None and digits.strip("0") == "":
        digits = None
    trail.note("digits", written, digits)
    return BirthDate(digits, trail.json())
