"""The kit's report: connector x test, with the number of faults injected. A pytest plugin; `make connectors-report`.

A cell says `pass`, `FAIL` or `n/a`, and how many faults the test injected; below stand the reasons of every n/a.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

FOLDER = "tests/connectors/kit/"
NOT_APPLICABLE = "not applicable: "


@dataclass
class Cell:
    """What became of one test with one connector, over all its variants."""

    verdicts: list[str] = field(default_factory=list)
    faults: int = 0
    reason: str = ""

    def __str__(self) -> str:
        worst = next((one for one in ("FAIL", "pass", "n/a") if one in self.verdicts), "-")
        return f"{worst} ({self.faults})" if self.faults else worst


class Report:
    """Collects verdicts as they arrive (from any worker) and prints the table at the end."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.cells: dict[str, dict[str, Cell]] = defaultdict(lambda: defaultdict(Cell))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        place = _place(report.nodeid)
        if place is None:
            return
        cell = self.cells[place[0]][place[1]]
        if report.failed:
            cell.verdicts.append("FAIL")
        elif report.skipped:
            cell.verdicts.append("n/a")
            cell.reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
        elif report.when == "call":
            cell.verdicts.append("pass")
        if report.when == "teardown":
            cell.faults += sum(value for name, value in report.user_properties if name == "faults")  # type: ignore[misc]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        text = self.markdown()
        terminalreporter.section("connectors x acceptance tests (faults injected)")
        terminalreporter.write_line(text)
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(text + "\n", encoding="utf-8")
            terminalreporter.write_line(f"written to {self.path}")

    def markdown(self) -> str:
        """The table, a line of sums, and the reasons of what is not applicable."""
        connectors = sorted({name for row in self.cells.values() for name in row})
        lines = [["test", *connectors], ["---"] * (len(connectors) + 1)]
        lines += [[_words(test), *(str(row[name]) for name in connectors)] for test, row in sorted(self.cells.items())]
        lines.append(["**sum**", *(self._sum(name) for name in connectors)])
        widths = [max(len(line[at]) for line in lines) for at in range(len(connectors) + 1)]
        lines[1] = ["-" * width for width in widths]
        table = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
            for line in lines
        ]
        return "\n".join([*table, "", *self._reasons()])

    def _sum(self, connector: str) -> str:
        cells = [row[connector] for row in self.cells.values()]
        passed = sum("pass" in cell.verdicts and "FAIL" not in cell.verdicts for cell in cells)
        failed = sum("FAIL" in cell.verdicts for cell in cells)
        return f"{passed} pass, {failed} FAIL, {sum(cell.faults for cell in cells)} faults"

    def _reasons(self) -> list[str]:
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for test, row in sorted(self.cells.items()):
            for connector, cell in sorted(row.items()):
                if cell.reason:
                    reason = cell.reason.removeprefix("Skipped: ").removeprefix(NOT_APPLICABLE)
                    found[connector, reason].append(_words(test))
        return [
            f"- n/a for {connector}: {'; '.join(tests)} -- {why}" for (connector, why), tests in sorted(found.items())
        ]


def _place(nodeid: str) -> tuple[str, str] | None:
    """Test and connector of a test id such as `...::test_x[salesforce-reset]`; the connector's name comes first."""
    match = re.search(r"::(test_\w+)\[(.+)\]$", nodeid)
    if not nodeid.startswith(FOLDER) or match is None:
        return None
    from tests.connectors.kit.peers import entries

    names = sorted((entry.name for entry in entries()), key=len, reverse=True)
    parts = match[2].split("-")
    found = [name for name in names if _contains(parts, name.split("-"))]
    return (match[1], found[0]) if found else None


def _contains(parts: list[str], name: list[str]) -> bool:
    return any(parts[at : at + len(name)] == name for at in range(len(parts)))


def _words(test: str) -> str:
    return test.removeprefix("test_").replace("_", " ")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--connectors-report", metavar="FILE", help="also write the kit's report to this Markdown file")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # workers hand their results to the one that prints
        path = config.getoption("--connectors-report")
        config.pluginmanager.register(Report(Path(path) if path else None), "connectors-report")
