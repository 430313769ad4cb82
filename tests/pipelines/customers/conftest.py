"""A steward's desk with a built warehouse, for the tests of the commands on customers."""

from pathlib import Path

import pytest

from tests.pipelines.customers.small_warehouse import Desk, set_up_desk, write_warehouse


@pytest.fixture(scope="session")
def kept_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small warehouse, built once."""
    path = tmp_path_factory.mktemp("small") / "warehouse.duckdb"
    write_warehouse(path)
    return path


@pytest.fixture
def desk(tmp_path: Path, kept_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk of its own for every test."""
    return set_up_desk(tmp_path, kept_warehouse, monkeypatch)
