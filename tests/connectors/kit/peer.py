"""What a connector supplies to take the kit's tests: a running source, hands to change it, and the vendor's signals."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.base import Connector
from connectors.sandbox.server import Fault, Sandbox, Seen

Truth = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Stream -> key as landing spells it (text) -> the landed columns worth comparing, with their values."""


@dataclass(frozen=True)
class Columns:
    """Which landed columns of the changed stream hold what kind of value; None: the stream has no such column."""

    text: str
    long_text: str | None = None
    number: str | None = None
    day: str | None = None
    moment: str | None = None


@dataclass(frozen=True)
class Record:
    """What the kit writes into a record of the changed stream; None is null. The peer knows the vendor's names."""

    text: str | None = "a record of the kit"
    long_text: str | None = None
    number: str | None = None
    day: str | None = None
    moment: datetime | None = None


@dataclass(frozen=True)
class Settings:
    """How the kit wants a connector; None: as the peer finds best. Map them to the connector's own settings.

    secret: a wrong one. timeout_seconds: give up waiting for an answer. max_requests: the budget of one sync.
    """

    page_size: int | None = None
    secret: str | None = None
    timeout_seconds: float | None = None
    max_requests: int | None = None


USUAL = Settings()


class Peer(ABC):
    """One running source, fresh for each test. Keys are texts as landing spells them (`_key`).

    `at` is the moment the source stamps on a change; None is the source's own now. `injected` counts faults for the
    report; `slept` notes every wait between attempts: pass `self.slept.append` to the connector as its `sleep`.
    """

    stream: str
    """The stream whose records the tests change."""
    columns: Columns
    secret: str
    """The credential the connector sends: it may appear in no file, log or error."""
    wait_seconds = 7.0
    """The wait that a throttle signal asks for (or that the connector's own rule makes of it)."""
    null_number: str | None = None
    """What a number that nobody filled in is to this vendor."""
    page_sizes: tuple[int, int]
    """Smallest and largest page the vendor (or its sandbox) allows."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.injected = 0

    @property
    def faults_injected(self) -> int:
        """Faults this test has met so far, for the report."""
        return self.injected

    @abstractmethod
    def connector(self, settings: Settings = USUAL) -> Connector:
        """A new connector on this source, which waits by noting into `slept`."""

    @abstractmethod
    def truth(self) -> Truth:
        """Every live record of every stream now, told without the connector's code (from the company or the store)."""

    @abstractmethod
    def create(self, record: Record, at: datetime | None = None) -> str:
        """A user makes a record of the changed stream; its key."""

    @abstractmethod
    def change(self, key: str, record: Record, at: datetime | None = None) -> None:
        """A user overwrites the record's values."""

    @abstractmethod
    def delete(self, key: str, at: datetime | None = None) -> None:
        """A user deletes the record in the vendor's usual way."""

    def undelete(self, key: str, at: datetime | None = None) -> None:
        """A user takes the deletion back (recycle bin, or whatever the vendor has)."""
        raise NotImplementedError(f"{type(self).__name__}.undelete; or name the test in not_applicable")

    def merge(self, loser: str, survivor: str) -> None:
        """A user merges two records of the changed stream; the loser is gone."""
        raise NotImplementedError(f"{type(self).__name__}.merge; or name the test in not_applicable")

    def clear(self) -> None:
        """The source answers, but shows no record of the changed stream any more (emptied, or rights were lost)."""
        for key in list(self.truth()[self.stream]):
            self.delete(key)

    def create_many(self, count: int, at: datetime | None = None) -> None:
        """Many small records with one stamp; override when `create` is slow."""
        for number in range(count):
            self.create(Record(text=f"made {number}"), at)

    def add_field(self, key: str, value: str) -> str:
        """An administrator adds a text field to the changed stream and gives this record a value; the landed column."""
        raise NotImplementedError(f"{type(self).__name__}.add_field; or name the test in not_applicable")

    def retype_number(self, key: str, value: str) -> None:
        """An administrator turns the number column into text and gives this record a value such as 'a lot'."""
        raise NotImplementedError(f"{type(self).__name__}.retype_number; or name the test in not_applicable")

    def skew(self, offset: timedelta) -> None:
        """The source's clock is off by this much; from now on its stamps and its own now are."""
        raise NotImplementedError(f"{type(self).__name__}.skew; or name the test in not_applicable")

    def now(self) -> datetime:
        """The source's clock."""
        return datetime.now(UTC)

    def before_data(self, nth: int, action: Callable[[], None]) -> None:
        """Do something just before the nth (1 is the first) page of the changed stream is answered from now on."""
        raise NotImplementedError(f"{type(self).__name__}.before_data; or name the test in not_applicable")

    def disturb(self, kind: str, times: int = 1, after: int = 0) -> Callable[[], int]:
        """Misbehave on pages of the changed stream: `after` good ones, then `times` bad ones; says how often it did.

        kind: 'server_error', 'reset', 'truncate', 'timeout', 'throttle', 'error_in_200', 'leak' (an error with
        the secret in it).
        """
        raise NotImplementedError(f"{type(self).__name__}.disturb; or name the test in not_applicable")

    def calm(self) -> None:
        """No more misbehaviour."""
        raise NotImplementedError(f"{type(self).__name__}.calm; or name the test in not_applicable")

    def requests(self) -> int:
        """All requests the source has seen so far."""
        raise NotImplementedError(f"{type(self).__name__}.requests; or name the test in not_applicable")

    def expire_token(self) -> None:
        """Every session or token given out so far ends."""
        raise NotImplementedError(f"{type(self).__name__}.expire_token; or name the test in not_applicable")


class HttpPeer(Peer):
    """A peer over `connectors.sandbox.server.Sandbox`: faults and request counts come for free."""

    def __init__(self, box: Sandbox) -> None:
        super().__init__()
        self.box = box

    @property
    def faults_injected(self) -> int:
        return self.injected + self.box.injected

    @abstractmethod
    def is_data(self, seen: Seen) -> bool:
        """Is this a request for a page of records (not of ids, counts or descriptions) of the changed stream?"""

    @abstractmethod
    def throttle(self) -> Fault:
        """The vendor's way to say 'slow down', asking for `wait_seconds` where the vendor can say how long."""

    def error_in_200(self) -> Fault:
        """A lasting error that the vendor puts into an answer with HTTP 200."""
        raise NotImplementedError(f"{type(self).__name__}.error_in_200; or name the test in not_applicable")

    def skew(self, offset: timedelta) -> None:
        self.box.clock_offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self.box.clock_offset

    def before_data(self, nth: int, action: Callable[[], None]) -> None:
        self.box.faults.append(Fault("act", action=action, applies=self._counted(nth - 1)))

    def disturb(self, kind: str, times: int = 1, after: int = 0) -> Callable[[], int]:
        fault = self._fault(kind)
        fault.times, fault.applies = times, self._counted(after)
        self.box.faults.append(fault)
        return lambda: times - fault.times

    def calm(self) -> None:
        self.box.faults.clear()

    def requests(self) -> int:
        return len(self.box.seen)

    def _counted(self, after: int) -> Callable[[Seen], bool]:
        """Data requests, but the first `after` of them. Asked once per request while the fault is in force."""
        passed = 0

        def applies(seen: Seen) -> bool:
            nonlocal passed
            if not self.is_data(seen):
                return False
            passed += 1
            return passed > after

        return applies

    def _fault(self, kind: str) -> Fault:
        makers: dict[str, Callable[[], Fault]] = {
            "server_error": lambda: Fault("status", status=503, body=b"<html>unavailable</html>"),
            "reset": lambda: Fault("reset"),
            "truncate": lambda: Fault("truncate"),
            "leak": lambda: Fault("status", status=400, body=f"<html>you sent {self.secret}</html>".encode()),
            "timeout": lambda: Fault("slow", seconds=1.0),
            "throttle": self.throttle,
            "error_in_200": self.error_in_200,
        }
        return makers[kind]()


@dataclass(frozen=True)
class Entry:
    """One line of the kit's list of connectors.

    start: given an empty folder, a context manager around one fresh peer. not_applicable: test function -> why it
    makes no sense for this connector (shown in the report). second_way: another way to talk to a system that has an
    entry already; in the report and `make slow`, not among the fast tests.
    """

    name: str
    start: Callable[[Path], AbstractContextManager[Peer]]
    not_applicable: Mapping[str, str] = field(default_factory=dict)
    second_way: bool = False
