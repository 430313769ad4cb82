"""The tree as one self-contained SVG: no script, no font file, nothing to load.

Units stand in columns by depth, each beside the middle of what lies below it. Every box names the unit, its head, its
count and its people; a box shows a few people and says how many more there are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

from pipelines.organisation.tree import NOBODY, Organisation, Person, Unit
from pipelines.organisation.words import (
    Language,
    findings_line,
    found_words,
    people_count,
    person_words,
    stray_words,
    title,
    unit_names,
    word,
)

_WIDTH, _GAP_X, _GAP_Y, _MARGIN = 250, 46, 12, 24
_LINE, _PAD, _SHOWN = 17, 9, 12
_HAN_WIDTH, _LATIN_WIDTH = 12.5, 7.0
_COLOURS = {
    "company": "#1f3a5f",
    "division": "#2f5d8a",
    "region": "#3c7d6b",
    "team": "#6a7f2f",
    "post": "#7a5c86",
    NOBODY: "#8a4b3c",
}
_OTHER = "#54606c"


@dataclass(frozen=True)
class _Box:
    """A box and what hangs below it; `lines` are its texts, the first its title. height: of the whole subtree."""

    colour: str
    lines: tuple[str, ...]
    children: tuple["_Box", ...]

    @property
    def own_height(self) -> int:
        return 2 * _PAD + _LINE * len(self.lines)

    @property
    def height(self) -> int:
        below = sum(child.height for child in self.children) + _GAP_Y * max(len(self.children) - 1, 0)
        return max(self.own_height, below)

    @property
    def depth(self) -> int:
        return 1 + max((child.depth for child in self.children), default=0)


def draw_svg(found: Organisation, language: Language) -> str:
    """The drawing as text of an SVG file."""
    boxes = [_unit_box(root, language, found.is_stray(root)) for root in found.roots]
    if found.unassigned:
        heading = f"{word(NOBODY, language)} · {people_count(len(found.unassigned), language)}"
        boxes.append(_Box(_COLOURS[NOBODY], (heading, *_people(found.unassigned, language)), ()))
    columns = max(box.depth for box in boxes)
    notes = [findings_line(found, language), *(found_words(finding, language) for finding in found.findings)]
    top = _MARGIN + 2 * _LINE
    bottom = top + sum(box.height + 2 * _GAP_Y for box in boxes)
    width = max(2 * _MARGIN + columns * _WIDTH + (columns - 1) * _GAP_X, 2 * _MARGIN + 560)
    height = bottom + _LINE * len(notes) + _MARGIN
    heading = title(found, language)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" lang="{language}" font-family="system-ui, \'Noto Sans CJK SC\', \'Microsoft YaHei\', sans-serif" '
        'font-size="12.5">',
        f"<title>{escape(heading)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(_MARGIN, _MARGIN + _LINE, heading, "#1c2733", bold=True),
    ]
    y = top + _GAP_Y
    for box in boxes:
        parts += _draw(box, _MARGIN, y)
        y += box.height + 2 * _GAP_Y
    parts += [_text(_MARGIN, y + _LINE * number, note, "#3b4650") for number, note in enumerate(notes)]
    return "\n".join([*parts, "</svg>", ""])


def _unit_box(unit: Unit, language: Language, stray: bool = False) -> _Box:
    note = (stray_words(unit, language),) if stray else ()
    head = (f"{word('head', language)} {unit.head[1]} ({unit.head[0]})",) if unit.head else ()
    kind = f"{word(unit.unit_type, language)} · " if unit.unit_type else ""
    about = f"{unit.org_unit_id} · {kind}{people_count(unit.headcount, language)}"
    lines = (*unit_names(unit, language), about, *note, *head, *_people(unit.people, language))
    colour = _COLOURS.get(unit.unit_type or "", _OTHER)
    return _Box(colour, lines, tuple(_unit_box(child, language) for child in unit.children))


def _people(people: tuple[Person, ...], language: Language) -> list[str]:
    shown = people if len(people) <= _SHOWN else people[: _SHOWN - 1]
    lines = [f"{person.name}{person_words(person, language)}" for person in shown]
    more = len(people) - len(shown)
    return [*lines, f"+ {people_count(more, language)}"] if more else lines


def _draw(box: _Box, x: int, y: int) -> Iterator[str]:
    """The box in the middle of its subtree's height, its children to the right, a line to each."""
    own_y = y + (box.height - box.own_height) // 2
    stacked = sum(child.height for child in box.children) + _GAP_Y * max(len(box.children) - 1, 0)
    child_y = y + (box.height - stacked) // 2
    start_x, start_y = x + _WIDTH, own_y + box.own_height // 2
    for child in box.children:
        end_x, end_y = start_x + _GAP_X, child_y + child.height // 2
        middle = start_x + _GAP_X // 2
        yield (
            f'<path d="M{start_x} {start_y}H{middle}V{end_y}H{end_x}" fill="none" stroke="#aab4be" stroke-width="1.2"/>'
        )
        yield from _draw(child, end_x, child_y)
        child_y += child.height + _GAP_Y
    yield f"<g><title>{escape(chr(10).join(box.lines))}</title>"
    yield (
        f'<rect x="{x}" y="{own_y}" width="{_WIDTH}" height="{box.own_height}" rx="5" fill="#f6f8fa" '
        f'stroke="{box.colour}" stroke-width="1.2"/>'
        f'<rect x="{x}" y="{own_y}" width="5" height="{box.own_height}" rx="2" fill="{box.colour}"/>'
    )
    for number, line in enumerate(box.lines):
        baseline = own_y + _PAD + _LINE * number + 13
        colour = box.colour if number == 0 else "#3b4650"
        yield _text(x + 14, baseline, _fitted(line, _WIDTH - 22), colour, bold=number == 0)
    yield "</g>"


def _fitted(text: str, room: float) -> str:
    """The text, cut with an ellipsis where it is wider than the room; widths are estimates on the safe side."""
    used = 0.0
    for place, letter in enumerate(text):
        used += _HAN_WIDTH if ord(letter) > 0x2E80 else _LATIN_WIDTH
        if used > room:
            return text[: max(place - 1, 1)] + "…"
    return text


def _text(x: int, y: int, text: str, colour: str, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" fill="{colour}"{weight}>{escape(text)}</text>'
