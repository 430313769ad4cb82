"""The arithmetic of the ledger: one change of a closed value, shared out over the causes tried. No SQL, no files.

Causes are taken back one at a time in the fixed order of `CAUSES`, from the value as computed now to the value as it
was: what a cause takes with it is its delta. So the deltas of a value add up to its whole change whatever causes did.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

LATE, CORRECTION, CUSTOMER = "late record", "source correction", "customer merge or split"
ORG, STANDARD, RATE, CODE = "org move", "standard change", "rate change", "code change"
CAUSES = (LATE, CORRECTION, CUSTOMER, ORG, STANDARD, RATE, CODE)
"""The order in which causes are taken back. Records go first, so that no step leaves an order without its customer or
seller; code goes last, because code of another day cannot be run here and is what remains."""

ValueKey = tuple[str, str, str]
"""A value: table, key of its row (JSON text), column."""


@dataclass(frozen=True)
class Movement:
    """One value of a closed period that is not what was last published or booked; values as text, None: none."""

    table: str
    period_type: str
    period_start: date
    subject: str
    row_key: str
    column: str
    old: str | None
    new: str | None

    @property
    def key(self) -> ValueKey:
        """Which value it is."""
        return (self.table, self.row_key, self.column)


@dataclass(frozen=True)
class Entry:
    """What one cause did to one value: `old` without it, `new` with it."""

    movement: Movement
    cause: str
    old: str | None
    new: str | None

    @property
    def cause_no(self) -> int:
        """Place of the cause in the fixed order, 1 first."""
        return CAUSES.index(self.cause) + 1

    @property
    def delta(self) -> Decimal | None:
        """new - old of a number, a missing one counted as nothing; None for what is no number."""
        return difference(self.old, self.new)


ValuesWithout = Callable[[tuple[str, ...]], Mapping[ValueKey, str]]
"""Values as computed with these causes taken back; what has no value is not in it."""


def attribute(movements: Iterable[Movement], causes: Sequence[str], values_without: ValuesWithout) -> list[Entry]:
    """The entries of one booking.

    causes: those whose inputs changed, in the order of `CAUSES`. `values_without` is asked for one more cause at a
    time, never for all of them: with everything taken back the values are the old ones. It is not asked further once
    the values are back where they were; a cause after that one would only undo another. Without any cause nothing can
    be booked, and the gate finds the difference unexplained.
    """
    entries: list[Entry] = []
    open_: dict[ValueKey, tuple[Movement, str | None]] = {one.key: (one, one.new) for one in movements}
    for number, cause in enumerate(causes, 1):
        if all(value == one.old for one, value in open_.values()):
            break
        is_last = number == len(causes)
        without = {} if is_last else values_without(tuple(causes[:number]))
        for key, (one, value) in open_.items():
            before = one.old if is_last else without.get(key)
            if before != value:
                entries.append(Entry(one, cause, before, value))
            open_[key] = (one, before)
    return entries


def difference(old: str | None, new: str | None) -> Decimal | None:
    """new - old where both are numbers or missing; None where one is no number."""
    numbers = [_number(text) for text in (old, new)]
    return None if None in numbers else (numbers[1] or Decimal(0)) - (numbers[0] or Decimal(0))


def _number(text: str | None) -> Decimal | None:
    if text is None:
        return Decimal(0)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
