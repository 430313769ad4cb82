"""JSON schemas of the company folder's files, generated from the models, for editors that complete and check YAML.

`python -m pipelines.company.schemas` rewrites `pipelines/company/schemas/`; a test fails when that was forgotten.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from pipelines.company import registry
from pipelines.company.audits import Audit
from pipelines.company.cycle import AppraisalCycle
from pipelines.company.incentives import Plan
from pipelines.company.models import CompanySettings, CreditRules, RestatementApprovals, StewardDecisions
from pipelines.company.process import ProcessSettings
from pipelines.company.sources import source_model
from pipelines.company.standards import Standard

FOLDER = Path(__file__).parent / "schemas"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VARIABLE = {"type": "string", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*\}"}


def schemas() -> dict[str, dict[str, Any]]:
    """Every schema by file name."""
    return {
        "appraisal_cycle.schema.json": _schema(AppraisalCycle, "appraisal_cycle.yaml"),
        "approvals.schema.json": _schema(RestatementApprovals, "approvals/<name>.yaml"),
        "audit.schema.json": _schema(Audit, "standards/audits/<id>-v<version>.yaml"),
        "company.schema.json": _schema(CompanySettings, "company.yaml"),
        "credit_rules.schema.json": _schema(CreditRules, "credit_rules.yaml"),
        "incentive.schema.json": _schema(Plan, "incentives/<id>.yaml"),
        "process.schema.json": _schema(ProcessSettings, "process.yaml"),
        "standard.schema.json": _schema(Standard, "standards/<id>.yaml"),
        "stewardship.schema.json": _schema(StewardDecisions, "stewardship/<name>.yaml"),
        "source.schema.json": _source_schema(),
    }


def write_schemas(folder: Path = FOLDER) -> list[Path]:
    """Writes every schema into the folder, making it if need be; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in schemas().items():
        path = folder / name
        path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        written.append(path)
    return written


def _schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    return {"$schema": _DIALECT, **model.model_json_schema(), "title": title}


def _source_schema() -> dict[str, Any]:
    """One schema for all types of source: `type` decides which of them a file must meet."""
    kinds = sorted(registry.TYPES)
    definitions: dict[str, Any] = {}
    for kind in kinds:
        schema = source_model(kind).model_json_schema(ref_template=f"#/$defs/{kind}/$defs/{{model}}")
        schema["properties"]["connection"] = _with_variables(schema["properties"]["connection"])
        for name in _below(schema, "connection"):
            schema["$defs"][name] = _with_variables(schema["$defs"][name])
        definitions[kind] = schema
    return {
        "$schema": _DIALECT,
        "title": "sources/<name>.yaml",
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": kinds}},
        "allOf": [
            {"if": {"properties": {"type": {"const": kind}}}, "then": {"$ref": f"#/$defs/{kind}"}} for kind in kinds
        ],
        "$defs": definitions,
    }


def _below(schema: dict[str, Any], field: str) -> list[str]:
    """Names of the definitions that `field` reaches."""
    reached: list[str] = []
    waiting = [schema["properties"][field]]
    while waiting:
        for name in _references(waiting.pop()):
            if name not in reached:
                reached.append(name)
                waiting.append(schema["$defs"][name])
    return reached


def _references(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for item in schema for name in _references(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else []
    return own + [name for item in schema.values() for name in _references(item)]


def _with_variables(schema: Any) -> Any:
    """The schema with `${NAME}` allowed wherever a number, a switch or a patterned text is expected."""
    if isinstance(schema, list):
        return [_with_variables(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: _with_variables(value) for key, value in schema.items()}
    narrow = inner.get("type") in ("integer", "number", "boolean") or "pattern" in inner or "enum" in inner
    if not narrow or inner == _VARIABLE:
        return inner
    about = {key: inner.pop(key) for key in ("title", "description", "default") if key in inner}
    return {**about, "anyOf": [inner, _VARIABLE]}


if __name__ == "__main__":
    for file in write_schemas():
        print(file)
