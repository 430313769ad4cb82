"""The figures of `make bench-customers` mean what they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.customers.metrics import Agreement, Score, agreement

TRUE = {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2, "f": 3}


def test_the_truth_itself_agrees_with_the_truth():
    assert agreement(TRUE, TRUE) == Agreement(Score(1.0, 1.0), Score(1.0, 1.0))


def test_pairs_count_each_two_records_that_are_together():
    # found: a-b, c-d together; true: a-b, a-c, b-c, d-e. One of two found pairs is right, one of four true pairs found.
    found = {"a": "x", "b": "x", "c": "y", "d": "y", "e": "z", "f": "w"}
    assert agreement(found, TRUE).pairwise == Score(0.5, 0.25)
    assert agreement(found, TRUE).pairwise.f1 == pytest.approx(1 / 3)


def test_b_cubed_counts_each_record_once():
    # precision: a 1, b 1, c 1/2, d 1/2, e 1, f 1; recall: a 2/3, b 2/3, c 1/3, d 1/2, e 1/2, f 1
    found = {"a": "x", "b": "x", "c": "y", "d": "y", "e": "z", "f": "w"}
    score = agreement(found, TRUE).b_cubed
    assert score.precision == pytest.approx(5 / 6)
    assert score.recall == pytest.approx(11 / 18)


def test_one_cluster_of_everything_finds_all_and_is_mostly_wrong():
    both = agreement(dict.fromkeys(TRUE, "x"), TRUE)
    assert both.pairwise == Score(4 / 15, 1.0)
    assert both.b_cubed.recall == 1.0


def test_a_matcher_that_says_nothing_has_no_precision_rather_than_a_perfect_one():
    both = agreement({record: record for record in TRUE}, TRUE)
    assert both.pairwise == Score(None, 0.0)
    assert both.pairwise.f1 is None


def test_a_missing_record_is_an_error():
    with pytest.raises(ValueError, match="1 records are on one side only, the first is 'f'"):
        agreement(dict.fromkeys("abcde", 1), TRUE)


CLUSTERS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=20)


@given(CLUSTERS)
def test_precision_of_the_one_is_recall_of_the_other(labels: list[tuple[int, int]]):
    one = {str(record): found for record, (found, _) in enumerate(labels)}
    other = {str(record): true for record, (_, true) in enumerate(labels)}
    there, back = agreement(one, other), agreement(other, one)
    assert (there.pairwise.precision, there.pairwise.recall) == (back.pairwise.recall, back.pairwise.precision)
    assert there.b_cubed.precision == pytest.approx(back.b_cubed.recall)


@given(CLUSTERS, st.permutations(range(6)))
def test_names_of_clusters_do_not_matter(labels: list[tuple[int, int]], names: list[int]):
    one = {str(record): found for record, (found, _) in enumerate(labels)}
    other = {str(record): true for record, (_, true) in enumerate(labels)}
    renamed = {record: names[cluster] for record, cluster in one.items()}
    assert agreement(renamed, other).pairwise == agreement(one, other).pairwise
