"""Opportunities as they stood on days in the past, with what was known then and nothing that came later.

A closed deal is looked at on the day it entered each stage and every 30 days it stayed there; an open one today.
Nothing is taken from the day a deal closed or after: an entry on that day is its outcome. A stage that nobody ever
leaves and no open deal stands in is an outcome too, whatever its name.

Two things a source may rewrite later cannot be walked back, as no source keeps their history: the owner and the
amount. So amounts count only where won, lost and open deals carry them about equally often (`amount_is_known`); where
an export writes 0 on deals lost, or no amount before the close, they would tell the outcome.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.forecast.tables import arrow, codes, dates, floats, in_order

EVERY_DAYS = 30
"""Days between two looks at a deal that stays in its stage."""
MOST_LOOKS = 12
"""Looks at one stay: a deal forgotten for years would otherwise outweigh the others."""
ACTIVITY_DAYS = 90
LEAST_FOR_MEDIAN = 5
PRIOR_DEALS = 5
"""Deals at the company's win rate that an owner's own record is diluted with."""

SNAPSHOT = pa.schema(
    [
        ("source_system", pa.string()),
        ("source_key", pa.string()),
        ("snapshot_date", pa.date32()),
        ("status", pa.string()),
        ("closed_date", pa.date32()),
        ("stage", pa.string()),
        ("age_days", pa.float64()),
        ("stage_days", pa.float64()),
        ("amount_ratio", pa.float64()),
        ("existing_customer", pa.float64()),
        ("activities", pa.float64()),
        ("owner_win_rate", pa.float64()),
    ]
)
"""Grain: opportunity and day looked at. A feature that is not known is null.

amount_ratio: amount beside the median of deals its unit opened before (the company's where the unit had fewer than 5);
existing_customer: 1 if the customer had bought before; activities: done with the customer in the 90 days before;
owner_win_rate: share won of the owner's deals closed before that day, with 5 deals at the company's rate of then.
"""
_KEYS = ["source_system", "source_key"]
_STRIDE = 1 << 32
"""Farther from each other than any two days."""


@dataclass(frozen=True)
class _Deals:
    """Deals in order of their key, as numbers by row: days since 1970 (nan: not known), codes (-1: none)."""

    table: pa.Table
    is_open: np.ndarray
    is_won: np.ndarray
    created: np.ndarray
    closed: np.ndarray
    amount: np.ndarray
    first_purchase: np.ndarray
    customer: np.ndarray
    customers: pa.Array
    owner: np.ndarray
    unit: np.ndarray


@dataclass(frozen=True)
class _Stays:
    """Stays of each deal, in order: its row, the stage's code, and the days between which it stood there."""

    row: np.ndarray
    stage: np.ndarray
    stages: pa.Array
    entered: np.ndarray
    ended: np.ndarray
    is_last: np.ndarray


@dataclass(frozen=True)
class _Looks:
    """Looks in order of deal and day: the deal's row, the stage's code, and when the stage was entered."""

    row: np.ndarray
    stage: np.ndarray
    entered: np.ndarray
    day: np.ndarray

    def take(self, rows: np.ndarray) -> "_Looks":
        """Those looks."""
        return _Looks(self.row[rows], self.stage[rows], self.entered[rows], self.day[rows])


def snapshots(deals: pa.Table, stays: pa.Table, activities: pa.Table, today: date) -> pa.Table:
    """All looks (`SNAPSHOT`) at the opportunities of `int_deal`, in order of key and day."""
    now = float((today - date(1970, 1, 1)).days)
    known = _deals(deals, now)
    stood = _stays(stays, known, now)
    looks = _looks(known, stood)
    return arrow(
        {
            **{name: known.table[name].take(looks.row) for name in (*_KEYS, "status", "closed_date")},
            "stage": stood.stages.take(pa.array(looks.stage, mask=looks.stage < 0)),
            "snapshot_date": dates(looks.day),
            **_features(known, looks, activities),
        },
        SNAPSHOT,
    )


def amount_is_known(status: pa.ChunkedArray, amount: np.ndarray) -> bool:
    """Do won, lost and open deals carry an amount about equally often, so that having one tells nothing?"""
    given = [(amount > 0)[pc.equal(status, name).to_numpy()].mean() for name in pc.unique(status)]
    return bool(len(given) > 0 and min(given) >= 0.5 * max(given) > 0)


def _deals(table: pa.Table, now: float) -> _Deals:
    """Deals that are open, or closed on a known day up to today."""
    status = table["status"]
    is_closed = _is_true(pc.is_in(status, pa.array(["won", "lost"]))) & (floats(table["closed_date"]) <= now)
    ordered = in_order(table.filter(pa.array(is_closed | _is_true(pc.equal(status, "open")))), _KEYS)
    customers = pc.unique(ordered["customer_key"]).drop_null()
    return _Deals(
        ordered,
        is_open=_is_true(pc.equal(ordered["status"], "open")),
        is_won=_is_true(pc.equal(ordered["status"], "won")),
        created=floats(ordered["created_date"]),
        closed=floats(ordered["closed_date"]),
        amount=floats(ordered["opening_amount"]),
        first_purchase=floats(ordered["first_purchase_date"]),
        customer=codes(ordered["customer_key"], customers),
        customers=customers,
        owner=_own_codes(ordered["owner_employee_id"]),
        unit=_own_codes(ordered["org_unit_id"]),
    )


def _is_true(found: pa.ChunkedArray) -> np.ndarray:
    return pc.fill_null(found, False).to_numpy()


def _own_codes(column: pa.ChunkedArray) -> np.ndarray:
    return codes(column, pc.unique(column).drop_null())


def _stays(table: pa.Table, deals: _Deals, now: float) -> _Stays:
    """Stays with their deal's row and the day they ended; a deal without history stays where it is since it began."""
    found = _of_deals(table, deals.table)
    bare = np.flatnonzero(np.bincount(found["row"], minlength=deals.table.num_rows) == 0)
    row = np.concatenate([found["row"], bare])
    order = np.argsort(row, kind="stable")
    row = row[order]
    stages = pc.unique(pa.concat_tables([found.select(["stage"]), deals.table.select(["stage"])])["stage"]).drop_null()
    # where a closed deal stands is its outcome
    standing = np.where(deals.is_open, codes(deals.table["stage"], stages), -1)
    entered = np.concatenate([floats(found["entered_date"]), deals.created[bare]])[order]
    is_last = np.diff(row, append=-1) != 0
    until = np.where(deals.is_open, now, deals.closed)[row]
    return _Stays(
        row=row,
        stage=np.concatenate([codes(found["stage"], stages), standing[bare]])[order],
        stages=stages,
        entered=entered,
        ended=np.minimum(np.where(is_last, until, np.append(entered[1:], np.nan)), until),
        is_last=is_last,
    )


def _of_deals(stays: pa.Table, deals: pa.Table) -> pa.Table:
    """Stays of these deals with their deal's row, in order."""
    rows = deals.select(_KEYS).append_column("row", pa.array(np.arange(deals.num_rows)))
    columns = stays.select([*_KEYS, "stay_number", "stage", "entered_date"])
    return in_order(columns.join(rows, _KEYS, join_type="inner").drop_columns(_KEYS), ["row", "stay_number"])


def _looks(deals: _Deals, stays: _Stays) -> _Looks:
    is_open = deals.is_open[stays.row]
    length = np.nan_to_num(stays.ended - stays.entered)
    count = np.clip(np.ceil(length / EVERY_DAYS), 0, MOST_LOOKS).astype(int)
    count[is_open | _is_outcome(stays, is_open)] = 0
    past = np.repeat(np.arange(len(count)), count)
    step = np.arange(len(past)) - np.repeat(np.cumsum(count) - count, count)
    standing = np.flatnonzero(is_open & stays.is_last)
    stay = np.concatenate([past, standing])
    day = np.concatenate([stays.entered[past] + EVERY_DAYS * step, stays.ended[standing]])
    found = _Looks(stays.row[stay], stays.stage[stay], stays.entered[stay], day)
    return found.take(np.lexsort((found.day, found.row)))


def _is_outcome(stays: _Stays, is_open: np.ndarray) -> np.ndarray:
    passed = stays.stage[~stays.is_last | is_open]
    return (stays.stage >= 0) & ~np.isin(stays.stage, passed)


def _features(deals: _Deals, looks: _Looks, activities: pa.Table) -> dict[str, np.ndarray]:
    first_known = np.fmin(deals.created[looks.row], looks.entered)
    return {
        "age_days": np.maximum(looks.day - first_known, 0),
        "stage_days": np.maximum(looks.day - looks.entered, 0),
        "amount_ratio": np.round(_amount_ratios(deals), 9)[looks.row],
        "existing_customer": _existing(deals, looks),
        "activities": _activities(deals, looks, activities),
        "owner_win_rate": np.round(_owner_rates(deals, looks), 9),
    }


def _existing(deals: _Deals, looks: _Looks) -> np.ndarray:
    bought = deals.first_purchase[looks.row] < looks.day
    return np.where(deals.customer[looks.row] < 0, np.nan, bought.astype(float))


def _activities(deals: _Deals, looks: _Looks, table: pa.Table) -> np.ndarray:
    done = table.select(["customer_key", "activity_date"]).filter(pc.equal(table["status"], "done"))
    if not done.num_rows:  # nobody writes activities down: that says nothing about a deal
        return np.full(len(looks.day), np.nan)
    book = _Ledger(codes(done["customer_key"], deals.customers), floats(done["activity_date"]))
    customer = deals.customer[looks.row]
    counted = book.between(customer, looks.day - ACTIVITY_DAYS, looks.day)
    return np.where(customer < 0, np.nan, counted)


def _owner_rates(deals: _Deals, looks: _Looks) -> np.ndarray:
    ended = ~deals.is_open
    won = ended & deals.is_won
    owner = deals.owner[looks.row]
    own_deals, own_won = (_Ledger(deals.owner[of], deals.closed[of]).before(owner, looks.day) for of in (ended, won))
    all_deals, all_won = (_places(np.sort(deals.closed[of]), looks.day) for of in (ended, won))
    rate = np.divide(all_won, all_deals, out=np.full(len(owner), np.nan), where=all_deals > 0)
    return np.where(owner < 0, np.nan, (own_won + PRIOR_DEALS * rate) / (own_deals + PRIOR_DEALS))


def _amount_ratios(deals: _Deals) -> np.ndarray:
    """Amount beside the median of the deals opened before it, by row of `deals`."""
    if not amount_is_known(deals.table["status"], deals.amount):
        return np.full(len(deals.amount), np.nan)
    order = np.argsort(deals.created, kind="stable")
    given = pd.Series(np.where(deals.amount > 0, deals.amount, np.nan)[order])
    units = pd.Series(deals.unit[order]).where(lambda code: code >= 0)
    grouped = given.groupby(units).expanding(LEAST_FOR_MEDIAN).median().droplevel(0).reindex(given.index)
    median = grouped.groupby(units).shift()
    missing = np.flatnonzero(median.isna() & given.notna())
    if len(missing):
        company = given[: missing[-1] + 1].expanding(LEAST_FOR_MEDIAN).median().shift()
        median = median.fillna(company)
    ratios = np.empty(len(order))
    ratios[order] = given / median
    return ratios


class _Ledger:
    """Dated entries of groups (codes; -1: none), to be counted over any days in one go."""

    def __init__(self, groups: np.ndarray, days: np.ndarray) -> None:
        known = (groups >= 0) & ~np.isnan(days)
        self._entries = np.sort(_ledger_keys(groups[known], days[known]))

    def between(self, groups: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Number of each group's entries with first <= day < last."""
        low, high = (_places(self._entries, _ledger_keys(groups, days)) for days in (first, last))
        return high - low

    def before(self, groups: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Number of each group's entries before that day."""
        return self.between(groups, np.full(len(days), -np.inf), days)


def _places(entries: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """`np.searchsorted`, told in order: looking for what lies close to the last is several times quicker."""
    order = np.argsort(wanted)
    found = np.empty(len(wanted), dtype=np.intp)
    found[order] = np.searchsorted(entries, wanted[order])
    return found


def _ledger_keys(groups: np.ndarray, days: np.ndarray) -> np.ndarray:
    return groups * _STRIDE + np.clip(days, -_STRIDE / 4, _STRIDE / 4).astype(np.int64)
