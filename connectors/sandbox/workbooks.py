"""The rest of the benchmark company, as files people keep: HR, targets, costs, surveys, splits, rates, market sizes.

Headers and codes are Chinese, dates are Excel dates, an empty end date means open. The CSV of splits is written in
GB18030, that of rates in UTF-8 with a byte order mark, as Excel and banks write them. Same company, same bytes.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook

from connectors.sandbox import people_workbook
from connectors.sandbox.company import OPEN_END, BenchmarkCompany
from connectors.sandbox.truth_org import JOB_TITLES

ORG_WORKBOOK = "org_chart.xlsx"
UNIT_SHEET = "组织单元"
POSTING_SHEET = "任职"
STAFF_SHEET = "花名册"
TARGET_WORKBOOK = "targets.xlsx"
TARGET_SHEET = "目标"
COST_WORKBOOK = "product_costs.xlsx"
COST_SHEET = "产品成本"
SURVEY_WORKBOOK = "surveys.xlsx"
SURVEY_SHEET = "客户调查"
SPLITS_FILE = "credit_splits.csv"
RATES_FILE = "exchange_rates.csv"
PEOPLE_WORKBOOK = "people.xlsx"
MARKET_FILE = "market_sizes.csv"
FEEDBACK_WORKBOOK = "market_feedback.xlsx"
FEEDBACK_SHEET = "市场反馈"
OUTCOMES = {"accepted": "采纳", "rejected": "不采纳"}
UNIT_TYPES = {"company": "公司", "division": "部门", "region": "大区", "team": "小组", "post": "岗位"}
SUBJECT_TYPES = {"employee": "员工", "org_unit": "组织", "company": "公司"}
SURVEY_METRICS = {"csat": "满意度", "nps": "推荐意愿"}
PERIOD_TYPES = {"month": "月", "quarter": "季", "year": "年"}

_STAMP = "2026-01-01T00:00:00Z"
_ZIP_TIME = (2026, 1, 1, 0, 0, 0)
Cell = str | int | date | Decimal | None
Table = tuple[Sequence[str], list[Sequence[Cell]]]
"""Headers and rows."""


def write_files(company: BenchmarkCompany, folder: Path) -> list[Path]:
    """Writes all files into the folder (made if missing); returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        ORG_WORKBOOK: workbook(
            {UNIT_SHEET: _units(company), POSTING_SHEET: _postings(company), STAFF_SHEET: _staff(company)}
        ),
        TARGET_WORKBOOK: workbook({TARGET_SHEET: _targets(company)}),
        COST_WORKBOOK: workbook({COST_SHEET: _costs(company)}),
        SURVEY_WORKBOOK: workbook({SURVEY_SHEET: _answers(company)}),
        SPLITS_FILE: delimited(_splits(company), "gb18030"),
        RATES_FILE: delimited(_rates(company), "utf-8-sig"),
        PEOPLE_WORKBOOK: workbook(people_workbook.sheets(company)),
        MARKET_FILE: delimited(people_workbook.market_sizes(company.market_sizes), "utf-8"),
        FEEDBACK_WORKBOOK: workbook({FEEDBACK_SHEET: _feedback(company)}),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


def workbook(sheets: Mapping[str, Table]) -> bytes:
    """An .xlsx of these sheets, the same bytes for the same cells whenever it is written."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, (headers, rows) in sheets.items():
        sheet = book.create_sheet(title)
        for row in (headers, *rows):
            sheet.append(list(row))
        sheet.freeze_panes = "A2"
    written = io.BytesIO()
    book.save(written)
    return _without_clock(written.getvalue())


def delimited(table: Table, encoding: str) -> bytes:
    """A comma-separated file with Windows line ends in that encoding."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    headers, rows = table
    writer.writerows((headers, *rows))
    return text.getvalue().encode(encoding)


def _without_clock(xlsx: bytes) -> bytes:
    """The workbook with the time of writing taken out of its properties and of the archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", _STAMP.encode(), content)
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return written.getvalue()


def _end(day: date) -> date | None:
    return None if day == OPEN_END else day


def _units(company: BenchmarkCompany) -> Table:
    rows = (
        (
            one.code,
            one.name,
            one.name_en,
            UNIT_TYPES[one.unit_type],
            one.parent_code,
            one.valid_from,
            _end(one.valid_to),
        )
        for one in company.units
    )
    return ("单位编码", "单位名称", "英文名称", "类型", "上级编码", "生效日期", "失效日期"), list(rows)


def _postings(company: BenchmarkCompany) -> Table:
    names = {person.number: person.name for person in company.employees}
    rows = (
        (
            one.employee_number,
            names[one.employee_number],
            one.unit_code,
            JOB_TITLES[one.role],
            one.manager_number,
            "是",
            one.valid_from,
            _end(one.valid_to),
        )
        for one in company.assignments
    )
    return ("工号", "姓名", "单位编码", "岗位", "上级工号", "主岗", "开始日期", "结束日期"), list(rows)


def _staff(company: BenchmarkCompany) -> Table:
    rows = ((one.number, one.name, one.email, one.job_title, one.hired, one.left) for one in company.employees)
    return ("工号", "姓名", "邮箱", "职务", "入职日期", "离职日期"), list(rows)


def _targets(company: BenchmarkCompany) -> Table:
    rows = (
        (
            SUBJECT_TYPES[one.subject_type],
            one.subject_ref,
            one.metric,
            PERIOD_TYPES[one.period_type],
            one.period_start,
            one.value,
            one.version,
            one.reason,
            one.approved_by,
            one.effective,
            one.owner,
        )
        for one in company.targets
    )
    headings = ("对象类型", "对象", "指标", "期间类型", "期间开始", "目标值", "版本", "变更原因", "批准人")
    return (*headings, "版本生效日期", "负责人"), list(rows)


def _costs(company: BenchmarkCompany) -> Table:
    names = {product.code: product.name for product in company.products}
    rows = ((one.product_code, names[one.product_code], one.cost, one.currency) for one in company.product_costs)
    return ("产品编码", "产品名称", "单位成本", "币种"), list(rows)


def _answers(company: BenchmarkCompany) -> Table:
    """A survey tool knows the number of the case and of the employee it asked about, not the customer's record."""
    numbers = {case.key: case.number for case in company.cases}
    rows = (
        (
            one.key,
            SURVEY_METRICS[one.metric],
            one.question,
            one.score,
            one.scale_max,
            one.day,
            numbers[one.case_key] if one.case_key else None,
            one.employee_number,
        )
        for one in company.survey_answers
    )
    return ("答卷编号", "调查类型", "问题", "得分", "满分", "答复日期", "服务单号", "被评价员工"), list(rows)


def _splits(company: BenchmarkCompany) -> Table:
    rows: Iterable[Sequence[Cell]] = (
        (order.number, number, share) for order in company.orders for number, share in order.splits
    )
    return ("订单号", "工号", "分成比例"), list(rows)


def _rates(company: BenchmarkCompany) -> Table:
    rows = ((one.currency, company.reporting_currency, one.rate_date, one.rate) for one in company.rates)
    return ("币种", "报价币种", "生效日期", "汇率"), list(rows)


def _feedback(company: BenchmarkCompany) -> Table:
    rows = (
        (one.key, one.employee_number, one.feedback_date, one.subject, OUTCOMES.get(one.outcome or ""))
        for one in company.feedback
    )
    return ("编号", "工号", "日期", "内容", "处理结果"), list(rows)
