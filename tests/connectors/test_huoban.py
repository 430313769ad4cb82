"""What is 伙伴云's own: wrapped values, times without a zone, paging by offset that shifts, refusals in both styles.

The list every connector passes is the kit's (tests/connectors/kit).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
import requests
from starlette.applications import Starlette

from connectors.base import ConfigurationError, Stream, TransientError, Window
from connectors.huoban import HuobanConfig, HuobanConnector
from connectors.sandbox.huoban import API_KEY, SPACE_ID, HuobanDb, huoban_app
from connectors.sandbox.huoban_db import field_id, item_id, table_id
from connectors.sandbox.server import Fault, Sandbox
from tests.connectors.salesforce_company import WANG, tiny_company

LATER = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
EVERYTHING = Window(None, LATER)
DEAL = item_id("商机", "D1")
LABELS = ("商机名称", "客户", "负责人", "阶段", "金额", "预计成交日期")


@pytest.fixture
def app() -> Starlette:
    return huoban_app(tiny_company())


@pytest.fixture
def db(app: Starlette) -> HuobanDb:
    return app.state.db


@pytest.fixture
def box(app: Starlette) -> Iterator[Sandbox]:
    with Sandbox(app) as running:
        yield running


def connect(box: Sandbox, waits: list[float] | None = None, **settings: Any) -> HuobanConnector:
    fields = {label: field_id("opportunity", label) for label in LABELS}
    streams = [
        {"name": "deal", "table_id": table_id("opportunity"), "fields": fields},
        {"name": "member", "kind": "members"},
    ]
    values = {"url": f"{box.url}/openapi/v1", "api_key": API_KEY, "space_id": SPACE_ID, "streams": streams}
    values |= {"limits": {"requests_per_minute": 6_000_000}, **settings}
    return HuobanConnector(HuobanConfig.model_validate(values), sleep=(waits if waits is not None else []).append)


def stream(connector: HuobanConnector, name: str) -> Stream:
    return next(item for item in connector.streams() if item.name == name)


def rows(connector: HuobanConnector, name: str = "deal", window: Window = EVERYTHING) -> list[dict[str, Any]]:
    pages = list(connector.read(stream(connector, name), window))
    return pa.concat_tables(pages).to_pylist() if pages else []


def test_wrapped_values_land_as_name_and_id(box: Sandbox) -> None:
    deal = next(row for row in rows(connect(box)) if row["id"] == DEAL)
    expected = {
        "title": "deal D1",
        "商机名称": "deal D1",
        "客户": item_id("客户", "C1"),
        "客户_title": "C1",
        "负责人": WANG,
        "阶段": "Won",
        "金额": Decimal("120000.5"),
        "预计成交日期": "2025-05-06",
        "created_at": datetime(2025, 3, 3, 17, 30, tzinfo=UTC),
        "updated_at": datetime(2025, 5, 6, 2, 0, tzinfo=UTC),
    }
    assert {name: deal[name] for name in expected} == expected and deal["负责人_name"] and deal["阶段_id"]


def test_several_values_stay_together_and_none_is_null(box: Sandbox, db: HuobanDb) -> None:
    two = [{"id": "1", "name": "甲"}, {"id": "2", "name": "乙"}]
    made = db.create("商机", at=LATER, 阶段=two, 金额=None, 负责人=[])
    found = next(row for row in rows(connect(box)) if row["id"] == made)
    assert (found["阶段"], found["阶段_id"]) == ('["甲","乙"]', '["1","2"]')
    assert [found[name] for name in ("金额", "负责人", "负责人_name", "客户")] == [None] * 4


def test_both_places_of_the_configuration_and_milliseconds_give_the_same(box: Sandbox, db: HuobanDb) -> None:
    before = rows(connect(box))
    db.fields_at_top = db.dates_in_milliseconds = True
    assert rows(connect(box)) == before


def test_changes_are_asked_for_in_chinas_time(box: Sandbox, db: HuobanDb) -> None:
    db.update(DEAL, at=LATER, 金额=5)
    assert [row["id"] for row in rows(connect(box), window=Window(LATER, LATER))] == [DEAL]
    assert b'"gte": "2026-01-05 16:00:00"' in box.seen[-1].body
    everything = connect(box, changed_field=None)
    assert len(rows(everything, window=Window(LATER, LATER))) == 2 and stream(everything, "deal").cursor is None


def test_items_that_shift_while_pages_are_read_are_noticed(box: Sandbox, db: HuobanDb) -> None:
    made = [db.create("商机", at=LATER + timedelta(seconds=rank), 商机名称=f"made {rank}") for rank in range(60)]

    def somebody_deletes() -> None:
        for gone in made[:15]:
            db.delete(gone)

    pages = iter(range(1_000))
    box.faults.append(
        Fault("act", action=somebody_deletes, applies=lambda seen: "item/list" in seen.path and next(pages) == 3)
    )
    found = {row["id"] for row in rows(connect(box, page_size=10))}
    assert set(made[15:]) <= found


def test_counts_ids_and_single_items(box: Sandbox, db: HuobanDb) -> None:
    connector = connect(box)
    assert connector.count(stream(connector, "deal")) == 2
    assert sorted(key for chunk in connector.keys(stream(connector, "deal")) for key in chunk) == sorted(
        [DEAL, item_id("商机", "D2")]
    )
    (page,) = connector.read_keys(stream(connector, "deal"), [DEAL, "2300000000000000"])
    assert page.column("id").to_pylist() == [DEAL]
    assert connector.count(stream(connector, "member")) == len(rows(connector, "member")) == 3


@pytest.mark.parametrize("inside_200", [False, True])
def test_too_often_is_waited_for_in_both_styles(box: Sandbox, db: HuobanDb, inside_200: bool) -> None:
    undisturbed, waits = rows(connect(box)), list[float]()
    db.throttle_in_200, db.most_calls = inside_200, db.calls
    assert rows(connect(box, waits)) == undisturbed
    assert waits and (not inside_200 or set(waits) == {5.0})


def test_lasting_refusals_are_said_at_once(box: Sandbox) -> None:
    waits: list[float] = []
    health = connect(box, waits, api_key="wrong").check()
    assert not health.ok and "api_key" in health.message and "trace" in health.message and waits == []
    with pytest.raises(ConfigurationError, match="no field 2200000000000000"):
        streams = [{"name": "deal", "table_id": table_id("opportunity"), "fields": {"x": "2200000000000000"}}]
        rows(connect(box, streams=streams))
    with pytest.raises(ConfigurationError, match="members_path"):
        rows(connect(box, members_path="/table/list"), "member")


def test_endless_shifting_ends_loudly(box: Sandbox, db: HuobanDb) -> None:
    for rank in range(40):
        db.create("商机", at=LATER + timedelta(seconds=rank), 商机名称=f"made {rank}")

    def everything_moves() -> None:
        table = db.table("商机")
        for key in list(table.rows):
            row = table.remove(key)
            row["item_id"] = str(int(row["item_id"]) + 1)
            table.add(row)

    box.faults.append(Fault("act", times=999, action=everything_moves, applies=lambda seen: "item/list" in seen.path))
    with pytest.raises(TransientError, match="move faster"):
        rows(connect(box, page_size=10))


@pytest.mark.parametrize(
    ("label", "query", "expected"),
    [
        ("金额", {"gte": 100}, ["deal D1"]),
        ("金额", {"em": True}, ["deal D2"]),
        ("金额", {"or": [{"eq": 1}, {"gt": 10, "lt": 200000}]}, ["deal D1"]),
        ("负责人", {"in": [WANG]}, ["deal D1"]),
        ("客户", {"ne": [item_id("客户", "C9")]}, ["deal D1", "deal D2"]),
        ("商机名称", {"nin": ["deal D1"]}, ["deal D2"]),
    ],
)
def test_the_filter_tree(box: Sandbox, label: str, query: dict[str, Any], expected: list[str]) -> None:
    leaf = {"field": field_id("opportunity", label), "query": query}
    body = {"table_id": table_id("opportunity"), "filter": {"and": [{"or": [leaf]}]}}
    headers = {"Open-Authorization": f"Bearer {API_KEY}"}
    answer = requests.post(f"{box.url}/openapi/v1/item/list", json=body, headers=headers, timeout=10).json()
    assert [item["title"] for item in answer["data"]["items"]] == expected
    assert (answer["code"], answer["data"]["total"], answer["data"]["filtered"]) == (0, 2, len(expected))
