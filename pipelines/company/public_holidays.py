"""What the `holidays` library knows of a country: public holidays, and the weekends it works instead.

The library is imported when it is asked for: it costs a third of a second that most commands need not wait.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

_LANGUAGES = {"zh": ("zh_CN", "zh"), "en": ("en_US", "en_GB", "en")}


@dataclass(frozen=True)
class PublicHolidays:
    """Days off of one country by name, and the weekend days worked in exchange."""

    names: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))
    """In the language asked for where the library speaks it, else in the country's own."""
    names_en: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))
    working_weekends: Set[date] = frozenset()


def public_holidays(country: str, subdivision: str | None, language: str, years: Sequence[int]) -> PublicHolidays:
    """The public holidays of these years; country and subdivision must be known (see `unknown_place`)."""
    import holidays

    offered = holidays.list_localized_countries().get(country, [])
    # Named always: left out, the library would ask the machine for its language.
    home = holidays.country_holidays(country).default_language
    # A year more on both sides: days moved around New Year are announced with the neighbouring year.
    wanted = range(min(years) - 1, max(years) + 2)
    own, english = (
        holidays.country_holidays(country, subdiv=subdivision, years=wanted, language=_offered(spoken, offered) or home)
        for spoken in (language, "en")
    )
    return PublicHolidays(dict(own), dict(english), frozenset(own.weekend_workdays))


def unknown_place(country: str, subdivision: str | None) -> str | None:
    """What is wrong with a country or subdivision, in words with what to do; None when the library knows it."""
    import holidays

    known = holidays.list_supported_countries()
    if country not in known:
        return f"no public holidays are known for the country '{country}'; use an ISO 3166 code such as CN or DE"
    if subdivision is None or subdivision in known[country]:
        return None
    offered = f"use one of {', '.join(known[country])}" if known[country] else "leave it out"
    return f"{country} has no subdivision '{subdivision}' with holidays of its own; {offered}"


def _offered(language: str, offered: Sequence[str]) -> str | None:
    """The library's name of a language; None where it does not speak it for the country."""
    return next((name for name in _LANGUAGES[language] if name in offered), None)
