"""Legal forms: which words of a name say what kind of body it is, in which canonical class.

Chinese, Japanese and long foreign forms are in `data/legal_forms.yaml`; on top stand cleanco's terms, less those that
are everyday words. A short form such as `co` counts only at the end of a name or before another form.
"""

import re
from functools import cache
from typing import NamedTuple

from cleanco.termdata import terms_by_type

from pipelines.customers.normalise.text import data_file, even, words

_LONGEST = 6


class Stripped(NamedTuple):
    """A name without forms; `form` is the outermost one's class, None if none stood there."""

    rest: tuple[str, ...]
    form: str | None
    is_group: bool


class StrippedHan(NamedTuple):
    """The same for a Chinese name."""

    rest: str
    form: str | None
    is_group: bool


@cache
def _section(name: str) -> dict[tuple[str, ...], str]:
    return {tuple(form.split()): code for code, forms in data_file("legal_forms.yaml")[name].items() for form in forms}


@cache
def _of_cleanco() -> dict[tuple[str, ...], str]:
    left_out = frozenset(data_file("legal_forms.yaml")["not_forms"])
    codes: dict[str, str] = data_file("legal_forms.yaml")["cleanco"]
    folded = {words(even(term)): codes[kind] for kind, terms in sorted(terms_by_type.items()) for term in terms}
    return {tuple(term.split()): code for term, code in folded.items() if term and term not in left_out}


@cache
def _at_end() -> dict[tuple[str, ...], str]:
    glued = {(form,): "limited" for form in data_file("legal_forms.yaml")["latin_glued"]}
    return _of_cleanco() | glued | _section("latin_cyrillic") | _section("latin")


@cache
def _at_start() -> dict[tuple[str, ...], str]:
    return _section("latin_start") | _section("latin_cyrillic")


@cache
def _group_words() -> frozenset[str]:
    return frozenset(data_file("legal_forms.yaml")["latin_group"])


def form_at_end(tokens: tuple[str, ...]) -> tuple[int, str | None]:
    """How many words at the end are one legal form (the longest), and its class; (0, None) if none."""
    for length in range(min(_LONGEST, len(tokens)), 0, -1):
        code = _at_end().get(tokens[-length:])
        if code is not None:
            return length, code
    return 0, None


def _form_at_start(tokens: tuple[str, ...]) -> tuple[int, str | None]:
    for length in (2, 1):
        code = _at_start().get(tokens[:length])
        if code is not None and len(tokens) > length:
            return length, code
    return 0, None


def without_forms(tokens: tuple[str, ...]) -> Stripped:
    """The words before all forms at the end (`co ltd`, `group inc`) and after one at the start; never empty."""
    form, group = None, False
    while True:
        length, code = form_at_end(tokens)
        if length and length < len(tokens):
            form, tokens = form or code, tokens[:-length]
        elif len(tokens) > 1 and tokens[-1] in _group_words():
            group, tokens = True, tokens[:-1]
        elif len(tokens) > 1 and tokens[-1] == "and":  # smith & co
            tokens = tokens[:-1]
        else:
            break
    length, code = _form_at_start(tokens)
    if length and (form is None or len(tokens) > length + 1):
        form, tokens = form or code, tokens[length:]
    return Stripped(tokens, form or ("group" if group else None), group)


@cache
def _han_forms(section: str) -> tuple[tuple[str, str], ...]:
    """(form, class), the longest first."""
    forms = [(form[0], code.removesuffix("_short")) for form, code in _section(section).items()]
    return tuple(sorted(forms, key=lambda pair: (-len(pair[0]), pair[0])))


@cache
def _han_group() -> tuple[str, ...]:
    return tuple(sorted(data_file("legal_forms.yaml")["han_group"], key=lambda word: (-len(word), word)))


@cache
def _han_forms_by_end() -> dict[str, tuple[tuple[str, str], ...]]:
    ends = sorted({form[-2:] for form, _ in _han_forms("han")})
    return {end: tuple(pair for pair in _han_forms("han") if pair[0].endswith(end)) for end in ends}


def _han_end(text: str) -> tuple[str, str] | None:
    candidates = _han_forms_by_end().get(text[-2:], ())
    longest = next(((form, code) for form, code in candidates if text.endswith(form)), None)
    return longest if longest and longest[0] != text else None


@cache
def han_form_anywhere() -> re.Pattern[str]:
    """A written-out Chinese form wherever it stands: what follows it is no longer the firm's name."""
    return re.compile("(?:股份|有限责任|有限)公司|集团公司|总公司|株式会社|有限合伙\\)?")


def without_han_forms(text: str) -> StrippedHan:
    """The Chinese name before its forms (集团有限公司) and after one at the start (株式会社); never empty."""
    form, group = None, False
    while True:
        found = _han_end(text)
        group_word = next((word for word in _han_group() if text.endswith(word) and text != word), None)
        if found:
            form, text = form or found[1], text[: -len(found[0])].strip()
        elif group_word:
            group, text = True, text[: -len(group_word)].strip()
        else:
            break
    start = next(
        ((word, code) for word, code in _han_forms("han_start") if text.startswith(word) and text != word), None
    )
    if start:
        form, text = form or start[1], text[len(start[0]) :].strip()
    return StrippedHan(text, form or ("group" if group else None), group)
