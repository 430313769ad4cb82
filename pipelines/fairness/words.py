"""What the audit says, in English and Chinese."""

from decimal import Decimal

from pipelines.company.audits import GroupResult, RaterResult, SelectionRate

DIMENSIONS = {
    "tenure": ("time with the company", "司龄"),
    "role": ("role", "角色"),
    "region": ("region", "大区"),
    "manager": ("manager", "上级"),
    "rater": ("rater", "评价人"),
    "gender": ("gender", "性别"),
}
RESULTS = {
    "pass": ("passed", "通过"),
    "fail": ("FAILED", "未通过"),
    "too_few_people": ("too few people to judge", "人数过少，无法判断"),
}
LEVELS = {"fail": ("fails", "不合格"), "watch": ("watch", "留意")}
KINDS = {"manager": "上级", "peer": "同事", "customer": "客户", "self": "自评", "hr": "人事"}
"""Chinese names of kinds of raters."""
GROUPS = {
    "below 6 months": "不足 6 个月",
    "6 to 11 months": "6 至 11 个月",
    "12 to 35 months": "12 至 35 个月",
    "36 months and more": "36 个月及以上",
    "unknown": "未知",
}
"""Chinese names of groups we name ourselves."""


def dimension_name(dimension: str) -> tuple[str, str]:
    """English and Chinese; a column that somebody gave is called as there."""
    return DIMENSIONS.get(dimension, (dimension, dimension))


def group_name(group: str) -> tuple[str, str]:
    """English and Chinese."""
    return group, GROUPS.get(group, group)


def rate_words(group: GroupResult, rate: SelectionRate) -> tuple[str, str]:
    """A selection rate below four fifths of the highest."""
    (dimension, dimension_zh), (name, name_zh) = dimension_name(group.dimension), group_name(group.group)
    share, ratio = percent(rate.rate), f"{rate.ratio:.2f}"
    return (
        f"{dimension} {name}: {rate.chosen} of {group.people} ({share}) reach {rate.grade} or better, {ratio} of the "
        f"highest rate, p = {rate.p_value}",
        f"{dimension_zh}“{name_zh}”：{group.people} 人中 {rate.chosen} 人（{share}）达到 {rate.grade} 及以上，"
        f"为最高组比率的 {ratio}，p = {rate.p_value}",
    )


def gap_words(group: GroupResult) -> tuple[str, str]:
    """A score gap that chance hardly explains, and what makes it."""
    (dimension, dimension_zh), (name, name_zh) = dimension_name(group.dimension), group_name(group.group)
    gap, low, high, results, weights, applied, gates = (
        f"{value:+.2f}"
        for value in (
            *(group.gap, group.gap_low, group.gap_high),
            *(group.from_results, group.from_weights, group.from_applied, group.from_gates),
        )
    )
    return (
        f"{dimension} {name}: {gap} points from everybody else ({low} to {high}): results {results}, "
        f"weights {weights}, weights applied differently {applied}, gates {gates}",
        f"{dimension_zh}“{name_zh}”：与其他人相差 {gap} 分（{low} 至 {high}）：业绩 {results}，权重 {weights}，"
        f"权重适用差异 {applied}，约束条件 {gates}",
    )


def leniency_words(rater: RaterResult) -> tuple[str, str]:
    """A rater far from the others."""
    points, (kind, kind_zh) = f"{rater.leniency:+.2f}", rater_kind_name(rater.kind)
    return (
        f"rater {rater.rater} ({kind}): {points} points from other raters of the same people, {rater.ratings} forms",
        f"评价人 {rater_name(rater.rater)[1]}（{kind_zh}）：与同一被评人的其他评价相差 {points} 分，"
        f"共 {rater.ratings} 份",
    )


def rater_name(rater: str) -> tuple[str, str]:
    """English and Chinese; `all` is a kind as a whole."""
    return rater, "合计" if rater == "all" else rater


def rater_kind_name(kind: str) -> tuple[str, str]:
    """English and Chinese."""
    return kind, KINDS.get(kind, kind)


def percent(rate: Decimal) -> str:
    """A rate in percent, one decimal."""
    return f"{rate * 100:.1f} %"
