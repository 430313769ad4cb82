"""What a running sync says meanwhile: to the run's log, and to whoever listens in this process (the command line)."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Protocol

from connectors.landing import Progress, StreamReport

EVERY_SECONDS = 5.0
"""A line a stream so often; a stream that ends says so in any case."""

_listeners: list[Callable[[str], None]] = []


class Log(Protocol):
    """As much of a run's log as is needed here."""

    def info(self, message: str) -> object:
        """Write one line."""


@contextlib.contextmanager
def heard_by(say: Callable[[str], None] | None) -> Iterator[None]:
    """Progress of every sync inside this block is said, on the terminal's own stderr even while a job redirects it."""
    if say is None:
        yield
        return
    terminal = sys.stderr

    def aloud(text: str) -> None:
        with contextlib.redirect_stderr(terminal):
            say(text)

    _listeners.append(aloud)
    try:
        yield
    finally:
        _listeners.remove(aloud)


def teller(source: str, log: Log) -> Progress:
    """What `connectors.landing.sync` calls: passes on a line for each stream every few seconds and at its end."""
    last: dict[str, float] = {}

    def tell(report: StreamReport) -> None:
        now = time.monotonic()
        ended = report.finished_at is not None
        if not ended and now - last.setdefault(report.stream, now) < EVERY_SECONDS:
            return
        last[report.stream] = now
        if ended and not report.read_rows and report.status == "ok" and not report.gaps:
            return
        text = line(source, report)
        log.info(text)
        for listener in _listeners:
            listener(text)

    return tell


def line(source: str, report: StreamReport) -> str:
    """One stream in words: how far it is, or how it ended."""
    ended = report.finished_at
    seconds = ((ended or datetime.now(UTC)) - report.started_at).total_seconds()
    pace = f", {report.read_rows / seconds:,.0f}/s" if seconds >= 1 else ""
    told = f"  {source}/{report.stream}: {report.read_rows:,} records read, {report.landed_rows:,} new{pace}"
    if ended is None:
        return told + " ..."
    if report.status != "ok":
        return f"{told}; FAILED: {report.error}"
    return told + (f"; MISSING: {report.gaps}" if report.gaps else "")
