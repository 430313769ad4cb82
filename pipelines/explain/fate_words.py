"""What became of a raw record, in words."""

from collections.abc import Iterator, Sequence

from pipelines.explain.fate import Record
from pipelines.explain.release import Row
from pipelines.explain.story import Block, Grid, Heading, Lines
from pipelines.explain.words import Language, number, say
from pipelines.periods import period_name

_FATES = {
    "credited": ("credited", "已归属业绩"),
    "unassigned": (
        "counted, but no rule credits anybody with it (unassigned)",
        "已计入，但没有规则能确定归属人（unassigned）",
    ),
    "refunded": ("credited, and taken back in whole or in part", "已归属业绩，后被全部或部分冲回"),
    "matched": ("matched to a unified customer", "已匹配到统一客户"),
    "used": ("read into the tables", "已读入数据表"),
    "not_counted": ("read, but not counted as it stands", "已读入，但按其现状不计入"),
    "outside_period": ("read, but outside the periods published", "已读入，但不在已公布的期间内"),
    "left_out": ("left out by the model of its system", "被该系统的模型排除"),
    "outside_mapping": ("outside the `where` of its source's mapping", "不符合来源映射中的 where 条件"),
    "quarantined": ("quarantined: a value cannot be used", "已隔离：有无法使用的值"),
    "superseded": ("superseded by a later version", "已被后来的版本取代"),
    "deleted": ("deleted at the source", "已在来源系统中删除"),
    "reference": ("looked up by other records", "供其他记录查用"),
    "not_read": ("landed, but nothing reads its stream", "已落地，但没有模型读取该数据流"),
    "lost": ("lost: no rule says why it is nowhere", "丢失：没有规则说明其去向"),
    "not_published": (
        "landed after the current release; the next run decides",
        "在当前发布版本之后落地；下次运行后才有去向",
    ),
}


def fate_words(fate: str, language: Language) -> str:
    """What a fate means."""
    return say(language, *_FATES[fate])


def fate_story(records: Sequence[Record], language: Language) -> Iterator[Block]:
    """Each record with its fate, its versions, whom it is credited to, its customer, and the scores it counts in."""
    for record in records:
        yield Heading(f"{record.source} / {record.stream} / {record.key}")
        yield Lines(list(_lines(record, language)))
        yield _versions(record, language)
        if record.credits:
            yield _credits(record.credits, language)
        if record.customer is not None and record.customer["other_records"]:
            yield _others(record.customer, language)
        if record.scores:
            yield _scores(record.scores, language)


def _lines(record: Record, language: Language) -> Iterator[str]:
    detail = f" ({record.detail})" if record.detail and record.customer is None else ""
    yield say(language, "Fate: ", "去向：") + fate_words(record.fate, language) + detail
    if record.entity is not None:
        keys = ", ".join(record.source_keys[:5]) + (" ..." if len(record.source_keys) > 5 else "")
        yield say(language, "Stands as: ", "对应：") + f"{record.entity} {keys}"
    if record.customer is not None:
        name = record.customer["customer_name"] or ""
        why = f"{record.customer['match_reason']}, {number(record.customer['match_probability'])}"
        yield say(language, "Customer: ", "客户：") + f"{record.customer['customer_key']} {name} ({why})"


def _versions(record: Record, language: Language) -> Grid:
    headings = (
        say(language, "load package", "加载批次"),
        say(language, "version", "版本"),
        say(language, "fate", "去向"),
    )
    rows = [
        (version.load_id, str(version.version_seq), fate_words(version.fate, language)) for version in record.versions
    ]
    return Grid(headings, rows)


def _credits(credits: Sequence[Row], language: Language) -> Grid:
    headings = (
        say(language, "credited to", "归属人"),
        say(language, "unit", "部门"),
        say(language, "day", "日期"),
        say(language, "share", "比例"),
        say(language, "amount", "金额"),
        say(language, "rule", "规则"),
    )
    rows = [
        (
            f"{row['employee_id']} {row['employee_name'] or ''}".strip(),
            row["org_unit_id"],
            f"{row['credited_on']}",
            number(row["credit_share"]),
            number(row["credited_amount"]),
            f"{row['credit_rule']}: {row[f'rule_{language}'] or ''}".removesuffix(": "),
        )
        for row in credits
    ]
    return Grid(headings, rows, numbers=(3, 4))


def _others(customer: Row, language: Language) -> Grid:
    headings = (say(language, "other records of the customer", "该客户的其他记录"), say(language, "reason", "依据"))
    rows = [
        (f"{row['source_system']} / {row['source_key']}", f"{row['match_reason']}, {number(row['match_probability'])}")
        for row in customer["other_records"]
    ]
    return Grid(headings, rows)


def _scores(scores: Sequence[Row], language: Language) -> Grid:
    headings = (
        say(language, "counts in the score of", "计入得分"),
        say(language, "period", "期间"),
        say(language, "component", "组成项"),
        say(language, "points", "得分"),
    )
    rows = [
        (row["employee_id"], period_name(row["period_type"], row["period_start"]), row["metric"], number(row["points"]))
        for row in scores
    ]
    return Grid(headings, rows, numbers=(3,))
