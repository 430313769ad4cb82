"""The templates `scoreline init` writes, and the schemas editors read."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from pipelines.company import CompanyError, FolderNotEmpty, init_company, lint, load_company
from pipelines.company.schemas import FOLDER, schemas

SCHEMA_LINE = "# yaml-language-server: $schema="


def templates(folder: Path) -> list[Path]:
    return [*folder.rglob("*.yaml"), *folder.rglob("*.yaml.example")]


def variables(folder: Path) -> dict[str, str]:
    lines = (folder / "secrets.env.example").read_text(encoding="utf-8").splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value or "x" for name, _, value in pairs}


def test_a_new_folder_lacks_only_its_variables(tmp_path: Path) -> None:
    init_company(tmp_path / "ours")
    with pytest.raises(CompanyError) as caught:
        load_company(tmp_path / "ours", {})
    assert {problem.message for problem in caught.value.problems} == {
        "environment variable ERP_URL is not set",
        "environment variable ERP_DATABASE is not set",
        "environment variable ERP_LOGIN is not set",
        "environment variable ERP_API_KEY is not set",
    }


def test_every_template_and_example_is_valid_once_variables_are_set(tmp_path: Path) -> None:
    init_company(tmp_path)
    for example in tmp_path.rglob("*.yaml.example"):
        example.rename(example.with_suffix(""))
    company = load_company(tmp_path, variables(tmp_path))
    types = {"odoo", "salesforce", "zoho_crm", "fxiaoke", "jiandaoyun", "huoban", "files", "sql_database", "dlt"}
    assert {source.type for source in company.sources} == types
    assert lint(company) == []


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("ours", encoding="utf-8")
    with pytest.raises(FolderNotEmpty) as caught:
        init_company(tmp_path)
    assert str(caught.value) == f"{tmp_path} is not empty; name a new or empty folder, nothing was written"
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_git_ignores_the_secrets(tmp_path: Path) -> None:
    init_company(tmp_path)
    assert "secrets.env" in (tmp_path / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_templates_name_their_schema_and_meet_it(tmp_path: Path) -> None:
    init_company(tmp_path)
    assert templates(tmp_path)
    for path in templates(tmp_path):
        text = path.read_text(encoding="utf-8")
        assert text.startswith(SCHEMA_LINE), path
        schema = (path.parent / text.splitlines()[0].removeprefix(SCHEMA_LINE)).resolve()
        data = json.loads(json.dumps(yaml.safe_load(text), default=str))
        jsonschema.validate(data, json.loads(schema.read_text(encoding="utf-8")))


def test_the_source_schema_refuses_what_loading_refuses() -> None:
    schema = schemas()["source.schema.json"]
    good = {"type": "odoo", "connection": {"url": "${URL}", "database": "d", "page_size": "${SIZE}"}}
    jsonschema.validate(good, schema)
    for bad in (
        {**good, "typo": 1},
        {**good, "type": "oddo"},
        {**good, "connection": {**good["connection"], "page_size": "many"}},  # type: ignore[dict-item]
        {"type": "salesforce", "connection": {"url": "x"}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, schema)


def test_schemas_in_the_tree_are_those_of_the_models() -> None:
    written = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")}
    assert written == schemas(), "run: python -m pipelines.company.schemas"


def test_every_field_of_the_schemas_is_described() -> None:
    for name, schema in schemas().items():
        assert undescribed(schema) == [], name


def undescribed(schema: object, at: str = "") -> list[str]:
    if isinstance(schema, list):
        return [found for index, item in enumerate(schema) for found in undescribed(item, f"{at}/{index}")]
    if not isinstance(schema, dict):
        return []
    fields = schema.get("properties", {}) if "additionalProperties" in schema else {}
    missing = [f"{at}/{name}" for name, field in fields.items() if "description" not in field]
    return missing + [found for key, item in schema.items() for found in undescribed(item, f"{at}/{key}")]
