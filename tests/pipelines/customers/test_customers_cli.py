"""The commands `decide` and `show`, and what all commands on customers say when they cannot work."""

import duckdb
import pytest

from pipelines.warehouse import warehouse_lock
from tests.pipelines.customers.small_warehouse import Desk


def test_a_decision_from_the_terminal_is_filed_with_name_day_and_reason(desk: Desk) -> None:
    result = desk.scoreline("decide", "same", "crm:1", "erp:10", "--who", "Li Lei", "--why", "同一法人, 电话确认")
    assert result.exit_code == 0, result.output
    assert "1 decision filed in stewardship/decisions.csv" in result.stdout
    (row,) = desk.filed()[1:]
    assert row.startswith("same,crm,1,erp,10,Li Lei,20") and row.endswith(',"同一法人, 电话确认"')


def test_saying_the_same_twice_adds_nothing(desk: Desk) -> None:
    words = ("decide", "different", "crm:1", "erp:10", "--why", "two owners")
    assert desk.ask(*words) == {"new": 1, "known": 0, "overruled": []}
    assert desk.ask(*words) == {"new": 0, "known": 1, "overruled": []}
    assert len(desk.filed()) == 2


def test_what_was_undone_can_be_decided_anew(desk: Desk) -> None:
    for kind in ("same", "undo", "same"):
        assert desk.ask("decide", kind, "crm:1", "erp:10", "--why", "asked")["new"] == 1
    assert [row.split(",")[0] for row in desk.filed()[1:]] == ["same", "undo", "same"]


def test_undo_without_a_decision_is_refused(desk: Desk) -> None:
    result = desk.scoreline("decide", "undo", "crm:1", "erp:10", "--why", "x")
    assert result.exit_code == 2
    assert "there is no decision on crm:1 and erp:10 to undo" in result.stderr


def test_undo_names_the_records_in_either_order(desk: Desk) -> None:
    assert desk.ask("decide", "undo", "erp:80", "crm:8", "--why", "wrong number")["new"] == 1


def test_a_later_decision_that_holds_is_told(desk: Desk) -> None:
    with desk.decisions.open("a", encoding="utf-8") as file:
        file.write("different,crm,2,erp,20,Ann,2999-01-01,known\n")
    (told,) = desk.ask("decide", "same", "crm:2", "erp:20", "--why", "x")["overruled"]
    assert "a later decision holds, crm:2 ≠ erp:20 (Ann, 2999-01-01)" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("same", "crm:1", "erp:999", "--why", "x"), "no source has the record 'erp:999'"),
        (("same", "crm:1", "nowhere:1", "--why", "x"), "write source:key with one of the sources crm, erp, web"),
        (("same", "crm:1", "crm:1", "--why", "x"), "name two different records"),
        (("same", "crm:1", "erp:10"), "--why is needed"),
        (("same", "crm:1", "erp:10", "--who", " ", "--why", "x"), "--who is needed"),
        (("same", "crm:1"), "expected `scoreline customers decide"),
        (("perhaps", "crm:1", "erp:10", "--why", "x"), "expected `scoreline customers decide"),
    ],
)
def test_a_wrong_decision_says_what_was_expected(desk: Desk, arguments: tuple[str, ...], message: str) -> None:
    result = desk.scoreline("decide", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(desk.filed()) == 1


def test_a_decision_on_a_customer_lists_its_records(desk: Desk) -> None:
    result = desk.scoreline("decide", "same", desk.key("crm:1"), "erp:10", "--why", "x")
    assert result.exit_code == 2
    assert "decisions are about records. Name one of: crm:1, erp:9" in result.stderr


def test_show_tells_records_names_bookings_and_history(desk: Desk) -> None:
    found = desk.ask("show", "erp:9")
    assert found["customer_key"] == desk.key("crm:1")
    assert [(m["record_id"], m["match_reason"]) for m in found["members"]] == [("crm:1", "model"), ("erp:9", "model")]
    assert (found["names"], found["bookings"]) == ("上海宏达贸易有限公司 / Hongda Trading", "900.000000")
    assert found["words"]["en"] == [
        f"2025-06-30 {found['customer_key']} was issued to crm:1, erp:9 (first seen; matcher)"
    ]
    assert found["words"]["zh"] == [f"2025-06-30 首次发放 {found['customer_key']}：crm:1, erp:9 (first seen; 自动匹配)"]


def test_show_follows_a_merged_key_to_what_it_became(desk: Desk) -> None:
    with duckdb.connect(str(desk.warehouse), read_only=True) as con:
        ((old, new),) = con.execute(
            "select previous_customer_key, customer_key from core.customer_key_event where event_type = 'merge'"
        ).fetchall()
    result = desk.scoreline("show", old)
    assert result.exit_code == 0, result.output
    assert f"{old} 今为 is today: {new}" in result.stdout
    assert f"2025-07-01 {old} was merged into {new}" in result.stdout
    assert "one owner, told by phone; Ann" in result.stdout


def test_show_names_the_record_each_golden_field_comes_from(desk: Desk) -> None:
    key = desk.key("crm:1")
    with duckdb.connect(str(desk.warehouse)) as con:
        con.execute(
            "create table core.dim_customer_field as select ? as customer_key, 'phone' as field, "
            "'+862155550001' as value, 'erp' as source_system, '9' as source_key, 'only_value' as survivorship_rule",
            [key],
        )
    assert desk.ask("show", "crm:1")["golden"] == [
        {"field": "phone", "value": "+862155550001", "record_id": "erp:9", "rule": "only_value"}
    ]
    assert "电话 phone" in desk.scoreline("show", "crm:1").stdout


def test_an_unknown_key_is_refused_with_what_was_expected(desk: Desk) -> None:
    result = desk.scoreline("show", "C0000000000000000")
    assert result.exit_code == 2
    assert "the customer key 'C0000000000000000' was never issued" in result.stderr


def test_a_run_in_progress_is_told_and_nothing_waits_for_long(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.customers_cli._WAIT_SECONDS", 0.1)
    with warehouse_lock(desk.root / "home"):
        result = desk.scoreline("review")
    assert result.exit_code == 1
    assert "by another run; wait for it to end" in result.stderr


def test_without_a_build_the_next_step_is_told(desk: Desk) -> None:
    desk.warehouse.unlink()
    result = desk.scoreline("why", "crm:1", "erp:9")
    assert result.exit_code == 1
    assert "`scoreline run`" in result.stderr


def test_a_build_that_was_cut_short_is_not_read(desk: Desk) -> None:
    with duckdb.connect(str(desk.warehouse)) as con:
        con.execute("drop table config.build")
    result = desk.scoreline("review")
    assert result.exit_code == 1
    assert "cut short" in result.stderr


def test_reading_needs_no_company_folder(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from pipelines.cli import main

    monkeypatch.setenv("SCORELINE_HOME", str(desk.root / "home"))
    monkeypatch.delenv("SCORELINE_COMPANY", raising=False)
    assert CliRunner().invoke(main, ["customers", "review", "--json"]).exit_code == 0
    refused = CliRunner().invoke(main, ["customers", "decide", "same", "crm:1", "erp:10", "--why", "x"])
    assert refused.exit_code == 2 and "SCORELINE_COMPANY is not set" in refused.stderr
