"""The objects of the sandboxed Fxiaoke tenant and how describe shows them: preset ones and one of the tenant's own."""

from collections.abc import Mapping
from dataclasses import dataclass

Options = Mapping[str, str]


@dataclass(frozen=True)
class FieldSpec:
    """One field as describe shows it. options: label by value, of choices whose values are the same for everybody."""

    name: str
    type: str
    options: Options | None = None

    @property
    def is_choice(self) -> bool:
        """Whether a label belongs to the value."""
        return self.type in ("select_one", "record_type", "country", "province", "city")


@dataclass(frozen=True)
class ObjectSpec:
    """One object and its fields by name."""

    name: str
    label: str
    fields: dict[str, FieldSpec]

    @property
    def is_custom(self) -> bool:
        """Whether the tenant made it."""
        return self.name.endswith("__c")


LIFE = {"ineffective": "未生效", "under_review": "审核中", "normal": "正常", "in_change": "变更中", "invalid": "作废"}
_OPTIONS: dict[str, Options] = {
    "life": LIFE,
    "lock": {"0": "未锁定", "1": "锁定"},
    "deal": {"1": "进行中", "2": "赢单", "3": "输单", "4": "无效"},
    "lead": {"un_processed": "待处理", "processed": "跟进中", "transformed": "已转换", "closed": "无效"},
    "kind": {"1": "电话", "2": "拜访", "3": "邮件", "4": "会议", "5": "任务"},
    "doing": {"1": "未开始", "2": "已完成", "3": "已取消"},
    "case": {"1": "待处理", "2": "处理中", "3": "已关闭"},
    "quote": {"1": "已发出", "2": "已接受", "3": "已拒绝"},
    "contract": {"1": "待签订", "2": "已签订", "3": "已取消"},
    "priority": {"1": "High", "2": "Medium", "3": "Low"},
    "party": {"default__c": "企业客户", "person__c": "个人客户"},
}
_SYSTEM = (
    "_id name create_time:date_time created_by:employee last_modified_time:date_time last_modified_by:employee "
    "owner:employee owner_department data_own_department:department life_status:select_one=life "
    "lock_status:select_one=lock is_deleted:true_or_false version relevant_team:embedded_object_list "
)


def _spec(name: str, label: str, text: str) -> ObjectSpec:
    """`text`: blank-separated `field`, `field:type` or `field:type=options`; the default type is text."""
    found: dict[str, FieldSpec] = {}
    for word in (_SYSTEM + text).split():
        left, _, options = word.partition("=")
        field, _, kind = left.partition(":")
        found[field] = FieldSpec(field, kind or "text", _OPTIONS[options] if options else None)
    return ObjectSpec(name, label, found)


_DEAL_OF = "account_id:object_reference new_opportunity_id:object_reference "
_SPECS = (
    _spec(
        "AccountObj",
        "客户",
        "account_no:auto_number record_type:record_type=party tel:phone_number email:email url:url country:country "
        "province:province city:city district:district address industry_level1:select_one "
        "parent_account_id:object_reference uniform_social_credit_code field_registry__c field_postcode__c "
        "field_othername__c field_given__c field_family__c field_birth__c:date field_revenue__c:currency "
        "field_seen__c:date_time remark:long_text last_followed_time:date_time",
    ),
    _spec(
        "ContactObj",
        "联系人",
        "account_id:object_reference tel1:phone_number mobile1:phone_number email:email job_title",
    ),
    _spec(
        "LeadsObj",
        "线索",
        "company biz_status:select_one=lead source:select_one transform_time:date_time "
        "new_opportunity_id:object_reference leads_pool_id",
    ),
    _spec(
        "NewOpportunityObj",
        "商机2.0",
        "account_id:object_reference sales_process_id:object_reference sales_stage:select_one "
        "sales_status:select_one=deal amount:currency mc_currency:select_one close_date:date probability:percentile "
        "stg_changed_time:date_time cost_time:number lost_reason:select_one",
    ),
    _spec(
        "QuoteObj",
        "报价单",
        _DEAL_OF + "quote_amount:currency quote_time:date mc_currency:select_one field_quotestate__c:select_one=quote "
        "field_validuntil__c:date",
    ),
    _spec(
        "ContractObj",
        "合同",
        _DEAL_OF + "contract_amount:currency confirm_time:date_time mc_currency:select_one "
        "field_contractstate__c:select_one=contract field_startson__c:date field_endson__c:date",
    ),
    _spec(
        "SalesOrderObj",
        "销售订单",
        "account_id:object_reference opportunity_id:object_reference order_amount:currency order_time:date "
        "order_status:select_one mc_currency:select_one",
    ),
    _spec(
        "SalesOrderProductObj",
        "订单产品",
        "order_id:master_detail product_id:object_reference quantity:number subtotal:currency sales_price:currency",
    ),
    _spec(
        "PaymentObj",
        "回款",
        "account_id:object_reference order_id:object_reference payment_amount:currency payment_time:date "
        "mc_currency:select_one",
    ),
    _spec(
        "ActiveRecordObj", "销售记录", _DEAL_OF + "active_record_type:select_one=kind active_record_content:long_text"
    ),
    _spec("CheckinsObj", "高级外勤", _DEAL_OF + "checkins_status:select_one=doing checkins_time:date_time"),
    _spec(
        "ScheduleObj",
        "日程",
        _DEAL_OF + "schedule_type:select_one=kind schedule_status:select_one=doing begin_time:date_time",
    ),
    _spec(
        "CasesObj",
        "工单",
        "account_id:object_reference case_status:select_one=case priority:select_one=priority finish_time:date_time "
        "field_first__c:date_time field_reopened__c:number field_csat__c:number",
    ),
    _spec("ProductObj", "产品", "product_code category:select_one price:currency"),
    _spec(
        "GoalValueObj", "目标值", "goal_rule_id:object_reference fiscal_year:number check_object_id annual_value:number"
    ),
    _spec("object_x7k2p__c", "竞争对手", "field_strength__c:select_many field_share__c:percentile"),
)
SPECS: dict[str, ObjectSpec] = {spec.name: spec for spec in _SPECS}
"""Every object by API name."""
