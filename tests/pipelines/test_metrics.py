"""`scoreline metrics` shows the registry to people and programs, and the pages in docs/ are what it says today."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.metrics import PAGES, REGISTRY, Language, markdown, registry

DOCS = Path(__file__).parents[2] / "docs"
METRIC = {
    "metric": "smiles",
    "family": "sales",
    "name_zh": "微笑数",
    "name_en": "Smiles",
    "definition_zh": "当期微笑次数。",
    "definition_en": "Smiles of the period.",
    "formula": "count of smiles",
    "unit": "ratio",
    "direction": "higher_is_better",
    "aggregation": "ratio",
    "owner": "sales",
    "roles": "sales_rep|hr",
    "source_entities": "activity",
    "known_by": "",
    "uncertainty": "identity",
}


@pytest.mark.parametrize("language", PAGES)
def test_the_page_of_all_metrics_is_current(language: Language) -> None:
    written = (DOCS / PAGES[language]).read_text(encoding="utf-8")
    command = f"scoreline metrics --lang {language} --markdown > docs/{PAGES[language]}"
    assert written == markdown(registry(), language), f"the registry has changed; run: {command}"


def test_a_page_says_what_a_metric_is() -> None:
    assert markdown([METRIC], "en").split("-->\n\n")[1] == (
        "## Sales\n\n### Smiles · `smiles`\n\nSmiles of the period.\n\n"
        "- Formula: `count of smiles`\n- Unit: ratio\n- Better: higher\n- Adds up: numerator and denominator alone\n"
        "- Judges: `sales_rep`, `hr`\n- Answers for it: `sales`\n- From: `activity`\n"
        "- Range: shows what undecided pairs of customers leave open\n"
    )
    assert "### 微笑数 · `smiles`\n\n当期微笑次数。\n\n- 公式：`count of smiles`\n- 单位：比率\n" in markdown(
        [METRIC], "zh"
    )
    assert "- Judges: units and the company only\n" in markdown([METRIC | {"roles": ""}], "en")


def test_programs_get_every_column_of_every_metric() -> None:
    shown = CliRunner().invoke(main, ["metrics", "--json"])
    with REGISTRY.open(encoding="utf-8", newline="") as lines:
        wanted = list(csv.DictReader(lines))
    assert shown.exit_code == 0
    assert sorted(json.loads(shown.output), key=str) == sorted(wanted, key=str)


def test_people_read_names_and_definitions_in_their_language() -> None:
    english = CliRunner().invoke(main, ["metrics"]).output
    chinese = CliRunner().invoke(main, ["metrics", "--lang", "zh"]).output
    assert "bookings  Bookings\n  Net amount without tax" in english
    assert "bookings  签约额\n  已确认订单行" in chinese
    assert english.count("\n") == chinese.count("\n") == 2 * len(registry())
