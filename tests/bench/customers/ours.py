"""Scoreline as a contender: raw records through the same steps that a nightly run takes."""

from datetime import date

import pyarrow as pa

from pipelines.customers.unify import unify

TODAY = date(2026, 1, 1)
"""Day the keys are booked under; it decides nothing."""


def clusters(raw: pa.Table) -> dict[str, str]:
    """Record id -> cluster, from an empty ledger."""
    resolution = unify(raw, TODAY).resolution
    return dict(zip(resolution["record_id"].to_pylist(), resolution["cluster_id"].to_pylist(), strict=True))
