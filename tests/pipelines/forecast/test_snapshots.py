"""Deals as they stood: what was known on the day, and nothing that came later."""

from datetime import date
from decimal import Decimal

import pyarrow as pa

from pipelines.forecast.snapshots import snapshots
from tests.pipelines.forecast.deals import ACTIVITY, DEAL, STAY, TODAY, deal, market, shuffled, stays, table

SHOWN = ["source_key", "snapshot_date", "stage", "age_days", "stage_days"]


def looks(deals: list[dict], entered: list[dict], activities: list[dict] | None = None) -> list[dict]:
    found = snapshots(table(deals, DEAL), table(entered, STAY), table(activities or [], ACTIVITY), TODAY)
    return found.to_pylist()


def test_a_closed_deal_is_seen_on_entering_a_stage_and_every_30_days_but_never_at_its_outcome() -> None:
    found = looks(
        [deal("a", "won", date(2025, 1, 1), date(2025, 3, 20)), deal("b", "open", date(2025, 12, 1))],
        stays("a", ("New", date(2025, 1, 1)), ("Offer", date(2025, 1, 11)), ("Won", date(2025, 3, 19)))
        + stays("b", ("New", date(2025, 12, 1))),
    )

    # `Won` was entered a day before the close, yet nobody ever left it and no open deal stands there: an outcome
    assert [tuple(row[name] for name in SHOWN) for row in found] == [
        ("a", date(2025, 1, 1), "New", 0, 0),
        ("a", date(2025, 1, 11), "Offer", 10, 0),
        ("a", date(2025, 2, 10), "Offer", 40, 30),
        ("a", date(2025, 3, 12), "Offer", 70, 60),
        ("b", date(2025, 12, 31), "New", 30, 30),
    ]


def test_a_stage_entered_on_the_day_of_closing_is_no_look() -> None:
    found = looks(
        [deal("a", "lost", date(2025, 1, 1), date(2025, 1, 5)), deal("b", "open", date(2025, 12, 1))],
        stays("a", ("New", date(2025, 1, 1)), ("Offer", date(2025, 1, 5))) + stays("b", ("Offer", date(2025, 12, 1))),
    )

    assert [(row["source_key"], row["stage"]) for row in found] == [("a", "New"), ("b", "Offer")]


def test_a_deal_without_history_is_seen_from_its_first_day_on_without_a_stage() -> None:
    found = looks(
        [
            deal("a", "won", date(2025, 1, 1), date(2025, 2, 15), stage="Won"),
            deal("b", "open", date(2025, 12, 11), stage="Engaging"),
        ],
        [],
    )

    assert [tuple(row[name] for name in SHOWN) for row in found] == [
        ("a", date(2025, 1, 1), None, 0, 0),
        ("a", date(2025, 1, 31), None, 30, 30),
        ("b", date(2025, 12, 31), "Engaging", 20, 20),
    ]


def test_the_owners_record_and_the_customers_past_count_up_to_the_day_before() -> None:
    found = looks(
        [
            deal("a", "won", date(2025, 1, 1), date(2025, 1, 10), first_purchase_date=date(2025, 2, 1)),
            deal("b", "lost", date(2025, 1, 10), date(2025, 1, 20), first_purchase_date=date(2025, 1, 10)),
            deal("c", "open", date(2025, 1, 2), first_purchase_date=date(2025, 2, 1)),
        ],
        [],
        [
            {"source_system": "crm", "source_key": key, "status": status, "customer_key": "C1", "activity_date": day}
            for key, status, day in (
                ("1", "done", date(2025, 1, 1)),
                ("2", "done", date(2025, 12, 30)),
                ("3", "planned", date(2025, 12, 30)),
                ("4", "done", date(2025, 12, 31)),
                ("5", "done", date(2024, 9, 1)),
            )
        ],
    )

    assert [
        (row["source_key"], row["owner_win_rate"], row["existing_customer"], row["activities"]) for row in found
    ] == [
        ("a", None, 0, 0),  # the activity of the same day is not before it
        ("b", None, 0, 1),  # a closed on this very day: not yet known; bought on this very day: not before
        ("c", 0.5, 1, 1),  # one won, one lost, and five at the company's half
    ]


def test_amounts_count_beside_the_units_earlier_median_unless_they_tell_the_outcome() -> None:
    def with_lost_amount(amount: int) -> list[float | None]:
        closed = [
            deal(
                f"{number}",
                "won" if number % 2 else "lost",
                date(2025, 1, number + 1),
                date(2025, 3, 1),
                opening_amount=Decimal(100 + number if number % 2 else amount),
            )
            for number in range(8)
        ]
        rows = looks([*closed, deal("z", "open", date(2025, 6, 1), opening_amount=Decimal(300))], [])
        return [row["amount_ratio"] for row in rows if row["source_key"] == "z"]

    assert with_lost_amount(200) == [round(300 / 153.5, 9)]  # 200 four times, 101, 103, 105, 107: between 107 and 200
    assert with_lost_amount(0) == [None]  # an export that writes 0 on lost deals


def test_order_of_rows_does_not_matter() -> None:
    deals, entered, activities, _ = market(200, 0.3)

    plain = snapshots(deals, entered, activities, TODAY)
    other = snapshots(shuffled(deals), shuffled(entered, 2), activities, TODAY)

    assert plain.num_rows > 300
    assert plain.equals(other)


def test_what_happens_after_a_day_changes_no_look_at_it() -> None:
    deals, entered, activities, _ = market(200, 0.3)
    cut = date(2025, 1, 1)

    def before_cut(found: pa.Table) -> list[tuple]:
        rows = [row for row in found.to_pylist() if row["status"] != "open" and row["snapshot_date"] < cut]
        names = ("age_days", "stage_days", "amount_ratio", "existing_customer", "activities", "owner_win_rate")
        return [(row["source_key"], row["snapshot_date"], *(row[name] for name in names)) for row in rows]

    later = [
        {**row, "status": "lost" if row["status"] == "won" else "won"}
        if row["closed_date"] and row["closed_date"] >= cut
        else row
        for row in deals.to_pylist()
    ]

    assert before_cut(snapshots(deals, entered, activities, TODAY)) == before_cut(
        snapshots(table(later, DEAL), entered, activities, TODAY)
    )
