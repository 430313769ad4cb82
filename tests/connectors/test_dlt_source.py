"""Any dlt source: the example of docs/dlt-sources.md word for word, dlt's own core sources, a module of one's own.

The list every connector passes is the kit's (tests/connectors/kit); its two dlt entries run with the slow tests.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from connectors.base import Batch
from connectors.dlt_source import DltConfig, DltConnector
from connectors.landing import Landing, SyncReport, sync
from connectors.sandbox.server import Fault, Sandbox
from connectors.variables import FilledText
from pipelines.cli import main
from pipelines.company import load_company
from tests.connectors.woocommerce_shop import API, KEY, SECRET, Shop
from tests.real.mapped import mapped_warehouse

DOCS = Path(__file__).parents[2] / "docs" / "dlt-sources.md"
MODULES = Path(__file__).parent / "dlt_modules"
COMPANY = "name: {en: Shop}\nlanguages: [en]\ntime_zone: Europe/Berlin\nreporting_currency: EUR\nroles: {rep: [Rep]}\n"
MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LINE = {"id": 71, "product_id": 9, "quantity": 3, "total": "29.97"}


VEHICLES = {"name": "vehicles", "key": ["id"]}


@dataclass
class Fleet:
    """The data behind `dlt_modules/our_fleet.py`, and connectors on it."""

    file: Path

    def write(self, **lists: list[dict[str, Any]]) -> None:
        self.file.write_text(json.dumps(lists), encoding="utf-8")

    def connector(self, *streams: dict[str, Any], **changes: Any) -> DltConnector:
        key = FilledText("fleet-key-0815", {"FLEET_KEY": "fleet-key-0815"})
        values = {"source": "our_fleet:fleet", "python_path": str(MODULES), "streams": list(streams)}
        values["arguments"] = {"file": str(self.file), "api_key": key}
        return DltConnector(DltConfig.model_validate({**values, **changes}))


def car(number: int, **values: Any) -> dict[str, Any]:
    return {"id": number, "changed": f"2026-01-{number:02d}T00:00:00Z", **values}


def read(connector: DltConnector, name: str, state: dict[str, Any]) -> list[dict[str, Any]]:
    """The records of one read that begins with this state and leaves the next in it."""
    stream = next(stream for stream in connector.streams() if stream.name == name)
    batches = connector.read_batches(stream, state, set)
    return [row for batch in batches if isinstance(batch, Batch) for row in batch.page.to_pylist()]


def live(home: Path, source: str, stream: str) -> dict[str, dict[str, Any]]:
    """The latest version of every key that is not deleted."""
    files = Landing(home).files(source, stream)
    rows = [row for file in files for row in pq.ParquetFile(file.path).read().to_pylist()]
    latest = {row["_key"]: row for row in sorted(rows, key=lambda row: row["_seq"])}
    shared = dict.fromkeys(name for row in rows for name in row)
    return {key: {**shared, **row} for key, row in latest.items() if not row["_deleted"]}


@pytest.fixture
def shop() -> Shop:
    """Two customers and three orders, one of them with a line."""
    shop = Shop()
    first, second = shop.customer("Möbel 宜家 GmbH", city="Köln"), shop.customer("Zweite AG")
    for customer, total in ((first, "29.97"), (second, "1234567890123.45"), (0, "0.10")):
        shop.order(MORNING, customer_id=customer, total=total, line_items=[LINE] if customer == first else [])
    return shop


@pytest.fixture
def box(shop: Shop) -> Iterator[Sandbox]:
    with Sandbox(shop.app()) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A company folder with the source file that the documentation shows."""
    (shown,) = re.findall(r"```yaml\n# (sources/\S+)\n(.*?)```", DOCS.read_text(encoding="utf-8"), flags=re.S)
    folder = tmp_path / "company"
    (folder / "sources").mkdir(parents=True)
    (folder / "company.yaml").write_text(COMPANY, encoding="utf-8")
    (folder / shown[0]).write_text(shown[1], encoding="utf-8")
    return folder


def variables(box: Sandbox, secret: str = SECRET) -> dict[str, str]:
    return {"SHOP_URL": box.url, "SHOP_KEY": KEY, "SHOP_SECRET": secret}


def synced(folder: Path, box: Sandbox, home: Path, secret: str = SECRET) -> SyncReport:
    (source,) = load_company(folder, variables(box, secret)).sources
    return sync(source.connector(), source.name, home)


def asked(box: Sandbox, path: str) -> list[dict[str, list[str]]]:
    return [parse_qs(seen.query) for seen in box.seen if seen.path == f"{API}/{path}"]


def test_the_documented_file_brings_orders_lines_and_customers(folder: Path, box: Sandbox, tmp_path: Path) -> None:
    con = mapped_warehouse(str(folder), variables(box), tmp_path / "home")
    orders = con.execute(
        "select order_number, customer_record_key, status, order_date, currency, net_amount "
        "from landing.mapped__sales_order order by source_key"
    ).fetchall()
    day = MORNING.date()
    assert orders == [
        ("3", "1", "confirmed", day, "EUR", Decimal("29.970000")),
        ("4", "2", "confirmed", day, "EUR", Decimal("1234567890123.450000")),
        ("5", None, "confirmed", day, "EUR", Decimal("0.100000")),
    ]
    lines = con.execute(
        "select source_key, order_key, product_key, quantity, net_amount from landing.mapped__sales_order_line"
    ).fetchall()
    assert lines == [("3:71", "3", "9", Decimal(3), Decimal("29.97"))]
    customers = con.execute(
        "select source_key, customer_name, email, city, country from landing.mapped__customer_record order by 1"
    ).fetchall()
    assert customers == [
        ("1", "Möbel 宜家 GmbH", "buyer1@example.com", "Köln", "DE"),
        ("2", "Zweite AG", "buyer2@example.com", None, "DE"),
    ]
    assert con.execute("select count(*) from landing.mapped__quarantine").fetchall() == [(0,)]


def test_the_next_sync_asks_for_changes_and_lands_what_is_new(
    folder: Path, box: Sandbox, shop: Shop, tmp_path: Path
) -> None:
    first = synced(folder, box, tmp_path)
    assert [(stream.stream, stream.landed_rows) for stream in first.streams] == [("orders", 3), ("customers", 2)]
    second = synced(folder, box, tmp_path)
    assert (second.failed, second.landed_rows) == ([], 0)
    shop.order(MORNING + timedelta(minutes=1), id=4, status="completed")
    third = synced(folder, box, tmp_path)
    assert [(stream.stream, stream.landed_rows) for stream in third.streams] == [("orders", 1), ("customers", 0)]
    since = [query["modified_after"] for query in asked(box, "orders")]
    assert since == [["2010-01-01T00:00:00"], ["2026-03-02T07:30:00"], ["2026-03-02T07:30:00"]]


def test_an_order_committed_late_or_changed_while_paging_arrives(
    folder: Path, box: Sandbox, shop: Shop, tmp_path: Path
) -> None:
    for _ in range(220):
        shop.order(MORNING)
    first = min(shop.orders)

    def user_works() -> None:
        shop.order(MORNING + timedelta(minutes=5), id=first, total="2.00")
        shop.order(MORNING + timedelta(minutes=5), total="3.00")

    box.faults.append(Fault("act", action=user_works, applies=lambda seen: "page=2" in seen.query.split("&")))
    synced(folder, box, tmp_path)
    shop.order(MORNING - timedelta(minutes=20), id=first + 1, total="4.00")
    synced(folder, box, tmp_path)
    found = {key: row["total"] for key, row in live(tmp_path, "shop", "orders").items()}
    assert found.keys() == {str(id) for id in shop.orders}
    assert (found[str(first)], found[str(first + 1)], found[str(max(shop.orders))]) == (2, 4, 3)


def test_a_full_read_finds_what_was_deleted(
    folder: Path, box: Sandbox, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced(folder, box, tmp_path)
    shop.order(MORNING, id=3, status="trash")
    assert synced(folder, box, tmp_path).streams[0].deleted_rows == 0
    later = datetime.now(UTC) + timedelta(hours=21)
    monkeypatch.setattr("connectors.dlt_source.connector.utc_now", lambda: later)
    orders = synced(folder, box, tmp_path).streams[0]
    assert (orders.error, orders.deleted_rows, orders.landed_rows, orders.source_count) == (None, 1, 1, 2)
    assert asked(box, "orders")[-1]["modified_after"] == ["2010-01-01T00:00:00"]
    assert live(tmp_path, "shop", "orders").keys() == {"4", "5"}


def test_what_most_of_a_stream_lost_is_not_believed(folder: Path, box: Sandbox, shop: Shop, tmp_path: Path) -> None:
    for number in range(30):
        shop.customer(f"Buyer {number}")
    synced(folder, box, tmp_path)
    shop.customers.clear()
    (failed,) = synced(folder, box, tmp_path).failed
    assert failed.stream == "customers" and "--accept-deletes" in str(failed.error)
    assert len(live(tmp_path, "shop", "customers")) == 32


def test_a_wrong_secret_is_said_at_once_and_no_secret_is_told(folder: Path, box: Sandbox, tmp_path: Path) -> None:
    wrong = "cs_wrong_4711"
    (source,) = load_company(folder, variables(box, wrong)).sources
    health = source.connector().check()
    report = sync(source.connector(), source.name, tmp_path)
    assert not health.ok and len(box.seen) == 4
    told = [*health.stream_problems.values(), *(str(stream.error) for stream in report.failed), repr(source.connection)]
    assert all("401" in text and "credentials in `arguments` are refused" in text for text in told[:-1])
    assert not [text for text in told if wrong in text or KEY in text]
    assert "${SHOP_URL}/wp-json/wc/v3/orders" in told[0]


def test_passing_trouble_is_retried_and_lasting_trouble_is_transient(
    folder: Path, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=slept.append))
    box.faults.append(Fault("status", times=1, status=429, headers={"Retry-After": "7"}))
    assert synced(folder, box, tmp_path).failed == [] and slept == [7]
    box.faults.append(Fault("status", times=99, status=503, applies=lambda seen: seen.path.endswith("/orders")))
    report = synced(folder, box, tmp_path)
    assert [(stream.stream, stream.transient) for stream in report.failed] == [("orders", True)]
    assert [stream.stream for stream in report.streams if stream.status == "ok"] == ["customers"]


def test_describe_lists_resources_and_drafts_streams_with_their_keys(
    folder: Path, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "sources" / "shop.yaml"
    bare = file.read_text(encoding="utf-8").split("  streams:\n    - name: orders")[0]
    file.write_text(bare + 'mapping: {}\nschedule: "0 2 * * *"\n', encoding="utf-8")
    for name, value in {**variables(box), "SCORELINE_COMPANY": str(folder)}.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(main, ["sources", "describe", "shop", "--lang", "en"])
    assert result.exit_code == 0, result.output
    assert "customers  [seems to be customer_record]\n  resource customers" in result.output
    assert "date_modified_gmt  string" in result.output
    draft = result.output.split("`scoreline check`:")[1]
    file.write_text(bare + draft + 'schedule: "0 2 * * *"\n', encoding="utf-8")
    (source,) = load_company(folder, variables(box)).sources
    assert [(stream.name, stream.key) for stream in source.connector().streams()] == [
        ("form_1", ("id",)),
        ("customer", ("id",)),
    ]
    assert source.mapped_streams() == {"customer_record": ("customer",)}
    assert source.connector().check().ok


# A module of one's own


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path / "fleet.json")


def test_a_resource_of_ones_own_module_has_its_declared_types_and_text(fleet: Fleet) -> None:
    fleet.write(vehicles=[car(1, price=19.9, Tags=["a", {"b": 0.1}]), car(2, spare=True, odd=1.5)])
    one, two = read(fleet.connector(VEHICLES), "vehicles", {})
    assert (one["id"], one["price"], one["tags"]) == ("1", Decimal("19.9"), '["a",{"b":0.1}]')
    assert (two["price"], two["spare"], two["odd"], one["spare"]) == (None, "true", "1.5", None)


def test_what_a_resource_remembers_counts_only_with_its_rows(fleet: Fleet, tmp_path: Path) -> None:
    """Three of five vehicles are read, then the source breaks; the next sync reads all of them and lands the rest."""
    cars = [car(number) for number in range(1, 6)]
    fleet.write(vehicles=[*cars[:3], {**cars[3], "broken": True}, cars[4]])
    (failed,) = sync(fleet.connector(VEHICLES), "fleet", tmp_path).failed
    assert failed.landed_rows == 2 and "RuntimeError: no answer to key ${FLEET_KEY}" in str(failed.error)
    fleet.write(vehicles=cars)
    (repaired,) = sync(fleet.connector(VEHICLES), "fleet", tmp_path).streams
    assert (repaired.error, repaired.read_rows, repaired.landed_rows) == (None, 5, 3)
    (third,) = sync(fleet.connector(VEHICLES), "fleet", tmp_path).streams
    assert (third.read_rows, third.landed_rows) == (1, 0)


def test_a_second_change_in_the_same_second_is_not_passed_over(fleet: Fleet) -> None:
    """dlt by itself drops a record whose key and cursor value it has seen."""
    state: dict[str, Any] = {}
    for name in ("before", "after"):
        fleet.write(vehicles=[car(1, name=name)])
        assert [row["name"] for row in read(fleet.connector(VEHICLES), "vehicles", state)] == [name]


def test_a_read_of_everything_again_adds_no_row_whatever_fields_come_and_go(fleet: Fleet, tmp_path: Path) -> None:
    drivers = [{"id": number, **({"phone": "110"} if number > 3 else {})} for number in range(6)]
    everyone = {"name": "drivers", "key": ["id"], "snapshot": True}
    for shown, landed, deleted in ((drivers, 6, 0), (drivers[::-1], 0, 0), (drivers[1:], 1, 1), (drivers, 1, 0)):
        fleet.write(drivers=shown)
        (report,) = sync(fleet.connector(everyone), "fleet", tmp_path).streams
        assert (report.error, report.landed_rows, report.deleted_rows) == (None, landed, deleted)
        assert report.source_count == report.live_count == len(shown)


def test_a_marked_record_is_deleted(fleet: Fleet) -> None:
    fleet.write(drivers=[{"id": 1, "gone_at": None}, {"id": 2, "gone_at": "2026-01-01"}, {"id": 3, "gone_at": ""}])
    rows = read(fleet.connector({"name": "drivers", "key": ["id"], "deleted": "gone_at"}), "drivers", {})
    assert [row["_deleted"] for row in rows] == [False, True, False]


def test_a_column_that_only_some_records_have_may_mark_them(fleet: Fleet) -> None:
    marked = {"name": "drivers", "key": ["id"], "deleted": "gone_at", "columns": {"gone_at": "date"}}
    fleet.write(drivers=[{"id": 1}])
    assert [(row["gone_at"], row["_deleted"]) for row in read(fleet.connector(marked), "drivers", {})] == [
        (None, False)
    ]


def test_a_transformer_reads_its_parent_for_itself(fleet: Fleet) -> None:
    fleet.write(vehicles=[car(1, trips=[{"no": 1}, {"no": 2}]), car(2, trips=[{"no": 1}])])
    connector = fleet.connector(VEHICLES, {"name": "trips", "key": ["vehicle", "no"]})
    states: dict[str, dict[str, Any]] = {"vehicles": {}, "trips": {}}
    counts = [len(read(connector, name, state)) for _ in range(2) for name, state in states.items()]
    assert counts == [2, 3, 1, 1]


def test_a_resource_without_a_source_around_it(fleet: Fleet) -> None:
    fleet.write(depots=[{"id": 1}, {"id": 2}])
    only_file = {"file": str(fleet.file)}
    connector = fleet.connector({"name": "depot", "key": ["id"]}, source="our_fleet:depots", arguments=only_file)
    assert [row["id"] for row in read(connector, "depot", {})] == ["1", "2"]


DRIVERS = {"name": "drivers", "key": ["id"]}


@pytest.mark.parametrize(
    ("stream", "changes", "said"),
    [
        (DRIVERS, {"source": "our_flet:fleet"}, "there is no module our_flet"),
        (DRIVERS, {"source": "our_fleet:fleets"}, "no function 'fleets'; write module:function; did you mean fleet"),
        (DRIVERS, {"source": "our_fleet:plain_function", "arguments": {}}, "gives int; expected a function that is"),
        (DRIVERS, {"python_path": "/no/such/folder"}, "/no/such/folder is no folder"),
        (DRIVERS, {"arguments": {"fil": "x"}}, "takes no argument 'fil'; did you mean file?"),
        (DRIVERS, {"arguments": {}}, "`arguments`: our_fleet:fleet needs file"),
        (DRIVERS, {"arguments": {"file": "x"}}, "no value for api_key; give it under `arguments`, a secret as ${NAME}"),
        ({"name": "driver", "key": ["id"]}, {}, "has no resource 'driver'; did you mean drivers?"),
        ({"name": "drivers", "key": ["nr"]}, {}, "`key` names column 'nr', which the records do not have"),
        (
            {"name": "drivers", "key": ["phone"]},
            {},
            "have no phone, which `key` names (one of them: {'id'",
        ),
        ({"name": "drivers", "key": ["id", "tags"]}, {}, "key column tags holds a value with '|'"),
        ({**DRIVERS, "deleted": "gone"}, {}, "`deleted` names column 'gone'"),
        (
            {**DRIVERS, "incremental": {"cursor_path": "changed"}},
            {},
            "`incremental.cursor_path` names column 'changed'",
        ),
        ({**DRIVERS, "columns": {"phone": "bigint"}}, {}, "field 'phone' holds 'none of yours', which is no int64"),
        ({**DRIVERS, "resource_arguments": {"x": 1}}, {}, "resource drivers takes no argument 'x'; it takes none"),
        ({"name": "numbers", "key": ["id"]}, {}, "the resource yields int; expected records"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    fleet: Fleet, stream: dict[str, Any], changes: dict[str, Any], said: str
) -> None:
    phone = None if stream["key"] == ["phone"] else "none of yours"
    fleet.write(drivers=[{"id": 1, "phone": phone, "tags": "a|b"}, {"id": 2, "phone": "110"}])

    health = fleet.connector(stream, **changes).check()
    problem = health.stream_problems[stream["name"]]
    assert not health.ok and said in problem and problem.startswith(f"stream {stream['name']}: ")


# Sources that come with dlt


def test_a_database_through_dlt_asks_for_changes_and_keeps_its_types(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    with sa.create_engine(url).begin() as connection:
        connection.exec_driver_sql("create table deal (id integer primary key, sum numeric(12, 2), at timestamp)")
        connection.exec_driver_sql("insert into deal values (1, 12.5, '2026-01-01 00:00:00.000000')")
    stream = {"name": "deals", "resource": "deal", "key": ["id"], "incremental": {"cursor_path": "at"}}
    values = {"source": "dlt.sources.sql_database", "arguments": {"credentials": url, "table_names": ["deal"]}}
    connector = DltConnector(DltConfig.model_validate({**values, "streams": [stream]}))
    state: dict[str, Any] = {}
    (one,) = read(connector, "deals", state)
    assert (one["id"], one["sum"], one["at"]) == (1, Decimal("12.5"), datetime(2026, 1, 1, tzinfo=UTC))
    with sa.create_engine(url).begin() as connection:
        connection.exec_driver_sql("insert into deal values (2, null, '2026-01-02 00:00:00.000000')")
    assert [(row["id"], row["sum"]) for row in read(connector, "deals", state)] == [(1, Decimal("12.5")), (2, None)]
    # Landing is a dlt pipeline itself; what it needs must not become the configuration of the sources it lands.
    assert [sync(connector, "shop", tmp_path).landed_rows for _ in range(2)] == [2, 0]


def test_a_data_frame_is_read_for_its_values_not_its_types(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("No;Sum;Note\n1;1.50;\n2;;x\n", encoding="utf-8")
    stream = {"name": "deals", "resource": "read_csv", "key": ["No"], "resource_arguments": {"sep": ";"}}
    arguments = {"bucket_url": tmp_path.as_uri(), "file_glob": "*.csv"}
    values = {"source": "dlt.sources.filesystem:readers", "arguments": arguments, "streams": [stream]}
    rows = read(DltConnector(DltConfig.model_validate(values)), "deals", {})
    assert rows == [{"no": "1", "sum": "1.5", "note": None}, {"no": "2", "sum": None, "note": "x"}]


def test_a_check_reads_no_more_than_a_look(fleet: Fleet) -> None:
    """The third page of vehicles would break; trips are derived from them."""
    cars = [car(number, trips=[{"no": 1}]) for number in range(1, 6)]
    fleet.write(vehicles=[*cars[:4], {**cars[4], "broken": True}])
    health = fleet.connector(VEHICLES, {"name": "trips", "key": ["vehicle", "no"]}).check()
    assert (health.ok, health.stream_problems) == (True, {})


def test_files_through_dlt_with_a_glob_per_stream(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "deals_1.jsonl").write_text('{"No": 1, "sum": 0.1}\n{"No": 2, "sum": 3}\n', encoding="utf-8")
    (folder / "people.jsonl").write_text('{"No": 7, "name": "𠮷野"}\n', encoding="utf-8")
    globs = {"deals": "deals_*.jsonl", "people": "people.jsonl"}
    streams = [
        {
            "name": name,
            "resource": "read_jsonl",
            "key": ["No"],
            "arguments": {"file_glob": glob},
            "columns": {"sum": "decimal"},
        }
        for name, glob in globs.items()
    ]
    values = {"source": "dlt.sources.filesystem:readers", "arguments": {"bucket_url": folder.as_uri()}}
    connector = DltConnector(DltConfig.model_validate({**values, "streams": streams}))
    assert connector.check().ok
    assert [(row["no"], row["sum"]) for row in read(connector, "deals", {})] == [("1", Decimal("0.1")), ("2", 3)]
    assert [row["name"] for row in read(connector, "people", {})] == ["𠮷野"]
