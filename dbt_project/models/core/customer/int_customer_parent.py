# Grain: one row per customer record that is a part of another one, with the record it is a part of.
from pipelines.customers import unify


def model(dbt, session):
    records = dbt.ref("int_customer_normalised").to_arrow_table()
    resolved = dbt.ref("int_customer_resolution").to_arrow_table()
    raw = dbt.ref("customer_record").to_arrow_table()
    return unify.parents(records, resolved, raw, dbt.ref("customer_decision").to_arrow_table())
