"""What `scoreline statement` prints, in one language: sums of each plan, then every line with rate and amount."""

import io
import shutil
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from pipelines.statement import PersonStatement, PlanStatement, Row

Language = Literal["en", "zh"]
KINDS = {
    "sale": ("sale", "业绩"),
    "return_in_period": ("return in its period, not counted above", "当期退货，已从业绩中扣除"),
    "return": ("return, taken back", "退货追回"),
    "bad_debt": ("overdue invoice", "逾期未收"),
    "carried": ("carried: owed, not taken now", "结转：本期不扣，计入欠付"),
    "guarantee": ("filled up to the guarantee", "补足保底"),
    "draw": ("filled up to the draw", "预支补足"),
    "recovered": ("recovered of what is owed", "抵扣欠付"),
    "bonus": ("bonus", "奖金"),
}
SUMS = (
    ("calculated_amount", "commission by the rates", "按费率计算的提成"),
    ("cap_reduction", "cut by the cap", "封顶扣减"),
    ("clawback_amount", "taken back", "追回"),
    ("carried_amount", "carried", "结转"),
    ("guarantee_amount", "guarantee", "保底"),
    ("draw_amount", "draw", "预支"),
    ("recovered_amount", "recovered", "抵扣"),
    ("bonus_amount", "bonus", "奖金"),
    ("payable_amount", "payable", "应付"),
)
"""Columns of a statement in the order they are added, with their names; the last is the sum of those before."""
STATUSES = {"no_cost": ("cost unknown", "成本未知"), "after_leaving": ("after leaving", "离岗后")}
ELIGIBILITY = {
    "eligible": ("yes", "是"),
    "not_eligible": ("no", "否"),
    "provisional": ("open: the period still runs", "待定：期间未结束"),
}
ELIGIBLE_KINDS = {"bonus": ("bonus", "奖金"), "promotion": ("promotion", "晋升"), "training": ("training", "培训建议")}


def render_statement(found: PersonStatement, language: Language) -> str:
    """Everything the person is paid for the period, down to the line."""
    console = Console(
        file=io.StringIO(),
        force_terminal=sys.stdout.isatty(),
        width=shutil.get_terminal_size((140, 24)).columns,
        highlight=False,
    )
    with console.capture() as captured:
        for line in _lines(found, language):
            console.print(line, soft_wrap=isinstance(line, Text))
    return captured.get().strip("\n")


def _lines(found: PersonStatement, language: Language) -> Iterator[RenderableType]:
    person = f"{found.name} ({found.employee_id})" if found.name else found.employee_id
    yield Text(
        _say(language, f"Statement of {person}, {found.period}", f"{person} {found.period} 结算单"), style="bold"
    )
    for plan in found.plans:
        yield from _plan(plan, language)
    if found.eligibility:
        yield Text("\n" + _say(language, "What the grades mean", "等级结果"), style="bold")
        yield _eligibility(found, language)


def _plan(plan: PlanStatement, language: Language) -> Iterator[RenderableType]:
    row = plan.row
    status = "" if row["status"] == "final" else _say(language, ", provisional", "，暂估")
    yield Text(
        "\n"
        + _say(
            language,
            f"Plan {row['plan_id']}, version {row['plan_version']}{status}, {row['currency']}",
            f"方案 {row['plan_id']} 第 {row['plan_version']} 版{status}，{row['currency']}",
        ),
        style="bold",
    )
    yield _sums(row, language)
    if row["owed_before"] or row["owed_after"]:
        before, after = _money(row["owed_before"]), _money(row["owed_after"])
        yield Text(_say(language, f"Owed before {before}, after {after}", f"期初欠付 {before}，期末欠付 {after}"))
    if plan.lines:
        yield _line_table(plan, language)


def _sums(row: Row, language: Language) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    if row["target_amount"] is not None:
        reached = "-" if row["attainment"] is None else f"{row['attainment'] * 100:.1f} %"
        table.add_row(_say(language, "reached of the target", "目标完成率"), reached)
    for column, english, chinese in SUMS:
        if row[column] or column == "payable_amount":
            style = "bold" if column == "payable_amount" else ""
            table.add_row(Text(_say(language, english, chinese), style), Text(_money(row[column]), style))
    return table


def _line_table(plan: PlanStatement, language: Language) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for position, heading in enumerate(
        (
            ("line", "序号"),
            ("what", "类型"),
            ("document", "单据"),
            ("record", "记录"),
            ("day", "日期"),
            ("share", "比例"),
            ("credited", "归属金额"),
            ("counts", "计提金额"),
            ("rate", "费率"),
            ("amount", "金额"),
        )
    ):
        justify: Literal["right", "left"] = "right" if position == 0 or position > 4 else "left"
        table.add_column(Text(_say(language, *heading)), overflow="fold", justify=justify)
    for line in plan.lines:
        table.add_row(*(Text(cell) for cell in _cells(line, language)))
    return table


def _cells(line: Row, language: Language) -> Iterator[str]:
    yield str(line["line_number"])
    note = STATUSES.get(line["line_status"])
    kind = _say(language, *KINDS[line["line_kind"]])
    yield kind if note is None else f"{kind} ({_say(language, *note)})"
    yield line["document_number"] or line["document_key"] or ""
    record = "" if line["source_key"] is None else f"{line['source_system']}:{line['source_key']}"
    yield record if line["paid_source_key"] is None else f"{record} ← {line['paid_source_key']}"
    yield "" if line["event_date"] is None else f"{line['event_date']}"
    yield "" if line["credit_share"] is None else f"{line['credit_share'] * 100:.4g} %"
    yield _money(line["credited_amount"])
    yield _money(line["counted_amount"])
    yield "" if line["rate_pct"] is None else f"{line['rate_pct']:.4f} %"
    yield _money(line["amount"])


def _eligibility(found: PersonStatement, language: Language) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for heading in (("what", "项目"), ("of", "内容"), ("eligible", "符合"), ("why", "原因")):
        table.add_column(Text(_say(language, *heading)), overflow="fold")
    for row in found.eligibility:
        course = row["course_zh"] or row["course_en"] if language == "zh" else row["course_en"] or row["course_zh"]
        item = row["item"] if course is None else f"{course} ({row['item']})"
        cells = (
            _say(language, *ELIGIBLE_KINDS[row["kind"]]),
            item,
            _say(language, *ELIGIBILITY[row["eligibility"]]),
            row[f"reason_{language}"],
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _say(language: Language, english: str, chinese: str) -> str:
    return english if language == "en" else chinese


def _money(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"
