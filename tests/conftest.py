"""Fixtures every test may use, and the folder the processes of one test run share."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
STAGE = "SCORELINE_TEST_STAGE"
"""Names the folder; workers inherit it from the process that starts them, which alone removes it."""
LONGEST = ("test_benchmark_road.py", "test_micro_company.py", "test_faults.py", "test_changes.py")


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder, once per test run."""
    if STAGE not in os.environ:
        folder = os.environ[STAGE] = tempfile.mkdtemp(prefix="scoreline-tests-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        config.add_cleanup(lambda: os.environ.pop(STAGE, None) and None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest begin, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Real data and real servers kept beside the project; skips where they are not."""
    folder = Path(os.environ.get("SCORELINE_SHARED", PROJECT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("needs the shared real data beside the project (or SCORELINE_SHARED), which this machine has not")
    return folder
