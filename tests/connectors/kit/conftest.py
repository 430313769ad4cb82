"""The fixtures of the kit: `peer`, once per connector, and `landed`, what a sync left on disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.connectors.kit.landed import Landed
from tests.connectors.kit.peer import Entry, Peer
from tests.connectors.kit.peers import entries


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "entry" in metafunc.fixturenames:
        metafunc.parametrize("entry", [_param(entry) for entry in entries()])


def _param(entry: Entry) -> ParameterSet:
    return pytest.param(entry, id=entry.name, marks=[pytest.mark.slow] if entry.second_way else [])


@pytest.fixture
def peer(entry: Entry, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Peer]:
    """One fresh source per test; a test that its entry calls not applicable is skipped with the entry's reason."""
    reason = entry.not_applicable.get(request.function.__name__)
    if reason is not None:
        pytest.skip(f"not applicable: {reason}")
    folder = tmp_path / "source"
    folder.mkdir()
    with entry.start(folder) as running:
        yield running
        request.node.user_properties.append(("faults", running.faults_injected))


@pytest.fixture
def landed(peer: Peer, tmp_path: Path) -> Landed:
    """Syncs of the peer into an empty home, and what has landed there."""
    return Landed(peer, tmp_path / "home")
