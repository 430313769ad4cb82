"""What `scoreline fairness` prints, in one language."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from pipelines.company.audits import Audit, GroupResult
from pipelines.fairness.words import LEVELS, RESULTS, dimension_name, group_name, percent
from pipelines.whatif_report import Language, as_text, points, say, table, title


def render_audit(audit: Audit, language: Language) -> str:
    """Verdict, findings, and every group beside everybody else."""
    return as_text(_lines(audit, language))


def written_words(audit: Audit, file: Path, kept_waiver: bool, language: Language) -> str:
    """Where the audit lies, and what to do when it failed."""
    said = say(language, f"Written to {file}.", f"已写入 {file}。")
    if kept_waiver:
        return said + say(language, " The waiver in it was kept.", " 其中的豁免予以保留。")
    if audit.result == "fail":
        return said + say(
            language,
            " Change the standard, or let somebody answer for it in that file: "
            "waiver: {by: NAME, reason: WHY, on: DATE}.",
            " 请修改标准，或由负责人在该文件中写明豁免：waiver: {by: 姓名, reason: 理由, on: 日期}。",
        )
    return said


def _lines(audit: Audit, language: Language) -> Iterator[RenderableType]:
    name = f"{audit.standard} v{audit.version}"
    verdict = say(language, *RESULTS[audit.result])
    yield title(
        language,
        f"Fairness of {name} on {audit.period}: {verdict}",
        f"{name} 公平性审计（{audit.period}）：{verdict}",
    )
    yield Text(
        say(
            language,
            f"{audit.people} people judged. Each group beside everybody else; rates fail below {audit.rule.min_ratio} "
            f"of the highest with p < {audit.rule.significance}; groups marked * are shown, not judged: they, or all "
            f"others, are fewer than {audit.rule.min_group}.",
            f"共 {audit.people} 人参评。各组与其他人比较；达标率低于最高组的 {audit.rule.min_ratio} 且 "
            f"p < {audit.rule.significance} 为不合格；"
            f"标 * 的组或其对照不足 {audit.rule.min_group} 人，只显示、不判断。",
        )
    )
    for finding in audit.findings:
        text = finding.en if language == "en" else finding.zh
        style = "red" if finding.level == "fail" else "yellow"
        yield Text(f"{say(language, *LEVELS[finding.level])}: {text}", style=style)
    for dimension in dict.fromkeys(group.dimension for group in audit.groups):
        yield _table([group for group in audit.groups if group.dimension == dimension], language)


def _table(groups: list[GroupResult], language: Language) -> Table:
    headings = [
        dimension_name(groups[0].dimension),
        ("people", "人数"),
        ("score", "平均分"),
        ("gap", "差距"),
        ("95 %", "95% 区间"),
        ("results", "业绩"),
        ("weights", "权重"),
        ("applied", "适用差异"),
        ("gates", "约束"),
    ]
    headings += [(f"≥ {rate.grade} (95 %)", f"≥ {rate.grade}（95%）") for rate in groups[0].rates]
    rows = table(headings, language, numbers=tuple(range(1, len(headings))))
    for one in groups:
        name = group_name(one.group)[0 if language == "en" else 1]
        interval = "-" if one.gap_low is None else f"{points(one.gap_low, True)} … {points(one.gap_high, True)}"
        parts = (one.gap, one.from_results, one.from_weights, one.from_applied, one.from_gates)
        cells = [points(part, signed=True) for part in parts]
        rates = [f"{percent(rate.rate)} ({percent(rate.low)} … {percent(rate.high)})" for rate in one.rates]
        mark = "" if one.is_judged else " *"
        rows.add_row(Text(name + mark), str(one.people), points(one.mean_score), cells[0], interval, *cells[1:], *rates)
    return rows
