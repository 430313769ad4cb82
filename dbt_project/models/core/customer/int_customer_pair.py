# Grain: one row per pair of customer records that may be one customer; only changed records are matched again.
from pipelines.customers import unify


def model(dbt, session):
    records = dbt.ref("int_customer_normalised").to_arrow_table()
    models = dbt.ref("customer_match_model").to_arrow_table()
    keys = dbt.ref("int_customer_blocking_key").to_arrow_table()
    before = unify.last_time(session, dbt.this.schema, dbt.this.identifier, unify.PAIRS)
    resolved_before = unify.last_time(session, dbt.this.schema, "int_customer_resolution", unify.RESOLUTION)
    return unify.pairs(records, models, keys, before, resolved_before)
