"""Win probabilities: what is learnt is what is there, it holds on later deals, and chance teaches nothing."""

import json
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from threadpoolctl import threadpool_limits

from pipelines.forecast import win
from pipelines.forecast.snapshots import snapshots
from tests.pipelines.forecast.deals import ACTIVITY, DEAL, STAY, TODAY, deal, market, shuffled, stays, table

Foretold = tuple[pa.Table, pa.Table, pa.Table]


def foretell(seen: pa.Table) -> Foretold:
    """Backtest, model and scores."""
    tested = win.backtest(seen, TODAY)
    model = win.chosen_model(seen, tested)
    return tested, model, win.scores(seen, model)


@pytest.fixture(scope="module")
def lively() -> tuple[pa.Table, dict[str, float]]:
    deals, entered, activities, chances = market(1500, 0.3)
    return snapshots(deals, entered, activities, TODAY), chances


def test_a_known_effect_is_found_and_probabilities_hold(lively: tuple[pa.Table, dict[str, float]]) -> None:
    seen, chances = lively
    tested, model, scores = foretell(seen)

    assert model["method"].to_pylist() == ["logistic"]
    outcome = np.array(tested["is_won"].to_pylist())
    told = {name: np.array(tested[name].to_pylist(), dtype=float) for name in win.METHODS}
    brier = {name: np.mean((values - outcome) ** 2) for name, values in told.items()}
    assert brier["logistic"] < 0.8 * brier["base_rate"]
    high = told["logistic"] > 0.5
    for part, truth in ((high, 0.8), (~high, 0.2)):
        assert abs(told["logistic"][part].mean() - outcome[part].mean()) < 0.08
        assert abs(told["logistic"][part].mean() - truth) < 0.08
    errors = [abs(float(row["win_probability"]) - chances[row["source_key"]]) for row in scores.to_pylist()]
    assert np.mean(errors) < 0.08


def test_reasons_name_what_matters_in_both_languages(lively: tuple[pa.Table, dict[str, float]]) -> None:
    seen, chances = lively
    for row in foretell(seen)[2].to_pylist():
        first = json.loads(row["reasons"])[0]
        likely = chances[row["source_key"]] > 0.5
        assert (first["feature"], first["direction"]) == ("existing_customer", "up" if likely else "down")
        assert row["reasons_en"].startswith("+ existing customer" if likely else "- new customer")
        assert row["reasons_zh"].startswith("+ 老客户" if likely else "- 新客户")


def test_where_outcomes_are_chance_the_plain_win_rate_is_used() -> None:
    deals, entered, activities, _ = market(1500, 0.0)
    _, model, scores = foretell(snapshots(deals, entered, activities, TODAY))

    assert model["method"].to_pylist() == ["base_rate"]
    assert len(set(scores["win_probability"].to_pylist())) == 1
    assert "Brier" in model["method_reason_en"][0].as_py() and "Brier" in model["method_reason_zh"][0].as_py()


def test_few_closed_deals_give_the_diluted_rate_of_the_stage() -> None:
    deals = [deal(f"{n}", "won" if n < 6 else "lost", date(2025, 1, 1), date(2025, 2, 1)) for n in range(10)]
    entered = [
        stay
        for n in range(10)
        for stay in stays(f"{n}", ("New", date(2025, 1, 1)), *([("Offer", date(2025, 1, 9))] if n < 5 else []))
    ]
    deals += [deal("x", "open", date(2025, 12, 1)), deal("y", "open", date(2025, 12, 1))]
    entered += stays("x", ("New", date(2025, 12, 1)), ("Offer", date(2025, 12, 9))) + stays(
        "y", ("New", date(2025, 12, 1))
    )
    _, model, scores = foretell(snapshots(table(deals, DEAL), table(entered, STAY), table([], ACTIVITY), TODAY))

    assert model["method"].to_pylist() == ["stage_rate"]
    assert model["method_reason_en"][0].as_py() == (
        "win rate of the stage: only 10 closed deals to learn from (50 of both outcomes are needed)"
    )
    assert [(row["source_key"], str(row["win_probability"]), row["reasons_en"]) for row in scores.to_pylist()] == [
        ("x", "0.680000", "+ 5 of 5 closed deals that reached Offer were won"),  # (5 + 20 x 0.6) / 25
        ("y", "0.600000", "6 of 10 closed deals that reached New were won"),
    ]


def test_without_a_closed_deal_nothing_is_said() -> None:
    deals = table([deal("x", "open", date(2025, 12, 1))], DEAL)
    _, model, scores = foretell(snapshots(deals, table([], STAY), table([], ACTIVITY), TODAY))

    assert model["method"].to_pylist() == ["no_data"]
    assert [(row["win_probability"], row["status"], row["reasons_en"]) for row in scores.to_pylist()] == [
        (None, "no_data", "")
    ]


def test_a_company_without_opportunities_has_a_model_and_no_scores() -> None:
    _, model, scores = foretell(snapshots(table([], DEAL), table([], STAY), table([], ACTIVITY), TODAY))

    assert (model.num_rows, scores.num_rows) == (1, 0)


def test_order_and_threads_change_nothing(lively: tuple[pa.Table, dict[str, float]]) -> None:
    seen, _ = lively
    plain = foretell(seen)
    with threadpool_limits(1):
        other = foretell(shuffled(seen))

    assert all(one.equals(two) for one, two in zip(plain, other, strict=True))


def test_models_of_the_backtest_know_nothing_of_what_they_judge(lively: tuple[pa.Table, dict[str, float]]) -> None:
    seen, _ = lively
    cut = date(2025, 1, 1)
    turned = [
        {**row, "status": {"won": "lost", "lost": "won"}.get(row["status"], row["status"])}
        if row["closed_date"] and row["closed_date"] >= cut
        else row
        for row in seen.to_pylist()
    ]
    first = win.backtest(seen, TODAY).to_pylist()
    second = win.backtest(pa.Table.from_pylist(turned, schema=seen.schema), TODAY).to_pylist()
    said = [
        [(row["source_key"], row["snapshot_date"], row["logistic"]) for row in rows if row["trained_before"] <= cut]
        for rows in (first, second)
    ]

    assert len(said[0]) > 50
    assert said[0] == said[1]
