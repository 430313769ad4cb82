"""Bookings forecasts: the better method is used, the backtest sees no future, short history says nothing."""

from datetime import date
from decimal import Decimal
from math import pi, sin

import numpy as np
import pyarrow as pa
import pytest

from pipelines.forecast import sales
from tests.pipelines.forecast.deals import shuffled

HISTORY = pa.schema([("org_unit_id", pa.string()), ("month_start", pa.date32()), ("amount", pa.decimal128(28, 6))])


def month(number: int) -> date:
    """The month so many after January 2022."""
    return date(2022 + number // 12, number % 12 + 1, 1)


def history(**units: list[float]) -> pa.Table:
    rows = [
        {"org_unit_id": unit, "month_start": month(number), "amount": Decimal(f"{amount:.2f}")}
        for unit, amounts in units.items()
        for number, amount in enumerate(amounts)
    ]
    return pa.Table.from_pylist(rows, schema=HISTORY)


def coming(found: pa.Table) -> list[dict]:
    """Rows of the months to come."""
    return [row for row in found.to_pylist() if row["actual"] is None]


def noise(count: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 3, count)


def test_growth_is_told_better_by_smoothing() -> None:
    rows = coming(sales.forecasts(history(T1=list(100 + 10 * np.arange(36) + noise(36)))))

    assert [row["method"] for row in rows] == ["ets"] * 6
    assert [row["forecast_month"] for row in rows] == [month(36 + step) for step in range(6)]
    assert all(abs(float(row["value"]) - (100 + 10 * (36 + step))) < 20 for step, row in enumerate(rows))


def test_chance_around_a_yearly_pattern_is_left_to_the_same_month_of_the_year_before() -> None:
    seasons = [200 + 150 * sin(2 * pi * number / 12) for number in range(30)]
    rows = coming(sales.forecasts(history(T1=seasons)))

    assert [row["method"] for row in rows] == ["seasonal_naive"] * 6
    assert [float(row["value"]) for row in rows] == pytest.approx(seasons[18:24], abs=0.01)


def test_seasons_are_learnt_from_three_years_on() -> None:
    wave = [1000 + 25 * number + 300 * sin(2 * pi * number / 12) for number in range(60)]
    rows = coming(sales.forecasts(history(T1=wave)))
    truth = [1000 + 25 * number + 300 * sin(2 * pi * number / 12) for number in range(60, 66)]

    assert [row["method"] for row in rows] == ["ets"] * 6
    assert [float(row["value"]) for row in rows] == pytest.approx(truth, rel=0.05)


@pytest.mark.parametrize(("months", "method"), [(5, None), (6, "naive"), (12, "seasonal_naive")])
def test_short_history_says_little(months: int, method: str | None) -> None:
    rows = coming(sales.forecasts(history(T1=[0.0] * 9 + [50.0 + number for number in range(months)])))

    assert [row["method"] for row in rows] == ([] if method is None else [method] * 6)
    assert {row["history_months"] for row in rows} == (set() if method is None else {months})


def test_a_unit_that_never_sold_has_no_forecast() -> None:
    assert sales.forecasts(history(T1=[0.0] * 24)).num_rows == 0


def test_what_was_said_in_the_past_does_not_depend_on_what_came_later() -> None:
    amounts = list(100 + 5 * np.arange(45) + 4 * noise(45))
    changed = [*amounts[:40], *(amount * 3 for amount in amounts[40:])]

    said = [
        [row for row in sales.forecasts(history(T1=series)).to_pylist() if row["origin_month"] < month(40)]
        for series in (amounts, changed)
    ]
    told = [[(row["origin_month"], row["horizon"], row["ets_value"], row["value"]) for row in rows] for rows in said]

    assert len(told[0]) > 30
    assert told[0] == told[1]


def test_the_rule_is_smoothing_only_after_it_has_been_closer() -> None:
    series = 100 + 10 * np.arange(30) + noise(30)
    told = sales.tell(series)
    chosen = sales.choices(series, told)

    assert not chosen[0]  # nothing has been judged yet
    assert chosen[-1]


def test_smoothing_is_that_of_statsmodels() -> None:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    series = 100 + 10 * np.arange(24) + noise(24)
    model = ETSModel(
        series / series.mean(), error="add", trend="add", damped_trend=True, initialization_method="heuristic"
    )

    assert sales.tell(series).ets[-1] == pytest.approx(model.fit(disp=False).forecast(6) * series.mean(), rel=1e-6)


def test_order_of_rows_does_not_matter() -> None:
    given = history(T1=list(100 + noise(20)), T2=[0.0] * 8 + list(50 + noise(12, 4)), T3=[5.0] * 20)

    assert sales.forecasts(given).equals(sales.forecasts(shuffled(given)))


def test_weights_found_before_are_kept_for_the_months_that_are_as_they_were() -> None:
    before = list(100 + 10 * np.arange(36) + noise(36))
    given, changed = history(T1=before), history(T1=[*before[:-1], 500.0])
    found = sales.fits(given)

    assert sales.forecasts(given, fitted=found).equals(sales.forecasts(given))
    assert sales.fits(changed, found).equals(sales.fits(changed))
    told_apart = found.set_column(4, "damping_trend", pa.array([0.9] * found.num_rows))
    assert sales.fits(given, told_apart).equals(told_apart)
    assert sales.fits(changed, told_apart)["damping_trend"].to_pylist()[:-1] == [0.9] * (found.num_rows - 1)


def test_nothing_is_fitted_to_short_history() -> None:
    assert sales.fits(history(T1=[50.0 + number for number in range(11)])).num_rows == 0
