"""The tree as plain text, one unit or person a line."""

from collections.abc import Iterator

from pipelines.organisation.tree import NOBODY, Organisation, Person, Unit
from pipelines.organisation.words import Language, findings_line, people_count, title, unit_names, word


def render_organisation(found: Organisation, language: Language) -> str:
    """Title, tree, whoever is unassigned, and the count of findings by type."""
    lines = [title(found, language), ""]
    for root in found.roots:
        lines += _unit_lines(root, "", "", language)
    if found.unassigned:
        count = people_count(len(found.unassigned), language)
        lines.append(f"{word(NOBODY, language)} · {count}")
        lines += _joined([[_person(person, None, language)] for person in found.unassigned], "")
    lines += ["", findings_line(found, language)]
    lines += [
        f"  {word(finding.severity, language)}: {word(finding.finding_type, language)} {finding.count}"
        for finding in found.findings
    ]
    return "\n".join(lines)


def _unit_lines(unit: Unit, prefix: str, indent: str, language: Language) -> list[str]:
    people = [[_person(person, unit, language)] for person in unit.people]
    below = [_unit_lines(child, "", "", language) for child in unit.children]
    return [prefix + _headline(unit, language), *_joined([*people, *below], indent)]


def _joined(blocks: list[list[str]], indent: str) -> Iterator[str]:
    """Each block hung below the line above, the last one with the closing corner."""
    for number, (first, *rest) in enumerate(blocks, 1):
        last = number == len(blocks)
        yield f"{indent}{'└─' if last else '├─'} {first}"
        yield from (f"{indent}{'  ' if last else '│ '} {line}" for line in rest)


def _headline(unit: Unit, language: Language) -> str:
    kind = f" [{word(unit.unit_type, language)}]" if unit.unit_type else ""
    head = f" · {word('head', language)} {unit.head[1]} ({unit.head[0]})" if unit.head else ""
    return f"{unit.org_unit_id} {unit_names(unit, language)}{kind}{head} · {people_count(unit.headcount, language)}"


def _person(person: Person, unit: Unit | None, language: Language) -> str:
    parts = [f"{person.name} ({person.employee_id})"]
    if person.role:
        parts.append(word(person.role, language))
    if unit is not None and not person.is_primary:
        parts.append(word("side", language))
    if person.time_share != 1:
        parts.append(f"{(person.time_share * 100).normalize():f} %")
    return ", ".join(parts)
