"""The benchmark company as forms a company would design for itself in 简道云 or 伙伴云: fields and records.

Both sandboxes render the same forms in their vendor's shape. Values are Python's: text, Decimal, date, aware datetime,
the label of a choice, an employee number for a person, and (form, key) for a link.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sandbox.chinese import stage_name
from connectors.sandbox.company import BenchmarkCompany, Party

KINDS = {"call": "电话", "visit": "拜访", "mail": "邮件", "meeting": "会议", "task": "任务"}
DOING = {"planned": "计划", "done": "已完成", "cancelled": "已取消"}
DEAL = {"open": "进行中", "won": "赢单", "lost": "输单"}
LEAD = {"open": "待跟进", "converted": "已转商机", "lost": "已放弃"}
QUOTE = {"open": "已发出", "agreed": "已接受", "rejected": "已拒绝"}
CONTRACT = {"open": "待签订", "agreed": "已签订", "rejected": "已取消"}
CASE = {"open": "处理中", "closed": "已关闭"}


@dataclass(frozen=True)
class FormField:
    """One field: its label and kind (text, number, date, moment, choice, user, link)."""

    label: str
    kind: str


@dataclass(frozen=True)
class FormRow:
    """One record: our key, values by label (absent: empty), when it was made and last changed."""

    key: str
    values: Mapping[str, Any]
    created: datetime
    updated: datetime


@dataclass(frozen=True)
class Form:
    """One form with its records in a fixed order. `title`: label of the field that names a record."""

    name: str
    label: str
    title: str
    fields: tuple[FormField, ...]
    rows: tuple[FormRow, ...]


def company_forms(company: BenchmarkCompany) -> tuple[Form, ...]:
    """Every form of the company's CRM."""
    made = _Forms(company)
    return (
        _form("customer", "客户", "客户名称", _CUSTOMER, made.customers()),
        _form("contact", "联系人", "姓名", _CONTACT, made.contacts()),
        _form("lead", "线索", "线索名称", _LEAD, made.leads()),
        _form("opportunity", "商机", "商机名称", _OPPORTUNITY, made.opportunities()),
        _form("quote", "报价单", "报价编号", "报价编号" + _CONTRACT, made.contracts("quote", "报价编号", QUOTE)),
        _form("contract", "合同", "合同编号", "合同编号" + _CONTRACT, made.contracts("contract", "合同编号", CONTRACT)),
        _form("stage", "阶段记录", "阶段", _STAGE, made.stages()),
        _form("activity", "跟进记录", "主题", _ACTIVITY, made.activities()),
        _form("case", "售后工单", "工单号", _CASE, made.cases()),
        _form("product", "产品", "产品名称", _PRODUCT, made.products()),
    )


_CUSTOMER = (
    "客户名称 客户类型:choice 名 姓 其他名称 出生日期:date 税号 登记号 邮箱 电话 网站 国家 省份 城市 街道 邮编 "
    "行业:choice 上级客户:link 负责人:user"
)
_CONTACT = "姓名 客户:link 邮箱 电话 职务"
_LEAD = "线索名称 公司 负责人:user 状态:choice 来源:choice 转化日期:date 商机:link"
_OPPORTUNITY = (
    "商机名称 客户:link 负责人:user 阶段:choice 状态:choice 金额:number 币种:choice 赢率:number "
    "预计成交日期:date 成交日期:date"
)
_CONTRACT = " 客户:link 商机:link 负责人:user 状态:choice 金额:number 币种:choice 日期:date 生效日期:date 截止日期:date"
_STAGE = "阶段 商机:link 负责人:user 进入时间:moment 离开时间:moment"
_ACTIVITY = "主题 类型:choice 状态:choice 跟进人:user 客户:link 商机:link 日期:date"
_CASE = (
    "工单号 客户:link 负责人:user 状态:choice 优先级:choice 受理时间:moment 首次响应时间:moment 关闭时间:moment "
    "重开次数:number"
)
_PRODUCT = "产品名称 产品编码 产品类别:choice 单价:number"


def _form(name: str, label: str, title: str, text: str, rows: Iterator[FormRow]) -> Form:
    """`text`: blank-separated `label` or `label:kind`; the default kind is text."""
    parted = (word.partition(":") for word in text.split())
    fields = tuple(FormField(field, kind or "text") for field, _, kind in parted)
    return Form(name, label, title, fields, tuple(rows))


class _Forms:
    def __init__(self, company: BenchmarkCompany) -> None:
        self.company, self.zone = company, ZoneInfo(company.time_zone)

    def customers(self) -> Iterator[FormRow]:
        for party in self.company.parties:
            if party.crm_name is not None:
                yield self._row(party.key, self._customer(party), self._noon(party.created))

    def _customer(self, party: Party) -> dict[str, Any]:
        return {
            "客户名称": party.crm_name,
            "客户类型": "个人" if party.party_type == "person" else "企业",
            "名": party.given_name,
            "姓": party.family_name,
            "其他名称": party.other_names,
            "出生日期": party.birth_date,
            "税号": party.crm_tax_id,
            "登记号": party.registry_id,
            "邮箱": party.crm_email,
            "电话": party.crm_phone or party.phone,
            "网站": party.website,
            "国家": party.country,
            "省份": party.province,
            "城市": party.city,
            "街道": party.crm_street or party.street,
            "邮编": party.crm_postal_code or party.postal_code,
            "行业": party.industry,
            "上级客户": ("customer", party.parent_key) if party.parent_key else None,
            "负责人": party.owner_number,
        }

    def contacts(self) -> Iterator[FormRow]:
        for party in self.company.parties:
            if party.crm_name is not None and party.crm_email and party.party_type != "person":
                values = {"姓名": "采购部", "客户": ("customer", party.key), "邮箱": party.crm_email}
                yield self._row(
                    party.key, {**values, "电话": party.phone, "职务": "Purchasing"}, self._noon(party.created)
                )

    def leads(self) -> Iterator[FormRow]:
        for lead in self.company.leads:
            values = {
                "线索名称": lead.name,
                "公司": lead.company_name,
                "负责人": lead.owner_number,
                "状态": LEAD[lead.status],
                "来源": lead.channel,
                "转化日期": lead.converted,
                "商机": ("opportunity", lead.opportunity_key) if lead.opportunity_key else None,
            }
            yield self._row(lead.key, values, self._noon(lead.created))

    def opportunities(self) -> Iterator[FormRow]:
        for deal in self.company.opportunities:
            values = {
                "商机名称": deal.name,
                "客户": ("customer", deal.party_key) if deal.party_key else None,
                "负责人": deal.owner_number,
                "阶段": stage_name(deal.stages[-1].stage) if deal.stages else "初步接触",
                "状态": DEAL[deal.status],
                "金额": deal.amount,
                "币种": deal.currency,
                "赢率": {"won": 100, "lost": 0}.get(deal.status, 50),
                "预计成交日期": deal.closed or deal.expected_close,
                "成交日期": deal.closed,
            }
            opened = deal.stages[0].entered_at if deal.stages else self._noon(deal.created)
            yield self._row(deal.key, values, opened, deal.stages[-1].entered_at if deal.stages else opened)

    def contracts(self, kind: str, number: str, statuses: Mapping[str, str]) -> Iterator[FormRow]:
        for one in self.company.contracts:
            if one.contract_type == kind:
                values = {
                    number: one.number,
                    "客户": ("customer", one.party_key),
                    "商机": ("opportunity", one.opportunity_key),
                    "负责人": one.owner_number,
                    "状态": statuses[one.status],
                    "金额": one.amount,
                    "币种": one.currency,
                    "日期": one.created,
                    "生效日期": one.valid_from,
                    "截止日期": one.valid_to - timedelta(days=1) if one.valid_to else None,
                }
                yield self._row(one.key, values, self._noon(one.created))

    def stages(self) -> Iterator[FormRow]:
        for deal in self.company.opportunities:
            for rank, stay in enumerate(deal.stages):
                values = {
                    "阶段": stage_name(stay.stage),
                    "商机": ("opportunity", deal.key),
                    "负责人": deal.owner_number,
                    "进入时间": stay.entered_at,
                    "离开时间": stay.left_at,
                }
                yield self._row(f"{deal.key} {rank}", values, stay.entered_at, stay.left_at or stay.entered_at)

    def activities(self) -> Iterator[FormRow]:
        for activity in self.company.activities:
            values = {
                "主题": activity.subject,
                "类型": KINDS[activity.activity_type],
                "状态": DOING[activity.status],
                "跟进人": activity.employee_number,
                "客户": ("customer", activity.party_key) if activity.party_key else None,
                "商机": ("opportunity", activity.opportunity_key) if activity.opportunity_key else None,
                "日期": activity.activity_date,
            }
            yield self._row(activity.key, values, self._noon(activity.activity_date))

    def cases(self) -> Iterator[FormRow]:
        for case in self.company.cases:
            values = {
                "工单号": case.number,
                "客户": ("customer", case.party_key),
                "负责人": case.owner_number,
                "状态": CASE[case.status],
                "优先级": case.priority,
                "受理时间": case.opened_at,
                "首次响应时间": case.first_response_at,
                "关闭时间": case.closed_at,
                "重开次数": case.reopened_count,
            }
            yield self._row(case.key, values, case.opened_at, case.closed_at or case.opened_at)

    def products(self) -> Iterator[FormRow]:
        known = self._noon(self.company.as_of - timedelta(days=700))
        for product in self.company.products:
            values = {"产品名称": product.name, "产品编码": product.code, "产品类别": product.category}
            yield self._row(product.code, {**values, "单价": product.list_price}, known)

    def _row(self, key: str, values: Mapping[str, Any], made: datetime, changed: datetime | None = None) -> FormRow:
        given = {label: value for label, value in values.items() if value is not None}
        return FormRow(key, given, made, changed or made)

    def _noon(self, day: date) -> datetime:
        return datetime.combine(day, time(12), self.zone).astimezone(UTC)
