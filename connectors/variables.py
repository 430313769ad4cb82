"""Texts of a source file that hold values of variables: usable as any text, and known as what no message may repeat."""

import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

SHORTEST_SECRET = 4
"""Shorter values (a page size, a country) are no secrets, and blotting them out would garble every message."""


class FilledText(str):
    """A text into which variables were put. variables: name -> the value that now stands in the text."""

    variables: Mapping[str, str]

    def __new__(cls, text: str, variables: Mapping[str, str] | None = None) -> "FilledText":
        filled = super().__new__(cls, text)
        filled.variables = dict(variables or {})
        return filled


def variables_in(value: Any) -> dict[str, str]:
    """Name -> value of every variable in a nested configuration value."""
    found: dict[str, str] = {}
    for text in _texts(value):
        if isinstance(text, FilledText):
            found.update(text.variables)
    return found


def without_values(message: str, variables: Mapping[str, str]) -> str:
    """The message with every variable's value (as it is and as addresses spell it) replaced by `${NAME}`."""
    longest_first = sorted(variables.items(), key=lambda item: -len(item[1]))
    for name, value in longest_first:
        for spelling in (value, urllib.parse.quote(value, safe=""), urllib.parse.quote_plus(value)):
            if len(value) >= SHORTEST_SECRET:
                message = message.replace(spelling, f"${{{name}}}")
    return message


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _each(value.values())
    elif isinstance(value, Iterable):
        yield from _each(value)


def _each(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        yield from _texts(value)
