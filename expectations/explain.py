"""Suites of what explains scores and records: what a score hangs on, and the one fate of every landed record."""

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, one_of, suite

FATES = (
    "credited",
    "unassigned",
    "refunded",
    "matched",
    "used",
    "not_counted",
    "outside_period",
    "left_out",
    "outside_mapping",
    "quarantined",
    "superseded",
    "deleted",
    "reference",
    "not_read",
)
"""What can become of a landed version of a record; docs/explain.md says what each means."""
_MODEL = "This is a defect of the models of fates, not of the data: tell the team, with the rows shown."
_COUNTED = "source_system, stream, fate, coalesce(entity, '') as entity"


def appraisal_flip(shape: list[Expectation]) -> gx.ExpectationSuite:
    """The way that scores go without a customer or rater leads to the score itself when nothing is left out."""
    key = "employee_id, period_type, period_start"
    return suite(
        "marts.appraisal_flip",
        *_without_volume(shape),
        one_of("left_out_kind", ("nothing", "customer", "match", "rater", "rater_kind"), zh_what="剔除对象"),
        failing_rows(
            "nothing_left_out_is_the_score",
            f"select {key}, score.score, score.grade, flip.score_without, flip.grade_without "
            "from marts.appraisal_score as score "
            f"left join (select * from {{batch}} where left_out_kind = 'nothing') as flip using ({key}) "
            "where score.score is not null and (flip.score_without is distinct from score.score "
            "or flip.grade_without is distinct from score.grade)",
            en="Every score is found again when nothing is left out of it",
            zh="不剔除任何内容时，重新计算得到的就是原得分",
            do=_MODEL.replace("fates", "appraisal"),
        ),
    )


def record_fate_total(shape: list[Expectation]) -> gx.ExpectationSuite:
    """The fates of every stream add up to the rows of its landed files; none of them is unknown."""
    return suite(
        "marts.record_fate_total",
        *_without_volume(shape),
        failing_rows(
            "add_up_to_what_landed",
            "select source_system, stream, landed_rows, records_with_a_fate from "
            "(select source_system, stream, sum(landed_rows) as landed_rows from config.load_package group by all) "
            "full join (select source_system, stream, sum(records) as records_with_a_fate from {batch} group by all) "
            "using (source_system, stream) where landed_rows is distinct from records_with_a_fate",
            en="The fates of each stream add up to the rows of its landed files: every record has exactly one",
            zh="每个数据流的各种去向之和等于已落地文件的行数：每条记录恰有一个去向",
            do="Landing files may have been moved or edited: restore them. Else a record met no fate, or two: "
            "compare core.int_record_fate with landing.record.",
        ),
        failing_rows(
            "nothing_is_lost",
            "select source_system, stream, record_key, entity, source_key, load_id from core.int_record_fate as fate "
            "where fate.fate = 'lost' and exists (select 1 from {batch} as total where total.fate = 'lost')",
            en="Every landed record stands in a table or has a stated reason why it does not",
            zh="每条已落地的记录要么进入某个表，要么有明确的原因",
            do="A model dropped the records shown without saying so: repair it, or state in "
            "pipelines/warehouse/records.yaml whom it leaves out.",
        ),
        one_of("fate", (*FATES, "lost"), zh_what="去向"),
    )


def record_fate(shape: list[Expectation]) -> gx.ExpectationSuite:
    """The records listed are those that the totals say are listed, fate by fate."""
    return suite(
        "marts.record_fate",
        *_without_volume(shape),
        failing_rows(
            "lists_what_the_totals_say",
            f"select source_system, stream, fate, entity, records, listed from (select {_COUNTED}, records "
            f"from marts.record_fate_total where is_listed) full join (select {_COUNTED}, count(*) as listed "
            "from {batch} group by all) using (source_system, stream, fate, entity) "
            "where coalesce(listed, 0) > coalesce(records, 0) or listed is null or records is null",
            en="Every record whose fate is not the most frequent one of its stream is listed",
            zh="凡去向不是所在数据流最常见去向的记录均已列出",
            do=_MODEL,
        ),
    )


def _without_volume(shape: list[Expectation]) -> list[Expectation]:
    """Exceptions may become fewer from one night to the next: that is no loss."""
    return [rule for rule in shape if (rule.meta or {}).get("rule") != "volume"]
