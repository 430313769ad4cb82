"""An explanation as a sequence of blocks, in the order a reader opens it: what the terminal and the page both show."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.explain.nearness import as_json as nearness_json
from pipelines.explain.nearness import nearness
from pipelines.explain.release import Row
from pipelines.explain.score import Component, Explanation, Fact, Part
from pipelines.explain.words import (
    Language,
    amount,
    day_words,
    fact_words,
    flip_words,
    formula,
    metric_name,
    nearness_words,
    number,
    period_words,
    rater_words,
    say,
    span,
    status_words,
)


@dataclass(frozen=True)
class Heading:
    """A title; level 1 is the page's."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Lines:
    """Sentences, one a line."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Grid:
    """A table. numbers: positions of columns of numbers. raw: beside each row what stands in landing, as JSON text."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int] = ()
    raw: Sequence[str | None] = ()


Block = Heading | Lines | Grid


def title(found: Explanation) -> str:
    """Whom and what it is about."""
    return f"{' / '.join(found.names) or found.score['employee_id']} · {period_words(found)}"


def story(found: Explanation, language: Language) -> Iterator[Block]:
    """Score, components, nearness, gates, ratings; then each part with its components, formulas and facts."""
    yield Heading(title(found), 1)
    yield Lines(list(_score_lines(found, language)))
    yield _components(found, language)
    yield from _flips(found, language)
    yield from _gates(found, language)
    yield from _ratings(found, language)
    for part in found.parts:
        yield from _part(found, part, language)


def _score_lines(found: Explanation, language: Language) -> Iterator[str]:
    score, standard = found.score, found.standard
    of = status_words(score["status"], language)
    yield (
        say(language, "Score ", "得分 ")
        + number(score["score"])
        + say(language, ", grade ", "，等级 ")
        + f"{score['grade'] or '-'} ({of})"
    )
    if score["is_capped"]:
        before = f"{number(score['uncapped_score'])}, {score['earned_grade']}"
        yield say(language, f"Before gates: {before}. ", f"约束前：{before}。") + str(score[f"gate_reason_{language}"])
    yield say(language, "Standard: ", "考核标准：") + (
        f"{standard[f'name_{language}']} ({standard['standard_id']} v{standard['standard_version']}, "
        + say(language, "approved by ", "批准人 ")
        + f"{standard['approved_by']}, {standard['valid_from']} →)"
    )
    yield from nearness_words(score, nearness(score, found.borders, found.place), language)
    yield say(language, "Release ", "发布版本 ") + found.release_id


def _components(found: Explanation, language: Language) -> Grid:
    headings = (
        say(language, "component", "组成项"),
        say(language, "weight", "权重"),
        say(language, "value", "数值"),
        say(language, "target", "目标"),
        say(language, "points", "得分"),
        say(language, "of the score", "计入总分"),
        say(language, "status", "状态"),
    )
    rows = []
    for row in found.components:
        unit = found.metrics.get(row["metric"], {}).get("unit")
        counted = row["metric"] != "gate"
        rows.append(
            (
                metric_name(row["metric"], found.metrics.get(row["metric"]), language),
                number(row["weight"]) if counted else "-",
                amount(row["raw_value"], unit),
                amount(row["target"], unit),
                number(row["points"], 2),
                number(row["weighted_points"]),
                _component_status(row, language),
            )
        )
    total = say(language, "score", "总分")
    rows.append((total, "", "", "", "", number(found.score["score"]), ""))
    return Grid(headings, rows, numbers=(1, 2, 3, 4, 5))


def _flips(found: Explanation, language: Language) -> Iterator[Block]:
    if found.score["score"] is None:
        return
    yield Heading(say(language, "What the grade hangs on", "等级取决于什么"))
    flipping = [flip for flip in found.flips if flip.row["changes_grade"]]
    others = [flip for flip in found.flips if not flip.row["changes_grade"]]
    if flipping:
        first = say(language, "Each of these by itself changes the grade:", "以下任何一项单独即可改变等级：")
    elif not found.shows_raters:
        first = say(
            language,
            "No single customer or uncertain customer match changes the grade. What raters do to it is not shown.",
            "没有任何单个客户或不确定的客户匹配能改变等级。评价人的影响不予显示。",
        )
    else:
        first = say(
            language,
            "No single customer, uncertain customer match or rater changes the grade.",
            "没有任何单个客户、不确定的客户匹配或评价人能改变等级。",
        )
    of_units = [
        metric_name(component.row["metric"], component.metric or None, language)
        for component in {c.row["metric"]: c for part in found.parts for c in part.components}.values()
        if component.row["subject"] == "unit" and component.row["is_applicable"]
    ]
    lines = [first, *(flip_words(flip, language) for flip in flipping)]
    if of_units:
        listed = say(language, ", ", "、").join(of_units)
        lines.append(
            say(
                language,
                f"Not looked at for customers, as they are those of a unit, whose facts are people: {listed}",
                f"以下为部门指标，其事实是部门成员，未按客户逐一剔除：{listed}",
            )
        )
    yield Lines(lines)
    if others:
        most = say(
            language, "Of what does not change it, these move the score most:", "不改变等级者中，对得分影响最大的是："
        )
        yield Lines([most, *(flip_words(flip, language) for flip in others)])


def _component_status(row: Row, language: Language) -> str:
    if row["component_status"] == "ok" and not row["is_applicable"]:
        return say(language, "does not count", "不计入")
    return status_words(row["component_status"], language, of_component=True)


def _gates(found: Explanation, language: Language) -> Iterator[Block]:
    if not found.gates:
        return
    yield Heading(say(language, "Gates", "约束条件"))
    lines = []
    for gate in found.gates:
        unit = found.metrics.get(gate["metric"], {}).get("unit")
        name = metric_name(gate["metric"], found.metrics.get(gate["metric"]), language)
        if gate["rater_kind"] is not None:
            name = f"{name} ({rater_words(gate['rater_kind'], language)})"
        limit = say(language, "limit", "界限")
        state = say(language, "breached", "已触发") if gate["is_breached"] else say(language, "not breached", "未触发")
        values = f"{amount(gate['value'], unit)}, {limit} {amount(gate['limit_value'], unit)}"
        lines.append(f"{gate[f'reason_{language}']}: {name} {values}: {state}")
    yield Lines(lines)


def _ratings(found: Explanation, language: Language) -> Iterator[Block]:
    if not found.ratings:
        return
    yield Heading(say(language, "Ratings", "评价"))
    headings = (
        say(language, "raters", "评价人"),
        say(language, "weight", "权重"),
        say(language, "number", "人数"),
        say(language, "average", "均分"),
        say(language, "status", "状态"),
    )
    rows = [
        (
            rater_words(row["rater_kind"], language),
            number(row["weight"]),
            number(row["raters"]),
            number(row["average_points"], 2),
            status_words(row["rating_status"], language),
        )
        for row in found.ratings
    ]
    yield Grid(headings, rows, numbers=(1, 2, 3))


def _part(found: Explanation, part: Part, language: Language) -> Iterator[Block]:
    row = part.row
    days = span(row["posted_from"], row["posted_to"], language)
    yield Heading(f"{say(language, 'Part', '分段')} {row['part_number']}: {part.unit} ({row['role']}), {days}")
    counted = part if row["part_status"] == "ok" else None
    lines = [
        say(language, "Standard ", "标准 ")
        + f"{row['standard_id']} v{row['standard_version']}"
        + say(language, ", working days ", "，工作日 ")
        + f"{row['elapsed_working_days']}"
        + say(language, ", own score ", "，分段得分 ")
        + f"{number(row['part_score'])}: "
        + status_words(row["part_status"], language)
    ]
    yield Lines(lines)
    for component in part.components:
        name = metric_name(component.row["metric"], component.metric or None, language)
        yield Heading(f"{name} → {number(component.row['weighted_points'])}", 3)
        yield Lines(formula(component, part, counted, found.score["scored_working_days"], language))
        if component.facts:
            yield _facts(component, language)
            if component.more_facts:
                yield Lines([_more(component, language)])


def _more(component: Component, language: Language) -> str:
    rest = number(component.more_points)
    return say(
        language,
        f"and {component.more_facts} smaller facts with {rest} points together",
        f"另有 {component.more_facts} 条较小的事实，合计 {rest} 分",
    )


def _facts(component: Component, language: Language) -> Grid:
    headings = (
        say(language, "fact", "事实"),
        say(language, "day", "日期"),
        say(language, "adds", "数值"),
        say(language, "share", "占比"),
        say(language, "points", "得分"),
        say(language, "source / stream / key", "来源 / 数据流 / 主键"),
        say(language, "load package", "加载批次"),
    )
    rows = [
        (
            fact_words(fact, language),
            day_words(fact.row["fact_date"]),
            number(fact.row["numerator"]),
            "-" if fact.row["share"] is None else f"{number(fact.row['share'] * 100, 2)} %",
            number(fact.row["points"]),
            _place(fact, language),
            fact.row["load_id"] or "-",
        )
        for fact in component.facts
    ]
    return Grid(headings, rows, numbers=(2, 3, 4), raw=[raw_json(fact) for fact in component.facts])


def _place(fact: Fact, language: Language) -> str:
    row = fact.row
    if row["source_system"] is None:
        return "-"
    if fact.record is None:
        return f"{row['source_system']} / {row['source_key']}"
    if fact.record["stream"] is None:
        missing = say(language, "no single landed record", "无对应的单条原始记录")
        return f"{row['source_system']} / {row['source_entity']} / {row['source_key']} ({missing})"
    return f"{row['source_system']} / {fact.record['stream']} / {fact.record['record_key']}"


def raw_json(fact: Fact) -> str | None:
    """The record as landed, as JSON text; None where there is none."""
    if fact.record is None or fact.record["values"] is None:
        return None
    return json.dumps(fact.record["values"], ensure_ascii=False, default=str, indent=2)


def as_json(found: Explanation) -> dict[str, Any]:
    """Everything for machines; the names of keys are a promise. Formulas come in both languages."""
    scored_days = found.score["scored_working_days"]
    return {
        "release": found.release_id,
        "names": list(found.names),
        "score": found.score,
        "standard": found.standard,
        "nearness": nearness_json(nearness(found.score, found.borders, found.place)),
        "flips": [
            {
                **flip.row,
                "names": list(flip.names),
                "match_probability": flip.match_probability,
                "rater_kind": flip.rater_kind,
            }
            for flip in found.flips
        ],
        "components": list(found.components),
        "gates": list(found.gates),
        "ratings": list(found.ratings),
        "parts": [
            {
                **part.row,
                "unit": part.unit,
                "standard": part.standard,
                "components": [_component_json(component, part, scored_days) for component in part.components],
            }
            for part in found.parts
        ],
    }


def _component_json(component: Component, part: Part, scored_days: int) -> dict[str, Any]:
    counted = part if part.row["part_status"] == "ok" else None
    return {
        **component.row,
        "name_en": metric_name(component.row["metric"], component.metric or None, "en"),
        "name_zh": metric_name(component.row["metric"], component.metric or None, "zh"),
        "formula_en": formula(component, part, counted, scored_days, "en"),
        "formula_zh": formula(component, part, counted, scored_days, "zh"),
        "facts": [{**fact.row, "names": list(fact.names), "record": fact.record} for fact in component.facts],
        "more_facts": component.more_facts,
        "more_points": component.more_points,
    }
