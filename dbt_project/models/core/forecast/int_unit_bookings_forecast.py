# Grain: one row per org unit (own people only), last month known and months ahead: forecasts of the past and of today.
from pipelines.forecast import sales


def model(dbt, session):
    return sales.forecasts(dbt.ref("int_bookings_month").to_arrow_table())
