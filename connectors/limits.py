"""How much one source may be asked: the pace, the budget of one sync, and how many requests at once.

A vendor's own limits are each connector's defaults; a company may set its own in the source file, because one allowance
is often shared with other programs.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from connectors.base import SourceError


class Limits(BaseModel):
    """What a company allows per source; a field left out takes the vendor's value, which the connector knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    requests_per_minute: int | None = Field(
        default=None, ge=1, description="At most so many requests a minute; left out: the vendor's own limit."
    )
    requests_per_sync: int | None = Field(
        default=None,
        ge=1,
        description="Budget of one sync, repeats included; when it is used up, the rest waits for the next sync.",
    )
    concurrency: int | None = Field(
        default=None, ge=1, description="At most so many requests at the same time; left out: the vendor's own limit."
    )

    def or_vendors(self, vendor: "Limits") -> "Limits":
        """These limits, with the vendor's where nothing is said."""
        own = {name: value for name, value in self.model_dump().items() if value is not None}
        return vendor.model_copy(update=own)


@dataclass(frozen=True)
class Usage:
    """What one connector has used so far. `allowance` is what the vendor last said of its own limit, '' if nothing."""

    requests: int
    waited_seconds: float
    limits: Limits
    allowance: str = ""


class BudgetSpent(SourceError):
    """The budget of this sync is used up: nothing is wrong with the source, the rest comes with the next sync."""


class Meter:
    """Admits requests one by one: inside the pace, inside the budget, not too many at once. Threads may share it.

    sleep: how to wait. A replaced one that returns at once (tests) is believed: its waits count as time gone by.
    """

    def __init__(self, limits: Limits, sleep: Callable[[float], None] = time.sleep) -> None:
        self.limits, self.requests, self.waited_seconds = limits, 0, 0.0
        self.allowance = ""
        self._sleep = sleep
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(limits.concurrency) if limits.concurrency else None
        self._skipped = 0.0
        self._free_at = self._clock() - 1.0

    @contextmanager
    def request(self) -> Iterator[None]:
        """Around one attempt at one request. Raises BudgetSpent instead of going over the budget."""
        if self._slots is None:
            self._admit()
            yield
            return
        with self._slots:
            self._admit()
            yield

    def usage(self) -> Usage:
        """Requests and waits so far."""
        return Usage(self.requests, round(self.waited_seconds, 3), self.limits, self.allowance)

    def _admit(self) -> None:
        with self._lock:
            budget = self.limits.requests_per_sync
            if budget is not None and self.requests >= budget:
                raise BudgetSpent(
                    f"the budget of this sync ({budget} requests, `limits.requests_per_sync`) is used up; the rest "
                    "comes with the next sync, or raise the budget in the source file"
                )
            self.requests += 1
            delay = self._delay()
        if delay > 0:
            self._wait(delay)

    def _delay(self) -> float:
        """Seconds to wait, by a bucket that holds one second's worth of requests and refills at the allowed pace."""
        if self.limits.requests_per_minute is None:
            return 0.0
        each = 60.0 / self.limits.requests_per_minute
        now = self._clock()
        self._free_at = max(self._free_at, now - 1.0) + each
        delay = max(self._free_at - now, 0.0)
        self.waited_seconds += delay
        return delay

    def _wait(self, delay: float) -> None:
        began = time.monotonic()
        self._sleep(delay)
        missing = delay - (time.monotonic() - began)
        if missing > 0:
            with self._lock:
                self._skipped += missing

    def _clock(self) -> float:
        return time.monotonic() + self._skipped
