"""YAML files read with the line of every value kept, and secrets put in where a file refers to them.

Nothing here knows what a company folder means; `load` does. No error made here repeats the text of a secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from connectors.variables import FilledText
from pipelines.company.models import VARIABLE

Location = tuple[str | int, ...]
"""Where a value sits in a document: field names and list positions from the top."""


@dataclass(frozen=True)
class ConfigProblem:
    """One thing that is wrong in a company folder.

    file: path inside the folder, with forward slashes. line: 1-based, 0 when the file as a whole is meant.
    field: dotted path inside the file, empty for the whole file. hint: what to do, may be empty.
    """

    file: str
    line: int
    field: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        text = f"{where}: {self.field}: {self.message}" if self.field else f"{where}: {self.message}"
        return f"{text}; {self.hint}" if self.hint else text


@dataclass
class Document:
    """One parsed YAML file: plain data, the line of every value and key, and what was wrong with the YAML itself."""

    file: str
    data: Any = None
    lines: dict[Location, int] = field(default_factory=dict)
    problems: list[ConfigProblem] = field(default_factory=list)
    raw: dict[Location, Any] = field(default_factory=dict)
    """Scalars as written in the file, where `substitute` replaced them."""

    def line(self, location: Location) -> int:
        """Line of the value, or of the nearest thing around it that has one."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)

    def value(self, location: Location) -> Any:
        """What the file says at this location, which must exist."""
        found: Any = self.data
        for part in location:
            found = found[part]
        return found

    def problem(self, location: Location, message: str, hint: str = "") -> ConfigProblem:
        """A problem at a value of this file."""
        return ConfigProblem(self.file, self.line(location), dotted(location), message, hint)


def dotted(location: Location) -> str:
    """`('versions', 0, 'grade')` as people write it: `versions[0].grade`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".")


class _Loader(yaml.SafeLoader):
    """YAML's safe types, with exact decimals instead of binary floats."""


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    try:
        return Decimal(str(loader.construct_scalar(node)).replace("_", ""))
    except InvalidOperation:
        return loader.construct_yaml_float(node)


_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)


def read_document(root: Path, path: Path) -> Document:
    """The file with its positions; YAML errors, double keys and wrong encodings become problems, never exceptions."""
    document = Document(path.relative_to(root).as_posix())
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return _failed(document, 0, "the file is not UTF-8 text", "save it with the encoding UTF-8")
    except OSError as error:
        return _failed(document, 0, f"cannot be read: {error.strerror}")
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return _failed(document, 0, "the file is empty")
        document.data = _Walk(document, loader).value(node, ())
    except yaml.YAMLError as error:
        _failed(document, *_yaml_error(error))
    return document


def _failed(document: Document, line: int, message: str, hint: str = "") -> Document:
    document.data = None
    document.problems.append(ConfigProblem(document.file, line, "", message, hint))
    return document


def _yaml_error(error: yaml.YAMLError) -> tuple[int, str, str]:
    """Line and plain words; the parser's own excerpt is left out because the line may hold a secret."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "unreadable"
    hint = "indent with blanks, not tabs" if "\\t" in problem else "check indentation, colons and quotes on this line"
    return (mark.line + 1 if mark else 0), f"no valid YAML: {problem}", hint


class _Walk:
    """One pass over a node tree that builds data and remembers lines."""

    def __init__(self, document: Document, loader: _Loader) -> None:
        self.document = document
        self.loader = loader
        self.open: set[int] = set()

    def value(self, node: yaml.Node, at: Location) -> Any:
        self.document.lines.setdefault(at, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self.loader.construct_object(node)
        if id(node) in self.open:
            raise yaml.constructor.ConstructorError(problem="an alias contains itself", problem_mark=node.start_mark)
        self.open.add(id(node))
        built = self.mapping(node, at) if isinstance(node, yaml.MappingNode) else self.sequence(node, at)
        self.open.discard(id(node))
        return built

    def sequence(self, node: yaml.Node, at: Location) -> list[Any]:
        return [self.value(item, (*at, index)) for index, item in enumerate(node.value)]

    def mapping(self, node: yaml.MappingNode, at: Location) -> dict[str, Any]:
        self.report_double_keys(node, at)
        self.loader.flatten_mapping(node)
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            # As written: in a value map 01, true and 2025-01-31 are texts of a source, not numbers, switches and dates.
            key = str(key_node.value)
            self.document.lines[(*at, key)] = key_node.start_mark.line + 1
            built[key] = self.value(value_node, (*at, key))
        return built

    def report_double_keys(self, node: yaml.MappingNode, at: Location) -> None:
        seen: dict[str, int] = {}
        for key_node, _ in node.value:
            line = key_node.start_mark.line + 1
            if key_node.tag != "tag:yaml.org,2002:merge" and key_node.value in seen:
                first = seen[key_node.value]
                message = f"written twice, first on line {first}"
                field_name = dotted((*at, str(key_node.value)))
                self.document.problems.append(
                    ConfigProblem(self.document.file, line, field_name, message, "keep one of the two")
                )
            seen.setdefault(str(key_node.value), line)


@dataclass
class Substitution:
    """Outcome of putting variables in: which were used, which had no value and where."""

    used: dict[str, str] = field(default_factory=dict)
    unset: dict[Location, str] = field(default_factory=dict)


def substitute(document: Document, at: Location, value: Any, variables: Mapping[str, str]) -> tuple[Any, Substitution]:
    """A copy of `value` (found at `at`) with `${NAME}` replaced in every text; unset variables leave theirs as it is.

    The document itself keeps the text of the file, so that nothing that holds a document holds a secret.
    """
    outcome = Substitution()
    return _substituted(document, at, value, variables, outcome), outcome


def _substituted(
    document: Document, at: Location, value: Any, variables: Mapping[str, str], outcome: Substitution
) -> Any:
    if isinstance(value, dict):
        return {key: _substituted(document, (*at, key), item, variables, outcome) for key, item in value.items()}
    if isinstance(value, list):
        return [_substituted(document, (*at, i), item, variables, outcome) for i, item in enumerate(value)]
    if not isinstance(value, str) or "${" not in value:
        return value
    document.raw[at] = value
    names = [match[1] for match in VARIABLE.finditer(value) if match[1]]
    unset = [name for name in names if name not in variables]
    if unset:
        outcome.unset[at] = unset[0]
        return value
    outcome.used.update({name: variables[name] for name in names})
    filled = VARIABLE.sub(lambda match: variables[match[1]] if match[1] else "${", value)
    return FilledText(filled, {name: variables[name] for name in names}) if names else filled


def read_secrets(root: Path) -> tuple[dict[str, str], list[ConfigProblem]]:
    """Variables of the git-ignored `secrets.env` (lines KEY=VALUE); empty when there is none."""
    path = root / "secrets.env"
    if not path.is_file():
        return {}, []
    secrets: dict[str, str] = {}
    problems = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig", errors="replace").splitlines(), 1):
        content = line.strip().removeprefix("export ").strip()
        if not content or content.startswith("#"):
            continue
        name, equals, value = content.partition("=")
        if not equals or not name.strip().isidentifier():
            problems.append(ConfigProblem("secrets.env", number, "", "expected NAME=VALUE", "see the other lines"))
            continue
        secrets[name.strip()] = _unquoted(value.strip())
    return secrets, problems


def _unquoted(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value
