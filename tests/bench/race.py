"""Running contenders against each other fairly, and printing what came out."""

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Contender:
    """One way of doing the work. `run` gets an empty folder and returns how many records it moved.

    warm_up: run once untimed first (imports, caches, the vendor's rendering); not where others have warmed all of it.
    """

    name: str
    records: int
    run: Callable[[Path], int]
    warm_up: bool = True


@dataclass
class Timing:
    """What one contender took, a number of seconds per repetition."""

    name: str
    records: int
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Seconds of the middle repetition."""
        return statistics.median(self.seconds)

    @property
    def rate(self) -> float:
        """Records per second in the middle repetition."""
        return self.records / self.median


def race(contenders: Sequence[Contender], repetitions: int) -> list[Timing]:
    """Warm-up runs, then each contender `repetitions` times, in alternating order.

    Raises RuntimeError when a contender did not move the records it should have: a fast nothing is no result.
    """
    timings = {contender.name: Timing(contender.name, contender.records) for contender in contenders}
    for contender in contenders:
        if contender.warm_up:
            _timed(contender)
    for repetition in range(repetitions):
        for contender in contenders if repetition % 2 == 0 else reversed(contenders):
            timings[contender.name].seconds.append(_timed(contender))
    return list(timings.values())


def _timed(contender: Contender) -> float:
    with tempfile.TemporaryDirectory(prefix="scoreline-bench-") as folder:
        gc.collect()
        start = time.perf_counter()
        moved = contender.run(Path(folder))
        seconds = time.perf_counter() - start
    if moved != contender.records:
        raise RuntimeError(f"{contender.name} moved {moved} records instead of {contender.records}")
    return seconds


def rate_table(title: str, timings: Sequence[Timing]) -> str:
    """Records per second of all contenders; the first one is Scoreline, the ratio says how it stands to each other."""
    ours = timings[0]
    rows = [
        (
            timing.name,
            f"{timing.records:,}",
            _spread(timing),
            f"{timing.rate:,.0f}",
            "" if timing is ours else f"{ours.rate / timing.rate:.2f} x",
        )
        for timing in timings
    ]
    return table(title, ("", "records", "seconds (range)", "records/s", "Scoreline is"), rows)


def time_table(title: str, timings: Sequence[Timing], baseline: str) -> str:
    """Seconds of all contenders, and each as a multiple of the one called `baseline`."""
    base = next(timing for timing in timings if timing.name == baseline)
    rows = [(timing.name, _spread(timing), f"{timing.median / base.median:.2f} x") for timing in timings]
    return table(title, ("", "seconds (range)", f"to {baseline}"), rows)


def _spread(timing: Timing) -> str:
    return f"{timing.median:.2f} ({min(timing.seconds):.2f} - {max(timing.seconds):.2f})"


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A title and lines of equal width: the first cell to the left, figures to the right."""
    widths = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    head, *lines = (_line(row, widths) for row in (heads, *rows))
    return "\n".join([f"\n{title}", head, "-" * len(head), *lines])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    """The first cell to the left, figures to the right."""
    figures = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
    return "  ".join((row[0].ljust(widths[0]), *figures))
