"""What `scoreline whatif` prints, in one language, and the same as data."""

import io
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Literal

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from pipelines.whatif.compare import Outcome, Person, WhatIf
from pipelines.whatif.cost import Cost

Language = Literal["en", "zh"]
DIRECTIONS = {
    "up": ("better grade", "等级上升"),
    "down": ("worse grade", "等级下降"),
    "same": ("same grade", "等级不变"),
    "joins": ("graded only by the trial", "仅试行标准评级"),
    "leaves": ("no grade by the trial", "试行标准不评级"),
}
"""English and Chinese of what happens to a grade."""


def render_what_if(found: WhatIf, limit: int, language: Language) -> str:
    """Whom the rules move, how grades change, and whether the control gives what was published."""
    return as_text(_lines(found, limit, language))


def what_if_to_json(found: WhatIf) -> dict[str, Any]:
    """Everybody judged, with all three outcomes; scores as text, since they are exact."""
    return {
        "period": found.period.name,
        "period_type": found.period.period_type,
        "period_start": found.period.start,
        "release": found.release,
        "rules": found.rules,
        "seconds": found.seconds,
        "people": [_person(one) for one in found.people],
        "moved": len(found.moved),
        "grade_changes": [
            {"from": before, "to": after, "people": count} for (before, after), count in found.grade_changes.items()
        ],
        "not_reproduced": [one.employee_id for one in found.not_reproduced],
        "incentives": found.cost and _cost_to_json(found.cost),
    }


def _cost_to_json(cost: Cost) -> dict[str, Any]:
    employees = sorted(cost.now.keys() | cost.tried.keys())
    changes = {one: cost.change(one) for one in employees if cost.change(one)}
    return {"currency": cost.currency, "now": cost.total_now, "tried": cost.total_tried, "changes": changes}


def _person(one: Person) -> dict[str, Any]:
    outcomes = {name: value and asdict(value) for name, value in _outcomes(one).items()}
    about = {"employee_id": one.employee_id, "name": one.name, "unit": one.unit_zh, "unit_en": one.unit_en}
    return about | outcomes | {"change": one.change, "direction": one.direction}


def _outcomes(one: Person) -> dict[str, Outcome | None]:
    return {"official": one.official, "now": one.now, "tried": one.tried}


def _lines(found: WhatIf, limit: int, language: Language) -> Iterator[RenderableType]:
    rules = ", ".join(found.rules)
    yield title(language, f"{found.period.name} under {rules}", f"{found.period.name} 按 {rules} 试算")
    yield Text(_summary(found, language))
    if found.moved:
        yield _people(found.moved[:limit], language)
        if len(found.moved) > limit:
            more = len(found.moved) - limit
            yield Text(say(language, f"and {more} more; --limit shows them", f"另有 {more} 人；用 --limit 查看"))
        yield _grades(found, language)
    if found.cost is not None:
        yield Text(_cost(found.cost, language))
    if found.not_reproduced:
        yield Text(_warning(found, language), style="yellow")
    yield Text(
        say(
            language,
            f"Computed beside release {found.release} in {found.seconds} s; nothing was changed.",
            f"基于发布版本 {found.release} 试算，用时 {found.seconds} 秒；未改动任何数据。",
        )
    )


def _summary(found: WhatIf, language: Language) -> str:
    directions = [one.direction for one in found.people]
    counted = {name: directions.count(name) for name in DIRECTIONS if name != "same"}  # type: ignore[arg-type]
    said = [f"{say(language, *DIRECTIONS[name])}: {count}" for name, count in counted.items() if count]
    people, moved = len(found.people), len(found.moved)
    first = say(language, f"{people} people judged, {moved} move", f"共 {people} 人参评，{moved} 人有变化")
    return say(language, "; ", "；").join([first, *said]) + say(language, ".", "。")


def _people(people: Iterable[Person], language: Language) -> Table:
    headings = (
        ("person", "人员"),
        ("unit", "单位"),
        ("official", "正式结果"),
        ("trial", "试算结果"),
        ("change", "变化"),
        ("grade", "等级"),
    )
    rows = table(headings, language, numbers=(2, 3, 4))
    for one in people:
        mark = "" if one.is_reproduced else " *"
        grades = " → ".join(grade or "-" for grade in one.grades)
        change = "-" if one.change is None else f"{one.change:+.2f}"
        name = one.name if one.name == one.employee_id else f"{one.name} ({one.employee_id})"
        unit = one.unit_en if language == "en" else one.unit_zh
        rows.add_row(Text(name), Text(unit), _score(one.official) + mark, _score(one.tried), change, Text(grades))
    return rows


def _grades(found: WhatIf, language: Language) -> Table:
    """Who had which grade, and has which: official down, trial across."""
    counts = found.grade_changes
    officially = sorted({before for before, _ in counts}, key=lambda grade: grade or "~")
    tried = sorted({after for _, after in counts}, key=lambda grade: grade or "~")
    headings = [
        ("grade: official ↓ trial →", "等级：正式 ↓ 试算 →"),
        *((grade or "-", grade or "-") for grade in tried),
    ]
    rows = table(headings, language, numbers=tuple(range(1, len(tried) + 1)))
    for before in officially:
        rows.add_row(Text(before or "-"), *(str(counts.get((before, after), "")) for after in tried))
    return rows


def _cost(cost: Cost, language: Language) -> str:
    now, tried, change = (
        f"{cost.total_now:,.2f}",
        f"{cost.total_tried:,.2f}",
        f"{cost.total_tried - cost.total_now:+,.2f}",
    )
    return say(
        language,
        f"Bonuses of the period: {now} {cost.currency} officially, {tried} in the trial ({change}).",
        f"本期奖金：正式 {now} {cost.currency}，试算 {tried}（{change}）。",
    )


def _warning(found: WhatIf, language: Language) -> str:
    count = len(found.not_reproduced)
    return say(
        language,
        f"* of {count} the official rules give something else on the data of the last build than was published: it is "
        "newer than the release, or a closed value stands. Changes compare both rules on the same data.",
        f"* 有 {count} 人按正式规则在最近一次构建的数据上得出的结果与已发布的不同："
        "数据比发布版本新，或已关闭的值保持不变。变化按相同数据比较两套规则。",
    )


def _score(outcome: Outcome | None) -> str:
    return "-" if outcome is None or outcome.score is None else f"{outcome.score:.2f}"


def say(language: Language, english: str, chinese: str) -> str:
    """The one in the language."""
    return english if language == "en" else chinese


def title(language: Language, english: str, chinese: str) -> Text:
    """A heading."""
    return Text("\n" + say(language, english, chinese), style="bold")


def table(headings: Iterable[tuple[str, str]], language: Language, numbers: tuple[int, ...]) -> Table:
    """A table with its headings; columns at `numbers` hold figures."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for position, heading in enumerate(headings):
        justify: Literal["right", "left"] = "right" if position in numbers else "left"
        made.add_column(Text(say(language, *heading)), overflow="fold", justify=justify)
    return made


def as_text(lines: Iterable[RenderableType]) -> str:
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


def points(value: Decimal | None, signed: bool = False) -> str:
    """Points with two decimals; `-` where there are none."""
    return "-" if value is None else f"{value:+.2f}" if signed else f"{value:.2f}"
