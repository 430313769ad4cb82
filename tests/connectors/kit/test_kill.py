"""kill -9 at any moment, then the same sync again: what has landed is the same as without the kill."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.connectors.kit.child import recipe
from tests.connectors.kit.landed import Landed
from tests.connectors.kit.peer import Peer, Settings

KILLS = 6


def content(landed: Landed) -> dict[str, tuple]:
    """The live records without what a landing numbers anew each time."""
    kept = {key: {name: value for name, value in row.items() if name != "_seq"} for key, row in landed.live().items()}
    return {key: tuple(sorted(row.items(), key=lambda item: item[0])) for key, row in kept.items()}


def start(peer: Peer, landed: Landed, folder: Path, *after_pages: str) -> subprocess.Popen[bytes]:
    """A sync in small packages in another process."""
    file = folder / "recipe"
    file.write_bytes(recipe(peer.connector(Settings(page_size=peer.page_sizes[0])), peer.stream, package_rows=3))
    command = [sys.executable, "-m", "tests.connectors.kit.child", str(file), str(landed.home), *after_pages]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_kill_while_reading_costs_nothing(peer: Peer, landed: Landed, tmp_path: Path) -> None:
    peer.create_many(2 * peer.page_sizes[0] + 1)
    child = start(peer, landed, tmp_path, "1")
    assert child.wait(timeout=120) == -signal.SIGKILL
    peer.injected += 1
    assert landed.sync().error is None
    undisturbed = Landed(peer, tmp_path / "undisturbed")
    undisturbed.sync()
    assert content(landed) == content(undisturbed)
    assert landed.live().keys() == peer.truth()[peer.stream].keys()


@pytest.mark.slow
def test_kills_at_random_moments_cost_nothing(peer: Peer, landed: Landed, tmp_path: Path) -> None:
    """Killed again and again, while records change; then one sync that may end."""
    peer.create_many(2 * peer.page_sizes[0] + 1)
    moments = random.Random(4711)
    for _ in range(KILLS):
        child = start(peer, landed, tmp_path)
        time.sleep(moments.uniform(0.5, 4.0))
        child.kill()
        child.wait(timeout=120)
        peer.injected += 1
        peer.create_many(1)
    assert landed.sync().error is None
    undisturbed = Landed(peer, tmp_path / "undisturbed")
    undisturbed.sync()
    assert content(landed) == content(undisturbed)
    assert landed.live().keys() == peer.truth()[peer.stream].keys()
