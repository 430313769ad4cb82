"""Names of private persons: titles dropped, family and given name told apart, an order-free Latin form, its sound."""

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

from pipelines.customers.normalise.names import Name
from pipelines.customers.normalise.sound import sound
from pipelines.customers.normalise.text import HAN, HAN_RANGE, Trail, data_file, even, pinyin, runs, script_of, words

_SEVERAL = re.compile("[;；\n]")
_DEGREES = frozenset({"phd", "md", "mba", "esq", "msc", "bsc", "dds", "cpa"})
_GENERATIONS = frozenset({"jr", "sr", "ii", "iii"})
_PHD = re.compile(r"\bph\.?\s?d\b\.?")
_INTERPUNCT = re.compile(f"^([{HAN_RANGE}]+)[·•・.]([{HAN_RANGE}]+)$")
_LONGEST_HAN_NAME = 4
_BLANK_BESIDE_HAN = re.compile(f"(?<=[{HAN_RANGE}])\\s+|\\s+(?=[{HAN_RANGE}])")


class Parted(NamedTuple):
    """A person's name without titles, and its two parts where they can be told."""

    core: str
    given: str | None
    family: str | None


@cache
def _listed(section: str) -> frozenset[str]:
    return frozenset(data_file("person_names.yaml")[section])


@cache
def _han_titles() -> re.Pattern[str]:
    titles = sorted(_listed("han_titles"), key=lambda title: (-len(title), title))
    return re.compile(f"(?<=.)(?:{'|'.join(titles)})$")


@cache
def _readings() -> Any:
    return data_file("person_names.yaml")["surname_readings"]


def surname_of(text: str, common_only: bool = False) -> str | None:
    """The Chinese surname a text begins with; compound ones first."""
    if text[:2] in _listed("compound_surnames") and len(text) > 2:
        return text[:2]
    surnames = _listed("common_surnames") if common_only else _listed("common_surnames") | _listed("rare_surnames")
    return text[0] if text[:1] in surnames and len(text) > 1 else None


def has_telling_title(written: str) -> bool:
    """Whether a title says that the name is a person's (Mrs, Herr, 先生)."""
    text = words(even(written))
    if HAN.search(text):
        return bool(re.search("(?:先生|女士|小姐|太太|夫人)$", text))
    return text.split(" ", 1)[0] in _listed("telling_titles") and " " in text


def _folded(written: str | None) -> str:
    """A name's words; dots part initials (j.r. -> j r) instead of joining them."""
    if not written:
        return ""
    return words(_PHD.sub("phd", even(written)).replace(".", " "))


def _without_titles(tokens: list[str]) -> list[str]:
    while len(tokens) > 1 and tokens[0] in _listed("titles"):
        tokens = tokens[1:]
    while len(tokens) > 1 and tokens[-1] in _DEGREES:
        tokens = tokens[:-1]
    return tokens


def _latin_parts(tokens: list[str]) -> Parted:
    """The last word is the family name, with the particles before it (ludwig van beethoven)."""
    if len([token for token in tokens if token not in _GENERATIONS]) < 2:
        return Parted(" ".join(tokens), None, None)
    start = len(tokens) - 1
    while start > 1 and tokens[start] in _GENERATIONS:
        start -= 1
    end = start + 1
    while start > 1 and tokens[start - 1] in _listed("particles"):
        start -= 1
    return Parted(" ".join(tokens), " ".join(tokens[:start]), " ".join(tokens[start:end]))


def _latin(written: str) -> Parted:
    before, comma, after = even(written).partition(",")
    given, family = _without_titles(_folded(after).split()), _without_titles(_folded(before).split())
    if not comma or not given or not family or all(token in _DEGREES | _GENERATIONS for token in given):
        return _latin_parts(_without_titles(_folded(written).split()))
    return Parted(" ".join([*given, *family]), " ".join(given), " ".join(family))


def _han(text: str) -> Parted:
    core = _BLANK_BESIDE_HAN.sub("", text)
    core = _han_titles().sub("", core)
    surname = surname_of(core) if len(core) <= _LONGEST_HAN_NAME and script_of(core) == "han" else None
    return Parted(core, core[len(surname) :], surname) if surname else Parted(core, None, None)


def _parted(written: str) -> Parted:
    text = _folded(written)
    if not HAN.search(text):
        return _latin(written)
    foreign = _INTERPUNCT.match(even(written))
    if foreign:  # 迈克尔·乔丹
        given, family = _folded(foreign.group(1)), _folded(foreign.group(2))
        return Parted(given + family, given, family)
    return _han(text)


def _joined(given: str, family: str) -> str:
    return family + given if HAN.search(family + given) else f"{given} {family}".strip()


def _latin_words(core: str, given: str | None, family: str | None) -> list[str]:
    """The name's words in Latin letters: a Chinese surname as surnames are read, the given name in one word."""
    if not HAN.search(core):
        return core.split()
    if not family or not given:
        return [pinyin(run) for run in runs(core)]
    return [_readings().get(family) or pinyin(family), pinyin(given)]


def _other_names(others: str | None, compact: str) -> tuple[str, ...] | None:
    compacts = {_parted(other).core.replace(" ", "") for other in _SEVERAL.split(others or "") if other.strip()}
    return tuple(sorted(compacts - {"", compact})) or None


@lru_cache(maxsize=200_000)
def person_name(written: str | None, given_name: str | None, family_name: str | None, others: str | None) -> Name:
    """All name columns of a person. Given and family name come from their own columns; else from the name as written:
    'Neumann, Michaela', a Chinese surname, else the last word as family name."""
    given, family = _folded(given_name), _folded(family_name)
    source = written or _joined(given, family)
    text = _folded(source)
    if not text:
        return Name(others=_other_names(others, ""))
    trail = Trail("customer_name" if written else "given_name, family_name")
    trail.note("fold", source, text)
    name = _parted(source)
    trail.note("titles_and_order", text, name.core)
    given, family = (given, family) if given and family else (given or name.given or "", family or name.family or "")
    compact = name.core.replace(" ", "")
    latin_words = _latin_words(name.core, given, family)
    tokens = (family, given) if HAN.search(name.core) and family and given else name.core.split()
    return Name(
        text=text,
        core=name.core,
        compact=compact,
        tokens=tuple(sorted(set(tokens))),
        script=script_of(name.core),
        latin="".join(sorted(latin_words)),
        pinyin="".join(latin_words),
        sound=" ".join(sorted(filter(None, map(sound, latin_words)))) or None,
        others=_other_names(others, compact),
        given=given or None,
        family=family or None,
        steps=trail.json(),
    )
