"""Names of organisations in Latin letters: branch, legal form, region, abbreviations, brand and trade, acronyms."""

import re
from typing import NamedTuple

from pipelines.customers.normalise.legal_forms import form_at_end, without_forms
from pipelines.customers.normalise.places import chinese_place, region_of
from pipelines.customers.normalise.text import Trail
from pipelines.customers.normalise.vocabulary import (
    dropped_words,
    english_of,
    latin_brands_by_pinyin,
    trade_words,
    written_out,
)

_BRANCH_AT_END = (
    ("branch",),
    ("branch", "office"),
    ("representative", "office"),
    ("rep", "office"),
    ("liaison", "office"),
)
_BRANCH_BEFORE_PLACE = frozenset(
    {"branch", "filiale", "niederlassung", "zweigniederlassung", "succursale", "sucursal", "filial"}
)
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12"}
_SHORTEST_BRAND = 4
_LONGEST_ACRONYM = 6
_DIGITS = re.compile(r"\d+")


class LatinName(NamedTuple):
    """What is read from a Latin name. `spoken` are the words an acronym is made of, with the region and the form."""

    tokens: tuple[str, ...]
    brand: str
    region: str | None
    form: str | None
    is_group: bool
    branch: str | None
    spoken: tuple[str, ...]
    after: tuple[str, ...]


def _letters_joined(tokens: list[str]) -> tuple[str, ...]:
    """Single letters in a row are one word: j p morgan -> jp morgan, s a -> sa."""
    out: list[str] = []
    letters = ""
    for token in [*tokens, ""]:
        if len(token) == 1 and token.isalpha():
            letters += token
            continue
        if letters:
            out.append(letters)
            letters = ""
        if token:
            out.append(token)
    return tuple(out)


def _numbers_plain(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """no 1 -> 1."""
    return tuple(
        token
        for position, token in enumerate(tokens)
        if not (token in ("no", "nr") and position + 1 < len(tokens) and tokens[position + 1].isdigit())
    )


def _after_form(tokens: tuple[str, ...]) -> int | None:
    """Where the words after the last legal form or `bank` begin; None if neither stands inside."""
    for end in range(len(tokens) - 1, 0, -1):
        length, _ = form_at_end(tokens[:end])
        if (length and length < end) or tokens[end - 1] == "bank":
            return end
    return None


def _branch(tokens: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """The head office's words, and 'place|marker'. A marker counts only after a legal form, bank or known place."""
    for marker in _BRANCH_AT_END:
        before = tokens[: -len(marker)]
        if tokens[-len(marker) :] == marker and before:
            cut = _after_form(before)
            if cut is None and len(before) > 1 and region_of(before[-1]):
                cut = len(before) - 1
            if cut is not None:
                return before[:cut], f"{_place(before[cut:])}|{marker[0]}"
    for position, token in enumerate(tokens[1:-1], start=1):
        if token in _BRANCH_BEFORE_PLACE and (token != "branch" or form_at_end(tokens[:position])[0]):  # noqa: S105 (a word)
            return tokens[:position], f"{_place(tokens[position + 1 :])}|{token}"
    return tokens, None


def _place(tokens: tuple[str, ...]) -> str:
    text = " ".join(tokens)
    return region_of(text) or text


def _region_after_form(tokens: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """siemens ltd china -> siemens ltd, CN."""
    for length in (2, 1):
        place = region_of(" ".join(tokens[-length:])) if len(tokens) > length + 1 else None
        if place and form_at_end(tokens[:-length])[0]:
            return tokens[:-length], place
    return tokens, None


def _region_at_start(tokens: tuple[str, ...], with_form: bool) -> tuple[tuple[str, ...], str | None]:
    """A Chinese place before a name that says something without it: shanghai dongfang technology."""
    for length in (2, 1):
        place = chinese_place(" ".join(tokens[:length])) if len(tokens) > length else None
        if place:
            rest = tokens[length:]
            telling = any(written_out(word) not in trade_words() and word not in dropped_words() for word in rest)
            return (rest, place) if telling and (with_form or len(rest) > 1) else (tokens, place)
    return tokens, None


def _content(tokens: tuple[str, ...], whole: tuple[str, ...]) -> tuple[str, ...]:
    for words in (tokens, whole):
        kept = tuple(word for word in words if word not in dropped_words())
        if kept:
            return tuple(written_out(word) for word in kept)
    return whole


def _brand(tokens: tuple[str, ...]) -> str:
    """The words not of trade, less a place at their end; all words where only places or one letter would be left."""
    own = [token for token in tokens if english_of(token) not in trade_words()]
    while len(own) > 1 and region_of(own[-1]) and len("".join(own[:-1])) >= _SHORTEST_BRAND:
        own.pop()
    if all(map(region_of, own)) or len("".join(own)) < 2:
        own = list(tokens)
    return "".join(own)


def read_latin_name(text: str, trail: Trail) -> LatinName:
    """`text` is folded; every step that takes something away is noted."""
    whole = _numbers_plain(_letters_joined(text.split()))
    head, branch = _branch(whole)
    trail.note("branch", " ".join(whole), " ".join(head))
    named, region = _region_after_form(head)
    stripped = without_forms(named)
    trail.note("legal_form", " ".join(head), " ".join(stripped.rest))
    rest, start = _region_at_start(stripped.rest, stripped.form is not None)
    trail.note("region", " ".join(stripped.rest), " ".join(rest))
    tokens = _content(rest, whole)
    trail.note("words", " ".join(rest), " ".join(tokens))
    after = named[len(stripped.rest) :] if named[: len(stripped.rest)] == stripped.rest else ()
    return LatinName(
        tokens, _brand(tokens), region or start, stripped.form, stripped.is_group, branch, stripped.rest, after
    )


def latin_of(tokens: tuple[str, ...]) -> str:
    """The words as Chinese names are led to Latin: trade in English (keji -> technology), brands by their own name."""
    return "".join(latin_brands_by_pinyin().get(word, english_of(word)) for word in tokens)


def initials(name: LatinName) -> str | None:
    """First letters of the words of a name of two or more, without `of` and `and`; numbers whole."""
    spoken = [word for word in name.spoken if word not in dropped_words()]
    return "".join(word if word.isdigit() else word[0] for word in spoken) if len(spoken) > 1 else None


def latin_acronyms(name: LatinName) -> set[str]:
    """The initials; with those of `of` and `and`; with that of the form (taiwan semiconductor ... company -> tsmc)."""
    first = initials(name)
    if first is None:
        return set()
    every = "".join(word[0] for word in name.spoken)
    form = [word for word in name.after if word not in dropped_words()]
    forms = {first, every} | {first + word[0] for word in form[:1]}
    return {form for form in forms if 2 <= len(form) <= _LONGEST_ACRONYM}


def latin_short_forms(name: LatinName) -> set[str]:
    """The compact name, and its brand where that is long enough to say something."""
    return {"".join(name.tokens)} | ({name.brand} if len(name.brand) >= _SHORTEST_BRAND else set())


def numbers_of(tokens: tuple[str, ...]) -> str | None:
    """Numbers and Roman numerals of a name in their order, blank between; None without any."""
    found = [number for token in tokens for number in ([_ROMAN[token]] if token in _ROMAN else _DIGITS.findall(token))]
    return " ".join(found) or None
