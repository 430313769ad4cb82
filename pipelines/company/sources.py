"""One source file: from its YAML to a validated `Source` that can be connected.

Secrets come in here: `${NAME}` is replaced in a copy of the file's `connection` and nowhere else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError, create_model

from connectors.base import ConfigurationError, Connector
from pipelines.company import registry
from pipelines.company.documents import ConfigProblem, Document, Location, Substitution, dotted, substitute
from pipelines.company.explain import nearest, problems_of
from pipelines.company.models import SourceBase

COMPANY_VARIABLE = "SCORELINE_COMPANY"
"""In source files `${SCORELINE_COMPANY}` is always the company folder itself, wherever it was found."""
STAND_INS = ("https://unset.invalid", "postgresql://unset.invalid/unset", "/unset", "1")
"""Tried in turn where a variable has no value and the connection's model does not take the reference as it stands."""


@dataclass(frozen=True)
class Source:
    """One configured source: `sources/<name>.yaml`.

    connection: the connector's own configuration model; kept out of `repr` because it holds secrets. mapping: the
    type's mapping model, None where the type has none. unset_variables: variables without a value (only when loading
    deferred them); `connection` then holds stand-ins, good for its shape only, and the source cannot be connected.
    """

    name: str
    type: str
    connection: BaseModel = field(repr=False)
    streams: tuple[str, ...] | None
    schedule: str
    fresh_within_hours: int
    widen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mapping: Any = field(default=None, repr=False)
    unset_variables: tuple[str, ...] = ()

    def system_streams(self) -> tuple[str, ...]:
        """Names of all streams the source has under its configuration; contacts nothing, needs no secret."""
        if registry.TYPES[self.type].mapping:
            # Systems of a company's own shape list their streams; their connectors may ask the system for the rest.
            configured: Any = self.connection
            return tuple(stream.name for stream in configured.streams)
        return tuple(stream.name for stream in registry.TYPES[self.type].connect(self.connection).streams())

    def stream_names(self) -> tuple[str, ...]:
        """Names of the streams that are synced: the system's, narrowed by `streams`."""
        return tuple(name for name in self.system_streams() if self.streams is None or name in self.streams)

    def mapped_streams(self) -> dict[str, tuple[str, ...]]:
        """Canonical entity to the streams its mapping reads; empty for systems whose records dbt knows."""
        if self.mapping is None:
            return {}
        found: dict[str, set[str]] = {}
        for entity, _, _, rule in self.mapping.rules():
            found.setdefault(entity, set()).update(rule.streams(self.stream_names()))
        return {entity: tuple(sorted(streams)) for entity, streams in found.items()}

    def connector(self) -> Connector:
        """A connector for this source; raises ConfigurationError naming the variables that have no value."""
        if self.unset_variables:
            names = ", ".join(self.unset_variables)
            raise ConfigurationError(
                f"source {self.name}: no value for {names}; set it in the environment or in secrets.env"
            )
        return registry.TYPES[self.type].connect(self.connection, self.mapping)


def read_source(
    document: Document, name: str, variables: Mapping[str, str], defer_unset: bool
) -> tuple[Source | None, list[ConfigProblem]]:
    """The source a file describes, or what is wrong with it; variables without a value are wrong unless deferred."""
    kind, problems = _type(document)
    if kind is None:
        return None, problems
    data, outcome = _with_variables(document, variables)
    parsed, problems = _validated(document, kind, data, outcome)
    unset = [_unset_problem(document, at, variable) for at, variable in outcome.unset.items()]
    if not defer_unset or (parsed is None and not problems):
        problems += unset
    if parsed is None:
        return None, problems
    return _source(name, parsed, tuple(dict.fromkeys(outcome.unset.values()))), problems


@cache
def source_model(kind: str) -> type[BaseModel]:
    """The whole model of a source file of this type; `kind` is a key of the registry."""
    source_type = registry.TYPES[kind]
    fields: dict[str, Any] = {
        "type": (Literal[kind], Field(description=f"Kind of system: {kind}.")),
        "connection": (source_type.config_class(), Field(description="How to reach the system.")),
    }
    mapping = source_type.mapping_class()
    if mapping is not None:
        fields["mapping"] = (mapping, Field(description="Canonical entities and the columns that fill them."))
    about = f"`sources/<name>.yaml` of type {kind}."
    return create_model(f"{kind}_source", __base__=SourceBase, __doc__=about, **fields)


def _type(document: Document) -> tuple[str | None, list[ConfigProblem]]:
    if not isinstance(document.data, dict):
        return None, [document.problem((), "expected fields (name: value)", "start with `type:`")]
    kind = document.data.get("type")
    if isinstance(kind, str) and kind in registry.TYPES:
        return kind, []
    if kind is None:
        return None, [document.problem(("type",), "is missing", f"one of: {', '.join(sorted(registry.TYPES))}")]
    message = f"unknown type of source '{kind}'"
    return None, [document.problem(("type",), message, nearest(str(kind), registry.TYPES))]


def _with_variables(document: Document, variables: Mapping[str, str]) -> tuple[dict[str, Any], Substitution]:
    if "connection" not in document.data:
        return document.data, Substitution()
    connection, outcome = substitute(document, ("connection",), document.data["connection"], variables)
    return {**document.data, "connection": connection}, outcome


def _validated(
    document: Document, kind: str, data: dict[str, Any], outcome: Substitution
) -> tuple[BaseModel | None, list[ConfigProblem]]:
    """The parsed file, or its problems; where only unset variables make it invalid, stand-ins are tried.

    Neither a model nor a problem: no stand-in fits.
    """
    hidden = {value: f"${{{name}}}" for name, value in outcome.used.items() if name != COMPANY_VARIABLE}
    unset = {dotted(at): at for at in outcome.unset}
    for stand_in in (*STAND_INS, ""):
        try:
            return source_model(kind).model_validate(data), []
        except ValidationError as error:
            problems = problems_of(error, document, source_model(kind), hidden)
        real = [problem for problem in problems if problem.field not in unset]
        if real:
            return None, real
        data = _replaced(data, {unset[problem.field] for problem in problems}, stand_in)
    return None, []


def _replaced(value: Any, places: Iterable[Location], text: str, at: Location = ()) -> Any:
    if at in places:
        return text
    if isinstance(value, dict):
        return {key: _replaced(item, places, text, (*at, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, places, text, (*at, index)) for index, item in enumerate(value)]
    return value


def _source(name: str, parsed: Any, unset: tuple[str, ...]) -> Source:
    return Source(
        name=name,
        type=parsed.type,
        connection=parsed.connection,
        streams=tuple(parsed.streams) if parsed.streams is not None else None,
        schedule=parsed.schedule,
        fresh_within_hours=parsed.fresh_within_hours,
        widen={stream: tuple(columns) for stream, columns in parsed.widen.items()},
        mapping=getattr(parsed, "mapping", None),
        unset_variables=unset,
    )


def _unset_problem(document: Document, at: Location, name: str) -> ConfigProblem:
    hint = f"set {name} in the environment or in secrets.env beside company.yaml"
    return document.problem(at, f"environment variable {name} is not set", hint)
