"""What the vendor and the network do on a bad day."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.base import ConfigurationError, SourceError, TransientError
from connectors.limits import BudgetSpent
from tests.connectors.kit.landed import Landed
from tests.connectors.kit.peer import Peer, Record, Settings
from tests.connectors.kit.test_reading import everything

QUICK = Settings(timeout_seconds=0.3)
WRONG_SECRET = "wrong-secret-4711"


@pytest.mark.parametrize("kind", ["server_error", "reset", "truncate", "timeout"])
def test_passing_trouble_is_retried_with_growing_random_waits(peer: Peer, kind: str) -> None:
    peer.create_many(2 * peer.page_sizes[0] + 1)
    settings = Settings(page_size=peer.page_sizes[0], timeout_seconds=QUICK.timeout_seconds)
    undisturbed = everything(peer.connector(settings), peer.stream)
    disturbed = peer.disturb(kind, times=3, after=1)
    peer.slept.clear()
    assert everything(peer.connector(settings), peer.stream) == undisturbed
    assert disturbed() == 3
    assert len(peer.slept) >= 3 and len(set(peer.slept)) == len(peer.slept)


@pytest.mark.parametrize("kind", ["server_error", "reset", "truncate", "timeout"])
def test_lasting_trouble_ends_loudly(peer: Peer, kind: str) -> None:
    disturbed = peer.disturb(kind, times=50)
    with pytest.raises(TransientError) as caught:
        everything(peer.connector(QUICK), peer.stream)
    assert 2 <= disturbed() <= 10 and peer.secret not in str(caught.value)


def test_a_throttle_signal_is_waited_for_as_long_as_it_says(peer: Peer) -> None:
    undisturbed = everything(peer.connector(), peer.stream)
    disturbed = peer.disturb("throttle", times=2)
    peer.slept.clear()
    assert everything(peer.connector(), peer.stream) == undisturbed
    assert disturbed() == 2
    assert sum(wait >= peer.wait_seconds for wait in peer.slept) == 2


def test_an_error_inside_http_200_is_an_error(peer: Peer, landed: Landed) -> None:
    key = peer.create(Record("before"))
    landed.sync()
    peer.change(key, Record("after"))
    peer.disturb("error_in_200", times=50)
    assert landed.sync().status == "failed"
    assert landed.texts()[key] == "before"


def test_a_wrong_secret_is_said_at_once(peer: Peer) -> None:
    before = peer.requests()
    connector = peer.connector(Settings(secret=WRONG_SECRET))
    with pytest.raises(ConfigurationError) as caught:
        everything(connector, peer.stream)
    peer.injected += 1
    assert peer.requests() - before <= 2 and peer.slept == []
    health = peer.connector(Settings(secret=WRONG_SECRET)).check()
    assert not health.ok
    assert WRONG_SECRET not in str(caught.value) and WRONG_SECRET not in health.message


def test_a_token_that_expires_in_mid_stream_is_replaced(peer: Peer) -> None:
    peer.create_many(3 * peer.page_sizes[0] + 1)
    settings = Settings(page_size=peer.page_sizes[0])
    undisturbed = everything(peer.connector(settings), peer.stream)
    peer.before_data(2, peer.expire_token)
    assert everything(peer.connector(settings), peer.stream) == undisturbed
    assert peer.faults_injected >= 1 and peer.slept == []


def test_a_stream_that_breaks_off_loses_nothing(peer: Peer, landed: Landed) -> None:
    """Half of the pages are read, then the source is down for good; the next sync brings the rest, each record once."""
    small = peer.page_sizes[0]
    landed.sync()
    peer.create_many(3 * small + 1, peer.now() - timedelta(minutes=1))
    broken = peer.disturb("server_error", times=50, after=2)
    report = landed.sync(settings=Settings(page_size=small))
    assert (report.status, report.transient) == ("failed", True) and broken() >= 2
    peer.calm()
    assert landed.sync().error is None
    assert landed.live().keys() == peer.truth()[peer.stream].keys()
    keys = [row["_key"] for row in landed.versions()]
    assert len(keys) == len(set(keys))


def test_one_failing_stream_does_not_stop_the_others(peer: Peer, landed: Landed) -> None:
    peer.disturb("server_error", times=500)
    report = landed.sync_all()
    assert [stream.stream for stream in report.failed] == [peer.stream]
    assert len(report.streams) == len(peer.truth())


def test_the_budget_of_a_sync_is_kept_and_the_rest_comes_later(peer: Peer, landed: Landed) -> None:
    small = peer.page_sizes[0]
    peer.create_many(12 * small)
    budget, before = 10, peer.requests()
    with pytest.raises(BudgetSpent, match="requests_per_sync"):
        everything(peer.connector(Settings(page_size=small, max_requests=budget)), peer.stream)
    assert peer.requests() - before <= budget
    peer.injected += 1
    for _ in range(20):
        if landed.sync(settings=Settings(page_size=small, max_requests=budget)).error is None:
            break
    assert landed.live().keys() == peer.truth()[peer.stream].keys()


def test_the_secret_is_nowhere(peer: Peer, landed: Landed, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """Not in landed files, working files, logs or errors, even when the server sends it back."""
    caplog.set_level(logging.DEBUG)
    connector = peer.connector()
    told = [repr(connector), str(vars(connector)), connector.check().message]
    landed.sync_all(connector)
    for kind in ("leak", "server_error"):
        peer.disturb(kind, times=50)
        told.append(str(landed.sync().error))
        with pytest.raises(SourceError) as caught:
            everything(peer.connector(), peer.stream)
        told += [str(caught.value), str(caught.value.__cause__), str(caught.value.__context__)]
        peer.calm()
    assert not [text for text in (*told, caplog.text) if peer.secret in text]
    secret = peer.secret.encode()
    files = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert files and not [path for path in files if secret in path.read_bytes()]
    values = (str(value) for stream in peer.truth() for row in landed.versions(stream) for value in row.values())
    assert not [value for value in values if peer.secret in value]


def test_a_long_read_goes_on_where_it_ended(peer: Peer, landed: Landed) -> None:
    """A first load in several packages: each counts by itself, and no record is asked for twice."""
    small = peer.page_sizes[0]
    peer.create_many(30)
    report = landed.sync(settings=Settings(page_size=small), package_rows=1)
    assert (report.error, report.landed_rows, report.read_rows) == (None, *[len(peer.truth()[peer.stream])] * 2)
    assert landed.live().keys() == peer.truth()[peer.stream].keys()
    assert landed.sync().landed_rows == 0
