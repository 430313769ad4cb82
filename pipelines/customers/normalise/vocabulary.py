"""Words of organisations' names: abbreviations written out, words of trade, words without weight, known brands.

The lists are `data/organisation_words.yaml` and `data/brands.yaml`; here is only how they are looked up.
"""

import re
from functools import cache, lru_cache

from pipelines.customers.normalise.text import HAN, data_file, pinyin

_FILE = "organisation_words.yaml"
_NATIONAL = ("中国", "国家", "中华")
_LONG_BRAND = 4


@cache
def dropped_words() -> frozenset[str]:
    """The, and, of, ... in several languages."""
    return frozenset(data_file(_FILE)["dropped"])


@cache
def status_words() -> frozenset[str]:
    """What people write behind a name about the record, not the firm (已注销, inactive)."""
    return frozenset(data_file(_FILE)["status"])


@cache
def also_known_as() -> re.Pattern[str]:
    """Opens a bracket that holds another name."""
    openers = sorted(data_file(_FILE)["also_known_as"], key=lambda opener: (-len(opener), opener))
    return re.compile("^(?:" + "|".join(f"{o}[:：]?" if HAN.search(o) else rf"{o}\b" for o in openers) + r")\s*(?=\S)")


@cache
def _written_out() -> dict[str, str]:
    return {short: word for word, shorts in data_file(_FILE)["abbreviations"].items() for short in shorts}


def written_out(word: str) -> str:
    """international for intl; the word itself if it abbreviates nothing."""
    return _written_out().get(word, word)


@cache
def trade_words() -> frozenset[str]:
    """Latin words of trade, abbreviations written out."""
    return frozenset(data_file(_FILE)["trade"])


@cache
def _english_of_han() -> dict[str, str]:
    return {word: english for english, forms in data_file(_FILE)["han_trade"].items() for word in forms}


@cache
def _han_by_length() -> tuple[tuple[int, frozenset[str]], ...]:
    lengths = sorted({len(word) for word in _english_of_han()}, reverse=True)
    return tuple((length, frozenset(word for word in _english_of_han() if len(word) == length)) for length in lengths)


def trade_word_at_end(text: str) -> str | None:
    """The longest Chinese word of trade the text ends with that leaves nothing or two characters and more."""
    for length, candidates in _han_by_length():
        left = len(text) - length
        if text[-length:] in candidates and (left >= 2 or (left == 0 and length > 1)):
            return text[-length:]
    return None


def national_head(text: str) -> str:
    """中国, 国家 or 中华 if more follows it; else nothing."""
    return next((word for word in _NATIONAL if text.startswith(word) and len(text) > len(word)), "")


@lru_cache(maxsize=100_000)
def han_parts(text: str) -> tuple[str, ...]:
    """A Chinese name cut into what distinguishes it and its words of trade: 东方科技 -> 东方, 科技.

    Words of trade are taken from the end, the longest first; 中国 or a well-known brand that holds a word of trade
    (通用电气) is a part of its own at the head. What is left over is the brand; a name of trade words alone has none:
    中国石油化工 -> 中国, 石油, 化工.
    """
    parts: list[str] = []
    brand = known_brand(text)
    head = brand[0] if brand and len(brand[0]) >= _LONG_BRAND else national_head(text)
    rest = text[len(head) :]
    while rest:
        word = trade_word_at_end(rest)
        if word is None:
            parts.append(rest)
            break
        parts.append(word)
        rest = rest[: -len(word)]
    return tuple(part for part in (head, *reversed(parts)) if part)


def is_trade(part: str) -> bool:
    """Whether a part of a Chinese name says nothing about which firm it is."""
    return part in _english_of_han() or part in _NATIONAL


@cache
def _brand_of_han() -> tuple[tuple[str, str], ...]:
    """(Chinese form, Latin brand), the longest first."""
    pairs = [(form, str(brand)) for brand, forms in data_file("brands.yaml").items() for form in forms]
    return tuple(sorted(pairs, key=lambda pair: (-len(pair[0]), pair[0])))


@cache
def _brand_heads() -> dict[str, list[tuple[str, str]]]:
    heads: dict[str, list[tuple[str, str]]] = {}
    for form, brand in _brand_of_han():
        heads.setdefault(form[:2], []).append((form, brand))
    return heads


@cache
def latin_brands_by_pinyin() -> dict[str, str]:
    """ximenzi -> siemens, for Latin texts that spell the Chinese form; short ones would hit other words."""
    spelt = {pinyin(form): brand.replace(" ", "") for form, brand in _brand_of_han()}
    return {spelling: brand for spelling, brand in spelt.items() if len(spelling) >= 6}


def known_brand(text: str) -> tuple[str, str] | None:
    """(Chinese form, Latin brand without blanks) if the Chinese text is a well-known brand, or begins with one that two
    other words hardly make (three characters and more)."""
    for form, brand in _brand_heads().get(text[:2], ()):
        if text == form or (len(form) > 2 and text.startswith(form)):
            return form, latin_brand(brand)
    return None


def latin_brand(brand: str) -> str:
    """johnson and johnson -> johnsonjohnson, as a Latin name's own words are folded."""
    return "".join(word for word in brand.split() if word not in dropped_words())


def national_words() -> frozenset[str]:
    """中国 and the like, which are the name of no firm."""
    return frozenset(_NATIONAL)


@cache
def _short_names() -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    heads: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for full, shorts in data_file("short_names.yaml").items():
        heads.setdefault(full[:2], []).append((full, tuple(shorts)))
    return heads


def public_short_names(core: str) -> tuple[str, ...]:
    """Short names that no rule builds: 中石油 of 中国石油天然气."""
    return tuple(
        short for full, shorts in _short_names().get(core[:2], ()) if core.startswith(full) for short in shorts
    )


@lru_cache(maxsize=100_000)
def public_shorts_of_others(core: str) -> frozenset[str]:
    """Short names by which the public means another body: 中国人保 is not 中国人寿保险."""
    own = set(public_short_names(core))
    listed = (short for entries in _short_names().values() for full, shorts in entries for short in shorts)
    return frozenset(short for short in listed if short not in own)


@lru_cache(maxsize=100_000)
def latin_of_part(part: str) -> str:
    """A part of a Chinese name in Latin letters: trade words in English, brands by their Latin name, else pinyin."""
    english = _english_of_han().get(part)
    if english:
        return english
    brand = known_brand(part)
    if brand is None:
        return pinyin(part)
    return brand[1] + (latin_of_part(part[len(brand[0]) :]) if len(part) > len(brand[0]) else "")


@cache
def _english_of_pinyin() -> dict[str, str]:
    spelt = {pinyin(word): english for word, english in sorted(_english_of_han().items()) if len(word) == 2}
    return {
        spelling: english for spelling, english in spelt.items() if spelling not in trade_words() and len(spelling) >= 4
    }


def english_of(word: str) -> str:
    """technology for keji: a word of trade in pinyin; the word itself if it is none."""
    return _english_of_pinyin().get(word, word)
