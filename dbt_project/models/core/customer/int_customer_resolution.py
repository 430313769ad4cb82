# Grain: one row per customer record of a source: the cluster it belongs to, and why; only affected ones are redone.
from pipelines.customers import unify


def model(dbt, session):
    records = dbt.ref("int_customer_normalised").to_arrow_table()
    pairs = dbt.ref("int_customer_pair").to_arrow_table()
    models = dbt.ref("customer_match_model").to_arrow_table()
    words = dbt.ref("customer_decision").to_arrow_table()
    before = unify.last_time(session, dbt.this.schema, dbt.this.identifier, unify.RESOLUTION)
    return unify.resolution(records, pairs, models, words, before)
