"""What the web UI shows of a stream after a sync, and which streams a command may ask for."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from connectors.landing import StreamReport, SyncReport
from connectors.limits import Limits, Usage
from pipelines.assets.streams import _metadata
from pipelines.exits import MISUSED, Stop
from pipelines.main_job import Session

BEGAN = datetime(2026, 1, 5, 8, tzinfo=UTC)
SOURCE: Any = SimpleNamespace(name="crm", fresh_within_hours=36)


def test_limits_lag_and_freshness_are_shown() -> None:
    stream = StreamReport(
        "account",
        BEGAN,
        as_of=BEGAN + timedelta(seconds=1),
        finished_at=BEGAN + timedelta(seconds=90),
        read_rows=12,
        new_columns=("segment_c",),
    )
    usage = Usage(40, 2.5, Limits(requests_per_minute=300, concurrency=5), "api-usage=40/15000")
    shown = _metadata(SOURCE, SyncReport("crm", "1.2", usage, [stream]), stream)
    assert {name: shown[name] for name in ("requests", "waited_seconds", "limits", "allowance", "lag_seconds")} == {
        "requests": 40,
        "waited_seconds": 2.5,
        "limits": "requests_per_minute 300, concurrency 5",
        "allowance": "api-usage=40/15000",
        "lag_seconds": 90.0,
    }
    assert (shown["read_rows"], shown["new_columns"]) == (12, "segment_c")
    assert shown["as_of"] == dg.MetadataValue.timestamp(BEGAN + timedelta(seconds=1))
    assert shown["stale_after"] == dg.MetadataValue.timestamp(BEGAN + timedelta(seconds=90, hours=36))


def test_fields_that_the_source_hides_are_shown() -> None:
    stream = StreamReport("account", BEGAN, gaps="Account does not show Website")
    assert _metadata(SOURCE, SyncReport("crm"), stream)["access_gaps"] == "Account does not show Website"
    assert "access_gaps" not in _metadata(SOURCE, SyncReport("crm"), StreamReport("account", BEGAN))


def test_a_source_without_requests_shows_no_limits() -> None:
    stream = StreamReport("deal", BEGAN)
    assert not {"requests", "limits", "as_of", "stale_after"} & _metadata(SOURCE, SyncReport("crm"), stream).keys()


def test_asked_streams_are_looked_for_in_every_chosen_source() -> None:
    sources = {"crm": ("account", "lead"), "erp": ("invoice",)}
    company: Any = SimpleNamespace(source=lambda name: SimpleNamespace(stream_names=lambda: sources[name]))
    session = Session(company, None, None, None)  # type: ignore[arg-type]
    assert session._chosen_streams(["crm", "erp"], []) == {"crm": [], "erp": []}
    assert session._chosen_streams(["crm", "erp"], ["lead"]) == {"crm": ["lead"]}
    with pytest.raises(Stop, match="no stream 'leads'; there are: crm: account, lead; erp: invoice") as caught:
        session._chosen_streams(["crm", "erp"], ["leads"])
    assert caught.value.exit_code == MISUSED
