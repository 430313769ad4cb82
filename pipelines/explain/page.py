"""An explanation as one self-contained HTML page: no script, no font, nothing to load."""

from collections.abc import Iterable, Iterator
from html import escape

from pipelines.explain.story import Block, Grid, Heading
from pipelines.explain.words import Language, say

_STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;max-width:1100px;
margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2rem 0 .4rem;border-bottom:2px solid #3c7d6b}
h3{font-size:1rem;margin:1.4rem 0 .2rem}p{margin:.15rem 0}.first{font-size:1.25rem;font-weight:600}
ol{margin:.2rem 0 .6rem;padding-left:1.4rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.92em}
th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #8884;vertical-align:top;overflow-wrap:anywhere}
th{font-weight:600;background:#8881}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tr.sum td{font-weight:600;border-top:2px solid #8888}
tr.open td{border-bottom:0}
tr.open+tr td{padding-top:0;font-size:.92em}
details summary{cursor:pointer;opacity:.75}
pre{margin:.3rem 0;padding:.5rem;background:#8881;overflow:auto;font-size:.85em;
white-space:pre-wrap}
@media print{details{display:none}}
"""


def page(blocks: Iterable[Block], language: Language) -> str:
    """The page. Raw records are folded below their facts."""
    body = list(blocks)
    name = next((block.text for block in body if isinstance(block, Heading)), "")
    sections = "\n".join(part for block in _numbered(body) for part in _block(*block, language))
    tongue = say(language, "en", "zh-CN")
    return (
        f'<!doctype html>\n<html lang="{tongue}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(name)}</title><style>{_STYLE}</style></head>\n<body>\n{sections}\n</body></html>\n"
    )


def _numbered(blocks: Iterable[Block]) -> Iterator[tuple[Block, Heading | None]]:
    """Each block with the heading it stands under."""
    above: Heading | None = None
    for block in blocks:
        yield block, above
        above = block if isinstance(block, Heading) else above


def _block(block: Block, above: Heading | None, language: Language) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"<h{block.level}>{escape(block.text)}</h{block.level}>"
    elif isinstance(block, Grid):
        yield _table(block, language)
    elif above is not None and above.level == 3 and len(block.lines) > 1:
        # a formula is read step by step
        yield "<ol>" + "".join(f"<li>{escape(line)}</li>" for line in block.lines) + "</ol>"
    else:
        first = ' class="first"' if above is not None and above.level == 1 else ""
        for line in block.lines:
            yield f"<p{first}>{escape(line)}</p>"
            first = ""


def _table(grid: Grid, language: Language) -> str:
    def cell(tag: str, position: int, text: str) -> str:
        kind = ' class="n"' if position in grid.numbers else ""
        return f"<{tag}{kind}>{text}</{tag}>"

    head = "".join(cell("th", position, escape(text)) for position, text in enumerate(grid.headings))
    rows = []
    for number, row in enumerate(grid.rows):
        raw = grid.raw[number] if grid.raw else None
        kind = ' class="open"' if raw is not None else ' class="sum"' if "" in row else ""
        cells = "".join(cell("td", position, escape(text)) for position, text in enumerate(row))
        rows.append(f"<tr{kind}>{cells}</tr>")
        if raw is not None:
            label = say(language, "raw record", "原始记录")
            folded = f"<details><summary>{label}</summary><pre>{escape(raw)}</pre></details>"
            rows.append(f'<tr><td colspan="{len(row)}">{folded}</td></tr>')
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
