"""`process.yaml`: what a company's stages become, what stands without the file, and what is wrong with a bad one."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.company import CompanyError, config_tables, lint, load_company, registry
from tests.pipelines.company_folder import STUB, write

ENVIRONMENT = {"ERP_PASSWORD": "x"}
PROCESS = """\
opportunity:
  - stage: qualification
    name: {en: Qualifying}
    synonyms: {all: [" Qualified"], erp: [Q1]}
    max_days: 10
    win_share: 0.2
  - {stage: proposal, name: {zh: 报价, en: Offer}, next: [won, lost]}
  - {stage: negotiation, name: {en: Haggling}}
  - {stage: won, name: {en: Won}, outcome: won}
  - {stage: lost, name: {en: Lost}, outcome: lost}
"""


@pytest.fixture(autouse=True)
def stub_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.TYPES, "stub", STUB)


def tables(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    made = config_tables(load_company(folder, ENVIRONMENT), date(2025, 8, 1))
    return {name: [tuple(row.values()) for row in table.to_pylist()] for name, table in made.items()}


def of(rows: list[tuple[Any, ...]], process: str) -> list[tuple[Any, ...]]:
    return [row[1:] for row in rows if row[0] == process]


def findings(folder: Path) -> list[str]:
    return [f"{found.level} {found.problem}" for found in lint(load_company(folder, ENVIRONMENT))]


def problems(folder: Path) -> list[str]:
    with pytest.raises(CompanyError) as refused:
        load_company(folder, ENVIRONMENT)
    return [str(problem) for problem in refused.value.problems]


def test_stages_names_and_steps_are_what_the_file_says(tmp_path: Path) -> None:
    found = tables(write(tmp_path, {"process.yaml": PROCESS}))
    assert [row[:5] for row in of(found["process_stage"], "opportunity")][:2] == [
        ("qualification", 1, "Qualifying", "Qualifying", None),
        ("proposal", 2, "报价", "Offer", None),
    ]
    assert [(row[5], str(row[6])) for row in of(found["process_stage"], "opportunity")][:1] == [(10, "0.200000")]
    names = of(found["process_stage_name"], "opportunity")
    assert {row for row in names if row[2] == "qualification"} == {
        ("all", "qualified", "qualification"),
        ("erp", "q1", "qualification"),
        ("all", "qualification", "qualification"),
        ("all", "qualifying", "qualification"),
    }
    assert of(found["process_step"], "opportunity") == [
        ("qualification", "proposal"),
        ("qualification", "lost"),
        ("proposal", "won"),
        ("proposal", "lost"),
        ("negotiation", "won"),
        ("negotiation", "lost"),
    ]


def test_a_process_the_file_leaves_out_keeps_the_usual_stages(tmp_path: Path) -> None:
    usual = tables(write(tmp_path / "without", {}))
    own = tables(write(tmp_path / "with", {"process.yaml": PROCESS}))
    for process in ("lead", "contract", "after_sales"):
        assert of(own["process_stage"], process) == of(usual["process_stage"], process) != []
    assert [row[0] for row in of(usual["process_stage"], "opportunity")] == [
        "prospecting",
        "qualification",
        "proposal",
        "negotiation",
        "won",
        "lost",
    ]
    assert ("salesforce", "proposal/price quote", "proposal") in of(usual["process_stage_name"], "opportunity")
    assert ("odoo", "proposition", "proposal") in of(usual["process_stage_name"], "opportunity")


def test_the_file_counts_as_configuration_that_decides_results(tmp_path: Path) -> None:
    assert "process.yaml" in load_company(write(tmp_path, {"process.yaml": PROCESS}), ENVIRONMENT).hashes


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("stage: negotiation", "stage: proposal", "opportunity: the stage 'proposal' is listed twice"),
        ("next: [won, lost]", "next: [signed]", "opportunity: 'proposal' leads to 'signed', which is no stage of it"),
        (
            "{en: Haggling}",
            "{en: Haggling}, synonyms: {all: [qualified]}",
            "opportunity: 'qualified' (all) means both 'qualification' and 'negotiation'",
        ),
        ("win_share: 0.2", "win_share: 20", "win_share: "),
    ],
)
def test_stages_that_do_not_fit_together_are_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    found = problems(write(tmp_path, {"process.yaml": PROCESS.replace(old, new)}))
    assert len(found) == 1 and found[0].startswith("process.yaml:") and said in found[0]


def test_names_for_a_source_that_is_not_there_are_an_error_and_a_stage_no_metric_finds_a_warning(
    tmp_path: Path,
) -> None:
    text = PROCESS.replace("erp: [Q1]", "erpp: [Q1]").replace("stage: negotiation", "stage: haggling")
    assert findings(write(tmp_path, {"process.yaml": text})) == [
        "warning process.yaml:1: opportunity: there is no stage 'negotiation', so the metric negotiation_conversion "
        "has no data; valid here: haggling, lost, proposal, qualification, won",
        "error process.yaml:4: opportunity[0].synonyms.erpp: 'erpp' is neither a source nor a type of system; "
        "did you mean 'erp'?",
    ]
    assert findings(write(tmp_path, {"process.yaml": PROCESS})) == []
