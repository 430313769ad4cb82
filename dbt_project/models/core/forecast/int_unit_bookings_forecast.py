# Grain: one row per org unit (own people only), last month known and months ahead: forecasts of the past and of today.
from pipelines.forecast import sales, tables


def model(dbt, session):
    known = tables.left_by_last_build(session, dbt.this, dbt.source("config", "last_fact_fingerprint"))
    fitted = dbt.ref("int_unit_bookings_fit").to_arrow_table()
    return sales.forecasts(dbt.ref("int_bookings_month").to_arrow_table(), known, fitted)
