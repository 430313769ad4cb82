"""What `scoreline forecast` prints, in one language. Plain text; amounts in reporting currency."""

import io
import shutil
import sys
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from pipelines.forecast.outlook import Outlook
from pipelines.forecast.words import METHOD_NAMES, Language


def render_outlook(found: Outlook, language: Language) -> str:
    """Forecast with its range, its error history, open deals with reasons, ranked leads."""
    return _text(_lines(found, language))


def outlook_to_json(found: Outlook) -> dict[str, Any]:
    """All rows with all their columns."""
    return vars(found)


def _lines(found: Outlook, language: Language) -> Iterator[RenderableType]:
    whose = _say(language, "the company", "全公司") if found.subject_type == "company" else found.name
    yield _title(language, f"Bookings expected, {whose}", f"{whose}签约额预测")
    yield _months(found, language)
    yield _title(language, "How good such forecasts were", "以往预测的误差")
    yield from _accuracy(found, language)
    total = _money(found.expected_amount)
    yield _title(
        language,
        f"{found.open_deals} open deals, expected amount {total}; the largest {len(found.deals)}",
        f"未结商机 {found.open_deals} 个，预期金额 {total}；最大的 {len(found.deals)} 个",
    )
    yield from _deals(found, language)
    yield _title(
        language,
        f"{found.open_leads} open leads, the most promising {len(found.leads)}",
        f"未结线索 {found.open_leads} 条，最有希望的 {len(found.leads)} 条",
    )
    yield _leads(found, language)


def _months(found: Outlook, language: Language) -> Table:
    headings = (
        ("month", "月份"),
        ("expected", "预测"),
        ("80 % range", "80% 区间"),
        ("naive forecast", "朴素预测"),
        ("method", "方法"),
    )
    table = _table(headings, language, numbers=(1, 2, 3))
    for row in found.months:
        range_ = "-" if row["value_low"] is None else f"{_money(row['value_low'])} … {_money(row['value_high'])}"
        method = _method(row["method"], language)
        table.add_row(
            f"{row['period_start']:%Y-%m}", _money(row["value"]), range_, _money(row["naive_value"]), Text(method)
        )
    return table


def _accuracy(found: Outlook, language: Language) -> Iterator[RenderableType]:
    if not found.accuracy:
        yield Text(_say(language, "No past forecast could be judged yet.", "尚无可供检验的历史预测。"))
        return
    headings = (
        ("months ahead", "提前月数"),
        ("forecasts judged", "检验次数"),
        ("error (WAPE)", "误差（WAPE）"),
        ("seasonal naive", "季节性朴素预测"),
        ("better?", "更优？"),
    )
    table = _table(headings, language, numbers=(0, 1, 2, 3))
    for row in found.accuracy:
        ahead = _say(language, "all", "合计") if row["horizon"] == 0 else str(row["horizon"])
        better = _say(language, "yes", "是") if row["beats_seasonal_naive"] else _say(language, "no", "否")
        table.add_row(ahead, str(row["forecasts"]), _percent(row["wape"]), _percent(row["naive_wape"]), better)
    yield table
    if not found.accuracy[0]["beats_seasonal_naive"]:
        yield Text(
            _say(
                language,
                "This forecast does not beat the seasonal naive one.",
                "该预测未优于季节性朴素预测。",
            )
        )


def _deals(found: Outlook, language: Language) -> Iterator[RenderableType]:
    headings = (
        ("deal", "商机"),
        ("owner", "负责人"),
        ("stage", "阶段"),
        ("amount", "金额"),
        ("chance", "赢单概率"),
        ("expected", "预期金额"),
        ("close", "预计成交"),
        ("why", "依据"),
    )
    table = _table(headings, language, numbers=(3, 4, 5))
    for row in found.deals:
        name = row["opportunity_name"] or f"{row['source_system']}:{row['source_key']}"
        close = "-" if row["expected_close_date"] is None else f"{row['expected_close_date']}"
        table.add_row(
            Text(name),
            Text(row["owner_employee_id"] or "-"),
            Text(row["stage"] or "-"),
            _money(row["reporting_amount"]),
            _percent(row["win_probability"]) + ("*" if row["is_beyond_experience"] else ""),
            _money(row["expected_amount"]),
            close + (_say(language, " overdue", " 已逾期") if row["is_overdue"] else ""),
            Text(row[f"reasons_{language}"]),
        )
    yield table
    if any(row["is_beyond_experience"] for row in found.deals):
        yield Text(
            _say(
                language,
                "* open longer than any closed deal took: the chance is a guess beyond what was ever seen",
                "* 开启时间超过任何已结商机：该概率超出已有经验，仅供参考",
            )
        )
    if found.deals:
        yield Text(found.deals[0][f"method_reason_{language}"])


def _leads(found: Outlook, language: Language) -> Table:
    headings = (
        ("rank", "名次"),
        ("lead", "线索"),
        ("owner", "负责人"),
        ("channel", "渠道"),
        ("days", "天数"),
        ("chance", "转化概率"),
        ("why", "依据"),
    )
    table = _table(headings, language, numbers=(0, 4, 5))
    for row in found.leads:
        table.add_row(
            str(row["lead_rank"]),
            Text(row["lead_name"]),
            Text(row["owner_employee_id"] or "-"),
            Text(row["source_channel"] or "-"),
            str(row["age_days"]),
            _percent(row["score"]),
            Text(row[f"reasons_{language}"]),
        )
    return table


def _method(method: str, language: Language) -> str:
    return _say(language, *METHOD_NAMES[method])


def _say(language: Language, english: str, chinese: str) -> str:
    return english if language == "en" else chinese


def _title(language: Language, english: str, chinese: str) -> Text:
    return Text("\n" + _say(language, english, chinese), style="bold")


def _money(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{amount:,.0f}"


def _percent(share: Decimal | None) -> str:
    return "-" if share is None else f"{share * 100:.1f} %"


def _table(headings: Iterable[tuple[str, str]], language: Language, numbers: tuple[int, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for position, heading in enumerate(headings):
        justify = "right" if position in numbers else "left"
        table.add_column(Text(_say(language, *heading)), overflow="fold", justify=justify)  # type: ignore[arg-type]
    return table


def _text(lines: Iterable[RenderableType]) -> str:
    """As wide as the terminal, coloured where it is one."""
    console = Console(
        file=io.StringIO(),
        force_terminal=sys.stdout.isatty(),
        width=shutil.get_terminal_size((140, 24)).columns,
        highlight=False,
    )
    with console.capture() as captured:
        for line in lines:
            console.print(line, soft_wrap=isinstance(line, Text))
    return captured.get().strip("\n")
