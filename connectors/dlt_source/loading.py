"""From the name of a dlt source to one resource of it that can be iterated, with what is wrong said in our words."""

import importlib
import inspect
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import dlt
from dlt.common.configuration.container import Container
from dlt.common.pipeline import StateInjectableContext
from dlt.extract import DltResource, DltSource

from connectors.base import ConfigurationError
from connectors.dlt_source.config import DltConfig, DltStream
from connectors.mapping.models import nearest

_TOGETHER = 1_000
"""dlt hands out records one by one; handed from thread to thread like that, each would cost more than its reading."""

_LOOKED_AT = 100
"""Records that a look at the first page takes, where the source's own pages cannot be told apart."""


@dataclass(frozen=True)
class Declared:
    """What a resource says of its records. types: column -> dlt data type. key: the columns of its primary key."""

    types: Mapping[str, str]
    key: tuple[str, ...]


def items(
    config: DltConfig, stream: DltStream, state: dict[str, Any], limit: int | None = None
) -> Iterator[Declared | list[Any]]:
    """`Declared` first, then what the stream's resource yields, in lists; a table is always the last of its list.

    `state` is changed on the way. limit: at most so many lists, from as few pages of the source as it allows.
    Everything happens at the first `next`, and in the thread that calls it.
    """
    with Container().injectable_context(StateInjectableContext(state=cast(Any, state))):
        source = selected(config, stream, limit)
        declared = _declared(source.resources[stream.resource_name])
        # The pipe keeps the state from here on; no context of ours stays behind while the caller works.
        iterator = iter(source)
    yield declared
    yield from itertools.islice(_in_lists(iterator, _TOGETHER if limit is None else _LOOKED_AT), limit)


def _in_lists(items: Iterator[Any], together: int) -> Iterator[list[Any]]:
    """The same items in the same order. When the source fails, what it yielded before is handed on first."""
    held: list[Any] = []
    try:
        for item in items:
            held.append(item)
            if len(held) >= together or not isinstance(item, dict):
                full, held = held, []
                yield full
    except Exception:
        if held:
            yield held
        raise
    if held:
        yield held


def resource_names(config: DltConfig) -> Iterator[str]:
    """The resources of the source as its own arguments make it."""
    yield from called(config, {}).resources


def selected(config: DltConfig, stream: DltStream, limit: int | None = None) -> DltSource:
    """The source with this stream's resource alone, prepared as the configuration says; at most `limit` pages of it."""
    source = called(config, stream.arguments)
    name = stream.resource_name
    if name not in source.resources:
        raise ConfigurationError(
            f"`resource`: {config.source} has no resource {name!r}; {nearest(name, source.resources)}"
        )
    resource = source.resources[name]
    if stream.resource_arguments:
        _refuse_unfitting(f"resource {name}", "resource_arguments", resource._pipe.gen, stream.resource_arguments)
        resource.bind(**plain(stream.resource_arguments))
    if stream.incremental is not None:
        resource.apply_hints(incremental=dlt.sources.incremental(**plain(stream.incremental.model_dump())))
    for each in source.resources.values():
        if each.incremental is not None:
            # dlt drops what it saw at the last cursor value by key alone, and with it a second change in the same
            # second. Landing drops by content.
            each.incremental.primary_key = ()
        if limit is not None and not each.is_transformer:
            each.add_limit(limit)
    return source.with_resources(name)


def called(config: DltConfig, own: Mapping[str, Any]) -> DltSource:
    """The source, as its function gives it for the configured arguments and a stream's own."""
    function = _function(config)
    arguments = {**config.arguments, **own}
    _refuse_unfitting(config.source, "arguments", function, arguments)
    made = function(**plain(arguments))
    if isinstance(made, DltSource):
        return made
    resources = [made] if isinstance(made, DltResource) else made
    if isinstance(resources, list | tuple) and resources and all(isinstance(item, DltResource) for item in resources):
        return dlt.source(lambda: resources, name=config.function)()
    raise ConfigurationError(
        f"`source`: {config.source} gives {type(made).__name__}; expected a function that is a dlt source or resource "
        "(@dlt.source, @dlt.resource)"
    )


def plain(value: Any) -> Any:
    """A configuration value as Python code expects it: no subclass of text, floats for decimals."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return float(value)
    return str(value) if isinstance(value, str) else value


def _declared(resource: DltResource) -> Declared:
    """Nothing where it depends on each record."""
    if resource.has_dynamic_table_name:
        return Declared({}, ())
    columns = resource.compute_table_schema().get("columns", {})
    types = {name: str(column["data_type"]) for name, column in columns.items() if column.get("data_type")}
    return Declared(types, tuple(name for name, column in columns.items() if column.get("primary_key")))


def _function(config: DltConfig) -> Callable[..., Any]:
    module = _module(config)
    found = getattr(module, config.function, None)
    if not callable(found):
        offered = [name for name, value in vars(module).items() if _is_offered(name, value)]
        raise ConfigurationError(
            f"`source`: module {config.module} has no function {config.function!r}; write module:function; "
            f"{nearest(config.function, offered)}"
        )
    return found


def _is_offered(name: str, value: Any) -> bool:
    return callable(value) and not inspect.isclass(value) and not name.startswith("_")


def _module(config: DltConfig) -> Any:
    if config.python_path is None:
        return _imported(config, "install the package that has it, or say in `python_path` where your own module is")
    folder = Path(config.python_path)
    if not folder.is_dir():
        raise ConfigurationError(f"`python_path`: {folder} is no folder")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    module = _imported(config, f"{folder} should hold {config.module.partition('.')[0]}.py")
    file = Path(getattr(module, "__file__", None) or "/")
    if not file.resolve().is_relative_to(folder.resolve()):
        raise ConfigurationError(
            f"`source`: {config.module} is already the name of another module ({file.name} outside `python_path`); "
            "rename yours"
        )
    return module


def _imported(config: DltConfig, remedy: str) -> Any:
    try:
        return importlib.import_module(config.module)
    except ModuleNotFoundError as error:
        missing = str(error.name)
    if config.module == missing or config.module.startswith(missing + "."):
        raise ConfigurationError(f"`source`: there is no module {config.module}; {remedy}")
    raise ConfigurationError(f"`source`: {config.module} needs the package {missing}, which is not installed")


def _refuse_unfitting(what: str, field: str, function: Any, arguments: Mapping[str, Any]) -> None:
    """Say which argument is unknown or missing, before dlt or Python do it in theirs."""
    parameters = inspect.signature(function).parameters.values()
    named = [item.name for item in parameters if item.kind not in (item.VAR_KEYWORD, item.VAR_POSITIONAL)]
    unknown = sorted(set(arguments) - set(named))
    if unknown and all(item.kind != item.VAR_KEYWORD for item in parameters):
        hint = nearest(unknown[0], named) if named else "it takes none"
        raise ConfigurationError(f"`{field}`: {what} takes no argument {unknown[0]!r}; {hint}")
    needed = [item.name for item in parameters if item.default is item.empty and item.name in named]
    missing = [name for name in needed if name not in arguments]
    if missing and field == "arguments":
        raise ConfigurationError(f"`{field}`: {what} needs {', '.join(missing)}")
