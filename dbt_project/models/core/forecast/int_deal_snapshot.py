# Grain: one row per opportunity and day it is looked at: closed ones as they stood while open, open ones as they stand.
from pipelines.forecast import snapshots


def model(dbt, session):
    deals = dbt.ref("int_deal").to_arrow_table()
    stays = dbt.ref("int_deal_stay").to_arrow_table()
    activities = dbt.ref("int_activity").project("status, customer_key, activity_date").to_arrow_table()
    ((today,),) = dbt.source("config", "company").project("as_of_date").fetchall()
    return snapshots.snapshots(deals, stays, activities, today)
