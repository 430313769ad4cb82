# Grain: one row per event of a customer key and record concerned; continues the book of the current release.
from pipelines.customers import unify


def model(dbt, session):
    resolved = dbt.ref("int_customer_resolution").to_arrow_table()
    decisions = dbt.ref("customer_decision").to_arrow_table()
    ((today,),) = dbt.source("config", "company").project("as_of_date").fetchall()
    book = dbt.source("config", "customer_key_event").order("event_no, source_system, source_key").to_arrow_table()
    decisions_before = dbt.source("config", "customer_decision").to_arrow_table()
    return unify.key_events(resolved, decisions, today, book, decisions_before)
