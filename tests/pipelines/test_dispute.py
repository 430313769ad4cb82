"""`scoreline dispute`: what is listed, what a bundle holds and leaves out, and that a changed byte is found offline."""

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from expectations.catalog import load
from pipelines.cli import main
from pipelines.dispute.evidence import NEEDED
from pipelines.explain.score import NEEDED as EXPLAINED
from tests.dbt_project.warehouse import fill
from tests.pipelines.test_explain import KEY, PART, RULE
from tests.pipelines.test_explain import ROWS as PUBLISHED

D = Decimal
RAISED = {"source_system": "hr", "employee_id": "E1", "period_type": "quarter", "period_start": date(2025, 4, 1)} | {
    "raised_date": date(2025, 7, 10),
    "due_date": date(2025, 7, 31),
    "owner_employee_id": "E2",
}
FORM = {"fact_kind": "rating", "rater_kind": "manager", "source_system": "hr", "source_entity": "review_rating"}
ROWS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    **PUBLISHED,
    "dispute_register": [
        RAISED
        | {"source_key": "17", "dispute_kind": "missing_sale", "metric": "bookings", "claim": "订单 <S9> 未计入"}
        | {"claimed_addition": D(100), "state": "overdue", "days_open": 30, "claim_status": "computed"}
        | {
            "score_computed": D("87.50"),
            "score_if_right": D("94.64"),
            "grade_if_right": "B",
            "score_change": D("7.14"),
        },
        RAISED
        | {"source_key": "18", "dispute_kind": "rating", "claim": "the peers", "state": "decided", "outcome": "partly"}
        | {"decided_date": date(2025, 7, 20), "decided_by_employee_id": "E3", "decision": "asked again"}
        | {"days_open": 10, "claim_status": "rating"},
    ],
    "appraisal_rating": [
        *PUBLISHED["appraisal_rating"],
        # as no release holds it: the numbers of two must not leave the house, whoever let them in
        KEY
        | RULE
        | {"rater_kind": "customer", "weight": D(10), "rating_status": "below_anonymity_floor", "raters": 2}
        | {"average_points": D("41.5")},
    ],
    "appraisal_contribution": [
        *PUBLISHED["appraisal_contribution"],
        PART
        | FORM
        | {"metric": "rating", "fact_number": 2, "source_key": "FORM-5", "load_id": "100.1", "numerator": D(93)}
        | {"share": D(0), "points": D(0)},
    ],
    "appraisal_flip": [
        *PUBLISHED["appraisal_flip"],
        KEY
        | {"left_out_kind": "rater", "left_out_system": "hr", "left_out_key": "FORM-5", "score_without": D(80)}
        | {"grade_without": "C", "score_change": D("-7.5"), "changes_grade": True},
    ],
    "target_version": [
        {"subject_type": "employee", "subject_id": who, "metric": "bookings", "period_type": "quarter"}
        | {"period_start": date(2025, 4, 1), "version": version, "target_value": D(value), "approved_by": "Board"}
        | {"is_in_force": version == 2, "reason": why}
        for who, version, value, why in (("E1", 1, 800, None), ("E1", 2, 1000, "new region"), ("E2", 1, 7, None))
    ],
    "customer_decision": [
        {"decision_no": n, "decision": "same", "record_id_l": left, "record_id_r": right, "decided_by": "Li"}
        | {"decided_on": date(2025, 5, 1), "reason": "same tax id"}
        for n, left, right in ((1, "erp:7", "crm:001"), (2, "erp:8", "crm:002"))
    ],
    "closed_period": [{"period_type": "quarter", "period_start": date(2025, 4, 1), "closed_by": "CFO"}],
    "restatement": [
        {"booking_no": 1, "table_name": "appraisal_score", "period_type": "quarter", "subject": who, "row_key": "{}"}
        | {"period_start": start, "column_name": "score", "cause": "late record", "cause_no": 1, "old_value": "86.00"}
        | {"new_value": "87.50", "delta": D("1.5"), "restatement_status": "pending", "booked_on": date(2025, 8, 1)}
        for who, start in (("E1", date(2025, 4, 1)), ("E1", date(2025, 1, 1)), ("E2", date(2025, 4, 1)))
    ]
    + [
        {"booking_no": 1, "table_name": table, "period_type": "quarter", "subject": "E1", "row_key": key}
        | {"period_start": date(2025, 4, 1), "column_name": "points", "cause": "late record", "cause_no": 1}
        | {"old_value": "90", "new_value": "61.7", "restatement_status": "pending", "booked_on": date(2025, 8, 1)}
        for table, key in (("appraisal_rating", "{}"), ("appraisal_component", '{"metric": "rating"}'))
    ],
}
MANIFEST = {
    "created_at": "2025-08-02T00:00:00+00:00",
    "as_of_date": "2025-08-01",
    "content_hash": "c0ffee",
    "configuration_hash": "beef",
    "code": {"commit": "abc"},
    "configuration": {"file": "configuration.json"},
    "tables": [{"name": "appraisal_score", "sha256": "5c0e"}, {"name": "kpi_value", "sha256": "f00d"}],
    "gate": {"passed": True, "rules": 3, "failed": 0, "errored": 0, "warned": [{"rule": "fresh", "rows": ["other's"]}]}
    | {
        "results": {
            "marts.appraisal_score: weighted_points_add_up": "passed",
            "marts.dispute_register: decided_by_somebody_else": "failed",
            "canonical.payment: volume": "passed",
        }
    },
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one release that holds two disputes; nothing landed."""
    root = tmp_path_factory.mktemp("home")
    tables = load()
    with duckdb.connect(str(root / "published.duckdb")) as con:
        con.execute("create table release (release_id varchar)")
        for name in sorted({*NEEDED, *EXPLAINED, "dispute_register"} - {"release"}):
            columns = ", ".join(f"{column.name} {column.data_type}" for column in tables[name].columns)
            con.execute(f"create table {name} ({columns})")
        for name, rows in ROWS.items():
            if name not in ("record_fate", "record_fate_total", "fct_sales_credit", "dim_credit_rule"):
                fill(con, name, rows)
        con.execute("update appraisal_part_component set subject_id = 'E1'")
        con.execute("update appraisal_score set period_end = '2025-06-30' where period_start = '2025-04-01'")
    (root / "releases/r1").mkdir(parents=True)
    (root / "releases/r1/manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
    return root


def run(home: Path, *arguments: str) -> Result:
    told = {"SCORELINE_HOME": str(home), "COLUMNS": "200", "ERP_PASSWORD": "hunter2"}
    return CliRunner().invoke(main, ["dispute", *arguments], env=told)


def packed(home: Path, folder: Path, key: str = "17", language: str = "en") -> dict[str, Any]:
    result = run(home, "pack", key, "--out", str(folder), "--lang", language)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads((folder / "pack.json").read_text(encoding="utf-8"))
    return found


def test_the_list_says_whose_it_is_and_how_far_it_has_come(home: Path) -> None:
    shown = [" ".join(line.split()) for line in run(home, "list", "--lang", "en").output.splitlines()]
    assert "hr/17 高霞 2025-Q2 missing sale, Bookings 2025-07-10 2025-07-31 王凯 overdue 30 94.64" in shown
    assert "hr/18 高霞 2025-Q2 rating 2025-07-10 2025-07-31 王凯 decided: partly upheld 10 -" in shown

    chosen = json.loads(run(home, "list", "--state", "decided", "--employee", "高霞", "--json").stdout)
    assert [(row["source_key"], row["outcome"], row["decided_date"]) for row in chosen] == [
        ("18", "partly", "2025-07-20")
    ]
    assert "没有符合条件的申诉" in run(home, "list", "--state", "open", "--lang", "zh").output


def test_a_pack_holds_all_that_bears_on_the_dispute_and_nothing_of_others(home: Path, tmp_path: Path) -> None:
    found = packed(home, tmp_path / "pack", "hr/17")

    assert sorted(path.name for path in (tmp_path / "pack").iterdir()) == ["index.html", "manifest.json", "pack.json"]
    assert found["explanation"]["score"]["score"] == "87.50"
    assert found["explanation"]["standard"]["approved_by"] == "Board"
    assert [(row["version"], row["target_value"], row["reason"]) for row in found["targets"]] == [
        (1, "800.000000", None),
        (2, "1000.000000", "new region"),
    ]
    assert [row["decision_no"] for row in found["customer_decisions"]] == [1]
    assert [(row["period_start"], row["old"], row["new"]) for row in found["restatements"]] == [
        ("2025-04-01", "86.00", "87.50")
    ]
    assert found["closed_period"]["closed_by"] == "CFO"
    assert found["gate"] == {
        "passed": True,
        "rules": 3,
        "failed": 0,
        "errored": 0,
        "results": {
            "marts.appraisal_score: weighted_points_add_up": "passed",
            "marts.dispute_register: decided_by_somebody_else": "failed",
        },
    }
    assert found["release"]["tables"] == {"appraisal_score": "5c0e"}
    assert found["claim"]["words_en"] == [
        "Assumed: Bookings is 100 higher; targets, weights, gates as measured, customers and everybody else's score "
        "stay as they are.",
        "The score would be 94.64 instead of 87.5 (+7.14), grade B.",
    ]
    assert found["claim"]["words_zh"][1] == "得分将为 94.64，而非 87.5（+7.14），等级 B。"


def test_what_cannot_be_computed_is_null_with_the_reason(home: Path, tmp_path: Path) -> None:
    claim = packed(home, tmp_path / "pack", "18")["claim"]
    assert (claim["status"], claim["score_if_right"]) == ("rating", None)
    assert claim["words_en"] == ["Not computed: what another rating would be is nothing that can be computed."]


def test_ratings_show_no_form_no_rater_and_nothing_below_the_floor(home: Path, tmp_path: Path) -> None:
    found = packed(home, tmp_path / "pack")
    kinds = {row["rater_kind"]: (row["raters"], row["average_points"]) for row in found["explanation"]["ratings"]}
    assert kinds == {"peer": (3, "93.000000000"), "customer": (None, None)}
    written = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "pack").iterdir())
    assert not [flip for flip in found["explanation"]["flips"] if flip["left_out_kind"] == "rater"]
    for text in ("41.5", "61.7", "FORM-5", "hunter2", "other's", str(home)):
        assert text not in written


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (
            "en",
            ("Dispute hr/17", "Claim: 订单 &lt;S9&gt; 未计入", "If the claim is right", "new region", "late record"),
        ),
        ("zh", ("申诉 hr/17", "若主张成立", "目标及其变更", "本期已关账（关账人 CFO）。", "SHA-256")),
    ],
)
def test_the_page_stands_by_itself(home: Path, tmp_path: Path, language: str, texts: tuple[str, ...]) -> None:
    packed(home, tmp_path / "pack", language=language)
    page = (tmp_path / "pack/index.html").read_text(encoding="utf-8")
    assert [text for text in texts if text not in page] == []
    assert not re.search(r"<script|<link|src=|href=|@import|url\(|https?:", page)


def test_an_intact_bundle_verifies_without_the_data_and_twice_the_same(home: Path, tmp_path: Path) -> None:
    packed(home, tmp_path / "one")
    packed(home, tmp_path / "two")
    manifest = (tmp_path / "one/manifest.json").read_bytes()
    assert manifest == (tmp_path / "two/manifest.json").read_bytes()

    seal = json.loads(manifest)["seal"]
    answer = run(tmp_path / "nowhere", "verify", str(tmp_path / "one"), "--lang", "en")
    assert (answer.exit_code, answer.output) == (0, f"Intact: {tmp_path / 'one'}\nSeal: {seal}\n")
    assert run(tmp_path / "nowhere", "verify", str(tmp_path / "one"), "--seal", seal).exit_code == 0
    exchanged = run(tmp_path / "nowhere", "verify", str(tmp_path / "one"), "--seal", "00", "--lang", "en")
    assert exchanged.exit_code == 1 and exchanged.output.startswith("manifest.json: its seal is")


@pytest.mark.parametrize("name", ["index.html", "pack.json", "manifest.json"])
def test_one_byte_that_differs_is_found_and_its_file_named(home: Path, tmp_path: Path, name: str) -> None:
    packed(home, tmp_path / "whole")
    data = (tmp_path / "whole" / name).read_bytes()
    for number, place in enumerate((0, len(data) // 2, len(data) - 1)):
        folder = tmp_path / f"changed{number}"
        shutil.copytree(tmp_path / "whole", folder)
        (folder / name).write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        answer = run(tmp_path, "verify", str(folder))
        assert answer.exit_code == 1 and answer.output.startswith(f"{name}: ")
        assert len(answer.output.splitlines()) == 1


def test_a_file_that_is_gone_or_added_is_named(home: Path, tmp_path: Path) -> None:
    packed(home, tmp_path / "pack")
    (tmp_path / "pack/note.txt").touch()
    (tmp_path / "pack/index.html").unlink()
    answer = run(tmp_path, "verify", str(tmp_path / "pack"), "--lang", "en")
    assert (answer.exit_code, answer.output.splitlines()) == (
        1,
        ["index.html: is missing", "note.txt: does not belong to the bundle"],
    )


def test_a_pack_goes_into_an_empty_folder_and_is_about_a_dispute_there_is(home: Path, tmp_path: Path) -> None:
    (tmp_path / "full").touch()
    used = run(home, "pack", "17", "--out", str(tmp_path))
    assert used.exit_code == 2 and "name a new or an empty folder" in used.output
    unknown = run(home, "pack", "hr/71", "--out", str(tmp_path / "new"))
    assert unknown.exit_code == 2 and "near: hr/18, hr/17" in unknown.output
    assert not (tmp_path / "new").exists()


def test_a_page_that_leaves_raters_out_does_not_say_that_none_matters(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "home")
    with duckdb.connect(str(tmp_path / "home/published.duckdb")) as con:
        con.execute("delete from appraisal_flip where changes_grade and left_out_kind <> 'rater'")
    packed(tmp_path / "home", tmp_path / "pack")
    page = (tmp_path / "pack/index.html").read_text(encoding="utf-8")
    assert (
        "No single customer or uncertain customer match changes the grade. What raters do to it is not shown." in page
    )
