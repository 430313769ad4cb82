# Grain: one row per party type: the model the current release carries, trained anew only when it no longer fits.
from pipelines.customers import unify


def model(dbt, session):
    records = dbt.ref("int_customer_normalised").to_arrow_table()
    return unify.match_models(records, dbt.source("config", "customer_match_model").to_arrow_table())
