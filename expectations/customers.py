"""Suites of the unified customers: who they are, what is known of them, how they stand to each other and to us."""

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, known, one_of, stock, suite
from expectations.shape import not_empty_when

_REPAIR = "Look at the customer's records and at stewardship/ decisions, then build again."
_MODEL = "This is a defect of the customer models, not of the data: tell the team, with the rows shown."
_PARENTS = ("parent_customer_key", "ultimate_parent_customer_key")
_STATES = ("prospect", "new", "active", "at_risk", "churned", "won_back")


def dim_customer(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every customer stands for at least one record of a source."""
    return suite(
        "core.dim_customer",
        *shape,
        not_empty_when("canonical.customer_record"),
        known(
            "customer_has_a_record",
            "customer_key",
            "core.customer_source",
            "customer_name",
            en="Every unified customer stands for at least one source record",
            zh="每个统一客户至少对应一条来源记录",
            do=_REPAIR,
        ),
        *(_known_customer(f"{column}_exists", column, "customer_key") for column in _PARENTS),
        _no_cycle(),
    )


def _no_cycle() -> Expectation:
    return failing_rows(
        "no_cycle",
        "with recursive way as (select customer_key, parent_customer_key as above, 1 as steps from {batch} "
        "where parent_customer_key is not null union "
        "select way.customer_key, customer.parent_customer_key, way.steps + 1 from way inner join {batch} as customer "
        "on customer.customer_key = way.above where customer.parent_customer_key is not null "
        "and way.above <> way.customer_key and way.steps < 100) "
        "select customer_key, steps as customers_in_cycle from way where above = customer_key",
        en="No customer is above itself",
        zh="没有客户成为自己的上级",
        do=_MODEL,
    )


def _known_customer(rule: str, column: str, keys: str) -> Expectation:
    return known(
        rule,
        column,
        "core.dim_customer",
        keys,
        target_column="customer_key",
        en=f"The customer in {column} exists",
        zh=f"{column} 中的客户存在",
        do=_MODEL,
    )


def dim_customer_field(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every field of the golden record names a record of that very customer."""
    return suite(
        "core.dim_customer_field",
        *shape,
        not_empty_when("core.dim_customer", "customer_name is not null"),
        failing_rows(
            "record_is_the_customers",
            "select customer_key, field, source_system, source_key from {batch} as field where not exists "
            "(select 1 from core.customer_source as record where record.customer_key = field.customer_key "
            "and record.source_system = field.source_system and record.source_key = field.source_key)",
            en="Every field of a customer comes from one of its own records",
            zh="客户的每个字段都来自该客户自己的来源记录",
            do=_MODEL,
        ),
    )


def customer_hierarchy_conflict(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Parents that contradict each other are reported: people decide."""
    return suite(
        "core.customer_hierarchy_conflict",
        *shape,
        failing_rows(
            "hierarchy_agrees",
            "select customer_key, parent_customer_key, conflict, is_used, reason from {batch}",
            en="The parents that records name for a customer agree and close no circle",
            zh="各来源记录给出的上级客户一致，且不构成循环",
            do="Decide on the parent in stewardship/ (same, different or parent), or correct it at the source.",
            severity="warning",
        ),
    )


def customer_lifecycle(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every customer is in exactly one state on every day it is known."""
    return suite(
        "marts.customer_lifecycle",
        *shape,
        one_of("state", _STATES, zh_what="客户生命周期状态"),
        _known_customer("customer_exists", "customer_key", "valid_from"),
        failing_rows(
            "periods_follow_each_other",
            "select customer_key, state, valid_from, valid_to, next_from from (select *, lead(valid_from) over "
            "(partition by customer_key order by valid_from, valid_to) as next_from from {batch}) "
            "where valid_to <= valid_from or valid_to <> coalesce(next_from, date '9999-12-31')",
            en="A customer's states follow each other without gap or overlap and the last one is open",
            zh="客户的各状态首尾相接，既无空档也不重叠，最后一个状态未结束",
            do=_MODEL,
        ),
        _complete("every_customer_has_a_state", en="Every customer has a state", zh="每个客户都有状态"),
    )


def customer_profile(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every customer has a profile, and the money in them is the money of the facts."""
    return suite(
        "marts.customer_profile",
        *shape,
        one_of("lifecycle_state", _STATES, zh_what="客户生命周期状态"),
        _known_customer("customer_exists", "customer_key", "as_of_date"),
        _complete("every_customer_has_a_profile", en="Every customer has a profile", zh="每个客户都有档案"),
        failing_rows(
            "money_adds_up_to_bookings",
            "select coalesce(profile.customer_key, booked.customer_key) as customer_key, profile.net_amount, "
            "booked.amount as booked_amount from {batch} as profile full outer join "
            "(select customer_key, sum(credited_amount) as amount from core.fct_sales_credit where customer_key is not "
            "null and booked_date <= (select as_of_date from config.company) group by customer_key) as booked "
            "on profile.customer_key = booked.customer_key "
            "where coalesce(profile.net_amount, 0) <> coalesce(booked.amount, 0)",
            en="Each customer's net amount is the sum of its bookings, so profiles add up to the company's bookings",
            zh="每个客户的净额等于其签约额之和，因此所有档案合计等于公司签约额",
            do=_MODEL,
        ),
    )


def survey_response(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Answers lie on their scale and measure something known."""
    return suite(
        "canonical.survey_response",
        *shape,
        one_of("respondent_type", ("customer", "employee"), zh_what="答卷人类型"),
        one_of("metric", ("csat", "nps", "appraisal"), zh_what="调查指标"),
        failing_rows(
            "score_on_its_scale",
            "select source_system, source_key, score, scale_max from {batch} "
            "where scale_max <= 0 or score < 0 or score > scale_max",
            en="The score of an answer lies between 0 and the most its scale has",
            zh="得分介于 0 与量表满分之间",
            do="Correct the answer at its source, or scale_max in the source's mapping.",
        ),
    )


def _complete(rule: str, *, en: str, zh: str) -> Expectation:
    return failing_rows(
        rule,
        "select customer_key, customer_name from core.dim_customer as customer where not exists "
        "(select 1 from {batch} as own where own.customer_key = customer.customer_key)",
        en=en,
        zh=zh,
        do=_MODEL,
    )


def customer_source(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every customer record leads to exactly one customer, with a probability."""
    return suite(
        "core.customer_source",
        *shape,
        known(
            "customer_exists",
            "customer_key",
            "core.dim_customer",
            "source_system, source_key",
            en="The customer a record leads to exists",
            zh="来源记录指向的统一客户存在",
            do=_REPAIR,
        ),
        failing_rows(
            "no_record_lost",
            "select source_system, source_key from canonical.customer_record "
            "except select source_system, source_key from {batch}",
            en="Every customer record of a source leads to a customer",
            zh="来源系统的每条客户记录都归入某个统一客户",
            do=_REPAIR,
        ),
        stock(
            gxe.ExpectColumnValuesToBeBetween,
            "probability_within_bounds",
            column="match_probability",
            min_value=0,
            max_value=1,
            en="The match probability lies between 0 and 1",
            zh="匹配概率介于 0 和 1 之间",
            expected="0 to 1",
            do=_REPAIR,
        ),
    )


def customer_key_event(shape: list[Expectation]) -> gx.ExpectationSuite:
    """The book of keys is only ever written on, and gives one key to what is one customer."""
    return suite(
        "core.customer_key_event",
        *shape,
        failing_rows(
            "book_is_only_written_on",
            "select * from config.customer_key_event except select * from {batch}",
            en="Every event of the current release's book of keys still stands in it, unchanged",
            zh="当前版本客户编码台账中的每一条记录都原样保留",
            do="Events are never edited; if the release was switched while the build ran, run again.",
        ),
        failing_rows(
            "one_key_per_cluster",
            "select resolution.cluster_id, count(distinct source.customer_key) as keys "
            "from core.int_customer_resolution as resolution "
            "inner join core.customer_source as source using (source_system, source_key) "
            "group by resolution.cluster_id having count(distinct source.customer_key) > 1",
            en="Records that are one customer have one key",
            zh="同一客户的所有来源记录共用一个客户编码",
            do=_REPAIR,
        ),
        failing_rows(
            "one_cluster_per_key",
            "select source.customer_key, count(distinct resolution.cluster_id) as clusters "
            "from core.int_customer_resolution as resolution "
            "inner join core.customer_source as source using (source_system, source_key) "
            "group by source.customer_key having count(distinct resolution.cluster_id) > 1",
            en="Records with one key are one customer",
            zh="同一客户编码下的来源记录属于同一客户",
            do=_REPAIR,
        ),
        failing_rows(
            "kept_apart_as_decided",
            "select word.record_id_l, word.record_id_r, word.decided_by, a.customer_key "
            "from core.customer_decision as word "
            "inner join core.customer_source as a on word.record_id_l = a.source_system || ':' || a.source_key "
            "inner join core.customer_source as b on word.record_id_r = b.source_system || ':' || b.source_key "
            "where word.decision in ('different', 'parent') and a.customer_key = b.customer_key",
            en="What people decided to be different customers has different keys",
            zh="人工裁定为不同客户的记录具有不同的客户编码",
            do="Look for contradicting decisions in stewardship/ (`scoreline check` lists them).",
        ),
    )


def customer_decision(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Decisions speak of records there are."""
    return suite(
        "core.customer_decision",
        *shape,
        failing_rows(
            "decides_on_known_records",
            "select record_id_l, record_id_r, decision, decided_by, decided_on from {batch} "
            "where decision <> 'undo' and ("
            "record_id_l not in (select source_system || ':' || source_key from canonical.customer_record) or "
            "record_id_r not in (select source_system || ':' || source_key from canonical.customer_record))",
            en="The records people decided on exist at their sources",
            zh="人工裁定所涉及的客户记录在来源系统中存在",
            do="Check source and key in stewardship/; leave a decision on a record that was deleted at its source.",
            severity="warning",
        ),
    )
