"""What the commands on customers print: open questions, why two records are one customer, one customer. Plain text."""

import io
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from pipelines.customers.clusters import MODEL, REASONS
from pipelines.customers.judgement import Compared
from pipelines.customers.lookup import FIELDS, Record
from pipelines.customers.review import Question, Review
from pipelines.customers.show import Customer
from pipelines.customers.why import Explanation
from pipelines.customers.words import (
    FIELD_WORDS,
    LANGUAGES,
    Language,
    both,
    event_words,
    explained,
    parent_words,
    percent,
    pick,
    times,
)


def render_review(found: Review) -> str:
    """The questions, most money first, each with both records side by side and the evidence in both languages."""
    if not found.count:
        return "No open question: every grey pair is decided or within one customer. / 没有待判断的客户。"
    shown = len(found.questions)
    lines: list[RenderableType] = [
        Text(
            f"{found.count} open questions / 待判断 {found.count} 对, "
            f"{_money(found.at_stake)} {found.currency} at stake / 涉及金额"
            + (f"; the first {shown} / 前 {shown} 对" if shown < found.count else ""),
            style="bold",
        )
    ]
    for number, question in enumerate(found.questions, 1):
        lines += ["", *_question(number, question, found.currency)]
    lines += ["", Text("Many at once / 批量：scoreline customers review --excel FILE.xlsx")]
    return _text(lines)


def _question(number: int, question: Question, currency: str) -> Iterator[RenderableType]:
    pair = f"{question.left.record.record_id} {question.right.record.record_id}"
    yield Text(
        f"{number}. {_money(question.at_stake)} {currency} at stake / 涉及金额, "
        f"probability / 概率 {percent(question.match_probability)}"
        + (f", {question.more_pairs} more pairs / 另有 {question.more_pairs} 对" if question.more_pairs else ""),
        style="bold",
    )
    yield _side_by_side(question, currency)
    yield _evidence(question)
    for parent in question.parents:
        yield Text(f"   {parent_words(parent, 'zh')} {parent_words(parent, 'en')}")
    yield Text(f"   scoreline customers decide same|different {pair} --who NAME --why REASON", style="dim")


def _side_by_side(question: Question, currency: str) -> Table:
    left, right = question.left, question.right
    table = _table("", f"A {left.record.record_id}", f"B {right.record.record_id}")
    table.add_row(
        "客户 customer",
        *(
            Text(f"{side.customer_names}\n{side.record.customer_key} ({side.customer_records})")
            for side in (left, right)
        ),
    )
    table.add_row(f"签约额 bookings {currency}", _money(left.bookings), _money(right.bookings))
    for name in FIELDS:
        values = [record.fields.get(name, "") for record in (left.record, right.record)]
        if any(values):
            equal = "green" if values[0] == values[1] else ""
            table.add_row(both(FIELD_WORDS[name]), *(Text(value, style=equal) for value in values))
    return table


def _evidence(question: Question) -> Table:
    table = _table("证据 evidence", "", "比特 bits", "")
    table.columns[2].justify = "right"
    for reason in question.reasons:
        table.add_row(
            both((reason.comparison_zh, reason.comparison_en)),
            Text(f"{reason.zh} / {reason.en}"),
            f"{reason.weight:+.2f}",
            times(reason.weight, "en"),
        )
    return table


def render_why(found: Explanation, language: Language) -> str:
    """The explanation in words, then every comparison with both values; the weights add up to the last line's sum."""
    lines: list[RenderableType] = []
    for section in explained(found, language):
        lines += [
            *([""] if lines else []),
            Text(section.title, style="bold"),
            *(Text(f"  {line}") for line in section.lines),
        ]
    if found.judgement.compared:
        lines += ["", _comparisons(found, language)]
    return _text(lines)


def _comparisons(found: Explanation, language: Language) -> Table:
    titles = (("比较", "comparison"), ("程度", "level"), ("比特", "bits"), ("", ""))
    comparison, level, bits, more = (pick(title, language) for title in titles)
    table = _table(comparison, f"A {found.left.record_id}", f"B {found.right.record_id}", level, bits, more)
    table.columns[4].justify = "right"
    for compared in found.judgement.compared:
        table.add_row(*_comparison(compared, language))
    table.add_row(pick(("合计", "sum"), language), "", "", "", f"{found.judgement.match_weight:+.2f}", "")
    return table


def _comparison(compared: Compared, language: Language) -> tuple[RenderableType, ...]:
    return (
        pick((compared.comparison_zh, compared.comparison_en), language),
        Text(" · ".join(compared.left)),
        Text(" · ".join(compared.right)),
        Text(pick((compared.zh, compared.en), language)),
        f"{compared.weight:+.2f}",
        times(compared.weight, language),
    )


def why_to_json(found: Explanation) -> dict[str, Any]:
    """The explanation as data, with its words in both languages."""
    words = {language: [asdict(section) for section in explained(found, language)] for language in LANGUAGES}
    return {**asdict(found), "left": record_to_json(found.left), "right": record_to_json(found.right), "words": words}


def review_to_json(found: Review) -> dict[str, Any]:
    """The questions as data; amounts in reporting currency, weights in bits."""
    return {
        "currency": found.currency,
        "count": found.count,
        "at_stake": found.at_stake,
        "questions": [
            {
                **asdict(question),
                "left": {**asdict(question.left), "record": record_to_json(question.left.record)},
                "right": {**asdict(question.right), "record": record_to_json(question.right.record)},
            }
            for question in found.questions
        ],
    }


def customer_to_json(found: Customer) -> dict[str, Any]:
    """The customer as data, with the history of its key in both languages."""
    members = [
        {**record_to_json(m.record), "match_reason": m.match_reason, "match_probability": m.match_probability}
        for m in found.members
    ]
    words = {language: [event_words(event, language) for event in found.history] for language in LANGUAGES}
    return {**asdict(found), "members": members, "words": words}


def record_to_json(record: Record) -> dict[str, Any]:
    """A record as data."""
    return {"record_id": record.record_id, **asdict(record)}


def render_customer(found: Customer) -> str:
    """The customer: what the key became, its records, where its fields come from, the history of its key."""
    lines: list[RenderableType] = [Text(line, style="bold") for line in _headline(found)]
    if found.members:
        lines += ["", _records(found)]
    if found.golden:
        lines += ["", _golden(found)]
    lines += [Text(f"{parent_words(parent, 'zh')} {parent_words(parent, 'en')}") for parent in found.parents]
    lines += ["", Text("客户编号变更 history of the key", style="bold")]
    for event in found.history:
        lines += [Text(f"  {event_words(event, 'zh')}"), Text(f"  {event_words(event, 'en')}", style="dim")]
    return _text(lines)


def _headline(found: Customer) -> Iterator[str]:
    if ":" not in found.asked and found.became != (found.asked,):
        today = ", ".join(found.became) or "—"
        told = f"{found.asked} 今为 is today: {today}"
        yield told if found.became else f"{found.asked}: 其记录已全部离开来源 all its records left their sources"
    if found.customer_key:
        count = len(found.members)
        yield f"{found.customer_key}  {found.names}"
        records = f"{count} 条记录 record{'s' if count > 1 else ''}"
        yield f"签约额 bookings {_money(found.bookings or Decimal(0))} {found.currency}, {records}"


def _records(found: Customer) -> Table:
    used = [name for name in FIELDS if any(name in member.record.fields for member in found.members)]
    shown = [
        name
        for name in used
        if name in ("customer_name", "given_name", "family_name", "tax_id", "phone", "email", "city")
    ]
    table = _table("记录 record", "关联 held by", *(both(FIELD_WORDS[name]) for name in shown))
    for member in found.members:
        held = member.match_reason
        if held == REASONS[MODEL]:
            held += f" {percent(member.match_probability)}"
        table.add_row(member.record.record_id, held, *(Text(member.record.fields.get(name, "")) for name in shown))
    return table


def _golden(found: Customer) -> Table:
    table = _table("字段 field", "值 value", "出自 from", "规则 rule")
    for row in found.golden:
        words = both(FIELD_WORDS.get(row.field, (row.field, row.field)))
        table.add_row(words, Text(row.value), Text(row.record_id), Text(row.rule))
    return table


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for heading in headings:
        table.add_column(Text(heading), overflow="fold")
    return table


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _text(lines: Iterable[RenderableType]) -> str:
    """As wide as the terminal, coloured where it is one."""
    console = Console(
        file=io.StringIO(),
        force_terminal=sys.stdout.isatty(),
        width=shutil.get_terminal_size((120, 24)).columns,
        highlight=False,
        soft_wrap=False,
    )
    with console.capture() as captured:
        for line in lines:
            console.print(line, soft_wrap=isinstance(line, Text))
    return captured.get().rstrip("\n")
