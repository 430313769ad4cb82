"""What `scoreline restatements` and `scoreline replay` print, in one language."""

import io
import shutil
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table

from pipelines.replay import Replay
from pipelines.restatements import Restated, Step

Language = Literal["zh", "en"]

WORDS: Mapping[str, tuple[str, str]] = {
    "booking": ("登记", "booking"),
    "period": ("期间", "period"),
    "subject": ("主体", "subject"),
    "what": ("项目", "what"),
    "before": ("原值", "before"),
    "now": ("新值", "now"),
    "causes": ("原因", "causes"),
    "status": ("状态", "status"),
    "pending": ("待批准", "pending"),
    "approved": ("已批准", "approved"),
    "reopened": ("已重开", "reopened"),
    "month": ("月", "month"),
    "quarter": ("季度", "quarter"),
    "year": ("年", "year"),
    "late record": ("迟到记录", "late record"),
    "source correction": ("来源更正", "source correction"),
    "customer merge or split": ("客户合并或拆分", "customer merge or split"),
    "org move": ("组织变动", "org move"),
    "standard change": ("考核标准变更", "standard change"),
    "rate change": ("汇率变更", "rate change"),
    "code change": ("程序变更", "code change"),
    "none": ("没有重述记录：关账期间的数值都未变。", "No restatement: no value of a closed period has changed."),
    "advice": (
        "待批准的数值仍按关账时公布；如需变动，请在公司文件夹 approvals/ 中写明期间、through_booking、理由和批准人。",
        "Pending values are published as they were closed. To let them move, write period, through_booking, reason and "
        "approver into a file of approvals/ in the company folder.",
    ),
    "equal": ("{release}：{count} 张表逐字节一致", "{release}: {count} tables, every byte the same"),
    "bytes": ("字节不同，内容相同", "other bytes, same content"),
    "content": ("内容不同", "other content"),
    "missing": ("现在没有此表", "no such table now"),
    "extra": ("发布时没有此表", "not in the release"),
    "differs": ("{release}：{count} 张表中有 {wrong} 张不一致", "{release}: {wrong} of {count} tables differ"),
    "code": (
        "注意：该版本由另一版程序生成（提交 {then}，现为 {now}）；差异可能来自程序。",
        "Mind: the release was made by other code (commit {then}, now {now}); differences may come from the code.",
    ),
}


def render_restatements(found: Sequence[Restated], lang: Language) -> str:
    """A table, the latest booking first, and what to do about what is pending."""
    if not found:
        return _word("none", lang)
    heads = ("booking", "period", "subject", "what", "before", "now", "causes", "status")
    table = Table(*(_word(head, lang) for head in heads), box=box.SIMPLE)
    for one in found:
        table.add_row(
            f"{one.booking_no} ({one.booked_on})",
            f"{_word(one.period_type, lang)} {one.period_start}",
            one.subject,
            one.what,
            _plain(one.old),
            _plain(one.new),
            ", ".join(_step(step, lang) for step in reversed(one.steps)),
            _word(one.status, lang) + (f" ({one.approval_id})" if one.approval_id else ""),
        )
    width = shutil.get_terminal_size((140, 24)).columns
    console = Console(file=io.StringIO(), width=width, force_terminal=sys.stdout.isatty())
    with console.capture() as captured:
        console.print(table)
    waits = any(one.status == "pending" for one in found)
    return captured.get().rstrip() + (f"\n\n{_word('advice', lang)}" if waits else "")


def render_replay(replay: Replay, lang: Language) -> str:
    """One line where all is equal; else a line for each table that is not."""
    wrong = [table for table in replay.tables if table.difference]
    key = "differs" if wrong else "equal"
    lines = [_word(key, lang).format(release=replay.release_id, count=len(replay.tables), wrong=len(wrong))]
    lines += [f"  {table.name}: {_word(table.difference, lang)}" for table in wrong]
    if not replay.is_same_code:
        lines.append(_word("code", lang).format(then=replay.commit_then or "?", now=replay.commit_now or "?"))
    return "\n".join(lines)


def _step(step: Step, lang: Language) -> str:
    cause = _word(step.cause, lang)
    if step.delta is None:
        return cause
    delta = _plain(str(step.delta))
    return f"{cause} {delta if delta.startswith('-') else f'+{delta}'}"


def _plain(text: str | None) -> str:
    """A number without the zeros at its end; a dash for nothing."""
    if text is None:
        return "-"
    try:
        number = Decimal(text)
    except ArithmeticError:
        return text
    shown = f"{number:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _word(key: str, lang: Language) -> str:
    return WORDS[key][0 if lang == "zh" else 1]
