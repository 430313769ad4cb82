# Grain: one row per customer record of a source: the keys it may meet others by; unchanged records are not redone.
from pipelines.customers import unify


def model(dbt, session):
    records = dbt.ref("int_customer_normalised").to_arrow_table()
    models = dbt.ref("customer_match_model").to_arrow_table()
    before = unify.last_time(session, dbt.this.schema, dbt.this.identifier, unify.BLOCKING_KEYS)
    return unify.blocking_keys(records, models, before)
