"""The arithmetic of the audit: on groups computed by hand, beside other implementations, and whatever the input."""

from collections.abc import Sequence
from decimal import Decimal as D
from fractions import Fraction as F
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from pipelines.fairness.decomposition import Piece, Scored, decompose
from pipelines.fairness.measures import decimal, fisher, holm, welch, wilson

COUNTS = st.tuples(*[st.integers(0, 30)] * 4).filter(lambda four: four[1] > 0 and four[3] > 0)


def person(bookings: str, visits: str | None, weights: Sequence[F] = (F(3, 4), F(1, 4)), gate: str = "0") -> Scored:
    """Somebody judged by two components; points before weights; null where visits dropped out."""
    if visits is None:
        pieces = (Piece("bookings", F(1), D(bookings)),)
    else:
        both = zip((bookings, visits), weights, strict=True)
        points = [D(one) * part.numerator / part.denominator for one, part in both]
        pieces = (Piece("bookings", weights[0], points[0]), Piece("visits", weights[1], points[1]))
    return Scored(sum((piece.points for piece in pieces), D(gate)), pieces, D(gate))


def test_a_gap_made_by_results_and_by_what_the_weights_stress() -> None:
    """Averages 100 and 60 of bookings (weight 3/4), 40 and 80 of visits (1/4): scores 85 and 65, a gap of 20.

    With equal weights both groups are at 70, so results make nothing of the gap; that bookings count for more makes it.
    """
    gap = decompose([person("100", "40")], [person("40", "90"), person("80", "70")])

    assert (gap.total, gap.results, gap.weights, gap.applied, gap.gates) == (20, 0, 20, 0, 0)
    assert gap.by_metric == (("bookings", 30), ("visits", -10))


def test_a_component_that_drops_out_is_told_from_results() -> None:
    """Both at 80 of bookings. Visits are 40 and count for the second alone: 80 and 70.

    Weights of bookings are 1 and 3/4, of visits 0 and 1/4; points are taken to be equal where there are none:
    1/4 x 80 - 1/4 x 40 = 10, all of it because of weights that are not the same.
    """
    gap = decompose([person("80", None)], [person("80", "40")])

    assert (gap.total, gap.results, gap.weights, gap.applied, gap.gates) == (10, 0, 0, 10, 0)


def test_what_a_gate_takes_is_a_part_of_its_own() -> None:
    gap = decompose([person("80", "80", gate="-12.5")], [person("80", "80")])

    assert (gap.total, gap.results, gap.weights, gap.applied, gap.gates) == (F("-12.5"), 0, 0, 0, F("-12.5"))


PEOPLE = st.lists(
    st.builds(
        lambda points, weights, gate: Scored(
            sum(points, gate),
            tuple(
                Piece("abcd"[place], F(weight, sum(weights)), point)
                for place, (weight, point) in enumerate(zip(weights, points, strict=False))
            ),
            gate,
        ),
        st.lists(st.decimals(0, 60, places=2, allow_nan=False), min_size=4, max_size=4),
        st.lists(st.integers(1, 50), min_size=4, max_size=4),
        st.decimals(-20, 0, places=2, allow_nan=False),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(group=PEOPLE, others=PEOPLE, shuffle=st.randoms(use_true_random=False))
def test_parts_add_up_to_the_gap_exactly_whatever_the_order(
    group: list[Scored], others: list[Scored], shuffle: Random
) -> None:
    gap = decompose(group, others)

    assert gap.results + gap.weights + gap.applied + gap.gates == gap.total
    assert sum(points for _, points in gap.by_metric) + gap.gates == gap.total
    assert decompose(shuffle.sample(group, len(group)), shuffle.sample(others, len(others))) == gap
    turned = decompose(others, group)
    assert (turned.total, turned.results, turned.weights) == (-gap.total, -gap.results, -gap.weights)
    assert (turned.applied, turned.gates) == (-gap.applied, -gap.gates)


def test_wilson_of_one_in_ten_and_of_nobody() -> None:
    assert (wilson(1, 10).low, wilson(1, 10).high) == (D("0.0179"), D("0.4042"))
    assert (wilson(0, 5).low, wilson(0, 5).high) == (D(0), D("0.4345"))
    assert (wilson(5, 5).low, wilson(5, 5).high) == (D("0.5655"), D(1))


def test_fisher_by_hand() -> None:
    """3 of 3 and 0 of 3: of the 20 ways to choose three of six, two are as unequal."""
    assert fisher(3, 3, 0, 3) == F(1, 10)
    assert fisher(2, 4, 2, 4) == 1


@given(COUNTS)
def test_interval_and_test_are_those_of_others(four: tuple[int, int, int, int]) -> None:
    people, others = max(four[0], four[1]), max(four[2], four[3])
    chosen, other_chosen = min(four[0], four[1]), min(four[2], four[3])
    table = [[chosen, people - chosen], [other_chosen, others - other_chosen]]

    low, high = proportion_confint(chosen, people, method="wilson")
    assert abs(float(wilson(chosen, people).low) - low) < 0.0001
    assert abs(float(wilson(chosen, people).high) - high) < 0.0001
    assert abs(float(fisher(chosen, people, other_chosen, others)) - stats.fisher_exact(table).pvalue) < 1e-6


def test_holm_multiplies_by_how_many_are_left_and_never_falls() -> None:
    """Sorted: 4 x 0.005, 3 x 0.01, 2 x 0.03, and 1 x 0.04, which must not be below the one before."""
    assert holm([F("0.01"), F("0.04"), F("0.03"), F("0.005")]) == [F("0.03"), F("0.06"), F("0.06"), F("0.02")]
    assert holm([F("0.7"), F("0.6")]) == [1, 1]


def test_welch_is_that_of_others_and_needs_two_people() -> None:
    scores, others = [D("92.5"), D(80), D("71.25")], [D(60), D("66.5"), D(58), D(75)]
    test = stats.ttest_ind([float(one) for one in scores], [float(one) for one in others], equal_var=False)
    found, expected = welch(scores, others), test.confidence_interval()

    assert found is not None
    assert (found.low, found.high) == (D(str(round(expected.low, 4))), D(str(round(expected.high, 4))))
    assert welch(scores[:1], others) is None
    assert welch([D(80)] * 2, [D(70)] * 3) == welch([D(80)] * 3, [D(70)] * 2)


def test_halves_are_rounded_up_on_both_sides() -> None:
    assert [decimal(F(one), 2) for one in ("0.125", "-0.125", "-0.001")] == [D("0.13"), D("-0.13"), D("0.00")]
