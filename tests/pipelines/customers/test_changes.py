"""What differs between two nights, and tonight's rows among those of last night."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.customers.changes import changed_ids, renewed, rows_of


def _table(versions: dict[str, str]) -> pa.Table:
    return pa.table(
        {
            "record_id": pa.array(list(versions), pa.string()),
            "evidence_hash": pa.array(list(versions.values()), pa.string()),
        }
    )


@pytest.mark.parametrize(
    ("now", "before", "changed"),
    [
        ({"a": "1", "b": "2"}, {"a": "1", "b": "2"}, []),
        ({"a": "1", "b": "3"}, {"a": "1", "b": "2"}, ["b"]),
        ({"a": "1", "c": "2"}, {"a": "1", "b": "2"}, ["b", "c"]),
        ({"a": "1"}, {}, ["a"]),
        ({}, {"a": "1"}, ["a"]),
        # two records of one content, met in another order
        ({"b": "1", "a": "1", "c": "1"}, {"a": "1", "b": "2"}, ["b", "c"]),
    ],
)
def test_new_gone_and_different_records_are_named(now: dict, before: dict, changed: list) -> None:
    assert sorted(changed_ids(_table(now), _table(before)).to_pylist()) == changed


VERSIONS = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.sampled_from("12"), max_size=30)


@given(now=VERSIONS, before=VERSIONS, shuffled=st.randoms(use_true_random=False))
def test_last_night_with_what_changed_is_tonight(now: dict, before: dict, shuffled) -> None:
    tonight, last_night = _table(dict(sorted(now.items()))), _table(dict(sorted(before.items())))
    changed = changed_ids(tonight, last_night)
    order = list(now)
    shuffled.shuffle(order)

    assert sorted(changed.to_pylist()) == sorted(
        key for key in now.keys() | before.keys() if now.get(key) != before.get(key)
    )
    assert set(changed_ids(_table({key: now[key] for key in order}), last_night).to_pylist()) == set(
        changed.to_pylist()
    )
    assert renewed(last_night, changed, rows_of(tonight, changed), "record_id").equals(tonight)
