"""The metric registry says what people need to know of every metric, and a literal test stands behind each."""

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from connectors.contracts import entities
from pipelines.demo import SHOWN
from tests.dbt_project.warehouse import PROJECT

REGISTRY = PROJECT / "seeds" / "metric_registry.csv"
TESTS = Path(__file__).parents[1]
ROLES = {"sales_director", "regional_manager", "sales_rep", "after_sales", "hr"}


def registry() -> dict[str, dict[str, str]]:
    with REGISTRY.open(encoding="utf-8", newline="") as lines:
        return {row["metric"]: row for row in csv.DictReader(lines)}


METRICS = registry()


@cache
def literal_tests() -> str:
    """All that tests state literally: dbt unit tests, and Python tests other than those that compare whole tables."""
    files = [*PROJECT.glob("models/**/_*__unit_tests.yml"), *TESTS.glob("dbt_project/test_*.py")]
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(files) if file != Path(__file__))


def families(kind: str) -> set[str]:
    text = (PROJECT / "macros" / "metric.sql").read_text(encoding="utf-8")
    (listed,) = re.findall(rf"macro {kind}_families\(\) -%}} {{{{ return\(\[(.*?)\]\)", text, flags=re.S)
    return set(re.findall(r"'(\w+)'", listed))


def test_every_metric_stands_there_once_in_one_file_with_plain_line_ends() -> None:
    text = REGISTRY.read_bytes()
    names = [line.split(b",")[0] for line in text.splitlines()[1:]]

    assert b"\r" not in text and text.endswith(b"\n")
    assert [name for name, count in Counter(names).items() if count > 1] == []


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_says_what_it_is_and_who_answers_for_it(metric: str) -> None:
    row = METRICS[metric]
    for column in ("name_zh", "name_en", "definition_zh", "definition_en", "formula", "owner", "source_entities"):
        assert row[column].strip() == row[column] != "", column
    for column in ("name_zh", "definition_zh"):
        assert re.search(r"[\u4e00-\u9fff]", row[column]), f"{column} is not Chinese"
    assert not re.search(r"[\u4e00-\u9fff]", row["name_en"] + row["definition_en"])
    assert re.fullmatch(r"[a-z][a-z0-9_]*", metric)
    assert row["unit"] in SHOWN
    assert row["direction"] in ("higher_is_better", "lower_is_better")
    assert row["aggregation"] in ("additive", "stock", "ratio", "subject")
    assert row["uncertainty"] in ("", "identity")


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_names_only_what_there_is(metric: str) -> None:
    row = METRICS[metric]

    assert set(row["source_entities"].split("|")) <= set(entities())
    assert set(filter(None, row["roles"].split("|"))) <= ROLES
    assert row["known_by"] in ("", *METRICS)
    assert row["family"] in families("event") | families("period") | families("direct")


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_has_a_literal_test(metric: str) -> None:
    assert re.search(rf"\b{metric}\b", literal_tests()), (
        f"no dbt unit test and no test in tests/dbt_project names {metric}"
    )


def test_every_family_has_its_models_and_every_model_its_family() -> None:
    for kind in ("event", "period", "direct"):
        files = (PROJECT / "models" / "core" / "metric" / kind).glob("*.sql")
        assert {file.stem.removeprefix(f"int_metric_{kind}_") for file in files} == families(kind)
