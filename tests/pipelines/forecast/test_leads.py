"""Leads ranked by what became of others like them."""

from datetime import date, timedelta

import pyarrow as pa

from pipelines.forecast.leads import scores
from tests.pipelines.forecast.deals import shuffled, table

LEAD = pa.schema(
    [
        ("source_system", pa.string()),
        ("source_key", pa.string()),
        ("status", pa.string()),
        ("source_channel", pa.string()),
        ("owner_employee_id", pa.string()),
        ("created_date", pa.date32()),
        ("converted_date", pa.date32()),
    ]
)
TODAY = date(2025, 12, 31)


def lead(key: str, status: str, channel: str | None, days_ago: int = 3, took: int | None = None, **more: str) -> dict:
    created = TODAY - timedelta(days=days_ago)
    converted = None if took is None else created + timedelta(days=took)
    known = {"source_system": "crm", "source_key": key, "status": status, "source_channel": channel}
    return {**known, "created_date": created, "converted_date": converted, **more}


def decided() -> list[dict]:
    """60 by web, 40 converted after 5 days; 40 by fair, 10 converted after 40 days."""
    web = [lead(f"w{n}", "converted" if n < 40 else "lost", "Web", 300, 5 if n < 40 else None) for n in range(60)]
    fair = [lead(f"f{n}", "converted" if n < 10 else "lost", "Fair", 300, 40 if n < 10 else None) for n in range(40)]
    return web + fair


def test_channel_and_age_move_the_chance_from_the_base() -> None:
    waiting = [
        lead("a", "open", "Web"),
        lead("b", "open", "Fair"),
        lead("c", "open", "Web", 20),
        lead("d", "open", None),
    ]
    found = {row["source_key"]: row for row in scores(table(decided() + waiting, LEAD), TODAY).to_pylist()}

    chances = {key: float(row["score"]) for key, row in found.items()}
    assert chances["a"] == 0.625  # (40 + 20 x 0.5) / 80 beside a base of one half
    assert round(chances["b"], 3) == 0.333  # (10 + 10) / 60
    assert chances["d"] == 0.5
    assert round(chances["c"], 3) == 0.357  # odds 5/3 by channel, 1/3 by age: (10 + 10) / 80 after the first week
    assert found["b"]["reasons_en"] == "- channel Fair: 10 of 40 converted"
    assert found["b"]["reasons_zh"] == "- 渠道“Fair”：40 条中转化 10 条"
    assert found["c"]["reasons_en"] == "- 20 days old: 10 of 60 that old converted; + channel Web: 40 of 60 converted"
    assert found["d"]["reasons_en"] == "50 of 100 leads converted"


def test_without_a_decided_lead_nothing_is_said() -> None:
    rows = scores(table([lead("a", "open", "Web")], LEAD), TODAY).to_pylist()

    assert [(row["score"], row["status"], row["reasons_en"]) for row in rows] == [(None, "no_data", "")]


def test_all_converted_is_likely_and_not_certain() -> None:
    (row,) = scores(
        table([lead("a", "open", "Web"), *(lead(f"{n}", "converted", "Web", 9, 1) for n in range(9))], LEAD), TODAY
    ).to_pylist()

    assert 0.9 < float(row["score"]) < 1


def test_order_of_rows_does_not_matter() -> None:
    given = table(decided() + [lead(f"o{n}", "open", "Web", n) for n in range(9)], LEAD)

    assert scores(given, TODAY).equals(scores(shuffled(given), TODAY))
