"""Opportunities as they stood on days in the past, with what was known then and nothing that came later.

A closed deal is looked at on the day it entered each stage and every 30 days it stayed there; an open one today.
Nothing is taken from the day a deal closed or after: an entry on that day is its outcome. A stage that nobody ever
leaves and no open deal stands in is an outcome too, whatever its name.

Two things a source may rewrite later cannot be walked back, as no source keeps their history: the owner and the
amount. So amounts count only where won, lost and open deals carry them about equally often (`amount_is_known`); where
an export writes 0 on deals lost, or no amount before the close, they would tell the outcome.
"""

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from pipelines.forecast.tables import Ledger, arrow, dates, sorted_frame

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


def snapshots(deals: pa.Table, stays: pa.Table, activities: pa.Table, today: date) -> pa.Table:
    """All looks (`SNAPSHOT`) at the opportunities of `int_deal`, in order of key and day."""
    now = float((today - date(1970, 1, 1)).days)
    known = _deals(deals, now)
    looks = _looks(known, _stays(stays, known, now))
    columns = {name: looks[name] for name in ("source_system", "source_key", "status", "stage")}
    return arrow(
        {
            **columns,
            "snapshot_date": dates(looks["day"]),
            "closed_date": dates(looks["closed_date"]),
            **_features(known, looks, activities),
        },
        SNAPSHOT,
    )


def amount_is_known(deals: pd.DataFrame) -> bool:
    """Do won, lost and open deals carry an amount about equally often, so that having one tells nothing?"""
    given = (deals["opening_amount"] > 0).groupby(deals["status"]).mean()
    return bool(len(given) > 0 and given.min() >= 0.5 * given.max() > 0)


def _deals(table: pa.Table, now: float) -> pd.DataFrame:
    """Deals that are open, or closed on a known day up to today."""
    columns = [*_KEYS, "status", "created_date", "closed_date", "opening_amount", "owner_employee_id", "org_unit_id"]
    deals = sorted_frame(table, _KEYS, [*columns, "customer_key", "first_purchase_date", "stage"])
    closed = deals["status"].isin(["won", "lost"]) & (deals["closed_date"] <= now)
    return deals[closed | (deals["status"] == "open")].reset_index(drop=True)


def _stays(table: pa.Table, deals: pd.DataFrame, now: float) -> pd.DataFrame:
    """Stays with their deal's row and the day they ended; a deal without history stays where it is since it began."""
    found = sorted_frame(table, [*_KEYS, "stay_number"], [*_KEYS, "stage", "entered_date"])
    rows = deals[_KEYS].assign(row=np.arange(len(deals)))
    found = found.merge(rows, on=_KEYS, how="inner").drop(columns=_KEYS)
    bare = deals.index.difference(pd.Index(found["row"]))
    open_stage = deals["stage"].where(deals["status"] == "open", None)
    made = pd.DataFrame(
        {"stage": open_stage[bare].to_numpy(), "entered_date": deals["created_date"][bare].to_numpy(), "row": bare}
    )
    stays = pd.concat([found, made.astype({"row": found["row"].dtype})] if len(found) else [made], ignore_index=True)
    stays = stays.sort_values("row", kind="stable", ignore_index=True)
    last = stays["row"] != stays["row"].shift(-1)
    until = deals["closed_date"].where(deals["status"] != "open", now)[stays["row"]].to_numpy()
    ended = stays["entered_date"].shift(-1).where(~last, until)
    return stays.assign(is_last=last, ended=np.minimum(ended.to_numpy(dtype=float), until))


def _looks(deals: pd.DataFrame, stays: pd.DataFrame) -> pd.DataFrame:
    is_open = (deals["status"] == "open").to_numpy()[stays["row"]]
    outcome = _outcome_stages(stays, is_open)
    past = stays[~is_open & ~stays["stage"].isin(outcome)]
    length = (past["ended"] - past["entered_date"]).fillna(0).to_numpy()
    count = np.clip(np.ceil(length / EVERY_DAYS), 0, MOST_LOOKS).astype(int)
    spread = past.loc[past.index.repeat(count)]
    step = np.concatenate([np.arange(n) for n in count]) if len(count) else np.array([])
    spread = spread.assign(day=spread["entered_date"].to_numpy() + EVERY_DAYS * step)
    standing = stays[is_open & stays["is_last"]]
    looks = pd.concat([spread, standing.assign(day=standing["ended"])], ignore_index=True)
    looks = looks.merge(deals.drop(columns=["stage"]), left_on="row", right_index=True)
    return looks.sort_values(["row", "day"], kind="stable", ignore_index=True)


def _outcome_stages(stays: pd.DataFrame, is_open: np.ndarray) -> set[str]:
    passed = set(stays["stage"][~stays["is_last"] | is_open])
    return set(stays["stage"].dropna()) - passed


def _features(deals: pd.DataFrame, looks: pd.DataFrame, activities: pa.Table) -> dict[str, np.ndarray]:
    day = looks["day"].to_numpy(dtype=float)
    first_known = np.fmin(looks["created_date"].to_numpy(dtype=float), looks["entered_date"].to_numpy(dtype=float))
    return {
        "age_days": np.maximum(day - first_known, 0),
        "stage_days": np.maximum(day - looks["entered_date"].to_numpy(dtype=float), 0),
        "amount_ratio": np.round(_amount_ratios(deals)[looks["row"]], 9),
        "existing_customer": _existing(looks, day),
        "activities": _activities(looks, day, activities),
        "owner_win_rate": np.round(_owner_rates(deals, looks, day), 9),
    }


def _existing(looks: pd.DataFrame, day: np.ndarray) -> np.ndarray:
    bought = looks["first_purchase_date"].to_numpy(dtype=float) < day
    return np.where(looks["customer_key"].isna(), np.nan, bought.astype(float))


def _activities(looks: pd.DataFrame, day: np.ndarray, table: pa.Table) -> np.ndarray:
    done = sorted_frame(table, _KEYS, ["status", "customer_key", "activity_date"])
    done = done[done["status"] == "done"]
    if done.empty:  # nobody writes activities down: that says nothing about a deal
        return np.full(len(looks), np.nan)
    book = Ledger(done["customer_key"].to_numpy(), done["activity_date"].to_numpy(dtype=float))
    counted = book.between(looks["customer_key"].to_numpy(), day - ACTIVITY_DAYS, day)
    return np.where(looks["customer_key"].isna(), np.nan, counted)


def _owner_rates(deals: pd.DataFrame, looks: pd.DataFrame, day: np.ndarray) -> np.ndarray:
    closed = deals[deals["status"] != "open"]
    ended, won = closed["closed_date"].to_numpy(dtype=float), (closed["status"] == "won").to_numpy(dtype=float)
    owners, asked, all_ = closed["owner_employee_id"].to_numpy(), looks["owner_employee_id"].to_numpy(), ["all"]
    start = np.full(len(day), -1e6)
    company_deals = Ledger(all_ * len(closed), ended).between(all_ * len(day), start, day)
    company_won = Ledger(all_ * len(closed), ended, won).between(all_ * len(day), start, day)
    rate = np.divide(company_won, company_deals, out=np.full(len(day), np.nan), where=company_deals > 0)
    own_deals = Ledger(owners, ended).between(asked, start, day)
    own_won = Ledger(owners, ended, won).between(asked, start, day)
    return np.where(
        looks["owner_employee_id"].isna(), np.nan, (own_won + PRIOR_DEALS * rate) / (own_deals + PRIOR_DEALS)
    )


def _amount_ratios(deals: pd.DataFrame) -> np.ndarray:
    """Amount beside the median of the deals opened before it, by row of `deals`."""
    given = deals["opening_amount"].where(deals["opening_amount"] > 0)
    if not amount_is_known(deals):
        return np.full(len(deals), np.nan)
    ordered = given[deals.sort_values("created_date", kind="stable").index]
    units = deals["org_unit_id"][ordered.index]
    grouped = ordered.groupby(units).expanding(LEAST_FOR_MEDIAN).median().droplevel(0).reindex(ordered.index)
    own = grouped.groupby(units).shift()
    company = ordered.expanding(LEAST_FOR_MEDIAN).median().shift()
    median = own.fillna(company)
    return (given / median.reindex(deals.index)).to_numpy(dtype=float)
