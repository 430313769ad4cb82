# Grain: one row: the model that foretells which open opportunities are won.
from pipelines.forecast import win


def model(dbt, session):
    seen = dbt.ref("int_deal_snapshot").to_arrow_table()
    return win.chosen_model(seen, dbt.ref("int_win_backtest").to_arrow_table())
