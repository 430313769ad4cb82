"""An explanation in the terminal: plain text, as wide as it, coloured where it can be."""

import io
import shutil
import sys
from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from pipelines.explain.story import Block, Grid, Heading


def render(blocks: Iterable[Block], with_raw: bool) -> str:
    """with_raw: raw records below the table of their facts, too."""
    console = Console(
        file=io.StringIO(),
        force_terminal=sys.stdout.isatty(),
        width=shutil.get_terminal_size((140, 24)).columns,
        highlight=False,
    )
    with console.capture() as captured:
        for block in blocks:
            for line in _lines(block, with_raw):
                console.print(line, soft_wrap=isinstance(line, Text))
    return captured.get().strip("\n")


def _lines(block: Block, with_raw: bool) -> Iterator[RenderableType]:
    if isinstance(block, Heading):
        yield Text(("" if block.level == 3 else "\n") + block.text, style="bold")
    elif isinstance(block, Grid):
        yield _table(block)
        if with_raw:
            for row, raw in zip(block.rows, block.raw, strict=False):
                if raw is not None:
                    yield Text(f"{row[-2]}  {row[-1]}\n{raw}\n")
    else:
        yield from (Text(line) for line in block.lines)


def _table(grid: Grid) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for position, heading in enumerate(grid.headings):
        table.add_column(Text(heading), overflow="fold", justify="right" if position in grid.numbers else "left")
    for row in grid.rows:
        table.add_row(*(Text(text) for text in row))
    return table
