"""Addresses: country, province, city and district, the street folded to words, its house number, the postal code.

Chinese places are read from the street as well (上海市浦东新区世纪大道100号), with plain rules and a list of
provinces and cities. Foreign streets have their abbreviations written out (`data/streets.yaml`).
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from pipelines.customers.normalise import places
from pipelines.customers.normalise.text import HAN, HAN_RANGE, Trail, data_file, even, words

_DIGITS = "零一二三四五六七八九"
_CHINESE_NUMBER = re.compile(
    "([一二三四五六七八九]?十[一二三四五六七八九]?|[零一二三四五六七八九]+)(?=号|楼|层|室|栋|幢|座|单元|弄)"
)
_POSTCODE_IN_STREET = re.compile(r"\(?(?:邮政编码|邮编|p\.?c\.?)\s*[::]?\s*(\d{6})\)?")
_HOUSE = re.compile(r"(\d+(?:[-之]\d+)?)号(?!楼|线|院|门|厂|仓|桥)")
_LANE = re.compile(r"(\d+)弄")
_PIECES = re.compile(
    f"[a-z]+|\\d+|号楼|[号楼层室栋幢座弄期]|单元|[{HAN_RANGE}]+?(?:大道|大街|公路|路|街|巷|胡同|道|镇|乡|村|大厦|广场|中心|园|号楼|号|楼|层|室|栋|幢|座|弄|单元|期)|[{HAN_RANGE}]+"
)
_NO_NAMES = frozenset([*"号楼层室栋幢座弄期园路街道", "单元", "号楼", "大厦", "广场", "中心"])
_SLASHED_UNIT = re.compile(r"^\s*(?:unit\s*)?(\d+[a-z]?)\s*/\s*(\d+[a-z]?)\s+(?=[a-z])")
_NUMBERED = re.compile(r"\d+[a-z]?")
_ORDINAL = re.compile(r"\d*(?:1st|2nd|3rd|\dth)")
_GERMAN_STREET = re.compile(r"(?<=[a-z]{3})str$|(?<=[a-z]{3})strase$")


class Address(NamedTuple):
    """The address columns of `NORMALISED`, and the steps that led there."""

    street_text: str | None = None
    street_number: str | None = None
    street_tokens: tuple[str, ...] | None = None
    postal_code: str | None = None
    district: str | None = None
    city: str | None = None
    province: str | None = None
    country: str | None = None
    steps: str = ""


class Street(NamedTuple):
    text: str | None = None
    number: str | None = None
    tokens: tuple[str, ...] | None = None
    postal_code: str | None = None
    place: places.ChinesePlace = places.ChinesePlace(None, None, None, "")
    steps: str = ""


@cache
def _street_words() -> dict[str, str]:
    entries = data_file("streets.yaml")
    shortened = {short: word for word, shorts in entries["abbreviations"].items() for short in shorts}
    return shortened | entries["ordinals"]


@cache
def _street_set(name: str) -> frozenset[str]:
    return frozenset(data_file("streets.yaml")[name])


def _arabic(found: re.Match[str]) -> str:
    written = found.group(1)
    if "十" not in written:
        return "".join(str(_DIGITS.index(digit)) for digit in written)
    tens, ones = written.split("十")
    return str((_DIGITS.index(tens) if tens else 1) * 10 + (_DIGITS.index(ones) if ones else 0))


def _chinese_street(folded: str, trail: Trail) -> Street:
    found = _POSTCODE_IN_STREET.search(folded)
    postal_code = found.group(1) if found else None
    text = words(_POSTCODE_IN_STREET.sub(" ", folded))
    place = places.chinese_head(text.replace(" ", ""), in_name=False)
    trail.note("place", text.replace(" ", ""), place.rest)
    text = _CHINESE_NUMBER.sub(_arabic, place.rest)
    trail.note("numbers", place.rest, text)
    house = _HOUSE.search(text) or _LANE.search(text)
    tokens = tuple(sorted({piece for piece in _PIECES.findall(text) if piece not in _NO_NAMES}))
    return Street(text or None, house.group(1) if house else None, tokens or None, postal_code, place)


def _written_out(tokens: list[str]) -> list[str]:
    """Abbreviations written out; `st` before a name is a saint, after one a street."""
    out: list[str] = []
    for position, word in enumerate(tokens):
        after = tokens[position + 1] if position + 1 < len(tokens) else ""
        if word == "st" and after.isalpha() and (not out or out[-1].isdigit()):
            out.append("saint")
        else:
            out.append(_street_words().get(word) or _GERMAN_STREET.sub("strasse", word))
    return out


def _house_number(tokens: list[str]) -> str | None:
    """The leading number, else the first that is no unit's, no ordinal and no box."""
    for position, token in enumerate(tokens):
        unit = position > 0 and tokens[position - 1] in _street_set("unit_words")
        if _NUMBERED.fullmatch(token) and not unit and not _ORDINAL.fullmatch(token):
            return token
    return None


def _foreign_street(folded: str) -> Street:
    folded = _SLASHED_UNIT.sub(r"\2 unit \1 ", folded)
    tokens = _written_out(words(folded).split())
    kept = [token for token in tokens if token not in _street_set("dropped")] or tokens
    return Street(" ".join(tokens) or None, _house_number(tokens), tuple(sorted(set(kept))) or None)


@lru_cache(maxsize=200_000)
def street(written: str | None) -> Street:
    """One street text: folded, with number and tokens; the Chinese places at its head taken off."""
    if not written:
        return Street()
    trail = Trail("street")
    folded = even(written)
    trail.note("fold", written, folded)
    read = _chinese_street(folded, trail) if HAN.search(folded) else _foreign_street(folded)
    if not HAN.search(folded):
        trail.note("words", folded, read.text)
    return read._replace(steps=trail.json())


@lru_cache(maxsize=50_000)
def postal_code(written: str | None) -> str | None:
    """Upper letters and digits; an American ZIP+4 is its ZIP; only zeros are nothing."""
    if not written:
        return None
    text = re.sub(r"\.0+$", "", unicodedata.normalize("NFKC", written).strip().upper())
    if re.fullmatch(r"\d{5}-\d{4}", text):
        text = text[:5]
    text = re.sub(r"[^0-9A-Z]", "", text)
    return text if text.strip("0") else None


@lru_cache(maxsize=50_000)
def _folded(written: str | None) -> str | None:
    return (words(even(written)) or None) if written else None


def _city(written: str | None) -> str | None:
    text = _folded(written)
    if text is None:
        return None
    return places.chinese_place(text) or _county_city(text) or places.foreign_city(text)


def _county_city(text: str) -> str | None:
    """A Chinese city below the prefectures by its short name."""
    return re.sub("(?:市|县)$", "", text) if HAN.search(text) and len(text) > 2 else None


def _province(written: str | None) -> str | None:
    text = _folded(written)
    if text is None:
        return None
    return places.chinese_place(text) or places.state(text)


def _district(written: str | None) -> str | None:
    text = _folded(written)
    return places.short_district(text) if text and HAN.search(text) else text


@lru_cache(maxsize=200_000)
def address(
    written_street: str | None,
    code: str | None,
    district: str | None,
    city: str | None,
    province: str | None,
    country: str | None,
) -> Address:
    """The columns of one address together; what one leaves open is filled from the street (Chinese) or the city."""
    line = street(written_street)
    in_city, in_province = _city(city) or line.place.city, _province(province) or line.place.province
    if in_city and not in_province:
        in_province = places.province_of(in_city)
    if in_city is None and in_province in places.MUNICIPALITIES:
        in_city = in_province
    where = places.country_code(country) or places.country_of_province(in_province)
    trail = Trail("address")
    trail.note("city", city or "", in_city)
    trail.note("province", province or "", in_province)
    trail.note("country", country or "", where)
    return Address(
        line.text,
        line.number,
        line.tokens,
        postal_code(code) or line.postal_code,
        _district(district) or line.place.district,
        in_city,
        in_province,
        where,
        ",".join(part for part in (line.steps, trail.json()) if part),
    )
