# Grain: one row per open lead: probability that it becomes an opportunity, and why.
from pipelines.forecast import leads


def model(dbt, session):
    ((today,),) = dbt.source("config", "company").project("as_of_date").fetchall()
    return leads.scores(dbt.ref("int_lead").to_arrow_table(), today)
