"""Names of organisations, Chinese and foreign: one reading of a name, and the columns made of it."""

import re
from functools import lru_cache

from pipelines.customers.normalise.brackets import Opened, open_brackets, without_stock_marks
from pipelines.customers.normalise.han_name import han_acronyms, han_numbers, han_short_forms, latin_road, read_han_name
from pipelines.customers.normalise.latin_name import (
    initials,
    latin_acronyms,
    latin_of,
    latin_short_forms,
    numbers_of,
    read_latin_name,
)
from pipelines.customers.normalise.names import Name
from pipelines.customers.normalise.sound import sound
from pipelines.customers.normalise.text import HAN, Trail, even, pinyin, script_of, words

_SEVERAL = re.compile("[;；\n]")


def _sorted(values: set[str]) -> tuple[str, ...] | None:
    return tuple(sorted(value for value in values if value)) or None


def _han(text: str, opened: Opened, trail: Trail) -> Name:
    name = read_han_name(text, trail)
    latin, brand_latin = latin_road(name)
    compact = name.core.replace(" ", "")
    return Name(
        core=name.core,
        compact=compact,
        tokens=_sorted(set(name.parts)),
        brand=name.brand,
        latin=latin,
        brand_latin=brand_latin,
        pinyin="".join(map(pinyin, name.parts)),
        sound=sound(brand_latin) or None,
        acronyms=_sorted(han_acronyms(name)),
        short_forms=_sorted(han_short_forms(name)),
        numbers=han_numbers(name),
        region=opened.region or name.region,
        legal_form=name.form,
        is_group=name.is_group,
        branch=name.branch or opened.branch,
    )


def _latin(text: str, opened: Opened, trail: Trail) -> Name:
    name = read_latin_name(text, trail)
    compact = "".join(name.tokens)
    return Name(
        core=" ".join(name.tokens),
        compact=compact,
        tokens=_sorted(set(" ".join(name.tokens).split())),
        brand=name.brand,
        latin=latin_of(name.tokens),
        brand_latin=latin_of((name.brand,)),
        pinyin=compact,
        sound=sound(name.brand) or None,
        initials=initials(name),
        acronyms=_sorted(latin_acronyms(name)),
        short_forms=_sorted(latin_short_forms(name)),
        numbers=numbers_of(name.tokens),
        region=opened.region or name.region,
        legal_form=name.form,
        is_group=name.is_group,
        branch=name.branch or opened.branch,
    )


@lru_cache(maxsize=200_000)
def _read(written: str) -> tuple[Name, tuple[str, ...]]:
    """The name without its other names, and those found in its brackets (still as written)."""
    trail = Trail("customer_name")
    folded = even(written)
    trail.note("fold", written, folded)
    folded_name = without_stock_marks(folded)
    trail.note("stock_mark", folded, folded_name)
    opened = open_brackets(folded_name)
    trail.note("brackets", folded_name, opened.text)
    text = words(opened.text) or words(folded)
    if not text:
        return Name(steps=trail.json()), opened.other_names
    trail.note("signs", opened.text, text)
    name = (_han if HAN.search(text) else _latin)(text, opened, trail)
    return name._replace(
        text=words(folded_name), script=script_of(name.core or text), steps=trail.json()
    ), opened.other_names


def organisation_name(written: str | None, others: str | None) -> Name:
    """All name columns of an organisation; `others` are its other names, parted by semicolons."""
    name, found = _read(written) if written else (Name(), ())
    listed = [part for part in _SEVERAL.split(others or "") if part.strip()]
    compacts = {_read(other)[0].compact or "" for other in (*found, *listed)} - {name.compact}
    return name._replace(others=_sorted(compacts))
