"""Names of organisations in Chinese: branch, legal form, region, brand and trade, and the short forms people use."""

import re
from typing import NamedTuple

from pipelines.customers.normalise import places
from pipelines.customers.normalise.legal_forms import han_form_anywhere, without_han_forms
from pipelines.customers.normalise.text import HAN, HAN_RANGE, Trail, runs
from pipelines.customers.normalise.vocabulary import (
    han_parts,
    is_trade,
    latin_of_part,
    national_head,
    national_words,
    public_short_names,
    public_shorts_of_others,
)

_BRANCH_MARKERS = (
    "分公司",
    "分行",
    "支行",
    "分理处",
    "营业部",
    "营业厅",
    "营业所",
    "办事处",
    "代表处",
    "联络处",
    "分部",
    "分店",
    "门店",
    "分厂",
    "分院",
    "分校",
    "分所",
    "采购部",
    "财务部",
    "工程部",
    "项目部",
    "事业部",
    "市场部",
)
_HEAD_OFFICE_ENDS = re.compile(
    "(银行|证券|保险|人寿|财险|公司|集团|电信|移动|联通|邮政|信用社)(?!.*(?:银行|证券|保险|公司|集团))"
)
_BLANK_BESIDE_HAN = re.compile(f"(?<=[{HAN_RANGE}])\\s+|\\s+(?=[{HAN_RANGE}])")
_NUMERALS = "一二三四五六七八九"
_ORDINAL = re.compile(r"第([1-9])(?!\d)")
# bodies the public knows by an acronym of their name
_ACRONYM_TRADES = frozenset(
    (
        "银行",
        "商业银行",
        "航空",
        "钢铁",
        "汽车",
        "证券",
        "大学",
        "铁路",
        "电网",
        "石油",
        "石化",
        "化工",
        "保险",
        "人寿",
        "建筑",
        "通信",
        "电信",
        "移动",
        "金融",
        "期货",
        "重工",
        "机床",
        "铁建",
        "交通",
    )
)
_SHORT_LAST = {"银行": "行", "商业银行": "行", "电网": "网", "石油": "油"}
_LONGEST_ACRONYM = 4


class HanName(NamedTuple):
    """What is read from a Chinese name. `parts` are brand and words of trade in their order."""

    core: str
    parts: tuple[str, ...]
    brand: str
    region: str | None
    form: str | None
    is_group: bool
    branch: str | None


def _branch(text: str) -> tuple[str, str | None]:
    """The head office's name, and 'place|marker' of the branch; the place is what stands after form or bank."""
    marker = next((word for word in _BRANCH_MARKERS if text.endswith(word)), None)
    if marker is None or len(text) - len(marker) < 2:
        return text, None
    before = text[: -len(marker)]
    ends = [found.end() for found in han_form_anywhere().finditer(before)]
    head_office = _HEAD_OFFICE_ENDS.search(before)
    if not ends and head_office:
        ends = [head_office.end()]
    cut = ends[-1] if ends else places.place_at_end(before)
    return before[:cut], f"{_short_place(before[cut:])}|{marker}"


def _short_place(text: str) -> str:
    return places.chinese_place(text) or text


def _says_something(text: str) -> bool:
    """Whether a name could stand alone: more than one character and not only words of trade."""
    return len(text) >= 2 and not all(is_trade(part) for part in han_parts(text))


def _without_region(text: str) -> tuple[str, str | None]:
    """The name without the place at its head or 中国 at its end, and the place; a name that would be empty keeps it."""
    head = places.chinese_head(text, in_name=True)
    region = head.city or head.province
    if region and _says_something(head.rest):
        return head.rest, region
    if region:
        return (region + head.rest if head.rest else text), region
    if text.endswith("中国") and _says_something(text[:-2]):
        return text[:-2], "CN"
    end = places.place_at_end(text)
    if end < len(text) and end >= 3 and _says_something(text[:end]):
        return text[:end], places.chinese_place(text[end:])
    return text, None


def _ordinal(found: re.Match[str]) -> str:
    return f"第{_NUMERALS[int(found.group(1)) - 1]}"


def _parts(core: str) -> tuple[str, ...]:
    return tuple(part for run in runs(core) for part in (han_parts(run) if HAN.match(run) else (run,)))


def _brand(core: str, parts: tuple[str, ...], region: str | None) -> str:
    own = "".join(part for part in parts if not is_trade(part))
    return own if own and own != region else core.replace(" ", "")


def read_han_name(text: str, trail: Trail) -> HanName:
    """`text` is folded; every step that takes something away is noted."""
    text = _BLANK_BESIDE_HAN.sub("", text)
    whole, branch = _branch(text)
    trail.note("branch", text, whole)
    stripped = without_han_forms(whole)
    trail.note("legal_form", whole, stripped.rest)
    core, region = _without_region(stripped.rest)
    trail.note("region", stripped.rest, core)
    core = _ORDINAL.sub(_ordinal, core)
    parts = _parts(core)
    return HanName(core, parts, _brand(core, parts, region), region, stripped.form, stripped.is_group, branch)


def latin_road(name: HanName) -> tuple[str, str]:
    """The name and its brand in Latin letters: brands by their Latin name, trade in English, the rest in pinyin."""
    own = [part for part in name.parts if not is_trade(part)]
    whole = "".join("china" if part == "中国" else latin_of_part(part) for part in name.parts)
    return whole, "".join(map(latin_of_part, own)) if own and name.brand != name.core else whole


def han_short_forms(name: HanName) -> set[str]:
    """Names it also goes by: with its region, without its trade, with the first word of its trade."""
    compact = name.core.replace(" ", "")
    forms = {compact, name.brand}
    head = national_head(name.core)
    first_trade = next((part for part in name.parts[bool(head) :] if is_trade(part)), "")
    if name.brand != compact and first_trade:
        forms.add(name.brand + first_trade)
    if head and name.brand != compact:
        forms |= {head + name.brand, compact.removeprefix(head)}
    if name.region and HAN.match(name.region) and not compact.startswith(name.region):
        forms |= {name.region + form for form in tuple(forms)}
    return {form for form in forms if len(form) >= 2}


def han_acronyms(name: HanName) -> set[str]:
    """Acronyms by the ways the public builds them: 中石化, 中国石化, 招行, 浦发银行, 南航, 中移动; and irregular ones.

    Ordinary firms have none: only names of words of trade alone, of national bodies, and of banks, airlines, steelworks
    and the like are shortened this way.
    """
    found = set(public_short_names(name.core.replace(" ", "")))
    if len(name.parts) > 1 and _is_shortened_by_the_public(name):
        head = national_head(name.core)
        found |= _built(name.parts, bool(head))
        if head:
            found |= _built(name.parts[1:], False)
    taken = national_words() | public_shorts_of_others(name.core.replace(" ", ""))
    return {form for form in found - taken if 2 <= len(form) <= _LONGEST_ACRONYM}


def _is_shortened_by_the_public(name: HanName) -> bool:
    return bool(national_head(name.core)) or name.parts[-1] in _ACRONYM_TRADES or all(map(is_trade, name.parts))


def _letter(part: str) -> str:
    return part[1] if part.startswith("第") and len(part) > 1 else part[0]


def _built(parts: tuple[str, ...], national: bool) -> set[str]:
    """The initials; the last one as banks and the like have it (行); one or more parts left whole."""
    if len(parts) < 2:
        return set()
    first = "".join(map(_letter, parts))
    short_last = first[:-1] + _SHORT_LAST.get(parts[-1], first[-1])
    found = {first, short_last}
    if national:
        found |= {parts[0] + first[1:], parts[0] + short_last[1:]} if len(parts) > 2 else {first[0] + parts[1]}
    elif len(parts) > 2:
        found |= {first[:-1] + parts[-1]} | ({first[:-1]} if parts[-1] == "银行" else set())
    return found


def han_numbers(name: HanName) -> str | None:
    """Numbers and ordinals (第一) of the name in their order, blank between; None without any."""
    found = re.findall(f"\\d+|(?<=第)[{_NUMERALS}]", name.core)
    return " ".join(str(_NUMERALS.index(number) + 1) if number in _NUMERALS else number for number in found) or None
