"""What holds for the dbt project as text, without a build."""

import re

import yaml

from connectors.contracts import entities
from tests.dbt_project.warehouse import PROJECT


def test_the_list_of_entities_is_that_of_the_contracts() -> None:
    macro = (PROJECT / "macros" / "entities.sql").read_text(encoding="utf-8")
    listed = re.findall(r"'(\w+)'", macro.split("return([")[1].split("])")[0])

    assert listed == sorted(entities())


def test_every_entity_has_a_model_and_a_mapped_relation() -> None:
    sources = yaml.safe_load((PROJECT / "models/canonical/_mapped__sources.yml").read_text(encoding="utf-8"))["sources"]
    mapped = {table["name"] for table in sources[0]["tables"]}

    assert {file.stem for file in (PROJECT / "models/canonical").glob("*.sql")} == set(entities())
    assert mapped == {*entities(), "quarantine"}


def test_every_staging_model_of_an_entity_feeds_it() -> None:
    for file in sorted((PROJECT / "models/staging").glob("*/stg_*.sql")):
        entity = file.stem.split("__")[1]
        if entity in entities():  # others only help their own system's models
            assert f"'{file.stem}'" in (PROJECT / f"models/canonical/{entity}.sql").read_text(encoding="utf-8")


def test_every_model_says_its_grain_first_and_every_column_what_it_means() -> None:
    described = {}
    for file in sorted((PROJECT / "models").rglob("_*__models.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            described[model["name"]] = model
    for file in sorted([*(PROJECT / "models/core").rglob("*.sql"), *(PROJECT / "models/marts").rglob("*.sql")]):
        model = described[file.stem]

        assert "-- Grain: one row per" in file.read_text(encoding="utf-8")
        assert model["description"]
        assert all(column["description"] and column["data_type"] for column in model["columns"])
