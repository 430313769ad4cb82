"""Suites of incentives: every statement adds up from its lines, and every line stands in a fact and in landing."""

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, known, one_of, suite
from expectations.shape import not_empty_when

_KEY = "employee_id, plan_id, period_type, period_start"
_MODEL = "This is a defect of the incentive models, not of the data: tell the team, with the rows shown."
_SUMS = (
    ("calculated_amount", "calculated_amount", "('sale')"),
    ("earned_amount", "amount", "('sale')"),
    ("clawback_amount", "amount", "('return', 'bad_debt')"),
    ("carried_amount", "amount", "('carried')"),
    ("guarantee_amount", "amount", "('guarantee')"),
    ("draw_amount", "amount", "('draw')"),
    ("recovered_amount", "amount", "('recovered')"),
    ("bonus_amount", "amount", "('bonus')"),
)
"""Columns of a statement, and which column of which kinds of lines adds up to them."""


def incentive_statement(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Statements add up in both directions, and what is owed goes on from period to period."""
    return suite(
        "marts.incentive_statement",
        *shape,
        not_empty_when("marts.incentive_line"),
        one_of("status", ("final", "provisional"), zh_what="结算状态"),
        failing_rows(
            "payable_adds_up",
            f"select {_KEY}, payable_amount, sum_of_parts from (select *, {_parts()} as sum_of_parts from {{batch}}) "
            "where payable_amount is distinct from sum_of_parts or payable_amount < 0 "
            "or earned_amount is distinct from calculated_amount + cap_reduction or cap_reduction > 0",
            en="Payable is the sum of earned, taken back, carried, filled up, recovered and bonus, and not negative",
            zh="应付金额等于所得、追回、结转、保底、预支、抵扣与奖金之和，且不为负",
            do=_MODEL,
        ),
        failing_rows(
            "lines_add_up",
            f"select {_KEY}, {_compared()} from {{batch}} as statement full join (select {_KEY}, "
            f"sum(amount) as payable_lines, {_line_sums()} from marts.incentive_line group by {_KEY}) as line "
            f"using ({_KEY}) where {_differing()}",
            en="The lines of a statement add up to what is payable and to each of its parts, to the cent",
            zh="结算单明细之和与应付金额及其各组成部分分毫不差",
            do=_MODEL,
        ),
        failing_rows(
            "owed_goes_on",
            f"select {_KEY}, owed_before, owed_after, owed_last from (select *, coalesce(lag(owed_after) over ("
            "partition by employee_id, plan_id order by period_start), 0) as owed_last from {batch}) "
            "where owed_before <> owed_last or owed_after < 0 "
            "or owed_after < owed_before + coalesce(recovered_amount + carried_amount, 0)",
            en="What a person owes goes on from period to period: recovered is subtracted, carried is added",
            zh="欠付余额逐期结转：抵扣减少、结转增加",
            do=_MODEL,
        ),
        failing_rows(
            "version_in_force",
            f"select {_KEY}, plan_version from {{batch}} as statement where not exists (select 1 from "
            "config.incentive_plan as plan where plan.plan_id = statement.plan_id "
            "and plan.plan_version = statement.plan_version and plan.valid_from <= statement.period_start "
            "and statement.period_start < plan.valid_to)",
            en="Each period is paid by the version of the plan that was in force when it began",
            zh="每个期间按期初生效的方案版本结算",
            do="Restore the version in the plan's file: versions that were in force are never edited or removed.",
        ),
        known(
            "employee_exists",
            "employee_id",
            "core.dim_employee",
            "plan_id, period_type, period_start",
            en="Whoever is paid is a known employee",
            zh="领取人是已知员工",
            do=_MODEL,
        ),
    )


def incentive_line(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every line is found in the facts and in landing, is paid once, and is never taken back twice: all of them."""
    kinds = ("sale", "return_in_period", "return", "bad_debt", "carried", "guarantee", "draw", "recovered", "bonus")
    return suite(
        "marts.incentive_line",
        *shape,
        one_of("line_kind", kinds, zh_what="明细类型"),
        one_of("line_status", ("ok", "no_cost", "after_leaving"), zh_what="明细状态"),
        failing_rows(
            "line_is_in_facts",
            f"select {_KEY}, line_number, line_kind, source_entity, source_system, source_key, credited_amount "
            f"from {{batch}} as line where line_kind in ('sale', 'return_in_period', 'return') "
            f"and not exists (select 1 from ({_FACTS}) as fact where fact.source_system = line.source_system "
            "and fact.source_key = line.source_key and fact.employee_id = line.employee_id "
            "and fact.entity = case line.source_entity when 'sales_order' then 'sales_order_line' "
            "when 'invoice' then 'invoice_line' else line.source_entity end "
            "and fact.credited_amount = line.credited_amount)",
            en="Every credited line of a statement stands in a credit fact with the same employee and amount",
            zh="结算单中的每条业绩明细都能在业绩归属事实表中找到，员工与金额一致",
            do=_MODEL,
        ),
        failing_rows(
            "record_is_landed",
            "select distinct source_entity, line.source_system, line.source_key, line.document_key, line.load_id "
            "from {batch} as line where line.source_system is not null and not exists (select 1 from "
            "core.landed_record as landed where landed.entity = line.source_entity "
            "and landed.source_system = line.source_system and landed.load_id = line.load_id "
            "and landed.source_key = case when line.source_entity in ('sales_order', 'invoice') "
            "then line.document_key else line.source_key end)",
            en="Every record listed is found in landing, with its source, key and load package",
            zh="列出的每条记录都能在 landing 中按来源、主键与加载批次找到",
            do="Landing files may have been moved or edited: restore them, or sync the source again from the start.",
        ),
        failing_rows(
            "paid_once",
            "select employee_id, plan_id, source_entity, source_system, source_key, count(*) as times from {batch} "
            "where line_kind = 'sale' group by employee_id, plan_id, source_entity, source_system, source_key "
            "having count(*) > 1",
            en="A plan pays a person for a credited line once",
            zh="同一方案对同一人的同一条业绩只计付一次",
            do=_MODEL,
        ),
        failing_rows(
            "never_taken_back_twice",
            "select sale.employee_id, sale.plan_id, sale.source_system, sale.source_key, sale.amount as earned, "
            "back.amount as taken_back from {batch} as sale inner join (select employee_id, plan_id, source_system, "
            "paid_source_key, sum(amount) as amount from {batch} where line_kind in ('return', 'bad_debt') "
            "group by employee_id, plan_id, source_system, paid_source_key) as back "
            "on back.employee_id = sale.employee_id and back.plan_id = sale.plan_id "
            "and back.source_system = sale.source_system and back.paid_source_key = sale.source_key "
            "where sale.line_kind = 'sale' "
            "and (abs(back.amount) > abs(sale.amount) or sale.amount * back.amount > 0)",
            en="Returns and bad debt together never take back more than a line has earned",
            zh="退货与坏账合计追回的金额不超过该笔业绩的所得",
            do=_MODEL,
        ),
    )


def incentive_eligibility(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Eligibility follows from a published score, and every row says why."""
    return suite(
        "marts.incentive_eligibility",
        *shape,
        one_of("kind", ("bonus", "promotion", "training"), zh_what="资格类型"),
        one_of("eligibility", ("eligible", "not_eligible", "provisional"), zh_what="资格"),
        failing_rows(
            "score_is_published",
            f"select {_KEY}, kind, item, grade, score from {{batch}} as one where not exists (select 1 from "
            "marts.appraisal_score as score where score.employee_id = one.employee_id "
            "and score.period_type = one.period_type and score.period_start = one.period_start "
            "and score.grade is not distinct from one.grade and score.score is not distinct from one.score)",
            en="Eligibility rests on the score and grade that are published",
            zh="资格以公布的得分和等级为依据",
            do=_MODEL,
        ),
        failing_rows(
            "bonus_is_paid",
            f"select {_KEY}, item, amount, statement.bonus_amount from {{batch}} as one "
            f"left join marts.incentive_statement as statement using ({_KEY}) "
            "where kind = 'bonus' and amount is distinct from statement.bonus_amount",
            en="The bonus somebody is eligible for is the one on the statement",
            zh="符合资格的奖金与结算单一致",
            do=_MODEL,
        ),
    )


def _parts() -> str:
    return " + ".join(f"coalesce({column}, 0)" for column, _, _ in _SUMS if column != "calculated_amount")


def _line_sums() -> str:
    return ", ".join(
        f"coalesce(sum({amount}) filter (where line_kind in {kinds}), 0) as {column}_lines"
        for column, amount, kinds in _SUMS
    )


def _compared() -> str:
    return ", ".join(
        f"{column}, {column}_lines" for column in ("payable_amount", *(name for name, _, _ in _SUMS))
    ).replace("payable_amount_lines", "payable_lines")


def _differing() -> str:
    """A statement without lines has nothing but zeros; a line without statement has nothing to be compared with."""
    pairs = [("payable_amount", "payable_lines"), *((name, f"{name}_lines") for name, _, _ in _SUMS)]
    differ = " or ".join(f"coalesce({column}, 0) <> coalesce({lines}, 0)" for column, lines in pairs)
    return f"payable_amount is null or {differ}"


_FACTS = (
    "select 'sales_order_line' as entity, source_system, source_key, employee_id, credited_amount "
    "from core.fct_sales_credit union all select 'invoice_line', source_system, source_key, employee_id, "
    "credited_amount from core.fct_billing_credit union all select 'payment', source_system, source_key, employee_id, "
    "credited_amount from core.fct_collection_credit"
)
