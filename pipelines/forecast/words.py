"""Why a deal or a lead is judged as it is, in English and Chinese; `+` raises the chance, `-` lowers it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Language = Literal["en", "zh"]

METHOD_NAMES = {
    "base_rate": ("win rate of all closed deals", "全部已结商机的赢单率"),
    "stage_rate": ("win rate of the stage", "所处阶段的赢单率"),
    "logistic": ("logistic regression", "逻辑回归"),
    "no_data": ("no data", "无数据"),
    "ets": ("exponential smoothing, damped trend", "指数平滑（阻尼趋势）"),
    "seasonal_naive": ("same month of the year before", "上年同月"),
    "naive": ("last month", "上月"),
    "bottom_up": ("sum of the units below", "下级单位之和"),
}
"""English and Chinese name of every method."""

_WORDS = {
    "stage": ("stage {value}", "所处阶段：{value}"),
    "age_days": ("open for {value:.0f} days", "已开启 {value:.0f} 天"),
    "stage_days": ("in its stage for {value:.0f} days", "在当前阶段已 {value:.0f} 天"),
    "amount_ratio": ("amount {value:.1f} times what is usual in the unit", "金额为本单位常见金额的 {value:.1f} 倍"),
    "activities": ("{value:.0f} activities with the customer in 90 days", "近 90 天与客户往来 {value:.0f} 次"),
    "owner_win_rate": ("owner's earlier win rate {percent:.0f} %", "负责人以往赢单率 {percent:.0f} %"),
    "stage_rate": (
        "{won} of {deals} closed deals that reached {value} were won",
        "到达“{value}”阶段的 {deals} 个已结商机中赢单 {won} 个",
    ),
    "base_rate": ("{won} of {deals} closed deals were won", "{deals} 个已结商机中赢单 {won} 个"),
    "channel": ("channel {value}: {won} of {deals} converted", "渠道“{value}”：{deals} 条中转化 {won} 条"),
    "owner": ("owner {value}: {won} of {deals} converted", "负责人 {value}：{deals} 条中转化 {won} 条"),
    "age": (
        "{value:.0f} days old: {won} of {deals} that old converted",
        "已存在 {value:.0f} 天：同龄 {deals} 条中转化 {won} 条",
    ),
    "all_leads": ("{won} of {deals} leads converted", "{deals} 条线索中转化 {won} 条"),
}
_CUSTOMER = {True: ("existing customer", "老客户"), False: ("new customer", "新客户")}
_WHY = {
    "nothing_closed": ("no deal has been closed yet", "尚无已结商机"),
    "few_deals": (
        "only {deals} closed deals to learn from (50 of both outcomes are needed)",
        "可供学习的已结商机仅 {deals} 个（需至少 50 个，且赢单输单均有）",
    ),
    "untested": (
        "the history is too short to judge anything richer on deals it has not seen",
        "历史太短，无法在未见过的商机上检验更复杂的方法",
    ),
    "least_brier": (
        "Brier scores on later deals {scores}; a richer method has to win by more than chance",
        "在后续商机上的 Brier 得分为 {scores}；更复杂的方法须显著更优才采用",
    ),
}


@dataclass(frozen=True)
class Reason:
    """One feature, its value, what it adds to the log-odds, and the counts (successes, cases) it rests on, if any."""

    feature: str
    value: Any
    effect: float
    counts: tuple[int, int] | None = None

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        direction = "up" if self.effect > 0 else "down" if self.effect < 0 else "none"
        return {"feature": self.feature, "value": self.value, "direction": direction, "effect": round(self.effect, 6)}

    def text(self, language: Language) -> str:
        """With its direction."""
        sign = "+ " if self.effect > 0 else "- " if self.effect < 0 else ""
        return sign + self._words()[0 if language == "en" else 1]

    def _words(self) -> tuple[str, str]:
        if self.feature == "existing_customer":
            return _CUSTOMER[bool(self.value)]
        won, deals = self.counts or (0, 0)
        percent = 100 * self.value if self.feature == "owner_win_rate" else 0
        english, chinese = _WORDS[self.feature]
        filled = {"value": self.value, "percent": percent, "won": won, "deals": deals}
        return english.format(**filled), chinese.format(**filled)


def reason_texts(reasons: Sequence[Reason], language: Language) -> str:
    """All reasons in one line, the weightiest first."""
    return ("; " if language == "en" else "；").join(reason.text(language) for reason in reasons)


def method_words(why: str, method: str, deals: int, briers: Mapping[str, float]) -> tuple[str, str]:
    """Why the method was chosen, in English and Chinese."""
    scores = ", ".join(f"{name} {score:.4f}" for name, score in sorted(briers.items(), key=lambda item: item[1]))
    english, chinese = (text.format(deals=deals, scores=scores) for text in _WHY[why])
    names = METHOD_NAMES[method]
    return f"{names[0]}: {english}", f"{names[1]}：{chinese}"
