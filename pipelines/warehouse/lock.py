"""One process at a time in the warehouse file.

Dagster's pools queue the runs of one instance politely, but a killed process keeps its slot, and other processes know
nothing of it. This lock is the kernel's: it ends with the process, however that ends.
"""

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from pipelines.paths import Home


class WarehouseBusy(RuntimeError):
    """Another process has been building, checking or publishing for longer than we are willing to wait."""


@contextlib.contextmanager
def warehouse_lock(home: Path, wait_seconds: float = 3600.0) -> Iterator[None]:
    """Hold the warehouse of this home; waits for another holder, raises WarehouseBusy when it takes too long.

    A killed run frees the lock at once, but its dbt process may live on for a while and hold the file: that is waited
    for too.
    """
    path = home / "state" / "locks" / "warehouse.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as handle:
        deadline = time.monotonic() + wait_seconds
        while not _taken(handle.fileno()) or _held_elsewhere(Home(home).warehouse):
            if time.monotonic() > deadline:
                raise WarehouseBusy(
                    f"the warehouse in {home} has been in use for {wait_seconds:.0f} s by another run; "
                    "wait for it to end, or look for it in the Dagster UI (`make dev`)"
                )
            time.sleep(0.2)
        yield


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _held_elsewhere(warehouse: Path) -> bool:
    """Whether another process has the file open for writing (or, against the rules, for reading)."""
    if not warehouse.exists():
        return False
    try:
        duckdb.connect(str(warehouse)).close()
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise
        return True
    return False
