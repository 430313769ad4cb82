# Grain: one row per open opportunity: probability of winning it, and why.
from pipelines.forecast import win


def model(dbt, session):
    return win.scores(dbt.ref("int_deal_snapshot").to_arrow_table(), dbt.ref("int_win_model").to_arrow_table())
