# Grain: one row per opportunity and day it was looked at after a cutoff, with what models trained before it foretold.
from pipelines.forecast import win


def model(dbt, session):
    ((today,),) = dbt.source("config", "company").project("as_of_date").fetchall()
    return win.backtest(dbt.ref("int_deal_snapshot").to_arrow_table(), today)
