"""The tree as plain text, one unit or person a line."""

from collections.abc import Iterator

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


def render_organisation(found: Organisation, language: Language) -> str:
    """Title, tree, whoever is unassigned, and the count of findings by type."""
    lines = [title(found, language), ""]
    for root in found.roots:
        first, *rest = _unit_lines(root, language)
        lines += [f"{first} · {stray_words(root, language)}" if found.is_stray(root) else first, *rest]
    if found.unassigned:
        lines.append(f"{word(NOBODY, language)} · {people_count(len(found.unassigned), language)}")
        lines += _joined([[_person(person, language)] for person in found.unassigned])
    lines += ["", findings_line(found, language)]
    lines += [f"  {found_words(finding, language)}" for finding in found.findings]
    return "\n".join(lines)


def _unit_lines(unit: Unit, language: Language) -> list[str]:
    people = [[_person(person, language)] for person in unit.people]
    below = [_unit_lines(child, language) for child in unit.children]
    return [_headline(unit, language), *_joined([*people, *below])]


def _joined(blocks: list[list[str]]) -> Iterator[str]:
    """Each block hung below the line above, the last one with the closing corner."""
    for number, (first, *rest) in enumerate(blocks, 1):
        last = number == len(blocks)
        yield f"{'└─' if last else '├─'} {first}"
        yield from (f"{'  ' if last else '│ '} {line}" for line in rest)


def _headline(unit: Unit, language: Language) -> str:
    kind = f" [{word(unit.unit_type, language)}]" if unit.unit_type else ""
    head = f" · {word('head', language)} {unit.head[1]} ({unit.head[0]})" if unit.head else ""
    names = " / ".join(name for name in unit_names(unit, language) if name != unit.org_unit_id)
    called = f"{unit.org_unit_id}{' ' + names if names else ''}"
    return f"{called}{kind}{head} · {people_count(unit.headcount, language)}"


def _person(person: Person, language: Language) -> str:
    return f"{person.name} ({person.employee_id}){person_words(person, language)}"
