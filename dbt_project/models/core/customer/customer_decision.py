# Grain: one row per pair of customer records people ever decided on: the last word on it.
from pipelines.customers import unify


def model(dbt, session):
    return unify.settled(dbt.source("config", "steward_decision").to_arrow_table())
