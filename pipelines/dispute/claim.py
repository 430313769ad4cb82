"""What a claim would do to the score, in words: the assumption, the result, or why there is none."""

from pipelines.explain.release import Row
from pipelines.explain.score import Explanation
from pipelines.explain.words import Language, amount, metric_name, number, say

_WHY_NOT = {
    "rating": (
        "what another rating would be is nothing that can be computed",
        "无法计算评价若不同会是多少",
    ),
    "nothing_claimed": (
        "the dispute names no metric with an amount or share to compute from",
        "申诉未写明可用于计算的指标及金额或比例",
    ),
    "share_of_no_booking": (
        "a share of a sales order line says what was booked, not what this metric measures",
        "订单行的比例只说明签约额，不能说明该指标",
    ),
    "line_unknown": (
        "the sales order line named is not among those credited in this release",
        "所指的订单行不在本次发布的业绩归属之中",
    ),
    "not_scored": ("there is no score of this period to start from", "本期没有可作为起点的得分"),
    "no_component": ("the metric does not count in this score", "该指标不计入此得分"),
    "unit_component": (
        "the metric counts for the unit as a whole, whose value a person's claim does not change",
        "该指标按部门整体计算，个人主张不改变部门数值",
    ),
    "ratio": (
        "the metric is a ratio, and the claim says one of its two sides only",
        "该指标为比率，主张只涉及其分子或分母之一",
    ),
    "day_unknown": (
        "the score has parts, and the day claimed lies in none of those that count",
        "得分分为多段，所主张的日期不在任何计入的分段内",
    ),
}
KINDS = {
    "score": ("score", "得分"),
    "credit": ("credit", "业绩归属"),
    "missing_sale": ("missing sale", "遗漏的销售"),
    "rating": ("rating", "评价"),
}
STATES = {"open": ("open", "未决"), "overdue": ("overdue", "逾期未决"), "decided": ("decided", "已裁决")}
OUTCOMES = {"upheld": ("upheld", "支持"), "rejected": ("rejected", "驳回"), "partly": ("partly upheld", "部分支持")}


def claim_lines(dispute: Row, found: Explanation, language: Language) -> list[str]:
    """The assumption and the score it gives; where there is none, the reason."""
    if dispute["claim_status"] != "computed":
        why = say(language, *_WHY_NOT[dispute["claim_status"]])
        return [say(language, f"Not computed: {why}.", f"未计算：{why}。")]
    return [_assumption(dispute, found, language), *_result(dispute, found, language)]


def _assumption(dispute: Row, found: Explanation, language: Language) -> str:
    metric = found.metrics.get(dispute["metric"])
    name, unit = metric_name(dispute["metric"], metric, language), (metric or {}).get("unit")
    added = dispute["claimed_addition"]
    more = amount(abs(added), unit)
    share_en = share_zh = ""
    if dispute["claimed_share"] is not None:
        share = f"{number(dispute['claimed_share'] * 100)} %"
        share_en = f" ({share} of line {dispute['about_key']}, less what is credited already)"
        share_zh = f"（订单行 {dispute['about_key']} 的 {share}，减去已归属部分）"
    return say(
        language,
        f"Assumed: {name} is {more} {'lower' if added < 0 else 'higher'}{share_en}; targets, weights, gates as "
        "measured, customers and everybody else's score stay as they are.",
        f"假设：{name}{'减少' if added < 0 else '增加'} {more}{share_zh}；"
        "目标、权重、约束条件的测量值、客户及其他所有人的得分不变。",
    )


def _result(dispute: Row, found: Explanation, language: Language) -> list[str]:
    if dispute["score_if_right"] is None:
        return [say(language, "Then too little is left to judge.", "此时剩余数据不足以评分。")]
    before, after = number(dispute["score_computed"]), number(dispute["score_if_right"])
    change, grade = dispute["score_change"], dispute["grade_if_right"]
    signed = f"{'+' if change > 0 else ''}{number(change)}"
    lines = [
        say(
            language,
            f"The score would be {after} instead of {before} ({signed}), grade {grade}.",
            f"得分将为 {after}，而非 {before}（{signed}），等级 {grade}。",
        )
    ]
    if found.score["score"] != dispute["score_computed"]:
        published = number(found.score["score"])
        lines.append(
            say(
                language,
                f"The period is closed and its published score of {published} stands; "
                f"{before} is what today's facts give.",
                f"本期已关账，已发布的得分 {published} 有效；{before} 为按当前事实计算的得分。",
            )
        )
    return lines
