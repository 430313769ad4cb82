"""The list itself: what entries say about tests is about tests that exist."""

import re
from pathlib import Path

from tests.connectors.kit.page import PAGE, rendered
from tests.connectors.kit.peers import entries


def test_what_is_not_applicable_is_a_test_of_the_kit() -> None:
    found = {
        name
        for path in Path(__file__).parent.glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    for entry in entries():
        assert set(entry.not_applicable) <= found, entry.name
        assert all(len(reason) > 10 for reason in entry.not_applicable.values()), entry.name


def test_the_page_shows_the_files_that_run() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == rendered(text), "run python -m tests.connectors.kit.page"
