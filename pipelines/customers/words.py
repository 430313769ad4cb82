"""Matching in words, Chinese or English: what an explanation, a key's history or a level of agreement says to a reader.

No facts are found here; `why`, `review` and `show` hand them in.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from pipelines.customers.judgement import Judgement
from pipelines.customers.keys import MATCHER
from pipelines.customers.lookup import KeyEvent, Parent, Record, both_names
from pipelines.customers.stewardship import Decision
from pipelines.customers.why import Explanation, Link, Obstacle, Said, SharedValue

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_SHOWN_RECORDS = 5
_SHOWN_RULES = 3
"""Records of an event, and blocking rules of a pair, that are named; the others are counted."""

FIELD_WORDS = {
    "party_type": ("类型", "party type"),
    "customer_name": ("名称", "name"),
    "given_name": ("名", "given name"),
    "family_name": ("姓", "family name"),
    "other_names": ("其他名称", "other names"),
    "birth_date": ("出生日期", "birth date"),
    "tax_id": ("税号", "tax id"),
    "registry_id": ("注册号", "registry id"),
    "email": ("邮箱", "e-mail"),
    "phone": ("电话", "phone"),
    "website": ("网站", "website"),
    "street": ("街道", "street"),
    "postal_code": ("邮编", "postcode"),
    "district": ("区县", "district"),
    "city": ("城市", "city"),
    "province": ("省份", "province"),
    "country": ("国家", "country"),
    "industry": ("行业", "industry"),
    "parent_record_key": ("上级记录", "parent record"),
}
"""What the fields of a record are called: Chinese, English."""

_KIND_WORDS = {
    "tax_id": ("税号", "tax id"),
    "registry_id": ("注册号", "registry id"),
    "uscc": ("统一社会信用代码", "unified social credit code"),
    "lei": ("LEI", "LEI"),
    "phone": ("电话", "phone"),
    "email": ("邮箱", "e-mail"),
    "branch": ("分支机构", "branch"),
    "model": ("匹配模型", "the model"),
    "steward": ("人工裁定", "a person's decision"),
}
_DECISION_WORDS = {
    "same": ("相同", "the same customer"),
    "different": ("不同", "different customers"),
    "parent": ("前者隶属于后者", "the first a part of the second"),
    "undo": ("撤销此前裁定", "earlier decision undone"),
}
_EVENT_WORDS = {
    "issue": ("首次发放", "issued"),
    "join": ("加入", "joined"),
    "leave": ("离开", "left"),
    "merge": ("合并", "merged"),
    "split": ("拆分", "split"),
    "undo": ("撤销", "undone"),
}
BAND_WORDS = {"same": ("相同", "same"), "grey": ("待人工判断", "ask a person"), "different": ("不同", "different")}


@dataclass(frozen=True)
class Section:
    """A heading and what is said under it, one fact a line."""

    title: str
    lines: tuple[str, ...]


def pick(pair: tuple[str, str], language: Language) -> str:
    """The Chinese or the English of the two."""
    return pair[0] if language == "zh" else pair[1]


def both(pair: tuple[str, str]) -> str:
    """Chinese and English side by side."""
    return f"{pair[0]} {pair[1]}" if pair[0] != pair[1] else pair[0]


def times(weight: float, language: Language) -> str:
    """A weight in bits as a factor of the odds: `1,200 times more likely`."""
    factor = 2.0 ** abs(weight)
    shown = f"{factor:,.0f}" if factor >= 10 else f"{factor:.1f}"
    if shown == "1.0":
        return pick(("可能性不变", "as likely as before"), language)
    if factor >= 1e9:
        shown = f"{factor:.0e}".replace("e+", " × 10^").replace("^0", "^")
    more = ("可能性为 {} 倍", "{} times more likely") if weight > 0 else ("可能性降为 1/{}", "{} times less likely")
    return pick(more, language).format(shown)


def percent(probability: float) -> str:
    """A probability in four digits, never rounded to certainty."""
    if probability > 0.9999:
        return "> 99.99 %"
    return "< 0.01 %" if probability < 0.0001 else f"{probability * 100:.4g} %"


def record_words(record: Record) -> str:
    """A record with its names: `erp:9 宏达贸易 / Hongda Trading`."""
    return " ".join(part for part in (record.record_id, both_names(record.names)) if part)


def explained(found: Explanation, language: Language) -> list[Section]:
    """An explanation in words; the table of comparisons is left to the caller, `judgement` introduces it."""
    sections = [
        Section(pick(("结论", "Answer"), language), tuple(_answer(found, language))),
        Section(pick(("关联链", "What joins them"), language), tuple(_chain(found, language))),
        Section(pick(("为何分开", "What keeps them apart"), language), tuple(_apart(found, language))),
        Section(
            pick(("共有的编号与联系方式", "Ids and numbers both have"), language),
            tuple(_shared(value, language) for value in found.shared),
        ),
        Section(
            pick(("人工裁定", "People's decisions"), language), tuple(_said(said, language) for said in found.said)
        ),
        Section(
            pick(("层级", "Hierarchy"), language), tuple(parent_words(parent, language) for parent in found.parents)
        ),
        Section(
            pick(("客户编号变更", "History of their keys"), language),
            tuple(event_words(event, language) for event in found.history),
        ),
        Section(pick(("模型", "The model"), language), tuple(_judgement(found.judgement, language))),
    ]
    return [section for section in sections if section.lines]


def _answer(found: Explanation, language: Language) -> Iterable[str]:
    left, right = record_words(found.left), record_words(found.right)
    one, other = found.left.customer_key, found.right.customer_key
    if found.is_same:
        yield pick((f"{left} 与 {right} 是同一客户 {one}。", f"{left} and {right} are one customer, {one}."), language)
    else:
        yield pick(
            (
                f"{left} 与 {right} 是两个客户：{one} 和 {other}。",
                f"{left} and {right} are two customers, {one} and {other}.",
            ),
            language,
        )
    yield _since(found, language)
    for named in found.stands_for:
        yield pick(
            (
                f"{named.customer} 有 {named.records} 条记录，这里取与对方联系最强的 {named.record_id}。",
                f"{named.customer} has {named.records} records; {named.record_id}, which has the strongest tie to the "
                "other side, stands for it here.",
            ),
            language,
        )


def _since(found: Explanation, language: Language) -> str:
    event = found.since
    if event is None:
        return pick(("两者从未属于同一客户。", "They have never been one customer."), language)
    why = f"{event.reason}; {_actor(event.actor, language)}"
    if found.is_same:
        return pick((f"自 {event.event_date} 起（{why}）。", f"Since {event.event_date} ({why})."), language)
    return pick(
        (
            f"{event.event_date} 之前曾是同一客户（{why}）。",
            f"They were one customer until {event.event_date} ({why}).",
        ),
        language,
    )


def _chain(found: Explanation, language: Language) -> Iterable[str]:
    if not found.is_same:
        return
    if len(found.chain) > 1:
        yield pick(
            (
                "两者之间没有直接关联，是经由以下记录连成一个客户的：",
                "Nothing joins the two directly; this chain does:",
            ),
            language,
        )
    for link in found.chain:
        yield f"{link.left} = {link.right}: {_link(link, language)}"
    if not found.chain:
        yield pick(
            (
                "当前数据里没有找到连接两者的证据；请重新运行 `scoreline run`。",
                "Nothing in the candidate joins them any more; run `scoreline run`.",
            ),
            language,
        )


def _link(link: Link, language: Language) -> str:
    if link.decision is not None:
        return _decision(link.decision, language)
    if link.value is not None:
        kind = pick(_KIND_WORDS[link.reason], language)
        return pick((f"{kind}相同 {link.value}", f"the same {kind} {link.value}"), language)
    shown = percent(link.match_probability)
    return pick((f"匹配模型，概率 {shown}", f"the model, probability {shown}"), language)


def _apart(found: Explanation, language: Language) -> Iterable[str]:
    if found.is_same:
        return
    for decision in found.kept_apart:
        records = f"{decision.record_id_l} ≠ {decision.record_id_r}"
        yield f"{records}: {_decision(decision, language)}"
    for obstacle in found.obstacles:
        yield _obstacle(obstacle, language)
    if found.hub_guard:
        yield pick(
            (
                "仅凭模型两者会合并，但它们共用一个被多家使用的编号或电话（可能属于代理机构）且名称不符，"
                "因此模型的结论不算数（枢纽保护）。",
                "The model alone would join them. They share a number that several names use (an agent's, perhaps) and "
                "their names do not agree, so the model's word does not count (hub guard).",
            ),
            language,
        )
    elif found.judgement.band == "same" and not found.obstacles and not found.kept_apart:
        yield pick(
            (
                "这一对记录足够相似，但两个客户的其他记录之间支持太少，最弱的一环被断开。",
                "The pair agrees well enough, but too few other records of the two customers agree with each other: "
                "the weakest link was cut.",
            ),
            language,
        )
    is_decided = bool(found.kept_apart) or any(said.holds for said in found.said)
    if found.judgement.band == "grey" and not is_decided:
        pair = f"{found.left.record_id} {found.right.record_id}"
        yield pick(
            ("证据不足以自动判断，请人工裁定：", "The evidence does not settle it; a person decides: "), language
        ) + (f"scoreline customers decide same|different {pair} --who NAME --why REASON")


def _obstacle(obstacle: Obstacle, language: Language) -> str:
    if obstacle.kind == "branch":
        head = pick(("总部", "the head office"), language)
        left, right = (
            ", ".join(value.replace("|", "") or head for value in side) for side in (obstacle.left, obstacle.right)
        )
        return pick(
            (
                f"分支机构与总部（或其他分支）不是同一客户：一方 {left}，另一方 {right}；只有人工裁定能合并。",
                f"A branch is not its head office or another branch: one side is {left}, the other {right}; only a "
                "person can join them.",
            ),
            language,
        )
    kind = pick(_KIND_WORDS.get(obstacle.kind, (obstacle.kind, obstacle.kind)), language)
    left, right = ", ".join(obstacle.left), ", ".join(obstacle.right)
    return pick(
        (
            f"一个客户只有一个{kind}：一方 {left}，另一方 {right}，校验位均正确；只有人工裁定能合并。",
            f"A customer has one {kind}: one side has {left}, the other {right}, both with right check digits; only a "
            "person can join them.",
        ),
        language,
    )


def _shared(value: SharedValue, language: Language) -> str:
    kind = pick(_KIND_WORDS.get(value.scheme, (value.scheme, value.scheme)), language)
    start = pick(
        (
            f"双方都有{kind} {value.value}（共 {value.records} 条记录）",
            f"Both have the {kind} {value.value} ({value.records} records have it)",
        ),
        language,
    )
    return f"{start}{_worth(value)[0 if language == 'zh' else 1]}"


def _worth(value: SharedValue) -> tuple[str, str]:
    if value.is_hub:
        return (
            f"，但有 {value.names} 个不同名称在用，可能属于代理机构：它本身不合并任何记录（枢纽保护）。",
            f", but {value.names} different names use it (an agent's, perhaps): by itself it joins nobody (hub guard).",
        )
    if value.is_sure and value.is_doubted:
        return (
            f"，但有 {value.names} 个不同名称在用且未经校验位证实：只合并名称相符的记录。",
            f", but {value.names} different names use it and no check digit proves it: it joins only records whose "
            "names agree.",
        )
    if value.is_sure:
        return "：同一编号即同一客户。", ": one id, one customer."
    return "：供模型参考，本身不足为凭。", ": evidence for the model, no proof by itself."


def _said(said: Said, language: Language) -> str:
    text = f"{said.decision.record_id_l}, {said.decision.record_id_r}: {_decision(said.decision, language)}"
    if not said.is_built:
        text += pick(("（下次 `scoreline run` 生效）", " (takes effect with the next `scoreline run`)"), language)
    elif not said.holds:
        text += pick(("（已不再有效）", " (no longer holds)"), language)
    return text


def _decision(decision: Decision, language: Language) -> str:
    words = pick(_DECISION_WORDS[decision.decision], language)
    return pick(
        (
            f"{decision.decided_by} 于 {decision.decided_on} 裁定：{words}（{decision.reason}）",
            f"{decision.decided_by} decided on {decision.decided_on}: {words} ({decision.reason})",
        ),
        language,
    )


def parent_words(parent: Parent, language: Language) -> str:
    """Which record is a part of which, and who says so."""
    reasons = {
        "steward": ("人工裁定", "a person decided it"),
        "source": ("来源系统如此记载", "its source says so"),
        "branch": ("名称中的分支机构标记", "the branch marker in its name"),
    }
    why = pick(reasons[parent.reason], language)
    return pick(
        (f"{parent.child} 隶属于 {parent.parent}（{why}）。", f"{parent.child} is a part of {parent.parent} ({why})."),
        language,
    )


def _judgement(judgement: Judgement, language: Language) -> Iterable[str]:
    if judgement.looked == "other_party_type":
        yield pick(
            (
                "一方是组织，一方是个人，两类不作比较。",
                "One is an organisation and the other a person: these are not compared.",
            ),
            language,
        )
        return
    yield {"kept": _kept, "dropped": _dropped, "never": _never}[judgement.looked](judgement, language)
    band = pick(BAND_WORDS[judgement.band], language) if judgement.band else ""
    bits, shown = f"{judgement.match_weight:+.2f}", percent(judgement.match_probability)
    yield pick(
        (
            f"合计 {bits} 比特，概率 {shown}" + (f"，判为“{band}”。" if band else "。"),
            f"Sum {bits} bits, probability {shown}" + (f": {band}." if band else "."),
        ),
        language,
    )


def _rules(judgement: Judgement, too_common: bool) -> str:
    rules = [f"{key.rule} ({key.why})" for key in judgement.keys if key.is_too_common is too_common]
    more = [f"+{len(rules) - _SHOWN_RULES}"] if len(rules) > _SHOWN_RULES else []
    return ", ".join([*rules[:_SHOWN_RULES], *more])


def _kept(judgement: Judgement, language: Language) -> str:
    rules = _rules(judgement, False)
    return pick((f"由以下规则找到这一对：{rules}。", f"The pair was found by: {rules}."), language)


def _dropped(judgement: Judgement, language: Language) -> str:
    rules, keep = _rules(judgement, False), percent(judgement.keep)
    low = judgement.match_probability < judgement.keep
    because = pick((f"：概率低于 {keep}", f", because its probability is below {keep}"), language) if low else ""
    return pick(
        (
            f"这一对被找到过（{rules}），但未保留{because}；以下为现在重新计算的结果。",
            f"The pair was found by {rules}, but not kept{because}; worked out anew:",
        ),
        language,
    )


def _never(judgement: Judgement, language: Language) -> str:
    common = _rules(judgement, True)
    tail = (
        pick((f"（仅有过于常见的：{common}）", f", except ones that too many records share: {common}"), language)
        if common
        else ""
    )
    return pick(
        (
            f"这一对从未被比较：两条记录没有共同的索引键{tail}。现在比较的结果如下。",
            f"The pair was never looked at: the two records have no blocking key in common{tail}. Compared now:",
        ),
        language,
    )


def event_words(event: KeyEvent, language: Language) -> str:
    """An entry of the book of keys: day, what happened to which records, why, and who caused it."""
    names = ", ".join(event.record_ids[:_SHOWN_RECORDS])
    more = len(event.record_ids) - _SHOWN_RECORDS
    if more > 0:
        names += pick((f" 等 {len(event.record_ids)} 条记录", f" and {more} more"), language)
    done = _EVENT_SENTENCES[event.event_type](names, event)
    return f"{event.event_date} {pick(done, language)} ({event.reason}; {_actor(event.actor, language)})"


def _from(event: KeyEvent) -> tuple[str, str]:
    if event.previous_customer_key is None:
        return "", ""
    return f"（原 {event.previous_customer_key}）", f", before {event.previous_customer_key}"


_EVENT_SENTENCES: dict[str, Callable[[str, KeyEvent], tuple[str, str]]] = {
    "issue": lambda names, e: (f"首次发放 {e.customer_key}：{names}", f"{e.customer_key} was issued to {names}"),
    "join": lambda names, e: (
        f"{names} 加入 {e.customer_key}{_from(e)[0]}",
        f"{names} joined {e.customer_key}{_from(e)[1]}",
    ),
    "leave": lambda names, e: (f"{names} 离开 {e.customer_key}", f"{names} left {e.customer_key}"),
    "merge": lambda names, e: (
        f"{e.previous_customer_key} 并入 {e.customer_key}：{names}",
        f"{e.previous_customer_key} was merged into {e.customer_key} with {names}",
    ),
    "split": lambda names, e: (
        f"{names} 从 {e.previous_customer_key} 拆出，成为 {e.customer_key}",
        f"{names} split from {e.previous_customer_key} and became {e.customer_key}",
    ),
    "undo": lambda names, e: (
        f"撤销此前的变更：{names} 由 {e.previous_customer_key} 回到 {e.customer_key}",
        f"an earlier change was undone: {names} went from {e.previous_customer_key} to {e.customer_key}",
    ),
}


def _actor(actor: str, language: Language) -> str:
    return pick(("自动匹配", "matcher"), language) if actor == MATCHER else actor
