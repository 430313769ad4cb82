"""Suites of closed periods: what was published stands, and every difference from it is booked with a cause."""

from collections.abc import Iterable

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation

from expectations.closing import OFFICIAL, ClosingTable, difference_sql
from expectations.rules import failing_rows, one_of, suite

CAUSES = (
    "late record",
    "source correction",
    "customer merge or split",
    "org move",
    "standard change",
    "rate change",
    "code change",
)
_BOOKED = (
    "select table_name, row_key, column_name, last(new_value order by booking_no, cause_no desc) as new_value "
    "from marts.restatement where restatement_status = '{status}' group by all"
)
_VALUE = "table_name, period_type, period_start, subject, row_key, column_name, old_value, new_value"
_HELD = f"(side.period_type, side.period_start) in (select (period_type, period_start) from {OFFICIAL}.held_period)"
_DEFECT = "This is a defect of the ledger, not of the data: tell the team, with the rows shown."


def closed_period(shape: list[Expectation], tables: Iterable[ClosingTable], is_settled: bool) -> gx.ExpectationSuite:
    """What was published of a closed period is published again, unless a booked and approved restatement moves it.

    is_settled: whether the closed periods of the candidate were settled; without that none may be closed.
    """
    if not is_settled:
        return suite("marts.closed_period", *shape, _nothing_is_closed())
    return suite(
        "marts.closed_period",
        *shape,
        *(rule for table in tables for rule in (_stands(table), _is_booked(table)) if rule),
    )


def restatement(shape: list[Expectation]) -> gx.ExpectationSuite:
    """The ledger names a known cause, and its steps lead from the old value to the new one without a gap."""
    return suite(
        "marts.restatement",
        *shape,
        one_of("cause", CAUSES, zh_what="重述原因"),
        one_of("restatement_status", ("pending", "approved", "reopened"), zh_what="重述状态"),
        failing_rows(
            "steps_have_no_gap",
            "select booking_no, table_name, row_key, column_name, cause, old_value, new_before from (select *, "
            "lag(new_value) over step as new_before, row_number() over step as step_no from {batch} window step as "
            "(partition by booking_no, table_name, row_key, column_name order by cause_no desc)) "
            "where step_no > 1 and old_value is distinct from new_before",
            en="Within a booking the causes of a value lead from the old value to the new one without a gap",
            zh="同一次登记中，各原因依次从旧值推到新值，没有缺口",
            do=_DEFECT,
        ),
        failing_rows(
            "deltas_add_up",
            "select booking_no, table_name, row_key, column_name, sum(delta) as sum_of_deltas, "
            "first(old_value order by cause_no desc) as old_value, last(new_value order by cause_no desc) as new_value "
            "from {batch} group by booking_no, table_name, row_key, column_name having count(delta) = count(*) and "
            "sum(delta) <> coalesce(try_cast(last(new_value order by cause_no desc) as decimal(38, 9)), 0) "
            "- coalesce(try_cast(first(old_value order by cause_no desc) as decimal(38, 9)), 0)",
            en="The deltas of a value add up to its whole change exactly",
            zh="同一数值各原因的差额之和恰好等于总变动",
            do=_DEFECT,
        ),
        failing_rows(
            "approved_by_somebody",
            "select booking_no, table_name, row_key, column_name, restatement_status, approval_id from {batch} "
            "where (restatement_status = 'approved') <> (approval_id is not null and approved_by is not null)",
            en="A published value moved only under an approval with a name",
            zh="已公布数值仅凭具名批准才变动",
            do=_DEFECT,
        ),
    )


def _nothing_is_closed() -> Expectation:
    return failing_rows(
        "closed_periods_are_settled",
        "select period_type, period_start from {batch}",
        en="Closed periods were settled after the build, so that their values stand",
        zh="构建后已结算关账期间，其数值保持不变",
        do="Build with `scoreline run`, which settles closed periods; a build by dbt alone cannot be published.",
    )


def _stands(table: ClosingTable) -> Expectation:
    """Evidence moves with the subject it is about; every other value only as the ledger says."""
    closes = f"{table.closes('side')} and {_HELD}"
    moved = "select distinct period_type, period_start, subject from marts.restatement"
    approved = (
        f"({_BOOKED.format(status='approved')}) as booked using (table_name, row_key, column_name) "
        "where booked.table_name is null or booked.new_value is distinct from difference.new_value"
        if table.is_booked
        else f"({moved} where restatement_status = 'approved') as booked using (period_type, period_start, subject) "
        "where booked.subject is null"
    )
    values = ", ".join(f"difference.{column}" for column in _VALUE.split(", "))
    return failing_rows(
        f"{table.name}_stands",
        f"select {values} from ({difference_sql(table, table.closing, table.official, closes)}) as difference "
        f"left join {approved}",
        en=f"{table.name} of a closed period is as the closing release had it, or as an approved restatement made it",
        zh=f"关账期间的 {table.name} 与关账版本一致，或与已批准的重述一致",
        do="A published value moved without a booked restatement: do not publish; tell the team, with the rows shown.",
    )


def _is_booked(table: ClosingTable) -> Expectation | None:
    if not table.is_booked:
        return None
    closes = f"{table.closes('side')} and {_HELD}"
    values = ", ".join(f"difference.{column}" for column in _VALUE.split(", "))
    return failing_rows(
        f"{table.name}_differences_are_booked",
        f"select {values} from ({difference_sql(table, table.official, table.computed, closes)}) as difference "
        f"left join ({_BOOKED.format(status='pending')}) as booked using (table_name, row_key, column_name) "
        "where booked.table_name is null or booked.new_value is distinct from difference.new_value",
        en=f"What {table.name} would be now for a closed period is booked in the ledger with its cause",
        zh=f"关账期间 {table.name} 的现算数值若有差异，均已在重述台账中注明原因",
        do="No input that changed explains the difference: look at what of the models depends on the day or on chance.",
    )
