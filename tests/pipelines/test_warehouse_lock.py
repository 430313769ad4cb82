"""The warehouse lock: one holder at a time, freed by death, patient with a writer that outlived its run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from pipelines.paths import Home
from pipelines.warehouse import WarehouseBusy, warehouse_lock

HOLDER = """
import sys, time
from pathlib import Path
from pipelines.warehouse import warehouse_lock
with warehouse_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
WRITER = """
import sys, time, duckdb
with duckdb.connect(sys.argv[1]) as con:
    print("open", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def started(code: str, *arguments: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_a_second_holder_is_told_when_waiting_takes_too_long(tmp_path: Path) -> None:
    holder = started(HOLDER, str(tmp_path))
    try:
        with pytest.raises(WarehouseBusy, match="in use for 0 s"), warehouse_lock(tmp_path, wait_seconds=0.3):
            pytest.fail("two processes held the warehouse")
    finally:
        holder.kill()
        holder.wait()


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    holder = started(HOLDER, str(tmp_path))
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with warehouse_lock(tmp_path, wait_seconds=1):
        pass


def test_a_writer_that_outlived_its_run_is_waited_for(tmp_path: Path) -> None:
    warehouse = Home(tmp_path).warehouse
    warehouse.parent.mkdir(parents=True)
    duckdb.connect(str(warehouse)).close()
    writer = started(WRITER, str(warehouse), "1.0")
    begun = time.monotonic()
    with warehouse_lock(tmp_path, wait_seconds=30):
        waited = time.monotonic() - begun
        with duckdb.connect(str(warehouse)) as con:
            con.execute("create table t as select 1 as a")
    writer.wait()
    assert waited > 0.2
