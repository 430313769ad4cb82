"""The contract between a connector and landing.

A connector knows one system: how to ask, page, and turn vendor answers into Arrow pages. It does not know how pages are
written, which versions are already landed, or which key vanished: `connectors.landing` decides that from what the
connector offers here. A new source is one implementation of `Connector`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import pyarrow as pa

if TYPE_CHECKING:  # limits builds on this module
    from connectors.limits import Usage

DELETED = "_deleted"
"""Optional boolean page column: true marks the row's key as deleted at the source."""


class SourceError(Exception):
    """Something a person must act on: the message names source, stream, field and what to do. Never holds a secret."""


class ConfigurationError(SourceError):
    """The source's configuration is wrong (bad secret, unknown database, unknown field); retrying cannot help."""


class TransientError(SourceError):
    """The source failed in a way that retrying may cure, and retries are used up."""


@dataclass(frozen=True)
class Stream:
    """One kind of record of one system.

    name: folder in landing and name in `dbt` sources, snake_case.
    key: the columns that identify a record at the source.
    cursor: the column that moves when a record changes; None where every sync reads the whole stream.
    keys_listable: whether `Connector.keys` can enumerate all live keys (finds hard deletes and missed records).
    """

    name: str
    key: tuple[str, ...] = ("id",)
    cursor: str | None = None
    keys_listable: bool = False
    description: str = ""


@dataclass(frozen=True)
class Window:
    """What part of a stream to read: records whose cursor is at or after `since` (None: all of them).

    `since` already contains the overlap that late commits need. `until` is the source's clock when the sync began;
    landing stores it as the next watermark. Both are timezone-aware UTC. `after` is what `position` gave: only what
    stands behind it is wanted, because the rest has landed.
    """

    since: datetime | None
    until: datetime
    after: str | None = None


@dataclass(frozen=True)
class Health:
    """Answer of `Connector.check`: did the source answer, as whom, and what stands in the way per stream."""

    ok: bool
    message: str
    stream_problems: dict[str, str] = field(default_factory=dict)


@runtime_checkable
class Connector(Protocol):
    """What landing needs from a system.

    Pages are Arrow tables with one column per vendor field (snake_case, nested values as JSON text), typed by what the
    vendor declares and never by what a page happens to hold; money as decimal128, times as timestamp('us', 'UTC').
    All methods raise `SourceError` subclasses on failure and hold no state that a sync depends on.
    """

    system: str
    """The kind of system, e.g. 'odoo': names the dbt staging models."""

    overlap: timedelta
    """How far before the last watermark each read starts again, for records that were committed late."""

    def check(self) -> Health:
        """Contact the source without reading records; never raises for a refusing source, it reports."""
        ...

    def streams(self) -> Sequence[Stream]:
        """The streams this source offers under its configuration."""
        ...

    def now(self) -> datetime:
        """The source's own clock (UTC); watermarks come from it, never from ours."""
        ...

    def read(self, stream: Stream, window: Window) -> Iterator[pa.Table]:
        """Pages of records changed inside the window, in any order, repeats allowed, none missing."""
        ...

    def count(self, stream: Stream) -> int | None:
        """Live records at the source now; None where the source cannot say."""
        ...

    def keys(self, stream: Stream) -> Iterator[Iterable[object]]:
        """All live keys, in chunks (only called when `stream.keys_listable`)."""
        ...

    def read_keys(self, stream: Stream, keys: Sequence[object]) -> Iterator[pa.Table]:
        """Pages with exactly the given records; keys that no longer exist are left out."""
        ...


@runtime_checkable
class ResumableConnector(Connector, Protocol):
    """A source whose read can go on where an earlier one ended, so that a first load need not fit into one night."""

    def position(self, stream: Stream, page: pa.Table) -> str | None:
        """Where a read with the same window would go on behind this page of `read`, never empty (for `Window.after`).

        None where this stream cannot go on. Records that change meanwhile may move before the position; the window of
        the next sync finds them.
        """
        ...


@runtime_checkable
class MeteredConnector(Connector, Protocol):
    """A source that counts what it is asked."""

    def usage(self) -> "Usage":
        """Requests so far, and the limits they keep."""
        ...


@runtime_checkable
class GapTellingConnector(Connector, Protocol):
    """A source that may hide fields from the user it is read as (field-level security)."""

    def gaps(self, stream: Stream) -> str | None:
        """What it did not show of this stream when it was last read, and what to do; None: nothing is missing.

        Only fields without which a record is still right; without others `read` fails. Asks the source nothing.
        """
        ...


@dataclass(frozen=True)
class Batch:
    """A page of a batch-wise source. Pages of one `name` (one file) are one version of the records they hold.

    Landing gives them one version number, so that a key that stands twice in one file stays visible as a duplicate.
    may_repeat: the page holds records as a source tells them, of which only those that differ from the landed version
    are news; a field that is absent and one that is null count alike.
    """

    name: str
    page: pa.Table
    may_repeat: bool = False


@dataclass(frozen=True)
class LiveKeys:
    """All live keys of the source, in chunks, behind the batches that held their records: what else is live is gone."""

    chunks: Iterable[Iterable[object]]


@runtime_checkable
class StatefulConnector(Connector, Protocol):
    """A source without a clock of its own (a folder of files): what is loaded is remembered in `state`."""

    def read_batches(
        self, stream: Stream, state: dict[str, Any], known_keys: Callable[[], set[str]]
    ) -> Iterator["Batch | LiveKeys"]:
        """Pages of what is not loaded yet, whole batches one after the other.

        `state` (JSON values) is changed in place and committed together with the rows, or not at all. `known_keys`
        gives the live landed keys (text, parts joined with '|') for snapshot batches that must mark what vanished
        (`DELETED` column).
        """
        ...


def utc_now() -> datetime:
    """This machine's clock, for systems that offer none of their own."""
    return datetime.now(UTC)
