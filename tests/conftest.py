"""Fixtures every test may use."""

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Real data and real servers kept beside the project; skips where they are not."""
    folder = Path(os.environ.get("SCORELINE_SHARED", PROJECT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("needs the shared real data beside the project (or SCORELINE_SHARED), which this machine has not")
    return folder
