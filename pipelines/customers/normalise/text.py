"""Folding of written text: width, case, traditional characters, diacritics, signs. Knows nothing of names."""

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import opencc
import orjson
import yaml
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT

HAN_RANGE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
HAN = re.compile(f"[{HAN_RANGE}]")
LATIN = re.compile("[a-z]")
_RUNS = re.compile(f"[{HAN_RANGE}]+|[^{HAN_RANGE}\\s]+")
_BLANK_BETWEEN_HAN = re.compile(f"(?<=[{HAN_RANGE}])\\s+(?=[{HAN_RANGE}])")
# s.a. -> sa, a/s -> as: a single letter, its sign, the next single letter
_JOINED_LETTERS = re.compile(r"(?<![^\W_])([^\W\d_])[./]\s?(?=[^\W\d_](?![^\W_]))")
_APOSTROPHES = re.compile("['’‘`´ʼ]")
_PLAIN = re.compile(r"[^\W_]+(?: [^\W_]+)*")
_NOT_A_WORD = re.compile(r"[^\w]+|_+")
_NOT_DECOMPOSED = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)


class Step(NamedTuple):
    """One change of one field, as it is shown to people."""

    field: str
    step: str
    before: str
    after: str


class Trail:
    """Collects the steps that changed a value."""

    def __init__(self, field: str) -> None:
        self._field = field
        self._steps: list[Step] = []

    def note(self, step: str, before: str, after: str | None) -> None:
        """Keep the step if it changed anything."""
        if before != (after or ""):
            self._steps.append(Step(self._field, step, before, after or ""))

    def json(self) -> str:
        """The steps as the inside of a JSON array; empty if nothing changed."""
        return ",".join(
            orjson.dumps({"field": taken.field, "step": taken.step, "from": taken.before, "to": taken.after}).decode()
            for taken in self._steps
        )


@cache
def data_file(name: str) -> Any:
    """The content of a YAML file in `data/`."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(files(__package__).joinpath("data", name).read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (safe ones)


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """Traditional Chinese characters as simplified ones."""
    if not HAN.search(text):
        return text
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return _to_simplified().convert(text)
    return text  # GB 2312 holds simplified characters only; asking it is ten times faster


@lru_cache(maxsize=4096)
def _without_marks(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() else letter


def without_diacritics(text: str) -> str:
    """Latin letters without their marks (müller -> muller); letters of other scripts stay."""
    if text.isascii():
        return text
    return "".join(map(_without_marks, text.translate(_NOT_DECOMPOSED)))


def even(text: str) -> str:
    """Half width, lower case, simplified, without diacritics; signs still stand."""
    return without_diacritics(simplified(unicodedata.normalize("NFKC", text).lower()))


def words(text: str) -> str:
    """Signs folded away: letters, digits and single blanks are left; no blank between Chinese characters.

    Apostrophes join (joe's -> joes), dots and slashes between single letters join (s.a. -> sa, a/s -> as), `&` and `+`
    become `and`, every other sign parts words.
    """
    if _PLAIN.fullmatch(text) and (" " not in text or not HAN.search(text)):
        return text  # nothing to fold, as most texts
    text = _APOSTROPHES.sub("", text)
    text = _JOINED_LETTERS.sub(r"\1", text)
    text = text.replace("&", " and ").replace("+", " and ")
    text = _NOT_A_WORD.sub(" ", text).strip()
    return _BLANK_BETWEEN_HAN.sub("", text)


def runs(text: str) -> list[str]:
    """The text cut where Chinese characters meet other letters, and at blanks."""
    return _RUNS.findall(text)


def script_of(text: str) -> str | None:
    """'han', 'latin', 'mixed', or None where there are letters of neither (or none at all)."""
    han, latin = HAN.search(text), LATIN.search(text)
    if han:
        return "mixed" if latin else "han"
    return "latin" if latin else None


@lru_cache(maxsize=100_000)
def _reading(characters: str) -> str:
    return "".join(lazy_pinyin(characters)).replace("ü", "v")


@lru_cache(maxsize=200_000)
def pinyin(text: str) -> str:
    """Toneless pinyin without blanks; other letters stay as they are.

    pypinyin's readings, by the longest of its phrases that fits (银行 is yinhang): its own segmenter takes
    thirty times as long.
    """
    if not HAN.search(text):
        return text
    out, position = [], 0
    while position < len(text):
        for length in (4, 3, 2, 1):
            piece = text[position : position + length]
            if length == 1 or (len(piece) == length and piece in PHRASES_DICT):
                break
        out.append(_reading(piece))
        position += length
    return "".join(out)
