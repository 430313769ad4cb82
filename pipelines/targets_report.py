"""What `scoreline targets` prints: each target with version, pace, landing, gaps and findings, in one language."""

import io
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from pipelines.targets import Check, Target, shown

Language = Literal["zh", "en"]

WORDS: Mapping[str, tuple[str, str]] = {
    "company": ("公司", "Company"),
    "metric": ("指标", "metric"),
    "period": ("期间", "period"),
    "target": ("目标", "target"),
    "version": ("版本", "version"),
    "actual": ("实际", "actual"),
    "expected": ("应完成", "expected by now"),
    "pace": ("进度", "pace"),
    "landing": ("预计落点", "landing"),
    "gap": ("缺口", "gap"),
    "findings": ("提示", "findings"),
    "org_unit": ("下级组织", "units below"),
    "employee": ("人员", "people"),
    "quarter": ("各季度", "quarters"),
    "month": ("各月", "months"),
    "no_parts": ("未分解", "not broken down"),
    "incomplete": ("缺 {missing} 项", "{missing} missing"),
    "too_little_history": ("历史不足", "too little history"),
    "no_day_gone": ("尚未开始", "no working day gone"),
    "no_data": ("无数据", "no data"),
    "closed": ("已结束", "closed"),
    "as_set": ("设定值", "as set"),
    "changed": ("变更", "changed"),
    "unknown": ("未知", "unknown"),
    "specific": ("明确", "specific"),
    "measurable": ("可衡量", "measurable"),
    "achievable": ("可达成", "achievable"),
    "relevant": ("有关联", "relevant"),
    "time_bound": ("有时限", "time-bound"),
}


def word(name: str, language: Language) -> str:
    """A word of the report in one language."""
    return WORDS[name][0 if language == "zh" else 1]


def render_targets(found: Sequence[Target], language: Language) -> str:
    """One table per subject, then what is to be said of each of its targets."""
    lines: list[RenderableType] = []
    for subject in dict.fromkeys((target.row["subject_type"], target.row["subject_id"]) for target in found):
        own = [target for target in found if (target.row["subject_type"], target.row["subject_id"]) == subject]
        lines += [Text(_name(own[0], language), style="bold"), _table(own, language)]
        lines += [Text(f"  {note}") for target in own for note in _notes(target, language)]
        lines.append("")
    return _text(lines)


def _name(target: Target, language: Language) -> str:
    if target.row["subject_type"] == "company":
        return word("company", language)
    name = target.row[f"name_{language}"]
    return f"{target.row['subject_id']} {name}" if name else target.row["subject_id"]


def _table(found: Sequence[Target], language: Language) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for heading in ("metric", "period"):
        table.add_column(word(heading, language), overflow="fold")
    for heading in ("target", "version", "actual", "expected", "pace", "landing", "gap"):
        table.add_column(word(heading, language), justify="right")
    for target in found:
        row, unit = target.row, target.row["unit"]
        table.add_row(
            row[f"metric_{language}"] or row["metric"],
            target.period,
            shown(unit, row["target_value"]),
            str(row["version"]),
            *(shown(unit, row[name]) for name in ("actual", "expected_value")),
            shown("ratio", row["pace"]),
            _landing(row, language),
            Text("\n".join(_gaps(target, language))),
        )
    return table


def _landing(row: Mapping[str, Any], language: Language) -> str:
    status = row["forecast_status"]
    if status != "ok":
        return word(status, language) if status else "–"
    value, low, high = (shown(row["unit"], row[f"landing_{name}"]) for name in ("value", "low", "high"))
    return f"{value} ({low}..{high})"


def _gaps(target: Target, language: Language) -> Iterator[str]:
    for level in target.levels:
        name = word(level["level"], language)
        if level["status"] == "no_parts":
            # months of a year that nobody broke down are no news
            if level["level"] == "org_unit":
                yield f"{name}: {word('no_parts', language)}"
        else:
            missing = word("incomplete", language).format(missing=level["missing_parts"])
            yield f"{name}: {shown(target.row['unit'], level['gap'])}" + (
                f" ({missing})" if level["status"] == "incomplete" else ""
            )


def _notes(target: Target, language: Language) -> Iterator[str]:
    row = target.row
    label = f"{row[f'metric_{language}'] or row['metric']} {target.period}"
    if row["stated_value"] != row["target_value"]:
        yield f"{label}: {word('as_set', language)} {shown(row['unit'], row['stated_value'])}"
    for version in target.versions:
        if said := _version(version, row["unit"], language):
            yield f"{label}: {said}"
    for check in target.checks:
        if check.verdict == "not_met":
            yield f"{label}: {word(check.letter, language)} ✗ {_why(check, language)}"
        elif check.verdict == "unknown":
            yield f"{label}: {word(check.letter, language)} ? {_why(check, language)}"


def _version(version: Mapping[str, Any], unit: str | None, language: Language) -> str:
    """What a later version changed and what is wrong with any; nothing for a first version without findings."""
    finding = version[f"findings_{language}"]
    if version["version"] == 1 and not finding:
        return ""
    parts = [
        f"v{version['version']} {shown(unit, version['target_value'])}",
        f"{version['valid_from']}.." if version["valid_from"] else "",
        version["reason"] or "",
        version["approved_by"] or "",
        f"✗ {finding}" if finding else "",
    ]
    return ", ".join(part for part in parts if part)


def _why(check: Check, language: Language) -> str:
    return check.zh if language == "zh" else check.en


def _text(lines: Sequence[RenderableType]) -> str:
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
    return captured.get().rstrip("\n")
