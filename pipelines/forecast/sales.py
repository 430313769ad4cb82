"""Bookings of the next months per unit, and what the same rule would have said at the end of past months.

Two forecasts stand beside each other: exponential smoothing with an additive damped trend (Gardner and McKenzie 1985;
with additive seasons from three years of history on), and the seasonal naive one, the same month of the year before
(last month where there is no such month). At the end of each month a unit uses smoothing if it was closer on the
months that had ended by then, and the naive one until then. The backtest walks that road month by month, so the rule
is judged as it is used; a unit where the rule did not beat the naive forecast uses the naive one.
"""

import hashlib
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.forecast.tables import MONEY

HORIZONS = 6
LEAST_MONTHS = 6
"""Months of history below which nothing is said."""
SMOOTHED_MONTHS = 12
"""Months of history from which on smoothing is tried."""
SEASONS_MONTHS = 36
SEASON = 12
ORIGINS = 12
"""Past months' ends that are looked back on, at most: one year, so every season counts once."""
REFIT_MONTHS = 6
"""Months a fitted set of smoothing weights is kept: the states move on each month, the weights hardly do."""

FORECAST = pa.schema(
    [
        ("org_unit_id", pa.string()),
        ("origin_month", pa.date32()),
        ("horizon", pa.int32()),
        ("forecast_month", pa.date32()),
        ("history_months", pa.int32()),
        ("method", pa.string()),
        ("value", MONEY),
        ("ets_value", MONEY),
        ("naive_value", MONEY),
        ("naive_method", pa.string()),
        ("actual", MONEY),
        ("history_hash", pa.string()),
    ]
)
"""Grain: unit, last month known and months ahead. actual: null for months to come. value: of the method chosen then.
history_hash: of the months and amounts it was foretold from."""
FIT = pa.schema(
    [
        ("series_hash", pa.string()),
        ("smoothing_level", pa.float64()),
        ("smoothing_trend", pa.float64()),
        ("smoothing_seasonal", pa.float64()),
        ("damping_trend", pa.float64()),
    ]
)
"""Grain: series of amounts a set of smoothing weights was fitted to. smoothing_seasonal: null below three years."""
Weights = Mapping[str, float]
"""By name; those of a `FIT`."""


@dataclass(frozen=True)
class Told:
    """One unit's forecasts: by row an origin (months of history used), by column a horizon; nan where none."""

    origins: np.ndarray
    ets: np.ndarray
    naive: np.ndarray
    seasonal: np.ndarray
    """Was the naive one the same month of the year before?"""


def fits(history: pa.Table, known: pa.Table | None = None) -> pa.Table:
    """Weights (`FIT`) for all that `forecasts` smooths of that history.

    known: weights found before by the same code; those of the same series are kept, as a fit sees nothing else.
    """
    before, found = _by_series(known), {}
    with _on_one_thread():
        for _, _, amounts in _series(history):
            series = _floats(amounts)
            for months in sorted(set(_fitted_months(series, _origins(series))) - {0}):
                fitted = series[:months]
                key = _series_hash(fitted)
                found[key] = before.get(key) or _fit(_smoother(fitted))
    return pa.Table.from_pylist([{"series_hash": key, **weights} for key, weights in found.items()], schema=FIT)


def forecasts(history: pa.Table, known: pa.Table | None = None, fitted: pa.Table | None = None) -> pa.Table:
    """Forecasts (`FORECAST`) from `int_bookings_month` (org_unit_id, month_start, amount), one row a month.

    A unit's history begins with its first month that is not zero; what came before is the unit not selling yet.
    known: forecasts made before by the same code; those of units with the same history are kept as they are.
    fitted: what `fits` found; what is not in it is fitted here.
    """
    weights = _by_series(fitted)
    with _on_one_thread():
        kept, made = [], []
        before = _by_history(known)
        for unit, months, amounts in _series(history):
            same = before.get((unit, _hash(months, amounts)))
            if same is None:
                made += list(_unit_rows(unit, months, amounts, weights))
            else:
                kept.append(same)
    return pa.concat_tables([*kept, pa.Table.from_pylist(made, schema=FORECAST)])


@contextmanager
def _on_one_thread() -> Iterator[None]:
    """On more threads the optimiser waits for them, and may end a hair elsewhere."""
    from threadpoolctl import threadpool_limits

    _library()  # only libraries that are loaded by then are limited
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # statsmodels warns of series it finds hard; the backtest judges them
        yield


def _by_series(fitted: pa.Table | None) -> dict[str, Weights]:
    return {} if fitted is None else {row["series_hash"]: row for row in fitted.to_pylist()}


def _by_history(known: pa.Table | None) -> dict[tuple[str, str], pa.Table]:
    if known is None:
        return {}
    ordered = known.select(FORECAST.names).cast(FORECAST).sort_by([("org_unit_id", "ascending")])
    keys = list(zip(ordered["org_unit_id"].to_pylist(), ordered["history_hash"].to_pylist(), strict=True))
    edges = [row for row in range(len(keys)) if row == 0 or keys[row] != keys[row - 1]] + [len(keys)]
    return {keys[low]: ordered.slice(low, high - low) for low, high in pairwise(edges)}


def _series_hash(series: np.ndarray) -> str:
    return hashlib.sha256(series.tobytes()).hexdigest()


def _floats(amounts: list[Decimal]) -> np.ndarray:
    return np.array([float(amount) for amount in amounts])


def _hash(months: list[date], amounts: list[Decimal]) -> str:
    return hashlib.sha256(repr([months[0], *map(str, amounts)]).encode()).hexdigest()


def _series(history: pa.Table) -> Iterator[tuple[str, list[date], list[Decimal]]]:
    ordered = history.take(pc.sort_indices(history, [("org_unit_id", "ascending"), ("month_start", "ascending")]))
    units, months, amounts = (ordered[name].to_pylist() for name in ("org_unit_id", "month_start", "amount"))
    edges = [row for row in range(len(units)) if row == 0 or units[row] != units[row - 1]] + [len(units)]
    for low, high in pairwise(edges):
        first = next((row for row in range(low, high) if amounts[row]), high)
        if high - first >= LEAST_MONTHS:
            yield units[low], months[first:high], amounts[first:high]


def _unit_rows(
    unit: str, months: list[date], amounts: list[Decimal], fitted: Mapping[str, Weights]
) -> Iterator[dict[str, Any]]:
    series = _floats(amounts)
    history_hash = _hash(months, amounts)
    told = tell(series, fitted)
    for row, (known, uses_ets) in enumerate(zip(told.origins, choices(series, told), strict=True)):
        for step in range(HORIZONS):
            ets, naive, ahead = told.ets[row, step], told.naive[row, step], known + step
            if known < len(series) <= ahead:
                continue  # a past origin's forecast of a month that has not ended: nothing to judge yet
            seasonal = "seasonal_naive" if told.seasonal[row, step] else "naive"
            yield {
                "org_unit_id": unit,
                "origin_month": months[known - 1],
                "horizon": step + 1,
                "forecast_month": _month_after(months[known - 1], step + 1),
                "history_months": known,
                "method": "ets" if uses_ets else seasonal,
                "value": _money(ets if uses_ets else naive),
                "ets_value": _money(ets),
                "naive_value": _money(naive),
                "naive_method": seasonal,
                "actual": amounts[ahead] if ahead < len(series) else None,
                "history_hash": history_hash,
            }


def tell(series: np.ndarray, fitted: Mapping[str, Weights] | None = None) -> Told:
    """Both forecasts at the end of every month looked back on and of the last one.

    fitted: weights by hash of the series they were fitted to; what is not in it is fitted here.
    """
    length = len(series)
    origins = _origins(series)
    ahead = np.arange(HORIZONS)
    same_month = origins[:, None] + ahead - SEASON
    seasonal = same_month >= 0
    naive = np.where(seasonal, series[np.clip(same_month, 0, length - 1)], series[origins - 1][:, None])
    return Told(origins, _smoothed(series, origins, fitted or {}), naive, seasonal)


def _origins(series: np.ndarray) -> np.ndarray:
    length = len(series)
    return np.arange(max(LEAST_MONTHS, length - ORIGINS), length + 1)


def choices(series: np.ndarray, told: Told) -> list[bool]:
    """For each origin: is smoothing used?

    If it was closer than the naive forecast on the months that had ended by then, and the rule itself has not
    done worse than the naive forecast so far; today, only if it has done better.
    """
    months = told.origins[:, None] + np.arange(HORIZONS)
    ours = told.naive.copy()
    chosen = []
    for row, known in enumerate(told.origins):
        judged = (months < known) & ~np.isnan(told.ets)
        actual = series[np.where(judged, months, 0)]
        ets, naive, rule = (np.abs(one - actual)[judged].sum() for one in (told.ets, told.naive, ours))
        kept_up = rule < naive if known == len(series) else rule <= naive
        chosen.append(bool(ets < naive and kept_up))
        if chosen[-1]:
            ours[row] = told.ets[row]
    return chosen


def _fitted_months(series: np.ndarray, origins: np.ndarray) -> list[int]:
    """For each origin the months its weights are fitted to; 0 where history is short or mostly empty."""
    found, fitted = [], 0
    for known in origins.tolist():
        if known < SMOOTHED_MONTHS or np.count_nonzero(series[:known]) < known / 2:
            found.append(0)
            continue
        anew = known in (len(series), SEASONS_MONTHS) or (known - origins[0]) % REFIT_MONTHS == 0
        fitted = known if anew or not fitted else fitted
        found.append(fitted)
    return found


def _smoothed(series: np.ndarray, origins: np.ndarray, fitted: Mapping[str, Weights]) -> np.ndarray:
    """Forecasts by exponential smoothing; nan where nothing is fitted. Below 0 only if history was."""
    found = np.full((len(origins), HORIZONS), np.nan)
    months = _fitted_months(series, origins)
    states = {known: _States(series, known, fitted) for known in set(months) - {0}}
    for row, known in enumerate(origins):
        if months[row]:
            told = states[months[row]].forecast(known)
            found[row] = np.maximum(told, 0) if series[:known].min() >= 0 else told
    return found


class _States:
    """Level, trend and seasons after each month, by weights fitted to the first `known` months.

    A state depends on the months up to its own only, so one pass serves every origin that keeps the weights.
    """

    def __init__(self, series: np.ndarray, known: int, fitted: Mapping[str, Weights]) -> None:
        past = _smoother(series[:known])
        weights = fitted.get(_series_hash(series[:known])) or _fit(past)
        start = {"initial_level": past.initial_level, "initial_trend": past.initial_trend}
        if past.has_seasonal:
            start["initial_seasonal"] = past.initial_seasonal
        # the whole series would begin elsewhere: what came later must not tell where the states begin
        whole = _smoother(series, known, initialization_method="known", **start)
        # bare numbers: what the library else works out to describe a fit costs as much as the fit
        _, states = whole.smooth([weights[name] for name in whole.param_names], return_raw=True)
        self._scale = _scale(series[:known])
        self._levels, self._trends = states[:, 0], states[:, 1]
        self._seasons = states[:, 2] if past.has_seasonal else None
        self._steps = np.cumsum(weights["damping_trend"] ** np.arange(1, HORIZONS + 1))

    def forecast(self, known: int) -> np.ndarray:
        """The next months as seen after `known` months."""
        told = self._levels[known - 1] + self._steps * self._trends[known - 1]
        if self._seasons is not None:
            told = told + self._seasons[known - SEASON : known - SEASON + HORIZONS]
        return told * self._scale


def _smoother(series: np.ndarray, known: int | None = None, **start: Any) -> Any:
    """The model of a series as it is after `known` months (all unless told)."""
    past = series[:known]
    seasons = {"seasonal": "add", "seasonal_periods": SEASON} if len(past) >= SEASONS_MONTHS else {}
    begins = start or {"initialization_method": "heuristic"}
    return _library()(series / _scale(past), error="add", trend="add", damped_trend=True, **begins, **seasons)


def _scale(past: np.ndarray) -> float:
    """The mean, so that the optimiser's tolerance means the same for every unit."""
    return float(np.abs(past).mean())


def _library() -> Any:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    return ETSModel


def _fit(model: Any) -> Weights:
    found = model.fit(disp=False, return_params=True)
    return dict(zip(model.param_names, found.tolist(), strict=True))


def _money(value: float) -> Decimal | None:
    return None if np.isnan(value) else Decimal(f"{value:.2f}")


def _month_after(month: date, months: int) -> date:
    total = month.year * 12 + month.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)
