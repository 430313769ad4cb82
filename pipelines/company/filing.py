"""Decisions that commands file: what was filed already is left out, what would contradict others is refused.

Which decision counts and what contradicts what is `pipelines.customers.stewardship`; writing the file is `decisions`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.company.decisions import (
    APPENDED,
    FOLDER,
    DecisionsRefused,
    FiledDecision,
    append_decisions,
    read_decisions,
)
from pipelines.company.documents import ConfigProblem
from pipelines.company.models import StewardDecision
from pipelines.customers.stewardship import Decision, Word, contradictions, last_words


@dataclass(frozen=True)
class Filing:
    """What became of the decisions handed in. overruled: filed, but an existing decision of a later day holds."""

    new: int
    known: int
    overruled: tuple[str, ...]


def file_decisions(root: Path, rows: Sequence[Mapping[str, Any]], again: bool = False) -> Filing:
    """File valid decisions (fields of `StewardDecision`) in the company folder at `root`; all of them or none.

    Left out is what somebody already said: the word that holds on the pair, from the same person for the same reason,
    and (unless `again`: the person says so anew today) anything filed before with all the same fields. Raises
    DecisionsRefused when the folder's decisions are wrong or the new ones contradict them.
    """
    filed, problems = read_decisions(root)
    if problems:
        raise DecisionsRefused(problems)
    made = [StewardDecision.model_validate(row) for row in rows]
    holding = {_pair(word.last): word for word in last_words(numbered(filed))}
    said = set() if again else {_fields(one.decision) for one in filed}
    fresh = [one for one in made if _fields(one) not in said and not _holds(one, holding)]
    after = _sorted([*filed, *(FiledDecision(one, f"{FOLDER}/{APPENDED}", 10**9 + i) for i, one in enumerate(fresh))])
    _refuse_contradictions(numbered(filed), numbered(after))
    new = append_decisions(root, [one.model_dump() for one in fresh])
    return Filing(new, len(made) - new, _overruled(fresh, numbered(after)))


def numbered(filed: Iterable[FiledDecision]) -> list[Decision]:
    """The decisions as the matcher takes them, numbered in the order they count."""
    return [one.numbered(number) for number, one in enumerate(filed, 1)]


def _sorted(filed: Iterable[FiledDecision]) -> list[FiledDecision]:
    return sorted(filed, key=lambda one: (one.decision.decided_on, one.file, one.row))


def _fields(one: StewardDecision) -> tuple[Any, ...]:
    return tuple(one.model_dump().values())


def _pair(decision: Decision) -> frozenset[str]:
    return frozenset((decision.record_id_l, decision.record_id_r))


def _holds(one: StewardDecision, holding: Mapping[frozenset[str], Word]) -> bool:
    new = FiledDecision(one, "", 0).numbered(0)
    word = holding.get(_pair(new))
    return word is not None and _content(word.last) == _content(new)


def _content(decision: Decision) -> tuple[object, ...]:
    ends = (decision.record_id_l, decision.record_id_r)
    directed = ends if decision.decision == "parent" else tuple(sorted(ends))
    return (decision.decision, directed, decision.decided_by, decision.reason)


def _refuse_contradictions(before: Sequence[Decision], after: Sequence[Decision]) -> None:
    known = {problem.message for problem in contradictions(before)}
    new = [problem for problem in contradictions(after) if problem.message not in known]
    if new:
        raise DecisionsRefused([ConfigProblem("decisions", 0, "", problem.message, problem.hint) for problem in new])


def _overruled(fresh: Iterable[StewardDecision], after: Sequence[Decision]) -> tuple[str, ...]:
    holding = {_pair(word.last): word.last for word in last_words(after)}
    told = []
    for one in fresh:
        new = FiledDecision(one, "", 0).numbered(0)
        word = holding[_pair(new)]
        if _content(word) != _content(new):
            told.append(f"{new}: a later decision holds, {word}")
    return tuple(told)
