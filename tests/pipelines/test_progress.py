"""What a running sync says to the command line and to the run's log."""

import contextlib
import io
import sys
from datetime import UTC, datetime, timedelta

import pytest

from connectors.landing import StreamReport
from pipelines import progress

BEGAN = datetime(2026, 1, 5, 8, tzinfo=UTC)


class Log:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, message: str) -> None:
        self.lines.append(message)


def report(**values: object) -> StreamReport:
    return StreamReport("account", BEGAN, **values)  # type: ignore[arg-type]


def test_a_stream_says_how_it_ended_on_the_terminal_even_while_a_job_redirects_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal, log = io.StringIO(), Log()
    monkeypatch.setattr(sys, "stderr", terminal)
    ended = report(read_rows=12_000, landed_rows=40, finished_at=BEGAN + timedelta(seconds=4))
    with (
        progress.heard_by(lambda text: print(text, file=sys.stderr)),
        contextlib.redirect_stderr(io.StringIO()) as job_log,
    ):
        progress.teller("crm", log)(ended)
    expected = "  crm/account: 12,000 records read, 40 new, 3,000/s"
    assert (terminal.getvalue(), log.lines, job_log.getvalue()) == (expected + "\n", [expected], "")


def test_a_stream_without_news_says_nothing_and_a_failed_one_says_why() -> None:
    log = Log()
    tell = progress.teller("crm", log)
    tell(report(finished_at=BEGAN))
    tell(report(finished_at=BEGAN, status="failed", error="the source went away"))
    assert log.lines == ["  crm/account: 0 records read, 0 new; FAILED: the source went away"]


def test_a_stream_that_cannot_see_everything_says_so_every_time() -> None:
    log = Log()
    progress.teller("crm", log)(report(finished_at=BEGAN, gaps="Account does not show Website"))
    assert log.lines == ["  crm/account: 0 records read, 0 new; MISSING: Account does not show Website"]


def test_a_long_stream_speaks_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    log, clock = Log(), [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    tell = progress.teller("crm", log)
    for second in range(12):
        clock[0] = float(second)
        tell(report(read_rows=second * 1000))
    assert len(log.lines) == 2 and all(line.endswith(" ...") for line in log.lines)
