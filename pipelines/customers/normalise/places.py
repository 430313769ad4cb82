"""Places: countries, Chinese provinces and cities in any spelling, foreign states and cities (`data/places.yaml`).

A Chinese province or city is known by its short Chinese name (上海市, Shanghai -> 上海), so that records in both
languages meet. Which part of a text is a place is asked here; what follows from it is for names and addresses to say.
"""

import re
from collections.abc import Container
from functools import cache, lru_cache
from typing import NamedTuple

from pipelines.customers.normalise.text import HAN, HAN_RANGE, data_file, even, pinyin, words

MUNICIPALITIES = frozenset({"北京", "上海", "天津", "重庆"})
_OWN_COUNTRY = {"香港": "HK", "澳门": "MO", "台湾": "TW"}
_PROVINCE_SUFFIX = re.compile("^(?:省|特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区)")
# 市场, 市政, 市民, 市区 are words; the 市 in them is no suffix of a city
_CITY_SUFFIX = re.compile("市(?![场政民区长])|地区|盟|[^市县区]{1,8}自治州")
_COUNTY = re.compile(f"[{HAN_RANGE}]{{2,4}}?(?<![超门夜城菜花])(?:市(?![场政民区长])|县(?!城)|新区|区(?![块域间])|旗)")
_NO_DISTRICT = re.compile(
    "(?:开发|工业|产业|园|高新|保税|科技|小|社|校|库|景|厂|服务|商务|自贸|试验|示范)区$|[路街道巷弄号]"
)
# 北京东路 is a street, wherever it is
_STREET_NEXT = re.compile("[东西南北中]?[一二三四]?(?:路|街|大道|大街|巷|弄|里)")
_LATIN_ENDS = re.compile(r"\s+(?:city|province|municipality|shi|sheng)$")


class ChinesePlace(NamedTuple):
    """What stands at the head of a text, by short name, and the text after it."""

    province: str | None
    city: str | None
    district: str | None
    rest: str


@cache
def _province_of_city() -> dict[str, str]:
    return {city: province for province, cities in data_file("places.yaml")["china"].items() for city in cities}


@cache
def _provinces() -> frozenset[str]:
    return frozenset(data_file("places.yaml")["china"])


@cache
def _latin_places() -> dict[str, str]:
    """Latin spelling -> short Chinese name; what is written down wins over pinyin, the earlier over the later."""
    known: dict[str, str] = {}
    for place, spellings in data_file("places.yaml")["latin"].items():
        for spelling in spellings:
            known.setdefault(spelling, place)
    for place in (*data_file("places.yaml")["china"], *_province_of_city()):
        known.setdefault(pinyin(place), place)
    return known


def _inverted(section: str) -> dict[str, str]:
    return {spelling: key for key, spellings in data_file("places.yaml")[section].items() for spelling in spellings}


@cache
def _countries() -> dict[str, str]:
    """Spelling -> ISO 3166 alpha-2."""
    return _inverted("countries") | {code.lower(): code for code in data_file("places.yaml")["countries"]}


@cache
def _foreign_cities() -> dict[str, str]:
    return _inverted("cities")


@cache
def _words_first() -> frozenset[str]:
    return frozenset(data_file("places.yaml")["words_first"])


def _known_head(text: str, names: Container[str]) -> str | None:
    """The longest of the names the text begins with."""
    return next((text[:length] for length in (5, 4, 3, 2) if text[:length] in names), None)


def _province_head(text: str) -> tuple[str | None, str]:
    """The province (of a municipality, with the city's name repeated) and the text after it."""
    province = _known_head(text, _provinces())
    if province is None:
        return None, text
    rest = _PROVINCE_SUFFIX.sub("", text[len(province) :], count=1)
    if _STREET_NEXT.match(rest):
        return None, text
    if province in MUNICIPALITIES:
        rest = _without_city_suffix(rest)
        rest = _without_city_suffix(rest[len(province) :]) if rest.startswith(province) else rest
    return province, rest


def _without_city_suffix(text: str) -> str:
    suffix = _CITY_SUFFIX.match(text)
    return text[suffix.end() :] if suffix else text


def _city_head(text: str, in_name: bool) -> tuple[str | None, str]:
    city = _known_head(text, _province_of_city())
    if city is None:
        return None, text
    if _STREET_NEXT.match(text, len(city)):
        return None, text
    suffix = _CITY_SUFFIX.match(text, len(city))
    if in_name and city in _words_first() and not suffix:
        return None, text
    return city, text[suffix.end() if suffix else len(city) :]


def _county(text: str, only_with_city_suffix: bool) -> str | None:
    found = _COUNTY.match(text)
    if not found or _NO_DISTRICT.search(found.group()):
        return None
    return None if only_with_city_suffix and found.group()[-1] not in "市县" else found.group()


@lru_cache(maxsize=100_000)
def chinese_head(text: str, in_name: bool) -> ChinesePlace:
    """Province, city and district (or county) at the head of a Chinese text.

    In a name a district counts only after a city or province, and a county only by its suffix (义乌市).
    """
    national = "" if in_name or not text.startswith("中国") or not _known_head(text[2:], _provinces()) else "中国"
    province, rest = _province_head(text[len(national) :])
    city = province if province in MUNICIPALITIES else None
    if city is None:
        city, rest = _city_head(rest, in_name)
        province = province or (_province_of_city()[city] if city else None)
    county = _county(rest, only_with_city_suffix=in_name and not (city or province))
    if county is None:
        return ChinesePlace(province, city, None, rest)
    rest = rest[len(county) :]
    if county.endswith("市") and city is None and not province:
        return ChinesePlace(None, county[:-1], None, rest)
    return ChinesePlace(province, city, short_district(county), rest)


def short_district(name: str) -> str:
    """浦东新区 -> 浦东, 义乌市 -> 义乌; two characters stay (城区)."""
    shorter = re.sub("(?:新区|区|县|市|旗)$", "", name)
    return shorter if len(shorter) >= 2 else name


@cache
def _written_in_chinese() -> dict[str, str]:
    """Every way to write a province or city in Chinese -> its short name."""
    suffixes = ("", "省", "市", "特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "地区", "盟")
    return {name + suffix: name for suffix in suffixes for name in (*_provinces(), *_province_of_city())}


@lru_cache(maxsize=50_000)
def chinese_place(text: str) -> str | None:
    """The short name if the whole text is a Chinese province or city, in either language; else None. Text is folded."""
    if HAN.search(text):
        return _written_in_chinese().get(text)
    short = _LATIN_ENDS.sub("", text)
    return _latin_places().get(short) or _latin_places().get(short.replace(" ", ""))


def place_at_end(text: str) -> int:
    """Where a Chinese place at the end of a name begins, at the third character or later; else its length."""
    for length in range(6, 1, -1):
        if len(text) - length >= 2 and text[-length:] in _written_in_chinese():
            return len(text) - length
    return len(text)


def province_of(place: str) -> str | None:
    """The province a short city name lies in; a province itself is no city but for the municipalities."""
    return place if place in MUNICIPALITIES else _province_of_city().get(place)


def is_province(place: str) -> bool:
    """Whether the short name is a province's (municipalities are both)."""
    return place in _provinces()


def country_of_province(province: str | None) -> str | None:
    """ISO 3166 alpha-2 of a Chinese province's short name; None for anything else."""
    if province not in _provinces():
        return None
    return _OWN_COUNTRY.get(str(province), "CN")


@lru_cache(maxsize=100_000)
def region_of(text: str) -> str | None:
    """A folded text that is a place and nothing else: a short Chinese name, or a country's code."""
    place = chinese_place(text)
    if place:
        return place
    if is_country(text):
        return country_code(text)
    head = chinese_head(text, in_name=False) if HAN.search(text) else None
    return (head.city or head.province) if head and not head.rest else None


def is_country(text: str) -> bool:
    """Whether the folded text is a country's name, longer than a code."""
    return len(text) > 2 - bool(HAN.search(text)) and text in _countries()


@lru_cache(maxsize=10_000)
def country_code(written: str | None) -> str | None:
    """ISO 3166 alpha-2 where known, else the folded text."""
    text = words(even(written)) if written else ""
    if not text:
        return None
    if text in _countries():
        return _countries()[text]
    return text.upper() if len(text) == 2 and text.isascii() else text


@lru_cache(maxsize=50_000)
def state(text: str) -> str:
    """A folded state or province as its post office shortens it (california -> ca)."""
    return str(data_file("places.yaml")["states"].get(text, text))


@lru_cache(maxsize=50_000)
def is_state(text: str) -> bool:
    """Whether the folded text is a state of the USA or the like, written out."""
    return text in data_file("places.yaml")["states"]


_CITY_WORDS = {
    "n": "north",
    "s": "south",
    "e": "east",
    "w": "west",
    "st": "saint",
    "ste": "saint",
    "mt": "mount",
    "ft": "fort",
}


@lru_cache(maxsize=100_000)
def foreign_city(text: str) -> str:
    """A folded city by one of its names (münchen -> munich), compass points and saint written out."""
    text = re.sub(r"^(?:city of|town of)\s+", "", text)
    known = _foreign_cities().get(text)
    if known:
        return known
    return " ".join(_CITY_WORDS.get(word, word) for word in text.split())
