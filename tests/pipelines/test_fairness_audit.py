"""The verdict on literal groups, and what `scoreline check` says of audits, edited audits and waivers."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal as D
from fractions import Fraction as F
from pathlib import Path
from random import Random

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sandbox import demo_company
from pipelines.cli import main
from pipelines.company import lint, load_company, registry
from pipelines.company.audits import Audit, RaterResult, audit_file, content_hash, read_audits, write_audit
from pipelines.fairness.audit import Subject, audit
from pipelines.fairness.decomposition import Piece, Scored
from pipelines.fairness.members import Member, tenure_band
from pipelines.fairness_page import fairness_page
from pipelines.fairness_report import render_audit
from tests.pipelines.company_folder import COMPANY, STANDARD, STUB, write

SUBJECT = Subject("rep", 3, "c0ffee", ("A", "B", "C"), "2025-Q3", "r1", date(2026, 1, 15))
THIRD = """\
  - version: 3
    valid_from: 2026-04-01
    approved_by: CEO
    period_type: quarter
    weights: [{metric: bookings, weight: 100}]
    grades: [{grade: A, min_score: 90}, {grade: B, min_score: 0}]
"""


def member(number: int, score: str, position: int, standard: str = "rep", **groups: str) -> Member:
    """Somebody judged by bookings alone."""
    base = {"tenure": "36 months and more", "role": "sales_rep", "region": "N", "manager": "M1"}
    scored = Scored(D(score), (Piece("bookings", F(1), D(score)),))
    return Member(f"E{number:03}", standard, position, scored, base | groups)


def region(name: str, chosen: int, people: int, first: int) -> list[Member]:
    """So many of a region at grade A with 95 points, the others at grade B with 80."""
    return [member(first + n, "95" if n < chosen else "80", 1 if n < chosen else 2, region=name) for n in range(people)]


def rates(made: Audit, dimension: str) -> Mapping[str, tuple[object, ...]]:
    return {
        row.group: (row.people, row.is_judged, row.rates[0].chosen, row.rates[0].ratio, row.rates[0].p_value)
        for row in made.groups
        if row.dimension == dimension
    }


def test_a_fifth_beside_four_fifths_fails() -> None:
    """10 of 12 and 2 of 12 reach A: the ratio is 0.2, and of C(24,12) = 2704156 ways to choose, those as unequal are
    2 x (C(12,10) x C(12,2) + C(12,11) x C(12,1) + 1) = 9002: p = 0.0033, twice that for two groups.
    """
    made = audit(SUBJECT, [*region("N", 10, 12, 0), *region("S", 2, 12, 100)], [])

    assert rates(made, "region") == {
        "N": (12, True, 10, D(1), D("0.0067")),
        "S": (12, True, 2, D("0.2"), D("0.0067")),
    }
    assert made.result == "fail"
    assert [(one.level, one.kind, one.group) for one in made.findings] == [
        ("fail", "selection_rate", "S"),
        ("watch", "score_gap", "N"),
        ("watch", "score_gap", "S"),
    ]
    assert made.findings[0].en == "region S: 2 of 12 (16.7 %) reach A or better, 0.20 of the highest rate, p = 0.0067"
    assert made.findings[0].zh.startswith("大区“S”：12 人中 2 人（16.7 %）达到 A 及以上")


def test_the_same_ratio_of_few_people_is_for_people_to_think_about() -> None:
    """3 of 5 and 1 of 5: a third, but 4 of 10 are chosen so unequally in half of all ways."""
    made = audit(SUBJECT, [*region("N", 3, 5, 0), *region("S", 1, 5, 100)], [])

    assert rates(made, "region")["S"] == (5, True, 1, D("0.3333"), D(1))
    assert (made.result, [(one.level, one.group) for one in made.findings]) == ("pass", [("watch", "S")])


def test_groups_below_five_are_shown_but_not_judged() -> None:
    made = audit(SUBJECT, [*region("N", 12, 12, 0), *region("S", 0, 4, 100)], [])

    assert rates(made, "region") == {"N": (12, False, 12, None, None), "S": (4, False, 0, None, None)}
    assert (made.result, made.findings) == ("too_few_people", [])


def test_a_gap_says_what_makes_it_and_parts_add_up_as_shown() -> None:
    made = audit(SUBJECT, [*region("N", 10, 12, 0), *region("S", 2, 12, 100)], [])
    (south,) = [row for row in made.groups if row.group == "S"]

    assert (south.mean_score, south.gap, south.from_results, south.from_weights) == (D("82.5"), -10, -10, 0)
    assert south.by_metric == {"bookings": -10}
    assert south.gap_low is not None and south.gap_high is not None and south.gap_low < -10 < south.gap_high < 0


def test_roles_are_compared_but_never_fail() -> None:
    others = [member(n, "99", 1, "manager", role="manager") for n in range(200, 212)]
    made = audit(SUBJECT, [*region("N", 0, 12, 0), *others], [])

    assert rates(made, "role")["sales_rep"] == (12, True, 0, D(0), D("0.0000"))
    assert (made.people, made.result) == (12, "too_few_people")
    assert [(one.level, one.dimension) for one in made.findings] == [("watch", "role")]


def test_lenient_raters_are_named_from_three_forms_on() -> None:
    raters = [
        RaterResult(rater="E1", kind="manager", ratings=3, leniency=D("12.5")),
        RaterResult(rater="E2", kind="manager", ratings=2, leniency=D("-40")),
        RaterResult(rater="E3", kind="peer", ratings=9, leniency=D("-9.99")),
    ]
    made = audit(SUBJECT, region("N", 1, 12, 0), raters)
    assert [(one.kind, one.group) for one in made.findings] == [("leniency", "E1")]


@pytest.mark.parametrize(("months", "band"), [(0, "below 6 months"), (6, "6 to 11 months"), (None, "unknown")])
def test_tenure_bands(months: int | None, band: str) -> None:
    assert tenure_band(months) == band


MEMBERS = st.lists(
    st.tuples(st.integers(0, 120), st.integers(1, 3), st.sampled_from("NSW"), st.sampled_from(["M1", "M2"])),
    min_size=1,
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(rows=MEMBERS, shuffle=st.randoms(use_true_random=False))
def test_order_plays_no_part_and_shown_parts_add_up(rows: list[tuple[int, int, str, str]], shuffle: Random) -> None:
    people = [member(n, str(score), place, region=r, manager=m) for n, (score, place, r, m) in enumerate(rows)]
    made = audit(SUBJECT, people, [])

    assert audit(SUBJECT, shuffle.sample(people, len(people)), []) == made
    for row in made.groups:
        parts = (row.from_results, row.from_weights, row.from_applied, row.from_gates)
        assert row.dimension == "role" or row.gap is None or sum(parts) == row.gap  # type: ignore[arg-type]


# --- the company folder ---------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(registry.TYPES, "stub", STUB)
    return write(tmp_path, {"standards/rep.yaml": STANDARD + THIRD})


def findings(folder: Path) -> list[str]:
    return [f"{found.level} {found.problem}" for found in lint(load_company(folder, {"ERP_PASSWORD": "x"}))]


def audited(folder: Path, people: list[Member]) -> Path:
    """Write the audit of version 3 on these people; its file."""
    (standard,) = load_company(folder, {"ERP_PASSWORD": "x"}).standards
    content = content_hash(standard, standard.versions[2])
    made = audit(Subject("rep", 3, content, ("A", "B"), "2025-Q3", "r1", date(2026, 1, 15)), people, [])
    return write_audit(folder, made)[0]


FAIR = [*region("N", 6, 12, 0), *region("S", 6, 12, 100)]
UNFAIR = [*region("N", 10, 12, 0), *region("S", 2, 12, 100)]
WAIVER = "waiver: {by: Li Wei, reason: 'South opens in spring, reviewed again in June', on: 2026-02-01}\n"


def test_a_version_needs_an_audit_before_it_takes_effect(folder: Path) -> None:
    assert findings(folder) == [
        "error standards/rep.yaml:22: versions[2].valid_from: version 3 takes effect on 2026-04-01 without a fairness "
        "audit; run `scoreline fairness --standard standards/rep.yaml --version 3 --period P` with a past quarter"
    ]
    assert audited(folder, FAIR) == folder / audit_file("rep", 3)
    assert findings(folder) == []


def test_versions_before_the_rule_and_the_first_of_a_role_need_none(folder: Path) -> None:
    write(folder, {"company.yaml": COMPANY + "fairness: {required_from: 2026-05-01}\n"})
    assert findings(folder) == []
    first = STANDARD.split("  - version: 2")[0].replace("2025-01-01", "2027-01-01")
    write(folder, {"company.yaml": COMPANY, "standards/rep.yaml": first})
    assert findings(folder) == []


def test_a_failed_audit_needs_a_waiver_with_name_reason_and_date(folder: Path) -> None:
    file = audited(folder, UNFAIR)
    assert findings(folder) == [
        "error standards/rep.yaml:22: versions[2].valid_from: version 3 failed its fairness audit (1 findings, see "
        "standards/audits/rep-v3.yaml); change the standard, or write a waiver with by, reason and on into that file"
    ]
    text = file.read_text(encoding="utf-8")
    file.write_text(text + "waiver: {by: Li Wei, on: 2026-02-01}\n", encoding="utf-8")
    assert ["waiver.reason" in one for one in findings(folder)] == [True]
    file.write_text(text + WAIVER.replace("2026-02-01", "2026-01-14"), encoding="utf-8")
    assert ["before the audit of 2026-01-15" in one for one in findings(folder)] == [True]
    file.write_text(text + WAIVER, encoding="utf-8")
    assert findings(folder) == []


def test_another_content_or_an_edited_figure_does_not_count(folder: Path) -> None:
    file = audited(folder, FAIR)
    standard = folder / "standards" / "rep.yaml"
    text = standard.read_text(encoding="utf-8")
    standard.write_text(text.replace("A, min_score: 90}, {grade: B", "A, min_score: 80}, {grade: B"), "utf-8")
    assert ["is not what standards/audits/rep-v3.yaml audited" in one for one in findings(folder)] == [True]
    first, last = text.rsplit("approved_by: CEO", 1)
    approved = first + "approved_by: Board\n    review_by: 2099-01-01" + last.replace("weight: 100}", "weight: 100.0}")
    standard.write_text(approved, encoding="utf-8")
    assert findings(folder) == []
    figures = file.read_text(encoding="utf-8")
    file.write_text(figures.replace("people: 24", "people: 48"), encoding="utf-8")
    assert ["the figures were changed after the audit" in one for one in findings(folder)] == [True]
    file.write_text("standard: rep\n", encoding="utf-8")
    assert findings(folder) and all("standards/audits/rep-v3.yaml" in one for one in findings(folder))


def test_audits_of_nothing_and_waivers_of_nothing_are_pointed_out(folder: Path) -> None:
    file = audited(folder, FAIR)
    file.write_text(file.read_text(encoding="utf-8") + WAIVER, encoding="utf-8")
    assert [one.split(" ")[0] for one in findings(folder)] == ["warning"]
    write(folder, {"standards/rep.yaml": STANDARD})
    assert ["there is no version 3 of a standard 'rep'" in one for one in findings(folder)] == [True, False]


def test_auditing_again_keeps_a_waiver_of_the_same_failure_and_no_other(folder: Path) -> None:
    file = audited(folder, UNFAIR)
    file.write_text(file.read_text(encoding="utf-8") + WAIVER, encoding="utf-8")
    audited(folder, UNFAIR)
    assert findings(folder) == []
    audited(folder, [*region("N", 2, 12, 0), *region("S", 10, 12, 100)])
    assert ["failed its fairness audit" in one for one in findings(folder)] == [True]


def test_an_audit_read_back_is_the_one_written_and_moves_no_hash(folder: Path) -> None:
    before = load_company(folder, {"ERP_PASSWORD": "x"}).hashes
    first = audited(folder, UNFAIR).read_bytes()
    ((read, _),), problems = read_audits(folder)

    assert problems == [] and read.seal == read.expected_seal() and read.groups[0].rates
    assert audited(folder, list(reversed(UNFAIR))).read_bytes() == first
    assert load_company(folder, {"ERP_PASSWORD": "x"}).hashes == before
    assert yaml.safe_load(first)["result"] == "fail"


def test_a_failed_audit_ends_with_exit_code_3_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = demo_company.write_company_folder(tmp_path / "company")
    monkeypatch.setenv("SCORELINE_COMPANY", str(folder))
    monkeypatch.setenv("SCORELINE_HOME", str(tmp_path / "home"))
    failed = audit(SUBJECT, UNFAIR, [])
    monkeypatch.setattr("pipelines.fairness.audit_standard", lambda *arguments: failed)
    standard = str(folder / "standards" / "sales_rep.yaml")
    arguments = ["fairness", "--standard", standard, "--period", "2025-Q3", "--lang", "en"]
    result = CliRunner().invoke(main, arguments)

    assert result.exit_code == 3
    assert "fails: region S: 2 of 12 (16.7 %) reach A or better" in result.output
    assert "let somebody answer for it in that file: waiver: {by: NAME, reason: WHY, on: DATE}" in result.output
    assert (folder / "standards" / "audits" / "rep-v3.yaml").is_file()
    again = CliRunner().invoke(main, [*arguments, "--html", str(tmp_path / "nowhere" / "page.html")])
    assert again.exit_code == 2 and "there is no folder" in again.output


def test_page_and_text_show_verdict_findings_and_waiver_in_both_languages() -> None:
    groups = {"region": "<b>N</b>"}
    people = [*(member(n, "95", 1, **groups) for n in range(12)), *(member(n, "60", 3) for n in range(100, 112))]
    made = audit(SUBJECT, people, [RaterResult(rater="E1", kind="manager", ratings=3, leniency=D("12.5"))])
    english, chinese = fairness_page(made, "en"), fairness_page(made, "zh")

    assert "&lt;b&gt;N&lt;/b&gt;" in english and "<b>N" not in english and "FAILED" in english and "×" in english
    assert "未通过" in chinese and "lang='zh-CN'" in chinese and "宽严" in chinese
    assert "Fairness of rep v3 on 2025-Q3: FAILED" in render_audit(made, "en")
    assert "rep v3 公平性审计（2025-Q3）：未通过" in render_audit(made, "zh")
