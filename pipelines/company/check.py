"""`scoreline check`: is every file valid, does every source answer, what would be synced."""

import io
import queue
import shutil
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from connectors.base import Health, SourceError
from pipelines.company.documents import ConfigProblem
from pipelines.company.lint import Finding, lint
from pipelines.company.load import Company, read_company
from pipelines.company.sources import Source


@dataclass(frozen=True)
class SourceReport:
    """How one source answered. streams: what would be synced, in the source's order; empty when it did not answer."""

    name: str
    type: str
    ok: bool
    message: str
    streams: tuple[str, ...] = ()
    stream_problems: Mapping[str, str] | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class CheckReport:
    """Outcome of one check. problems: the folder cannot be used; findings: it can, see their level."""

    path: Path
    problems: tuple[ConfigProblem, ...] = ()
    findings: tuple[Finding, ...] = ()
    sources: tuple[SourceReport, ...] = ()

    @property
    def errors(self) -> tuple[ConfigProblem, ...]:
        """What must be mended in the files."""
        return (*self.problems, *(finding.problem for finding in self.findings if finding.level == "error"))

    @property
    def warnings(self) -> tuple[ConfigProblem, ...]:
        """What is worth a look."""
        return tuple(finding.problem for finding in self.findings if finding.level == "warning")

    @property
    def ok(self) -> bool:
        """True when files are right and every source answers."""
        return self.exit_code == 0

    @property
    def exit_code(self) -> int:
        """0: all well; 2: something in the files must be mended; 1: the files are right, but a source refuses."""
        if self.errors:
            return 2
        return 0 if all(source.ok for source in self.sources) else 1

    def to_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "company": str(self.path),
            "ok": self.ok,
            "errors": [asdict(problem) for problem in self.errors],
            "warnings": [asdict(problem) for problem in self.warnings],
            "sources": [asdict(source) for source in self.sources],
        }

    def render(self, color: bool | None = None, width: int | None = None) -> str:
        """The report for a person: first what is wrong in the files, then the sources, then what to do next.

        color and width are those of standard output unless given.
        """
        tone = sys.stdout.isatty() if color is None else color
        columns = width or shutil.get_terminal_size((120, 24)).columns
        console = Console(file=io.StringIO(), force_terminal=tone, width=columns)
        with console.capture() as captured:
            console.print(Group(*self._lines()))
        return captured.get().rstrip("\n")

    def _lines(self) -> list[RenderableType]:
        lines: list[RenderableType] = [Text(f"error    {problem}", style="red") for problem in self.errors]
        lines += [Text(f"warning  {problem}", style="yellow") for problem in self.warnings]
        if self.sources:
            lines.append(self._source_table())
        lines.append(Text(self._next_step(), style="bold"))
        return lines

    def _source_table(self) -> Table:
        table = Table("source", "type", "answer", "streams")
        for source in self.sources:
            answer = Text(source.message, style="green" if source.ok else "red")
            for stream, problem in (source.stream_problems or {}).items():
                answer.append(f"\n{stream}: {problem}", style="red")
            table.add_row(Text(source.name), Text(source.type), answer, Text(", ".join(source.streams)))
        return table

    def _next_step(self) -> str:
        refusing = [source.name for source in self.sources if not source.ok]
        if self.errors:
            count = len(self.errors)
            return (
                f"{count} error{'s' if count > 1 else ''} in {self.path}: mend them, then run `scoreline check` again"
            )
        if refusing:
            return f"The files are right, but these sources cannot be synced: {', '.join(refusing)}"
        return "All well. Next: scoreline run"


def check_company(path: Path, environ: Mapping[str, str], timeout_seconds: float = 120.0) -> CheckReport:
    """Validates the folder, then contacts every source whose file is valid, side by side.

    An error in one file keeps no other source from being contacted, unless company.yaml itself is unusable. A source
    that gives no answer in `timeout_seconds` is reported as such.
    """
    company, problems = read_company(path, environ)
    if company is None:
        return CheckReport(path, tuple(problems))
    return CheckReport(path, tuple(problems), tuple(lint(company)), _contact_all(company, timeout_seconds))


def _contact_all(company: Company, timeout_seconds: float) -> tuple[SourceReport, ...]:
    answers: queue.SimpleQueue[SourceReport] = queue.SimpleQueue()
    for source in company.sources:
        # Daemon threads: one that hangs in a dead connection must not keep the command from ending.
        threading.Thread(target=lambda s=source: answers.put(_contact(s)), daemon=True).start()
    deadline = time.monotonic() + timeout_seconds
    reports: dict[str, SourceReport] = {}
    while len(reports) < len(company.sources):
        try:
            report = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        reports[report.name] = report
    silent = f"no answer within {timeout_seconds:g} s"
    return tuple(reports.get(s.name, SourceReport(s.name, s.type, False, silent)) for s in company.sources)


def _contact(source: Source) -> SourceReport:
    start = time.monotonic()
    try:
        report = _answer(source)
    except SourceError as error:
        report = SourceReport(source.name, source.type, False, str(error))
    except Exception as error:
        # The text of an unforeseen error may hold a secret (an address with a password, say): only its kind is shown.
        report = SourceReport(source.name, source.type, False, f"unexpected {type(error).__name__} in the connector")
    return SourceReport(**{**report.__dict__, "seconds": round(time.monotonic() - start, 3)})


def _answer(source: Source) -> SourceReport:
    connector = source.connector()
    health: Health = connector.check()
    if not health.ok:
        return SourceReport(source.name, source.type, False, health.message, (), health.stream_problems)
    wanted = source.stream_names()
    hindered = {name: problem for name, problem in health.stream_problems.items() if name in wanted}
    return SourceReport(source.name, source.type, not hindered, health.message, wanted, hindered)
