"""`scoreline whatif` and `scoreline fairness` on the benchmark company, typed in and read as people do."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.company import lint, load_company
from tests.pipelines.whatif_home import Deployment, deploy

QUARTER = ("--period", "2025-Q3")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    return deploy(tmp_path_factory.mktemp("whatif"), "tiny")


def answer(deployed: Deployment, *arguments: str) -> dict[str, Any]:
    result = deployed.scoreline(*arguments, "--json")
    assert result.exit_code == 0, f"{result.output}\n{result.exception!r}"
    return json.loads(result.output)  # type: ignore[no-any-return]


def digests(root: Path) -> dict[str, str]:
    """Every file of a folder with what is in it; locks are no data."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and "locks" not in path.parts)
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


OUTCOME = ("score", "grade", "status")
SALES = ("sales_rep", "newcomer", "regional_manager", "after_sales", "hr")


@pytest.mark.parametrize(
    ("period", "standards"), [("2025-Q1", SALES), ("2025-Q3", SALES), ("2025", ("sales_director",))]
)
def test_the_official_rules_give_the_official_scores(
    deployed: Deployment, period: str, standards: tuple[str, ...]
) -> None:
    files = [f"--standard={deployed.company / 'standards' / name}.yaml" for name in standards]
    found = answer(deployed, "whatif", *files, "--period", period)

    published = deployed.ask(
        "select employee_id, score::varchar, grade, status from appraisal_score "
        f"where period_type = '{found['period_type']}' and period_start = '{found['period_start']}' order by all"
    )
    tried = [(one["employee_id"], *(one["tried"][name] for name in OUTCOME)) for one in found["people"]]
    assert tried == published and published
    assert (found["moved"], found["not_reproduced"]) == (0, [])


def test_another_weight_moves_exactly_by_what_the_components_say(deployed: Deployment) -> None:
    """Only bookings and visits change places in weight, so each score moves by what these two bring, capped or not."""
    changed = deployed.standard("sales_rep", ("metric: bookings, weight: 35", "metric: bookings, weight: 10"),
        ("metric: visits, weight: 10", "metric: visits, weight: 35"))  # fmt: skip
    before = digests(deployed.home.root)
    found = answer(deployed, "whatif", "--standard", str(changed), *QUARTER)

    assert digests(deployed.home.root) == before
    assert found["rules"] == ["sales_rep v2"] and found["moved"] > 0
    moved = {one["employee_id"]: one for one in found["people"] if one["change"] not in (None, "0.00")}
    assert {one["tried"]["standard_id"] for one in moved.values()} == {"sales_rep"}
    points = deployed.ask(
        "select employee_id, max(points) filter (metric = 'bookings'), max(points) filter (metric = 'visits') "
        "from appraisal_component where period_type = 'quarter' and period_start = '2025-07-01' group by all"
    )
    for employee, bookings, visits in points:
        if employee in moved and None not in (bookings, visits) and moved[employee]["official"]["score"]:
            assert (visits > bookings) == (float(moved[employee]["change"]) > 0)


def test_it_says_it_in_both_languages(deployed: Deployment) -> None:
    changed = deployed.standard("sales_rep", ("{grade: C, min_score: 70}", "{grade: C, min_score: 1}"))
    english = deployed.scoreline("whatif", "--standard", str(changed), *QUARTER, "--lang", "en").output
    chinese = deployed.scoreline("whatif", "--standard", str(changed), *QUARTER, "--lang", "zh").output

    assert "2025-Q3 under sales_rep v2" in english and "better grade" in english and "nothing was changed" in english
    assert "2025-Q3 按 sales_rep v2 试算" in chinese and "等级上升" in chinese and "未改动任何数据" in chinese


def test_a_warehouse_that_is_not_the_releases_is_told(deployed: Deployment) -> None:
    """A score in the release that the warehouse's data do not give: say so, and compare on the same data."""
    standard = str(deployed.company / "standards" / "sales_rep.yaml")
    employee, visits = deployed.ask(
        "select employee_id, raw_value from appraisal_component where metric = 'visits' and parts = 1 and points < 100 "
        "and standard_id = 'sales_rep' and period_start = '2025-07-01' and is_applicable order by all"
    )[0]
    set_visits(deployed, employee, visits + 1)
    try:
        found = answer(deployed, "whatif", "--standard", standard, *QUARTER)
    finally:
        set_visits(deployed, employee, visits)

    assert (found["moved"], found["not_reproduced"]) == (0, [employee])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--standard", "{sales_rep}", "--period", "Q3"), 2, "expected a month, quarter or year: 2025-07, 2025-Q3"),
        (("--standard", "{sales_rep}", "--period", "2025-07"), 1, "judges by the quarter, but 2025-07 is a month"),
        (("--standard", "{sales_rep}", "--period", "2031-Q1"), 1, "nobody has a published score of 2031-Q1"),
        (("--standard", "{sales_rep}", "--version", "9", *QUARTER), 1, "has no version 9; it has 1, 2"),
        (("--standard", "{sales_rep}", "--standard", "{sales_rep}", *QUARTER), 1, "two files try the standard"),
        (("--standard", "{sales_rep}", "--version", "1", *QUARTER), 2, "whom newcomer version 1 judges"),
        (QUARTER, 2, "say what to try, one at a time"),
        (("--standard", "{sales_rep}", "--identity-threshold", "0.9", *QUARTER), 2, "say what to try, one at a time"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_said(
    deployed: Deployment, arguments: tuple[str, ...], code: int, said: str
) -> None:
    file = str(deployed.company / "standards" / "sales_rep.yaml")
    result = deployed.scoreline("whatif", *(one.replace("{sales_rep}", file) for one in arguments))

    assert (result.exit_code, said in result.output) == (code, True), result.output


def test_a_trial_that_check_would_refuse_names_its_line(deployed: Deployment) -> None:
    wrong = deployed.standard("sales_rep", ("metric: visits, weight: 10", "metric: visits, weight: 20"))
    result = deployed.scoreline("whatif", "--standard", str(wrong), *QUARTER)
    line = next(n for n, text in enumerate(wrong.read_text("utf-8").splitlines(), 1) if n > 27 and "weights:" in text)

    assert result.exit_code == 2
    assert f"sales_rep.yaml:{line}: versions[0].weights: the weights sum to 110, not to 100" in result.output


BONUS = """
    select employee_id, period_type, period_start,
        cast(case grade when 'A' then 3000 when 'B' then 1000 when 'C' then 500 end as decimal(28, 2)) as bonus_amount
    from "warehouse"."marts"."appraisal_score"
"""


def test_bonuses_are_shown_where_the_build_pays_them(deployed: Deployment) -> None:
    """Nobody below C is paid, C 500: who gets a C instead of a D costs 500."""
    changed = deployed.standard("sales_rep", ("{grade: C, min_score: 70}", "{grade: C, min_score: 1}"))
    arguments = ("whatif", "--standard", str(changed), *QUARTER)
    assert answer(deployed, *arguments)["incentives"]["changes"] == {}

    compiled = deployed.home.dbt / "compiled"
    original = compiled.resolve()
    compiled.unlink()
    shutil.copytree(original, compiled)
    (compiled / "scoreline" / "models" / "core" / "int_incentive_bonus.sql").write_text(BONUS, encoding="utf-8")
    try:
        found = answer(deployed, *arguments)
        shown = deployed.scoreline(*arguments, "--lang", "en").output
    finally:
        shutil.rmtree(compiled)
        compiled.symlink_to(original)

    better = [one["employee_id"] for one in found["people"] if one["direction"] == "up"]
    cost = found["incentives"]
    assert better and cost["changes"] == dict.fromkeys(better, "500.00")
    assert float(cost["tried"]) - float(cost["now"]) == 500 * len(better)
    assert f"CNY officially, {float(cost['tried']):,.2f} in the trial (+{500 * len(better):,.2f})" in shown


def test_an_organisation_of_nobody_is_refused_with_its_line(deployed: Deployment, tmp_path: Path) -> None:
    org = tmp_path / "org.yaml"
    org.write_text("postings:\n  - employee: E00008\n    unit: T9\n    valid_from: 2025-07-01\n", encoding="utf-8")
    result = deployed.scoreline("whatif", "--org", str(org), *QUARTER)
    assert (result.exit_code, "org.yaml:3: postings[0].unit: the release knows no unit 'T9'" in result.output) == (
        2,
        True,
    )
    org.write_text(
        "units: [{unit: T0101, parent: R03, valid_from: 2025-07-01, valid_to: 2025-07-01}]\n", encoding="utf-8"
    )
    assert "must be after valid_from" in deployed.scoreline("whatif", "--org", str(org), *QUARTER).output


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_another_organisation_moves_whoever_leads_the_units(deployed: Deployment, tmp_path: Path) -> None:
    """One person in another region for the quarter: the two who lead the regions move, and nothing official does."""
    org = tmp_path / "org.yaml"
    posting = "{employee: E00008, unit: T0102, manager: E00007, valid_from: 2025-07-01, valid_to: 2025-10-01}"
    org.write_text(f"postings: [{posting}]\n", encoding="utf-8")
    before = digests(deployed.home.root)
    result = deployed.scoreline("whatif", "--org", str(org), *QUARTER, "--json")
    found = json.loads(result.stdout)

    moved = {one["employee_id"]: float(one["change"]) for one in found["people"] if one["change"] not in (None, "0.00")}
    assert moved["E00002"] < 0 < moved["E00007"]
    assert found["not_reproduced"] == [] and digests(deployed.home.root) == before


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_four_hundred_salespeople_take_less_than_ten_seconds(tmp_path: Path) -> None:
    mid = deploy(tmp_path, "mid")
    files = [f"--standard={mid.company / 'standards' / name}.yaml" for name in SALES]
    for period in ("2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"):
        found = answer(mid, "whatif", *files, "--period", period)
        assert (found["moved"], found["not_reproduced"], len(found["people"]) > 350) == (0, [], True)
        assert found["seconds"] < 10


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_threshold_of_the_settings_moves_nobody(deployed: Deployment) -> None:
    result = deployed.scoreline("whatif", "--identity-threshold", "0.95", *QUARTER, "--json")
    assert json.loads(result.stdout)["moved"] == 0


def test_an_audit_is_written_read_and_held_against_the_standard(deployed: Deployment, tmp_path: Path) -> None:
    """From the audit of a draft to a check that lets it pass, and back to one that does not when the draft changes."""
    draft = deployed.company / "standards" / "sales_rep.yaml"
    text = draft.read_text(encoding="utf-8")
    second = text[text.index("  - version: 2") :]
    third = second.replace("version: 2", "version: 3").replace("2025-01-01", "2026-04-01")
    third = third.replace("review_by: 2026-12-31", "review_by: 2027-12-31")
    draft.write_text(text + third, encoding="utf-8")
    try:
        assert "version 3 takes effect on 2026-04-01 without a fairness audit" in problems(deployed)
        page = tmp_path / "audit.html"
        result = deployed.scoreline("fairness", "--standard", str(draft), *QUARTER, "--json", "--html", str(page))
        made = json.loads(result.output)
        assert result.exit_code == (3 if made["result"] == "fail" else 0)
        assert Path(made["file"]) == deployed.company / "standards" / "audits" / "sales_rep-v3.yaml"
        assert {group["dimension"] for group in made["groups"]} == {"tenure", "region", "manager", "role"}
        named = {one["kind"] for one in made["raters"] if one["rater"] != "all"}
        assert named <= {"manager", "hr"} and "peer" in {one["kind"] for one in made["raters"]}
        assert "version 3 takes effect" not in problems(deployed)
        assert made["seal"] in page.read_text(encoding="utf-8")
        draft.write_text(draft.read_text("utf-8").replace("2026-04-01", "2026-07-01"), encoding="utf-8")
        assert "changed since" not in problems(deployed)
        draft.write_text(text + third.replace("weight: 35", "weight: 34").replace("weight: 20", "weight: 21"), "utf-8")
        assert "is not what standards/audits/sales_rep-v3.yaml audited: it was changed since" in problems(deployed)
    finally:
        draft.write_text(text, encoding="utf-8")


def test_groups_somebody_gives_are_audited_and_kept_nowhere(deployed: Deployment, tmp_path: Path) -> None:
    employees = [row[0] for row in deployed.ask("select distinct employee_id from dim_employee order by all")]
    listed = tmp_path / "gender.csv"
    lines = [f"{one},{'f' if n % 2 else 'm'}" for n, one in enumerate(employees) if one != "unassigned"]
    listed.write_text("employee,gender\n" + "\n".join(lines[1:]) + "\n", encoding="utf-8")
    standard = str(deployed.company / "standards" / "sales_rep.yaml")
    arguments = ("fairness", "--standard", standard, *QUARTER, "--groups", str(listed), "--dry-run")
    made = json.loads(deployed.scoreline(*arguments, "--json").output)

    genders = {group["group"]: group["people"] for group in made["groups"] if group["dimension"] == "gender"}
    assert genders.keys() <= {"f", "m", "unknown"} and sum(genders.values()) == made["people"]
    assert made["file"] is None and not (deployed.company / "standards" / "audits" / "sales_rep-v2.yaml").exists()
    listed.write_text("employee,gender\nnobody,f\n", encoding="utf-8")
    assert "gender.csv:2: the release knows no employee 'nobody'" in deployed.scoreline(*arguments).output


def set_visits(deployed: Deployment, employee: str, visits: Any) -> None:
    """Say something else of a person's visits in the warehouse, as a later build would."""
    with duckdb.connect(str(deployed.home.warehouse)) as con:
        con.execute(
            "update marts.kpi_value set value = $1, numerator = $1 where metric = 'visits' and subject_id = $2 "
            "and period_type = 'quarter' and period_start = '2025-07-01'",
            [visits, employee],
        )


def problems(deployed: Deployment) -> str:
    """What `scoreline check` says of the files."""
    company = load_company(deployed.company, {}, unset="defer")
    return "\n".join(f"{found.level} {found.problem}" for found in lint(company))
