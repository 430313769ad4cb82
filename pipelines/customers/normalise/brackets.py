"""What stands in brackets in an organisation's name: a place, a branch, another name, a remark, or a part of it."""

import re
from typing import NamedTuple

from pipelines.customers.normalise.legal_forms import form_at_end
from pipelines.customers.normalise.places import chinese_place, is_state, region_of
from pipelines.customers.normalise.text import HAN, HAN_RANGE, LATIN, words
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


# Acme Trading, Lille Branch
_BRANCH_AFTER_COMMA = re.compile(
    r"^(.*[a-z].*?),\s*([^,()]*?)\s*(?:\b(?:branch|representative|rep|liaison)(?:\s+office)?)\.?$"
)
# Acme Inc, t/a Bluebird; 恒通有限公司 曾用名：恒远
_OTHER_NAME_AFTER = re.compile(
    r"^(.{2,}?)[\s,;，；]+(?:d\s?[./]\s?b\s?[./]\s?a|t\s?/\s?a|f\s?[./]\s?k\s?[./]\s?a|a\s?[./]\s?k\s?[./]\s?a|dba|fka|aka|"
    r"doing business as|trading as|formerly(?: known as)?|also known as|曾用名|原名|简称|又名)\b[.:：]?\s*(\S.+)$"
)
# Apple Inc /DE/
_STATE_AFTER = re.compile(r"\s+/\s?[a-z]{2}\s?/?$")
# 恒通有限公司-老客户: what a clerk notes behind the whole name, unless it is a part of the firm
_REMARK = re.compile(rf"(?<=公司)\s*(?:[-—–*#_:：;；,，/|]+\s*([{HAN_RANGE}]{{0,6}})|\(([{HAN_RANGE}]{{1,6}})\))\s*$")
_PART_OF_FIRM = re.compile("[部厂店所院校处站办行室队场库会区司心组]$")


# *ST海航, 退市海润, 万科A, 中国石化H股: a listed share, not a part of the firm's name
_STOCK_MARK = re.compile(
    rf"^(?:\*?s?\*?st|退市|xd|xr|dr)\s*(?=[{HAN_RANGE}]{{2}})|(?<=[{HAN_RANGE}]{{2}})\s*(?:[-—]\s*[abhuwsdt]|[ab]|[abh]股|\(退市\))$"
)


class Opened(NamedTuple):
    """The text with its brackets resolved, and what was in them; a branch as 'place|marker'."""

    text: str
    region: str | None = None
    branch: str | None = None
    other_names: tuple[str, ...] = ()


def without_stock_marks(text: str) -> str:
    """A Chinese name without what the exchange puts before and behind it; `text` is folded."""
    return _STOCK_MARK.sub("", text) if text and HAN.search(text) else text


def _in_other_script(inside: str, outside: str) -> bool:
    if HAN.search(inside):
        return len(inside) >= 2 and not HAN.search(outside) and bool(LATIN.search(outside))
    return bool(LATIN.search(inside)) and len(inside) >= 3 and bool(HAN.search(outside)) and not LATIN.search(outside)


def _branch(content: str) -> str:
    marker = _HAN_BRANCH.search(content)
    place = content[: marker.start()] if marker else content
    return f"{chinese_place(place) or place}|{marker.group() if marker else ''}"


def _tail_read(text: str) -> tuple[str, str | None, tuple[str, ...]]:
    """The text without what follows the firm's own name, the branch and the other name that were found there."""
    text = _STATE_AFTER.sub("", text)
    remark = _REMARK.search(text)
    if remark and not _PART_OF_FIRM.search(remark.group(1) or remark.group(2) or ""):
        text = text[: remark.start()] if not region_of(remark.group(2) or "") else text
    other = _OTHER_NAME_AFTER.match(text)
    if other:
        return other.group(1), None, (other.group(2),)
    branch = None if HAN.search(text) else _BRANCH_AFTER_COMMA.match(text)
    if branch and not form_at_end(tuple(words(branch.group(2)).split()))[0]:
        place = words(branch.group(2))
        return branch.group(1), f"{region_of(place) or place}|branch", ()
    return text, None, ()


def open_brackets(text: str) -> Opened:
    """Sort the content of every bracket; what is no place, branch, name or remark stays in the text as words."""
    text, branch, named = _tail_read(text)
    if text.isascii() and "(" not in text and "[" not in text:
        return Opened(text, None, branch, named)
    text = text.translate(_OTHER_BRACKETS)
    text = _PLACE_OF_BRANCH.sub(r"\1", text)  # ...公司(上海)分公司
    for written, form in _JAPANESE_FORMS:
        text = text.replace(written, form)
    region, others = None, list(named)
    outside = words(_BRACKET.sub(" ", text))
    for inside in _BRACKET.findall(text):
        content = words(inside)
        alias = also_known_as().match(inside.strip())
        if not content or content in status_words() or (outside and is_state(content)):
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
