"""People's decisions about records: which word is the last one on two records, and where decisions contradict.

A company writes decisions in its folder (`pipelines/company/decisions.py` reads them); nothing is ever deleted there.
On each pair of records the latest decision holds: `same`, `different`, `parent` (the first record is a part, a branch
for instance, of the second: a customer of its own below the other). `undo` takes back what holds about the pair,
whichever record is named first. Decisions on several pairs can still contradict each other; those are listed, never
settled here.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

WORDS = pa.schema(
    [
        ("decision_no", pa.int64()),
        ("decision", pa.string()),
        ("record_id_l", pa.string()),
        ("record_id_r", pa.string()),
        ("previous_decision", pa.string()),
        ("decided_by", pa.string()),
        ("decided_on", pa.date32()),
        ("reason", pa.string()),
    ]
)
"""The last word per pair of records, for clusters and keys. `parent`: l is the part, r the whole; otherwise l < r.

previous_decision: what held about the pair before; null: nothing.
"""


@dataclass(frozen=True)
class Decision:
    """One decision as filed: `record_id` is source_system:source_key. decision_no: order in which they were decided."""

    decision_no: int
    decision: str
    record_id_l: str
    record_id_r: str
    decided_by: str
    decided_on: date
    reason: str
    file: str = ""
    row: int = 0

    def __str__(self) -> str:
        sign = {"same": "=", "different": "≠", "parent": "below", "undo": "undone with"}[self.decision]
        return f"{self.record_id_l} {sign} {self.record_id_r} ({self.decided_by}, {self.decided_on})"


@dataclass(frozen=True)
class Word:
    """The last decision on a pair, and what held before it."""

    last: Decision
    previous: str | None


@dataclass(frozen=True)
class Problem:
    """Something a person should look at in a decision; is_contradiction: decisions exclude each other."""

    decision: Decision
    message: str
    hint: str
    is_contradiction: bool = False


def record_id(source_system: str, source_key: str) -> str:
    """How the matcher names a record."""
    return f"{source_system}:{source_key}"


def last_words(decisions: Iterable[Decision]) -> list[Word]:
    """One word per pair anybody ever decided on, in the order of their last decisions; `undo` is a word, too."""
    words: dict[tuple[str, str], Word] = {}
    for decision in sorted(decisions, key=lambda decision: decision.decision_no):
        before = words.get(_pair(decision))
        held = before.last.decision if before and before.last.decision != "undo" else None
        words[_pair(decision)] = Word(decision, held)
    return sorted(words.values(), key=lambda word: word.last.decision_no)


def contradictions(decisions: Iterable[Decision]) -> list[Problem]:
    """Records people keep apart although they also say, through others, that they are the same; rings of parents.

    Until somebody undoes one of the decisions of such a ring, records stay apart and the oldest `same` gives way.
    """
    held = [word.last for word in last_words(decisions) if word.last.decision != "undo"]
    same = [decision for decision in held if decision.decision == "same"]
    apart = [decision for decision in held if decision.decision != "same"]
    parents = [decision for decision in held if decision.decision == "parent"]
    return _kept_apart_yet_joined(apart, same) + _rings(parents)


def idle_undos(decisions: Iterable[Decision]) -> list[Problem]:
    """Undos of pairs on which nothing was decided before."""
    held: dict[tuple[str, str], str] = {}
    problems = []
    for decision in sorted(decisions, key=lambda decision: decision.decision_no):
        if decision.decision == "undo" and held.get(_pair(decision), "undo") == "undo":
            hint = "check the two records and the date: decisions count in the order of their dates"
            problems.append(Problem(decision, "there is no decision on these two records to undo", hint))
        held[_pair(decision)] = decision.decision
    return problems


def read_decisions(con: duckdb.DuckDBPyConnection, steward_decision: str) -> list[Decision]:
    """The rows of the table `config.steward_decision`, in their order."""
    rows = con.execute(
        f"""select decision_no, decision, source_system_l, source_key_l, source_system_r, source_key_r,
            decided_by, decided_on, reason, file, row from {steward_decision} order by decision_no"""
    ).fetchall()
    return [
        Decision(number, kind, record_id(*ids[:2]), record_id(*ids[2:]), who, on, why, file, row)
        for number, kind, *ids, who, on, why, file, row in rows
    ]


def settle_decisions(con: duckdb.DuckDBPyConnection, steward_decision: str, into: str) -> None:
    """Writes the table `into` (columns `WORDS`, one row per pair) from the table `config.steward_decision`."""
    con.register("steward_words", words_table(last_words(read_decisions(con, steward_decision))))
    con.execute(f"create or replace table {into} as from steward_words order by decision_no")
    con.unregister("steward_words")


def words_table(words: Sequence[Word]) -> pa.Table:
    """The words as `WORDS`."""
    rows = [_word_row(word) for word in words]
    return pa.Table.from_pylist([dict(zip(WORDS.names, row, strict=True)) for row in rows], schema=WORDS)


def unknown_records(con: duckdb.DuckDBPyConnection, steward_decision: str, records: str) -> list[Problem]:
    """Decisions in force that name a record no source has today; they wait until it comes (back).

    steward_decision: the table `config.steward_decision`. records: any table with record_id.
    """
    held = [word.last for word in last_words(read_decisions(con, steward_decision)) if word.last.decision != "undo"]
    named = sorted({name for decision in held for name in (decision.record_id_l, decision.record_id_r)})
    con.register("named_record", pa.table({"record_id": pa.array(named, pa.string())}))
    missing = {name for (name,) in con.execute(f"from named_record anti join {records} using (record_id)").fetchall()}
    con.unregister("named_record")
    hint = "check source and key; if the record was deleted at its source, leave the decision as it is"
    return [
        Problem(decision, f"no source has the record {name}", hint)
        for decision in held
        for name in (decision.record_id_l, decision.record_id_r)
        if name in missing
    ]


def _pair(decision: Decision) -> tuple[str, str]:
    left, right = sorted((decision.record_id_l, decision.record_id_r))
    return left, right


def _word_row(word: Word) -> tuple[object, ...]:
    last = word.last
    left, right = (last.record_id_l, last.record_id_r) if last.decision == "parent" else _pair(last)
    return (
        last.decision_no,
        last.decision,
        left,
        right,
        word.previous,
        last.decided_by,
        last.decided_on,
        last.reason,
    )


def _kept_apart_yet_joined(apart: Sequence[Decision], same: Sequence[Decision]) -> list[Problem]:
    neighbours: dict[str, list[tuple[str, Decision]]] = {}
    for decision in same:
        neighbours.setdefault(decision.record_id_l, []).append((decision.record_id_r, decision))
        neighbours.setdefault(decision.record_id_r, []).append((decision.record_id_l, decision))
    return [_joined(decision, path) for decision in apart if (path := _path(*_pair(decision), neighbours))]


def _joined(decision: Decision, path: Sequence[Decision]) -> Problem:
    message = f"people say {decision}, and that the two are the same: {', '.join(map(str, path))}"
    return Problem(decision, message, "undo one of these decisions", is_contradiction=True)


def _rings(parents: Sequence[Decision]) -> list[Problem]:
    above: dict[str, list[tuple[str, Decision]]] = {}
    for decision in parents:
        above.setdefault(decision.record_id_l, []).append((decision.record_id_r, decision))
    problems = []
    for decision in parents:
        if path := _path(decision.record_id_r, decision.record_id_l, above):
            ring = ", ".join(map(str, [decision, *path]))
            message = f"a customer cannot be its own parent: {ring}"
            problems.append(Problem(decision, message, "undo one of these decisions", is_contradiction=True))
    return problems


def _path(start: str, end: str, neighbours: dict[str, list[tuple[str, Decision]]]) -> list[Decision]:
    """The decisions on a shortest way from one record to the other; empty when there is none."""
    came_by: dict[str, tuple[str, Decision] | None] = {start: None}
    waiting = deque([start])
    while waiting and end not in came_by:
        record = waiting.popleft()
        for other, decision in neighbours.get(record, []):
            if other not in came_by:
                came_by[other] = (record, decision)
                waiting.append(other)
    path: list[Decision] = []
    step = came_by.get(end)
    while step is not None:
        path.insert(0, step[1])
        step = came_by[step[0]]
    return path
