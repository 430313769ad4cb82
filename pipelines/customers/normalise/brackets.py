"""What stands in brackets in an organisation's name: a place, a branch, another name, a remark, or a part of it."""

import re
from typing import NamedTuple

from pipelines.customers.normalise.places import chinese_place, region_of
from pipelines.customers.normalise.text import HAN, LATIN, words
from pipelines.customers.normalise.vocabulary import also_known_as, status_words

_BRACKET = re.compile(r"\(([^()]*)\)")
_OTHER_BRACKETS = str.maketrans("[]{}<>【】〔〕〈〉《》「」『』〖〗", "()" * 10)
_BRANCH_MARKER = "(?:分公司|分行|支行|办事处|代表处|分店|分厂|分部)$"
_HAN_BRANCH = re.compile(_BRANCH_MARKER)
_PLACE_OF_BRANCH = re.compile(rf"\(([^()]*)\)\s*(?={_BRANCH_MARKER})")
_JAPANESE_FORMS = (("(株)", "株式会社"), ("(有)", "有限会社"))
# 上海东方科技有限公司 Shanghai Dongfang Technology Co., Ltd.
_TWO_LANGUAGES = re.compile(
    r"^([^a-z]*[\u4e00-\u9fff]{4,}[^a-z]*?)[\s/|,;-]+([a-z][^\u4e00-\u9fff]*\s[^\u4e00-\u9fff]*)$"
)


class Opened(NamedTuple):
    """The text with its brackets resolved, and what was in them; a branch as 'place|marker'."""

    text: str
    region: str | None = None
    branch: str | None = None
    other_names: tuple[str, ...] = ()


def _in_other_script(inside: str, outside: str) -> bool:
    if HAN.search(inside):
        return len(inside) >= 2 and not HAN.search(outside) and bool(LATIN.search(outside))
    return bool(LATIN.search(inside)) and len(inside) >= 3 and bool(HAN.search(outside)) and not LATIN.search(outside)


def _branch(content: str) -> str:
    marker = _HAN_BRANCH.search(content)
    place = content[: marker.start()] if marker else content
    return f"{chinese_place(place) or place}|{marker.group() if marker else ''}"


def open_brackets(text: str) -> Opened:
    """Sort the content of every bracket; what is no place, branch, name or remark stays in the text as words."""
    if text.isascii() and "(" not in text and "[" not in text:
        return Opened(text)
    text = text.translate(_OTHER_BRACKETS)
    text = _PLACE_OF_BRANCH.sub(r"\1", text)  # ...公司(上海)分公司
    for written, form in _JAPANESE_FORMS:
        text = text.replace(written, form)
    region, branch, others = None, None, []
    outside = words(_BRACKET.sub(" ", text))
    for inside in _BRACKET.findall(text):
        content = words(inside)
        alias = also_known_as().match(inside.strip())
        if not content or content in status_words():
            replaced = ""
        elif alias:
            others.append(inside.strip()[alias.end() :])
            replaced = ""
        elif outside and region_of(content):
            region, replaced = region_of(content), ""
        elif outside and _HAN_BRANCH.search(content):
            branch, replaced = _branch(content), ""
        elif _in_other_script(content, outside):
            others.append(inside)
            replaced = ""
        else:
            replaced = inside
        text = text.replace(f"({inside})", f" {replaced} " if replaced else " ", 1)
    two = _TWO_LANGUAGES.match(text.strip()) if LATIN.search(text) else None
    if two:
        text, others = two.group(1), [*others, two.group(2)]
    return Opened(text, region, branch, tuple(others))
