"""What went wrong inside somebody else's source, as one of our errors: which kind, in words, without secrets."""

from collections.abc import Callable, Iterator, Mapping

import requests
import sqlalchemy as sa
from dlt.common.configuration.exceptions import ConfigFieldMissingException, ConfigurationException
from dlt.common.exceptions import DictValidationException, MissingDependencyException
from dlt.extract.exceptions import IncrementalUnboundError
from dlt.extract.incremental.exceptions import IncrementalCursorPathMissing

from connectors.base import ConfigurationError, SourceError, TransientError
from connectors.http import RETRYABLE_STATUS
from connectors.variables import without_values

_LONGEST = 600
_UNREACHABLE = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    sa.exc.OperationalError,
)
_WRONG = (
    ConfigurationException,
    DictValidationException,
    MissingDependencyException,
    IncrementalUnboundError,
    FileNotFoundError,
    PermissionError,
    ImportError,
    sa.exc.ArgumentError,
    sa.exc.NoSuchTableError,
)


def in_words(error: BaseException, where: str, variables: Mapping[str, str]) -> SourceError:
    """The error to raise in place of this one; the innermost reason that is understood decides its kind."""
    for reason in _reasons(error):
        for kinds, tell in _TOLD.items():
            if isinstance(reason, kinds):
                told = tell(reason)
                return type(told)(_clean(where, str(told), variables))
    telling = [reason for reason in _reasons(error) if str(reason)]
    return SourceError(_clean(where, _named(telling[-1] if telling else error), variables))


def _reasons(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it, outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _clean(where: str, message: str, variables: Mapping[str, str]) -> str:
    if not message.startswith(where):
        message = f"{where}: {message}"
    # Values go first: a message that is cut could otherwise keep the half of a secret that no longer looks like one.
    words = " ".join(without_values(message, variables).split())
    return words if len(words) <= _LONGEST else words[:_LONGEST] + " ..."


def _named(reason: BaseException) -> str:
    return f"{type(reason).__name__}: {reason}"


def _http(error: requests.HTTPError) -> SourceError:
    status = error.response.status_code if error.response is not None else 0
    if status in (401, 403):
        return ConfigurationError(f"{error}. The credentials in `arguments` are refused, or may not read this")
    if status in RETRYABLE_STATUS or status >= 500:
        return TransientError(str(error))
    return SourceError(f"{error}. Check address, path and parameters in `arguments`")


def _missing_value(error: ConfigFieldMissingException) -> SourceError:
    return ConfigurationError(
        f"no value for {', '.join(error.fields)}; give it under `arguments`, a secret as ${{NAME}}"
    )


def _no_cursor(error: IncrementalCursorPathMissing) -> SourceError:
    return ConfigurationError(
        f"a record has no field {error.json_path!r}, which `incremental` names as its cursor; correct cursor_path, "
        "or let on_cursor_value_missing say what becomes of such records"
    )


_TOLD: dict[type[BaseException] | tuple[type[BaseException], ...], Callable[..., SourceError]] = {
    SourceError: lambda error: error,
    requests.HTTPError: _http,
    _UNREACHABLE: lambda error: TransientError(_named(error)),
    ConfigFieldMissingException: _missing_value,
    IncrementalCursorPathMissing: _no_cursor,
    _WRONG: lambda error: ConfigurationError(_named(error)),
}
