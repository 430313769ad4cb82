"""The arithmetic of the ledger: deltas add up whatever the causes do, and no more is built than is needed."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pipelines.restatement.ledger import CAUSES, Movement, ValueKey, attribute, difference

Q1 = date(2025, 1, 1)


def movement(old: str | None, new: str | None, row: str = "E1", column: str = "value") -> Movement:
    return Movement("kpi_value", "quarter", Q1, row, row, column, old, new)


def test_each_cause_takes_what_it_brought_in_the_fixed_order() -> None:
    moved = [movement("100", "125"), movement("A", "B", column="grade"), movement(None, "5", row="E2")]
    states: dict[tuple[str, ...], dict[ValueKey, str]] = {
        ("late record",): {moved[0].key: "110", moved[1].key: "B"},
        ("late record", "source correction"): {moved[0].key: "108", moved[1].key: "B"},
    }

    entries = attribute(moved, ("late record", "source correction", "rate change"), states.__getitem__)

    assert [(one.movement.column, one.movement.row_key, one.cause, one.old, one.new, one.delta) for one in entries] == [
        ("value", "E1", "late record", "110", "125", Decimal(15)),
        ("value", "E2", "late record", None, "5", Decimal(5)),
        ("value", "E1", "source correction", "108", "110", Decimal(2)),
        ("value", "E1", "rate change", "100", "108", Decimal(8)),
        ("grade", "E1", "rate change", "A", "B", None),
    ]


def test_a_single_cause_needs_no_build() -> None:
    def never(causes: tuple[str, ...]) -> Mapping[ValueKey, str]:
        raise AssertionError(f"built without {causes}")

    (entry,) = attribute([movement("1", "2")], ("org move",), never)
    assert (entry.cause, entry.cause_no, entry.delta) == ("org move", 4, Decimal(1))


def test_nothing_is_built_after_the_values_are_back() -> None:
    moved = movement("1", "2")
    asked = []

    def values(causes: tuple[str, ...]) -> Mapping[ValueKey, str]:
        asked.append(causes)
        return {moved.key: "1"}

    (entry,) = attribute([moved], CAUSES, values)
    assert (entry.cause, asked) == ("late record", [("late record",)])


def test_without_a_cause_nothing_is_booked() -> None:
    assert attribute([movement("1", "2")], (), lambda causes: {}) == []


def test_a_difference_is_one_of_numbers() -> None:
    assert difference("1.000000001", None) == Decimal("-1.000000001")
    assert difference("2", "2.5") == Decimal("0.5")
    assert [difference("A", "1"), difference("2025-01-01", "2025-01-02"), difference("NaN", "1")] == [None] * 3


values = st.one_of(st.none(), st.decimals(-1000, 1000, places=9).map(str))
moves = st.lists(st.tuples(values, values), min_size=1, max_size=4)


@given(moves=moves, causes=st.sets(st.sampled_from(CAUSES), min_size=1), data=st.data())
def test_deltas_add_up_to_the_whole_change_in_any_case(
    moves: list[tuple[str | None, str | None]], causes: set[str], data: st.DataObject
) -> None:
    moved = [movement(old, new, row=f"E{n}") for n, (old, new) in enumerate(moves)]
    chosen = tuple(cause for cause in CAUSES if cause in causes)

    def built(taken: tuple[str, ...]) -> Mapping[ValueKey, str]:
        assert taken == chosen[: len(taken)] and len(taken) < len(chosen)
        drawn = {one.key: data.draw(values) for one in moved}
        return {key: value for key, value in drawn.items() if value is not None}

    entries = attribute(moved, chosen, built)

    for one in moved:
        steps = sorted((entry for entry in entries if entry.movement == one), key=lambda entry: -entry.cause_no)
        whole = Decimal(one.new or 0) - Decimal(one.old or 0)
        assert sum((step.delta or Decimal(0) for step in steps), Decimal(0)) == whole
        told = [one.old, *(step.new for step in steps)]
        assert [step.old for step in steps] == told[:-1] and told[-1] == one.new
        assert len({step.cause for step in steps}) == len(steps)
