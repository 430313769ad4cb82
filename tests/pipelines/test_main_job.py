"""`scoreline run` end to end on a small company of CSV files: what is published, and what each broken thing brings.

Slow, because every test is a run of its own. The fast runs are those of the benchmark company, `test_benchmark_road`:
first, without news, with changed amounts, and one the gate refuses.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from tests.pipelines.mini_company import MiniCompany, Rows, write_mini_company


@dataclass
class Deployment:
    """A mini company with its data folder; `scoreline` types a command into it."""

    company: MiniCompany
    home: Path
    patch: pytest.MonkeyPatch

    def scoreline(self, *arguments: str) -> Any:
        self.patch.setenv("SCORELINE_HOME", str(self.home))
        for name, value in self.company.environment.items():
            self.patch.setenv(name, value)
        return CliRunner().invoke(main, list(arguments))

    def current(self) -> str:
        return (self.home / "releases" / "CURRENT").resolve().name

    def change(self, table: str, change: Any) -> None:
        rows = self.company.read(table)
        changed = change(rows)
        self.company.write(table, rows if changed is None else changed)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a mini company that has run once; `kept` beside it holds a copy as it was then."""
    root = tmp_path_factory.mktemp("mini") / "live"
    with pytest.MonkeyPatch.context() as patch:
        deployment = Deployment(write_mini_company(root), root / "home", patch)
        result = deployment.scoreline("run", "--json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["status"] == "published"
    shutil.copytree(root, root.parent / "kept", symlinks=True)
    yield root


@pytest.fixture
def deployment(first_run: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """The company as it was after its first run, to be broken.

    Always at the same place, because dbt reads the whole project again for a warehouse at another path.
    """
    remove(first_run)
    shutil.copytree(first_run.parent / "kept", first_run, symlinks=True)
    return Deployment(MiniCompany(first_run / "company", first_run / "files"), first_run / "home", monkeypatch)


def remove(folder: Path) -> None:
    """Delete a folder that holds sealed releases."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(folder)


def ask(root: Path, query: str) -> list[tuple]:
    """Rows from the published database."""
    with duckdb.connect(str(root / "home" / "published.duckdb"), read_only=True) as con:
        return con.execute(query).fetchall()


@pytest.mark.slow
def test_the_first_run_publishes_bookings_that_equal_the_file_to_the_cent(first_run: Path) -> None:
    company = MiniCompany(first_run / "company", first_run / "files")
    total = sum(Decimal(str(row["amount"])) for row in company.read("lines"))
    query = "select value from kpi_value where subject_type='company' and period_type='year' and metric='bookings'"
    assert {row[0] for row in ask(first_run, query)} == {total}


@pytest.mark.slow
def test_a_split_order_credits_both_people_their_share(first_run: Path) -> None:
    rows = ask(
        first_run,
        "select employee_id, credit_share, credited_amount, credit_rule from fct_sales_credit "
        "where source_key = 'O01-2' order by 1",
    )
    assert rows == [
        ("E3", Decimal("0.400000000"), Decimal("120.100000"), "explicit_split"),
        ("E5", Decimal("0.600000000"), Decimal("180.150000"), "explicit_split"),
    ]


def duplicate_line(rows: Rows) -> Rows:
    return [*rows, dict(rows[4])]


def share_too_small(rows: Rows) -> None:
    rows[1]["share"] = "0.5"


def orphan_unit(rows: Rows) -> None:
    rows[2]["parent"] = "X"


def missing_currency(rows: Rows) -> None:
    rows[7]["currency"] = ""


def cut_in_half(rows: Rows) -> Rows:
    return rows[: len(rows) // 2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "breaking", "told"),
    [
        ("lines", duplicate_line, ["canonical.sales_order_line", "unique", "O02-1"]),
        (
            "split",
            share_too_small,
            ["canonical.credit_split: shares_sum_to_one", "order_key=O01, sum_of_shares=0.9"],
        ),
        ("orders", missing_currency, ["canonical.sales_order", "currency", "O07"]),
        ("unit", orphan_unit, ["org_unit", "parent", "S"]),
        ("lines", cut_in_half, ["canonical.sales_order_line: volume"]),
    ],
)
def test_one_broken_thing_makes_the_gate_refuse_and_the_old_release_stands(
    deployment: Deployment, table: str, breaking: Any, told: list[str]
) -> None:
    before = deployment.current()
    deployment.change(table, breaking)
    result = deployment.scoreline("run")
    assert result.exit_code == 3, result.output
    for words in told:
        assert words in result.output, result.output
    assert deployment.current() == before


@pytest.mark.slow
def test_a_negative_weight_makes_the_gate_refuse(deployment: Deployment) -> None:
    standard = deployment.company.folder / "standards" / "rep.yaml"
    text = (
        standard.read_text(encoding="utf-8").replace("weight: 80", "weight: 120").replace("weight: 20", "weight: -20")
    )
    standard.write_text(text, encoding="utf-8")
    before = deployment.current()
    result = deployment.scoreline("run")
    assert result.exit_code == 3, result.output
    assert "appraisal_weight" in result.output and "-20" in result.output
    assert deployment.current() == before


@pytest.mark.slow
def test_a_file_cut_off_in_mid_row_fails_its_sync_and_says_where(deployment: Deployment) -> None:
    path = deployment.company.files / "lines.csv"
    text = path.read_text()
    path.write_text(text[: text.index("O20-1") + 7])
    before = deployment.current()
    result = deployment.scoreline("run")
    assert result.exit_code == 1, result.output
    assert "lines.csv" in result.output
    assert deployment.current() == before


@pytest.mark.slow
def test_a_posting_corrected_later_shows_what_was_believed_until_then(deployment: Deployment, first_run: Path) -> None:
    def other_manager(rows: Rows) -> None:
        (posting,) = [row for row in rows if row["number"] == "E3"]
        posting["manager"] = "E2"

    deployment.change("posting", other_manager)
    result = deployment.scoreline("run")
    assert result.exit_code == 0, result.output

    assert ask(
        first_run,
        "select subject_id, change, manager_employee_id, became_manager_employee_id, effective_from::varchar, is_late, "
        "recorded_from < recorded_to, "
        "recorded_to = (select recorded_from from dim_assignment where employee_id = 'E3') "
        "from org_correction",
    ) == [("E3", "changed", "E1", "E2", "2020-01-01", True, True, True)]


def test_a_wrong_company_folder_is_exit_code_2_with_file_line_and_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment = Deployment(write_mini_company(tmp_path), tmp_path / "home", monkeypatch)
    path = deployment.company.folder / "company.yaml"
    path.write_text(path.read_text().replace("time_zone: Asia/Shanghai", "time_zone: Mars/Base"))
    result = deployment.scoreline("run")
    assert result.exit_code == 2
    assert "company.yaml:3: time_zone" in result.output
