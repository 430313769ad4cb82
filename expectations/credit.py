"""Suites of what stands beside the credited facts: overlays, conflicts, the meaning of rules, the age of rates."""

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, known, one_of, suite
from expectations.shape import not_empty

CONFLICTS = (
    "cross_region",
    "owner_disagreement",
    "owner_without_posting",
    "owner_left",
    "split_not_one",
    "two_territories",
    "territory_without_person",
)
_FACTS = ("fct_sales_credit", "fct_billing_credit", "fct_collection_credit", "fct_overlay_credit")
_KEY = "source_system, source_key, overlay_id"
_RULES = "Look at credit_rules.yaml: the overlay's employee or unit, and its days."


def fct_overlay_credit(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Second credits go to known people and are declared."""
    return suite(
        "core.fct_overlay_credit",
        *shape,
        known(
            "employee_exists",
            "employee_id",
            "core.dim_employee",
            _KEY,
            en="The credited employee is known, or `unassigned`",
            zh="获得业绩的员工存在，或为 unassigned",
            do=_RULES,
        ),
        known(
            "unit_exists",
            "org_unit_id",
            "core.dim_org_unit",
            f"{_KEY}, employee_id",
            en="The credited unit is known, or `unassigned`",
            zh="获得业绩的单元存在，或为 unassigned",
            do=_RULES,
        ),
        failing_rows(
            "overlay_declared",
            f"select {_KEY}, employee_id, credit_share from {{batch}} as overlay "
            "where not coalesce(credit_share > 0 and credit_share <= 1, false) or not exists (select 1 from "
            "core.dim_credit_rule as rule where rule.kind = 'overlay' and rule.territory_id = overlay.overlay_id)",
            en="Every second credit belongs to a declared overlay and is a share of the line",
            zh="每笔叠加业绩都来自已声明的叠加规则，且比例大于 0、不超过 1",
            do=_RULES,
        ),
    )


def dim_credit_rule(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every rule that credits somebody can be read."""
    used = " union all ".join(f"select '{fact}' as fact, credit_rule from core.{fact}" for fact in _FACTS)
    return suite(
        "core.dim_credit_rule",
        *shape,
        not_empty(),
        failing_rows(
            "every_rule_explained",
            f"select fact, credit_rule, count(*) as credits from ({used}) as used "
            "where credit_rule not in (select credit_rule from {batch}) group by fact, credit_rule",
            en="Every credit rule of the facts is explained in words",
            zh="事实表中出现的每条归属规则都有文字说明",
            do="Add the rule to the model dim_credit_rule.",
        ),
    )


def credit_conflict(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Conflicts are reported, each of a kind people know."""
    return suite("marts.credit_conflict", *shape, one_of("conflict_type", CONFLICTS, zh_what="冲突类型"))


def missing_rate(shape: list[Expectation]) -> gx.ExpectationSuite:
    """No amount waits for an exchange rate, unless the company chose to leave such amounts out."""
    rows = "select fact, currency, event_date, row_count, document_amount from {batch}"
    left_out = "(select coalesce(min(missing_rate), 'refuse') from config.company) = 'leave_out'"
    add = "Add the rate of that currency on or before that day to the source of exchange rates"
    return suite(
        "core.missing_rate",
        *shape,
        failing_rows(
            "exchange_rate_known",
            f"{rows} where not ({left_out})",
            en="Every amount has an exchange rate on its day",
            zh="每笔金额在业务发生日都有汇率",
            do=f"{add}, or choose another `missing_rate` in company.yaml.",
        ),
        failing_rows(
            "amounts_left_out",
            f"{rows} where {left_out}",
            en="No amount is left out of the figures for want of an exchange rate",
            zh="没有金额因缺少汇率而未计入",
            do=f"{add}; until then these amounts are in no figure in reporting currency.",
            severity="warning",
        ),
    )
