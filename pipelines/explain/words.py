"""An explanation in words, English or Chinese: how a component's points come about, what its facts are."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from pipelines.explain.nearness import Border, Nearness
from pipelines.explain.release import Row
from pipelines.explain.score import Component, Explanation, Fact, Flip, Part
from pipelines.periods import period_name

Language = Literal["en", "zh"]
_STATUS = {
    "scored": ("final", "已评分"),
    "provisional": ("provisional: the period still runs", "暂定：期间尚未结束"),
    "too_little_data": ("no score: less data than the standard asks for", "无得分：数据少于标准要求"),
    "no_data": ("no score: no data", "无得分：没有数据"),
    "ok": ("counts", "计入"),
    "too_few_days": ("does not count: too few working days", "不计入：工作日过少"),
    "no_target": ("drops out: no target and no reference value", "不参与：没有目标也没有参考值"),
    "not_applicable": ("drops out: the target is zero", "不参与：目标为零"),
    "too_few_raters": ("drops out: too few raters", "不参与：评价人过少"),
    "capped": ("what a gate takes away", "约束条件扣减"),
    "missing": ("nobody rated", "无人评价"),
    "below_anonymity_floor": ("too few for anonymity: neither shown nor counted", "少于匿名下限：不显示也不计入"),
}
_KINDS = {
    "record": ("record", "记录"),
    "person": ("person of the unit", "部门成员"),
    "rating": ("rating", "评价"),
    "raters": ("ratings, anonymous", "匿名评价"),
    "unrecorded": ("what no single record states", "无单独记录的事实"),
    "whole": ("points no fact carries", "不归属任何事实的得分"),
    "gate": ("gate", "约束条件"),
}
_RATERS = {
    "manager": ("manager", "上级"),
    "peer": ("peers", "同事"),
    "customer": ("customers", "客户"),
    "self": ("self", "本人"),
    "hr": ("HR", "人力资源"),
}


def say(language: Language, english: str, chinese: str) -> str:
    """One of both."""
    return english if language == "en" else chinese


def status_words(status: str, language: Language, *, of_component: bool = False) -> str:
    """What a status of a score, part, component or kind of raters means."""
    if of_component and status in ("no_data", "too_little_data"):
        return say(language, "drops out: no data", "不参与：没有数据")
    return say(language, *_STATUS.get(status, (status, status)))


def metric_name(metric: str, row: Row | None, language: Language) -> str:
    """Name of a metric; ratings and gates are none of the registry."""
    own = {"rating": ("What raters say", "多方评价"), "gate": ("Gates", "约束条件")}
    if metric in own:
        return say(language, *own[metric])
    return str(row[f"name_{language}"]) if row else metric


def rater_words(kind: str, language: Language) -> str:
    """A kind of raters."""
    return say(language, *_RATERS.get(kind, (kind, kind)))


def fact_words(fact: Fact, language: Language) -> str:
    """What a fact is and whom it is about."""
    row = fact.row
    kind = say(language, *_KINDS[row["fact_kind"]])
    if row["rater_kind"] is not None:
        kind = f"{kind} ({rater_words(row['rater_kind'], language)})"
    about = " / ".join(fact.names) or row["contributor_id"] or row["customer_key"]
    return f"{kind}: {about}" if about else kind


def number(value: Decimal | int | None, places: int | None = None) -> str:
    """With thousands separated and no useless zeros; `-` for null. places: round to so many for reading."""
    if value is None:
        return "-"
    shown = Decimal(value) if places is None else round(Decimal(value), places)
    text = f"{shown:,f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def amount(value: Decimal | None, unit: str | None) -> str:
    """A value of a metric in its unit: rates as percent, all else as it is."""
    if value is None:
        return "-"
    return f"{number(value * 100)} %" if unit == "ratio" else number(value)


def formula(component: Component, part: Part, counted: Part | None, scored_days: int, language: Language) -> list[str]:
    """How the points of a component and its part of the score come about, step by step.

    counted: the part where it counts, None where it does not. scored_days: working days of all parts that count.
    """
    steps = [_value(component, part, language)]
    if component.row["points"] is None:
        return [*steps, status_words(component.row["component_status"], language, of_component=True)]
    steps += _asked(component, language)
    steps.append(_curve(component, language))
    if counted is None:
        return [*steps, status_words(part.row["part_status"], language)]
    return [*steps, _weighed(component, part, scored_days, language)]


def _value(component: Component, part: Part, language: Language) -> str:
    row, unit = component.row, component.metric.get("unit")
    name = metric_name(row["metric"], component.metric or None, language)
    of_unit = f" ({part.unit})" if row["subject"] == "unit" else ""
    days = ""
    if row["is_divided"]:
        days = say(
            language,
            f", additions of {span(part.row['days_from'], part.row['days_to'], language)}",
            f"，{span(part.row['days_from'], part.row['days_to'], language)}",
        )
    quotient = ""
    if row["denominator"] is not None:
        quotient = f"{number(row['numerator'])} / {number(row['denominator'])} = "
    value = number(row["raw_value"]) if row["metric"] == "rating" else amount(row["raw_value"], unit)
    return f"{name}{of_unit}{days}: {quotient}{value}"


def _asked(component: Component, language: Language) -> Iterator[str]:
    row, unit = component.row, component.metric.get("unit")
    if row["curve"] == "inverse":
        return
    own = say(language, "target", "目标")
    what = own if row["target_origin"] == "target" else say(language, "reference value of the standard", "标准参考值")
    target = amount(row["target"], unit)
    if row["expectation_pct"] != 100:
        asked = f"{amount(row['stated_target'], unit)} × {number(row['expectation_pct'])} %"
        target = f"{asked} ({say(language, 'ramp', '爬坡')}) = {target}"
    yield f"{what[0].upper()}{what[1:]}: {target}"
    if row["reached_pct"] is None:
        yield say(language, "Nothing at all, where less is better: full marks", "数值为零且越少越好：得满分")
    elif component.metric.get("direction") == "lower_is_better":
        yield say(language, "Reached: target / value = ", "达成率：目标 / 数值 = ") + f"{number(row['reached_pct'])} %"
    else:
        yield say(language, "Reached: value / target = ", "达成率：数值 / 目标 = ") + f"{number(row['reached_pct'])} %"


def _curve(component: Component, language: Language) -> str:
    row, curve = component.row, component.curve
    most = say(language, f", at most {number(row['cap'])}", f"，上限 {number(row['cap'])}")
    words = {
        "linear": _linear(curve, language),
        "capped": say(language, "one point per percent", "每 1% 得 1 分"),
        "threshold": say(
            language,
            f"nothing below {number(curve['threshold'])} %, from there one point per percent",
            f"低于 {number(curve['threshold'])}% 不得分，达到后每 1% 得 1 分",
        ),
        "stepped": _steps(component, "≥", " %", language),
        "inverse": _steps(component, "≤", "", language),
    }
    how = f"{row['curve']} ({words[row['curve']]}{most})"
    return say(language, f"Curve {how}: {number(row['points'])} points", f"曲线 {how}：{number(row['points'])} 分")


def _linear(curve: Row, language: Language) -> str:
    if not curve["zero_at"]:
        return say(language, "one point per percent", "每 1% 得 1 分")
    zero = number(curve["zero_at"])
    return say(language, f"100 × (reached - {zero}) / (100 - {zero})", f"100 ×（达成率 - {zero}）/（100 - {zero}）")


def _steps(component: Component, sign: str, unit: str, language: Language) -> str:
    is_rate = component.row["curve"] == "inverse" and component.metric.get("unit") == "ratio"
    listed = []
    for step in component.steps:
        boundary = amount(step["boundary"], "ratio") if is_rate else number(step["boundary"]) + unit
        listed.append(f"{sign} {boundary}: {number(step['points'])}")
    return say(language, "points ", "得分 ") + "; ".join(listed)


def _weighed(component: Component, part: Part, scored_days: int, language: Language) -> str:
    row = component.row
    share = f"{number(row['weight'])} / {number(part.row['applicable_weight'])}"
    text = f"{number(row['points'])} × {share}"
    explained = say(language, "weight of the weights that apply", "权重占适用权重")
    if part.row["elapsed_working_days"] != scored_days:
        text += f" × {part.row['elapsed_working_days']} / {scored_days}"
        explained += say(language, ", working days of all", "，工作日占比")
    total = say(language, "of the score", "计入总分")
    exact = row["points"] * row["weight"] * part.row["elapsed_working_days"]
    rounded = (exact / (part.row["applicable_weight"] * scored_days)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    rest = ""
    if rounded != row["weighted_points"]:
        rest = say(language, ", with what rounding the others left", "，含其他组成项的舍入余额")
    return f"{text} ({explained}{rest}) = {number(row['weighted_points'])} {total}"


def span(first: date, after: date, language: Language) -> str:
    """A half-open span of days, as people say it: with its last day."""
    last = after - timedelta(days=1)
    return say(language, f"{first} to {last}", f"{first} 至 {last}")


def period_words(found: Explanation) -> str:
    """The period as it is asked for."""
    return period_name(found.score["period_type"], found.score["period_start"])


def nearness_words(score: Row, near: Nearness | None, language: Language) -> list[str]:
    """How near the score is to the borders of its grade."""
    if near is None:
        return []
    borders = [(border, beyond) for border, beyond in ((near.better, True), (near.own, False)) if border is not None]
    if near.by == "score":
        return [_score_border(border, beyond, language) for border, beyond in borders]
    place, people = number(near.place), score["people"]
    told = say(language, f"Place {place} of {people}", f"第 {place} 名，共 {people} 人")
    return [told, *(_place_border(border, beyond, people, language) for border, beyond in borders)]


def _score_border(border: Border, beyond: bool, language: Language) -> str:
    grade, least, gap = border.grade, number(border.limit), number(border.distance)
    if beyond:
        return say(
            language, f"Grade {grade} begins at {least}: {gap} points more", f"{grade} 级从 {least} 分起：还差 {gap} 分"
        )
    return say(
        language, f"Grade {grade} begins at {least}: {gap} points to spare", f"{grade} 级从 {least} 分起：高出 {gap} 分"
    )


def _place_border(border: Border, beyond: bool, people: int, language: Language) -> str:
    grade, last, gap = border.grade, number(border.limit), number(border.distance)
    if border.limit == 0:
        return say(language, f"Among {people} people nobody gets grade {grade}", f"{people} 人中没有 {grade} 级名额")
    if beyond:
        return say(
            language,
            f"Grade {grade} ends at place {last}: {gap} places away",
            f"{grade} 级到第 {last} 名为止：相差 {gap} 名",
        )
    return say(
        language, f"Grade {grade} ends at place {last}: {gap} to spare", f"{grade} 级到第 {last} 名为止：尚余 {gap} 名"
    )


def flip_words(flip: Flip, language: Language) -> str:
    """What the score would be without a customer, an uncertain match or a rater."""
    row = flip.row
    name = " / ".join(flip.names) or row["left_out_key"]
    record = f"{row['left_out_system']} / {row['left_out_key']}"
    kind = rater_words(flip.rater_kind or row["left_out_key"], language)
    english, chinese = {
        "customer": (f"customer {name}", f"客户 {name}"),
        "match": (
            f"what names customer record {record}, joined to {name} with probability {number(flip.match_probability)}",
            f"客户记录 {record}（以概率 {number(flip.match_probability)} 并入 {name}）",
        ),
        "rater": (f"the form {record} ({kind})", f"评价表 {record}（{kind}）"),
        "rater_kind": (f"all ratings by {kind}", f"全部{kind}评价"),
    }[row["left_out_kind"]]
    if row["score_without"] is None:
        return say(
            language,
            f"Without {english} there would be no score: too little is left to judge",
            f"剔除{chinese}后没有得分：剩余数据不足以评分",
        )
    score, grade, change = number(row["score_without"]), row["grade_without"], number(row["score_change"])
    return say(
        language,
        f"Without {english}: {score}, grade {grade} ({change})",
        f"剔除{chinese}：{score}，等级 {grade}（{change}）",
    )


def day_words(day: date | None) -> str:
    """A day, `-` where there is none."""
    return "-" if day is None else f"{day}"
