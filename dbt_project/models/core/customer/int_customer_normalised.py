# Grain: one row per customer record of a source, in the form the matcher compares; unchanged records are not redone.
from pipelines.customers import unify


def model(dbt, session):
    raw = dbt.ref("customer_record").to_arrow_table()
    before = unify.last_time(session, dbt.this.schema, dbt.this.identifier, unify.NORMALISED)
    return unify.normalised(raw, before)
