"""The company folder as text that travels with a release, so that the release can be made again from it.

Holds the files that decide results, as they were, without secrets: files refer to those by `${NAME}`, and one written
into a file against the rules is left out here.
"""

import base64
from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from pipelines.company.documents import Document, Location
from pipelines.company.lint import written_secrets
from pipelines.company.load import Company

WITHHELD = "${WITHHELD}"
"""Stands where a file held a secret."""
_BASE64 = "base64:"
"""Beginning of a file that is no text (a spreadsheet)."""


class _Dumper(yaml.SafeDumper):
    """YAML's safe types and decimals."""


_Dumper.add_representer(Decimal, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", str(value)))


def configuration_files(company: Company) -> dict[str, str]:
    """Every file that decides results by path in the folder: its text, or `base64:` and its bytes."""
    return {name: _content(company, name) for name in sorted(company.hashes)}


def restore_files(files: Mapping[str, str], folder: Path) -> None:
    """Write the files into an empty folder, which is a company folder then."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content.startswith(_BASE64):
            path.write_bytes(base64.b64decode(content.removeprefix(_BASE64)))
        else:
            path.write_text(content, encoding="utf-8", newline="")


def _content(company: Company, name: str) -> str:
    secret = _secrets(company, name)
    if secret:
        return _without(company.documents[name], secret)
    data = (company.path / name).read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _BASE64 + base64.b64encode(data).decode()


def _secrets(company: Company, name: str) -> list[Location]:
    source = next((one for one in company.sources if f"sources/{one.name}.yaml" == name), None)
    return list(written_secrets(company.documents[name], source)) if source else []


def _without(document: Document, secrets: list[Location]) -> str:
    data: Any = deepcopy(document.data)
    for location in secrets:
        place = data
        for part in location[:-1]:
            place = place[part]
        place[location[-1]] = WITHHELD
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False)
