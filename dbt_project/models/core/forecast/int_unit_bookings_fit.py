# Grain: one row per series of monthly amounts that exponential smoothing was fitted to.
from pipelines.forecast import sales, tables


def model(dbt, session):
    known = tables.left_by_last_build(session, dbt.this, dbt.source("config", "last_fact_fingerprint"))
    return sales.fits(dbt.ref("int_bookings_month").to_arrow_table(), known)
