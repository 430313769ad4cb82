"""What a sync holds in memory does not grow with the number of records, whichever server they come from."""

import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from tests.bench.vendor import Vendor, vendor

FEW, MANY = 15_000, 60_000
MOST_GROWTH = 60
"""MB. 45,000 further records are some 150 MB as Python objects; per key the engine keeps a few bytes."""
_SCRIPT = """
import resource, sys
from pathlib import Path
from tests.bench.loaders import landing
from tests.bench.web import SCRIPTS
script = SCRIPTS[sys.argv[1]](sys.argv[2])
rows = landing(script.connector, script.stream)(Path(sys.argv[3]))
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("system", get_args(Vendor))
def test_the_peak_does_not_grow_with_the_number_of_records(system: Vendor, tmp_path: Path) -> None:
    peaks = []
    for records in (FEW, MANY):
        home = tmp_path / str(records)
        home.mkdir()
        with vendor(system, records) as url:
            command = [sys.executable, "-c", _SCRIPT, system, url, str(home)]
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        rows, peak = map(int, done.stdout.split()[-2:])
        assert rows == records
        peaks.append(peak)
    print(f"{system}: {peaks[0]} MB at {FEW:,} records, {peaks[1]} MB at {MANY:,}")
    assert peaks[1] - peaks[0] < MOST_GROWTH, peaks
