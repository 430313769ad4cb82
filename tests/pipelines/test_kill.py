"""`kill -9` at random moments of `scoreline run`, each followed by a rerun: the release is the undisturbed one's.

Every moment kills a fresh first run (sync, build, gate, publish) in a process of its own; the sources are a sandboxed
ERP over HTTP and a folder of files.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.sandbox.generate import generate
from connectors.sandbox.world import benchmark_world

pytestmark = pytest.mark.slow
MOMENTS = int(os.environ.get("SCORELINE_KILL_MOMENTS", "20"))
"""Kills, one in each part of the run; every one costs a minute, so CI takes fewer of them."""
SEED = 20250101


@dataclass
class Undisturbed:
    """What a run that nobody killed did. `home` is emptied before each trial, but for dbt's parse of the project."""

    home: Path
    environment: dict[str, str]
    seconds: float
    content_hash: str

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "pipelines.cli", "run", "--json"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def empty(self) -> None:
        for path in self.home.iterdir():
            if path.name != "dbt":
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Undisturbed]:
    root = tmp_path_factory.mktemp("kill")
    with benchmark_world(generate("tiny"), root) as world:
        home = root / "home"
        environment = {**os.environ, **world.environment, "SCORELINE_HOME": str(home)}
        subprocess.run(
            [sys.executable, "-m", "pipelines.cli", "prepare"], env=environment, check=True, capture_output=True
        )
        trial = Undisturbed(home, environment, 0.0, "")
        started = time.monotonic()
        trial.content_hash = finished(trial.start())
        trial.seconds = time.monotonic() - started
        yield trial


def finished(process: subprocess.Popen[bytes]) -> str:
    """Wait for a run to end well; its release's content hash."""
    output, _ = process.communicate(timeout=600)
    result = json.loads(output)
    assert (process.returncode, result["exit_code"]) == (0, 0), result
    return str(result["content_hash"])


@pytest.mark.timeout(900)
@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_run_killed_at_any_moment_and_repeated_publishes_what_an_undisturbed_run_publishes(
    undisturbed: Undisturbed, moment: int
) -> None:
    # One moment in each part of the run, so that every stage is hit.
    share = (moment + random.Random(SEED + moment).random()) / MOMENTS
    undisturbed.empty()
    process = undisturbed.start()
    time.sleep(share * undisturbed.seconds)
    os.kill(process.pid, signal.SIGKILL)  # its dbt process, if there is one, lives on as it would
    process.wait()
    current = undisturbed.home / "releases" / "CURRENT"
    if current.exists():
        manifest = json.loads((current / "manifest.json").read_text())
        assert manifest["content_hash"] == undisturbed.content_hash
    assert finished(undisturbed.start()) == undisturbed.content_hash
    shown = json.loads((current / "manifest.json").read_text())
    assert shown["content_hash"] == undisturbed.content_hash
