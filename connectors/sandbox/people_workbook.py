"""What HR keeps about the benchmark company's people beside the org chart, as sheets; headers and codes are Chinese."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from connectors.sandbox.company import OPEN_END, BenchmarkCompany
from connectors.sandbox.people import MarketSize, Staff

Row = Sequence[str | int | date | Decimal | None]
Sheet = tuple[Sequence[str], list[Row]]
"""Headers and rows."""

EVENT_TYPES = {"hired": "入职", "left": "离职", "transfer": "调动"}
RATER_KINDS = {"manager": "上级", "peer": "同事", "customer": "客户", "self": "本人", "hr": "人事"}
TALK_STATES = {"done": "已完成", "planned": "计划", "cancelled": "取消"}
PERIOD_TYPES = {"quarter": "季", "year": "年"}
YES_OR_NO = {True: "是", False: "否", None: None}
FULL_MARKS = 5


def sheets(company: BenchmarkCompany) -> Mapping[str, Sheet]:
    """Every sheet by its title."""
    return {
        "人事变动": _events(company.staff),
        "编制": _plans(company.staff),
        "培训记录": _trainings(company.staff),
        "绩效评价": _reviews(company.staff),
        "辅导谈话": _talks(company.staff),
        "考核满意度": _answers(company.staff),
    }


def market_sizes(sizes: Sequence[MarketSize]) -> Sheet:
    """What the association publishes."""
    rows: list[Row] = [
        (
            one.key,
            one.market,
            one.unit_code,
            one.industry,
            PERIOD_TYPES[one.period_type],
            one.period_start,
            one.amount,
            one.currency,
            one.publisher,
        )
        for one in sizes
    ]
    return ("编号", "市场", "单位编码", "行业", "期间类型", "期间开始", "市场规模", "币种", "发布机构"), rows


def _events(staff: Staff) -> Sheet:
    rows: list[Row] = [
        (
            one.key,
            one.employee_number,
            EVENT_TYPES[one.event_type],
            one.day,
            YES_OR_NO[one.is_voluntary],
            one.reason,
        )
        for one in staff.events
    ]
    return ("编号", "工号", "变动类型", "生效日期", "是否主动", "原因"), rows


def _plans(staff: Staff) -> Sheet:
    rows: list[Row] = [
        (one.key, one.unit_code, one.posts, one.valid_from, None if one.valid_to == OPEN_END else one.valid_to)
        for one in staff.plans
    ]
    return ("编号", "单位编码", "编制人数", "生效日期", "失效日期"), rows


def _trainings(staff: Staff) -> Sheet:
    rows: list[Row] = [
        (
            one.key,
            one.employee_number,
            one.course,
            YES_OR_NO[one.is_required],
            one.due,
            one.completed,
            one.hours,
            one.score,
        )
        for one in staff.trainings
    ]
    return ("编号", "工号", "课程", "是否必修", "应完成日期", "完成日期", "学时", "成绩"), rows


def _reviews(staff: Staff) -> Sheet:
    rows: list[Row] = [
        (
            one.key,
            one.review_key,
            one.employee_number,
            one.rater_number,
            RATER_KINDS[one.rater_kind],
            one.period_start,
            one.due,
            one.submitted,
            one.score,
            one.scale_max,
            YES_OR_NO[one.is_complete],
            one.comment,
        )
        for one in staff.reviews
    ]
    headers = (
        "编号",
        "考核编号",
        "被考核人工号",
        "评价人工号",
        "评价人类型",
        "季度开始",
        "应提交日期",
        "提交日期",
        "得分",
        "满分",
        "是否完整",
        "评语",
    )
    return headers, rows


def _talks(staff: Staff) -> Sheet:
    rows: list[Row] = [
        (one.key, one.manager_number, one.employee_number, one.day, TALK_STATES[one.status]) for one in staff.talks
    ]
    return ("编号", "管理者工号", "谈话对象工号", "日期", "状态"), rows


def _answers(staff: Staff) -> Sheet:
    rows: list[Row] = [(one.key, one.employee_number, one.score, FULL_MARKS, one.day) for one in staff.answers]
    return ("编号", "工号", "得分", "满分", "日期"), rows
