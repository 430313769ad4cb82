"""Suites of the processes: stage history, open items, time in stage, speed beside its quality twin.

What is wrong with a deal is news for its owner, not a reason to hold back everybody's numbers: it is reported.
"""

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, known, one_of, suite

_ITEM = "process, source_system, item_key"
_PROCESSES = ("lead", "opportunity", "contract", "after_sales")
_MODEL = "This is a defect of the model, not of the data: tell the team, with the rows shown."


def stage_event(shape: list[Expectation]) -> gx.ExpectationSuite:
    """A stay names the item it is of."""
    return suite(
        "canonical.stage_event",
        *shape,
        failing_rows(
            "item_named",
            "select source_system, source_key, process, opportunity_key, item_key from {batch} "
            "where case coalesce(process, 'opportunity') when 'opportunity' then opportunity_key is null "
            "when 'contract' then item_key is null else true end",
            en="A stay belongs to an opportunity (opportunity_key) or a contract (item_key)",
            zh="每条阶段记录都属于某个商机（opportunity_key）或合同（item_key）",
            do="Map the key of the item, and `process: {const: contract}` for contracts, in the source's `mapping`.",
            severity="warning",
        ),
    )


def stage_history(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Stages are known; days count forward; a history has one end at most."""
    return suite(
        "marts.stage_history",
        *shape,
        one_of("process", _PROCESSES, zh_what="流程"),
        failing_rows(
            "stage_known",
            "select process, source_system, source_stage, count(*) as stays from {batch} where stage = 'unmapped' "
            "group by all",
            en="Every stage named at a source is in the stage dictionary",
            zh="来源中的每个阶段名称都在阶段字典中",
            do="Add the name to `synonyms` of a stage in process.yaml.",
            severity="warning",
        ),
        failing_rows(
            "days_count_forward",
            f"select {_ITEM}, stay_number, entered_date, left_date, days from {{batch}} where days < 0",
            en="Nothing leaves a stage before it entered it",
            zh="离开阶段的日期不早于进入日期",
            do=_MODEL,
        ),
        failing_rows(
            "one_stay_is_current",
            f"select {_ITEM}, count(*) as stays from {{batch}} where is_current group by {_ITEM} having count(*) > 1",
            en="An item is in one stage at a time",
            zh="同一事项同时只处于一个阶段",
            do=_MODEL,
        ),
        known(
            "employee_exists",
            "employee_id",
            "core.dim_employee",
            f"{_ITEM}, stay_number",
            en="The owner is known, or `unassigned`",
            zh="负责人存在，或为 unassigned",
            do=_MODEL,
        ),
    )


def open_item(shape: list[Expectation]) -> gx.ExpectationSuite:
    """What is wrong with open items is reported, and says so in words."""
    return suite(
        "marts.open_item",
        *shape,
        one_of("process", _PROCESSES, zh_what="流程"),
        failing_rows(
            "owner_named",
            f"select {_ITEM}, item_name, is_owner_gone from {{batch}} where is_owner_missing or is_owner_gone",
            en="Every open item has an owner who is still there",
            zh="每个未完结事项都有在职负责人",
            do="Name an owner at the source.",
            severity="warning",
        ),
        failing_rows(
            "deals_have_exchange_rates",
            "select source_system, currency, count(*) as deals, sum(amount) as amount "
            "from canonical.opportunity as deal where amount is not null "
            "and not exists (select 1 from core.int_exchange_rate as rate "
            "where rate.currency = deal.currency) group by all",
            en="There are exchange rates for the currencies of all deals; without one a deal counts in no amount",
            zh="所有商机的币种都有汇率；没有汇率的商机不计入任何金额",
            do="Add rates of that currency to the source of exchange rates, or correct the currency of the deals.",
            severity="warning",
        ),
        failing_rows(
            "findings_are_worded",
            f"select {_ITEM}, finding_zh, finding_en from {{batch}} where (finding_en is null) = (is_owner_missing or "
            "is_owner_gone or is_due_date_missing or is_overdue or is_stuck or is_stage_unknown) "
            "or (finding_en is null) <> (finding_zh is null)",
            en="A finding is there, in both languages, exactly where something is wrong",
            zh="有问题的事项都有中英文说明，无问题的没有",
            do=_MODEL,
        ),
    )


def time_in_stage(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Averages of real stays, shares between 0 and 1."""
    return suite(
        "marts.time_in_stage",
        *shape,
        one_of("subject_type", ("org_unit", "company"), zh_what="主体类型"),
        failing_rows(
            "shares_are_shares",
            "select subject_id, process, stage, period_start, overdue_share, skipped_share, reopened_share "
            "from {batch} where stays < 1 or average_days < 0 "
            "or least(overdue_share, skipped_share, reopened_share) < 0 "
            "or greatest(overdue_share, skipped_share, reopened_share) > 1",
            en="Averages count forward and shares lie between 0 and 1",
            zh="平均天数不为负，占比介于 0 与 1 之间",
            do=_MODEL,
        ),
    )


def process_kpi(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every metric that has a quality twin is shown with it."""
    return suite(
        "marts.process_kpi",
        *shape,
        failing_rows(
            "twins_are_metrics",
            "select speed_metric, quality_metric from marts.quality_twin as twin where not exists "
            "(select 1 from marts.metric_registry as a where a.metric = twin.speed_metric) or not exists "
            "(select 1 from marts.metric_registry as b where b.metric = twin.quality_metric)",
            en="Speed metrics and their quality twins are metrics of the registry",
            zh="速度指标及其质量对照指标都在指标登记表中",
            do="Correct seeds/quality_twin.csv.",
        ),
    )
