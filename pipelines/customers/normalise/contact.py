"""Contact points: e-mail, telephone, website. A free-mail domain is no evidence of a firm (`data/free_mail.yaml`)."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

import phonenumbers

from pipelines.customers.normalise.text import Trail, data_file

_EMAIL = re.compile(r"([^\s@<>,;:\"'()]+)@([^\s@<>,;:\"'()]+\.[^\s@<>,;:\"'().]+)")
_EXTENSION = re.compile(
    r"\s*(?:转接?|分机号?|內線|内线|extension|extn?\.?|x|#|,|;)\s*[:：.]?\s*(\d{1,6})\D*$", re.IGNORECASE
)
# 021-58881234-8001: a third group after area code and number, or one after a long number
_DASHED_EXTENSION = re.compile(r"^(\+?[\d\s()]*-?\d{7,8}|.*\d{3,4}[-)\s]\d{7,8})-(\d{1,6})$")
_MARKED = re.compile(r"[^\d\s()+./-]")
_CHINESE_MOBILE = re.compile(r"(?:\+?86|0086)?1[3-9]\d{9}")
# a slash parts two numbers only behind a whole one: 089/4395458 is one number
_SEVERAL = re.compile(r"(?:[、;|]|(?<=\d{6})\s*/|(?<=\d{3}[\s-]\d{3})\s*/)\s*(?=[+(]?\d{2,}[-\s)]?\d{5,})|\s或\s")
_SHORTEST_PHONE = 5


class Email(NamedTuple):
    """`domain` is None for free mail."""

    address: str | None = None
    local: str | None = None
    domain: str | None = None
    steps: str = ""


class Phone(NamedTuple):
    """`number` in E.164 where it parses, else its digits; `national` without the country's prefix."""

    number: str | None = None
    national: str | None = None
    extension: str | None = None
    steps: str = ""


class Website(NamedTuple):
    """The host a website is at."""

    domain: str | None = None
    steps: str = ""


@cache
def free_mail_domains() -> frozenset[str]:
    """The domains anybody can have an address at."""
    return frozenset(data_file("free_mail.yaml"))


@lru_cache(maxsize=200_000)
def email(written: str | None) -> Email:
    """Lower case, without display name or `mailto:`; nothing where no address can be read."""
    if not written:
        return Email()
    trail = Trail("email")
    found = _EMAIL.search(unicodedata.normalize("NFKC", written).lower())
    if not found:
        trail.note("unreadable", written, None)
        return Email(steps=trail.json())
    local, domain = found.group(1).strip("."), found.group(2)
    trail.note("address", written, f"{local}@{domain}")
    if domain in free_mail_domains():
        trail.note("free_mail", domain, None)
        return Email(f"{local}@{domain}", local, None, trail.json())
    return Email(f"{local}@{domain}", local, domain, trail.json())


def _split_extension(text: str) -> tuple[str, str | None]:
    marked = _EXTENSION.search(text) if _MARKED.search(text) else None
    if marked and sum(map(str.isdigit, text[: marked.start()])) >= _SHORTEST_PHONE:
        return text[: marked.start()], marked.group(1)
    dashed = _DASHED_EXTENSION.search(text) if "-" in text else None
    return (dashed.group(1), dashed.group(2)) if dashed else (text, None)


def _parsed(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None  # the digits remain as evidence
    return number if phonenumbers.is_possible_number(number) else None


def _number(text: str, digits: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    """In its country; a Chinese mobile number is one wherever it stands; without a country, American if valid there."""
    abroad = text.startswith("+") and not digits.startswith("86")  # +1 313 206 2735 has eleven digits, too
    if _CHINESE_MOBILE.fullmatch(digits) and not abroad:
        return _parsed(digits[-11:], "CN")
    if text.startswith("00"):
        text = "+" + text[2:]
    number = _parsed(text, country)
    if number is None and not country and len(digits) in (10, 11):
        guess = _parsed(digits, "US")
        number = guess if guess is not None and phonenumbers.is_valid_number(guess) else None
    return number


@lru_cache(maxsize=200_000)
def phone(written: str | None, country: str | None) -> Phone:
    """One telephone number as dialled from anywhere; of several the first. `country` is ISO 3166 alpha-2 or None."""
    if not written:
        return Phone()
    trail = Trail("phone")
    text, extension = _split_extension(_SEVERAL.split(unicodedata.normalize("NFKC", written).strip(), maxsplit=1)[0])
    digits = re.sub(r"\D", "", text)
    if len(digits) < _SHORTEST_PHONE or len(set(digits)) == 1:
        trail.note("placeholder", written, None)
        return Phone(steps=trail.json())
    parsed = _number(text, digits, country)
    if parsed is None:
        trail.note("digits", written, digits)
        return Phone(digits, digits.lstrip("0"), extension, trail.json())
    national = phonenumbers.national_significant_number(parsed)
    number = f"+{parsed.country_code}{national}"
    trail.note("e164", written, number)
    return Phone(number, national, extension, trail.json())


def calling_country(written: str | None, line: Phone) -> str | None:
    """ISO 3166 alpha-2 of the country a number is written with (+81, 0081): a firm's line is where the firm is."""
    if not written or not line.number or not line.number.startswith("+"):
        return None
    if not re.match(r"\W*(?:\+|00)\W*[1-9]", unicodedata.normalize("NFKC", written)):
        return None
    region = phonenumbers.region_code_for_country_code(phonenumbers.parse(line.number).country_code or 0)
    return region if len(region) == 2 and region != "ZZ" else None


@lru_cache(maxsize=200_000)
def website(written: str | None) -> Website:
    """The host without scheme, `www.`, port and path."""
    if not written:
        return Website()
    trail = Trail("website")
    text = unicodedata.normalize("NFKC", written).strip().lower()
    try:
        host = urlsplit(text if "//" in text else "//" + text).hostname or ""
    except ValueError:  # brackets of an IPv6 address left open: no host can be read
        host = ""
    host = re.sub(r"^(www\d?|m)\.", "", host).strip(".")
    domain = host if "." in host else None
    trail.note("domain", written, domain)
    return Website(domain, trail.json())
