"""One list of contract tests for every Odoo we can reach: sandboxes of 14 and 19, and a real server (marker `real`).

The real server comes from ODOO_URL, ODOO_DATABASE, ODOO_LOGIN and ODOO_PASSWORD; its own records are never asserted on
literally, only against what the server itself counts, and records made here are removed again.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
import requests

from connectors.base import Connector, Window
from connectors.odoo import OdooConfig, OdooConnector
from connectors.odoo.streams import STREAMS
from connectors.sandbox.odoo import API_KEY, LOGIN, odoo_app
from connectors.sandbox.server import Fault, Sandbox
from tests.connectors.odoo_company import small_company
from tests.real.odoo_server import server_for_ourselves


class SandboxPeer:
    """The sandbox of one version; changes go straight into its database."""

    def __init__(self, box: Sandbox, db: Any, protocol: str) -> None:
        self.box, self.db, self.protocol = box, db, protocol
        self.secret = API_KEY

    def config(self, **changes: Any) -> OdooConfig:
        values = {"url": self.box.url, "database": "erp", "login": LOGIN, "api_key": API_KEY, "protocol": self.protocol}
        return OdooConfig(**{**values, **changes})

    def limited(self) -> OdooConfig:
        return self.config(login="limited", api_key="limited-pw", protocol=self.protocol)

    def ids(self, model: str, domain: list[Any]) -> list[int]:
        return self.db.search(model, domain, False, "id", 0, None)

    def count(self, model: str, domain: list[Any]) -> int:
        return len(self.ids(model, domain))

    def create(self, model: str, values: dict[str, Any]) -> int:
        return self.db.create(model, values)

    def write(self, model: str, id: int, values: dict[str, Any]) -> None:
        self.db.write(model, id, values)

    def unlink(self, model: str, id: int) -> None:
        self.db.unlink(model, id)


class RealPeer:
    """A real server; changes go through its own API with a client that shares nothing with the connector."""

    protocol = "jsonrpc"

    def __init__(self) -> None:
        self.url, self.database = os.environ["ODOO_URL"], os.environ["ODOO_DATABASE"]
        self.login, self.secret = os.environ["ODOO_LOGIN"], os.environ["ODOO_PASSWORD"]
        self.uid = self._rpc("common", "authenticate", [self.database, self.login, self.secret, {}])

    def _rpc(self, service: str, method: str, args: list[Any]) -> Any:
        params = {"service": service, "method": method, "args": args}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        answer = requests.post(f"{self.url}/jsonrpc", json=body, timeout=60).json()
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer["result"]

    def call(self, model: str, method: str, *args: Any, **named: Any) -> Any:
        named.setdefault("context", {"active_test": False})
        target = [self.database, self.uid, self.secret, model, method, list(args), named]
        return self._rpc("object", "execute_kw", target)

    def config(self, **changes: Any) -> OdooConfig:
        values = {"url": self.url, "database": self.database, "login": self.login, "password": self.secret}
        return OdooConfig(**{**values, **changes})

    def limited(self) -> OdooConfig:
        return self.config(login="limited", password="limited-pw")

    def ids(self, model: str, domain: list[Any]) -> list[int]:
        return self.call(model, "search", domain)

    def count(self, model: str, domain: list[Any]) -> int:
        return self.call(model, "search_count", domain)

    def create(self, model: str, values: dict[str, Any]) -> int:
        return self.call(model, "create", values)

    def write(self, model: str, id: int, values: dict[str, Any]) -> None:
        self.call(model, "write", [id], values)

    def unlink(self, model: str, id: int) -> None:
        self.call(model, "unlink", [id])


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[dict[int, tuple[Sandbox, Any, dict[str, Any]]]]:
    """One server per version for all tests, with a copy of its first records to go back to."""
    with ExitStack() as stack:
        started = {}
        for version in (14, 19):
            app = odoo_app(small_company(), version=version, crm=True)
            started[version] = (stack.enter_context(Sandbox(app)), app.state.db, deepcopy(app.state.db.tables))
        yield started


@pytest.fixture(params=["sandbox-14", "sandbox-19", pytest.param("real", marks=pytest.mark.real)])
def peer(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "real":
        if not os.environ.get("ODOO_URL"):
            pytest.skip("ODOO_URL, ODOO_DATABASE, ODOO_LOGIN and ODOO_PASSWORD name no server")
        with server_for_ourselves():
            yield RealPeer()
        return
    version = int(request.param.removeprefix("sandbox-"))
    box, db, first = request.getfixturevalue("sandboxes")[version]
    db.tables = deepcopy(first)
    box.seen.clear()
    box.faults.clear()
    yield SandboxPeer(box, db, "json2" if version >= 19 else "jsonrpc")


@pytest.fixture
def box(peer: Any) -> Sandbox:
    """The sandbox behind the peer; faults and request logs exist only there."""
    if isinstance(peer, RealPeer):
        pytest.skip("a real server cannot be told to fail or to show its log")
    return peer.box


def connect(config: OdooConfig) -> OdooConnector:
    return OdooConnector(config, sleep=lambda seconds: None)


def rows(connector: Connector, stream: str, since: datetime | None = None) -> list[dict[str, Any]]:
    pages = list(connector.read(stream_of(connector, stream), Window(since, connector.now())))
    return pa.concat_tables(pages).to_pylist() if pages else []


def stream_of(connector: Connector, name: str) -> Any:
    return next(stream for stream in connector.streams() if stream.name == name)


@pytest.fixture
def partner(peer: Any) -> Iterator[int]:
    """A partner made for this test."""
    id = peer.create("res.partner", {"name": "Contract Test Ltd"})
    yield id
    with suppress(KeyError, AssertionError):
        peer.unlink("res.partner", id)


@pytest.fixture
def payment(peer: Any) -> Iterator[int]:
    """A customer's payment; a real server has none of its own, so there it is made for this test."""
    if isinstance(peer, SandboxPeer):
        yield peer.ids("account.payment", [["partner_type", "=", "customer"]])[0]
        return
    journal = peer.ids("account.journal", [["type", "=", "bank"]])[0]
    values = {"payment_type": "inbound", "partner_type": "customer", "partner_id": 1, "amount": 12.5}
    id = peer.create("account.payment", {**values, "journal_id": journal, "date": "2025-03-03"})
    yield id
    peer.unlink("account.payment", id)


# What a connector must do


def test_it_offers_the_erp_and_crm_streams_keyed_by_id_with_write_date_as_cursor(peer: Any) -> None:
    streams = connect(peer.config()).streams()
    assert {"partner", "user", "employee", "department", "product", "sale_order", "sale_order_line", "invoice"} <= {
        stream.name for stream in streams
    }
    assert {(stream.key, stream.cursor, stream.keys_listable) for stream in streams} == {(("id",), "write_date", True)}


def test_check_says_who_we_are_and_which_streams_are_not_there(peer: Any) -> None:
    health = connect(peer.config()).check()
    assert health.ok and health.message.startswith("Odoo 1")
    assert health.stream_problems == {}
    # memberships of teams are a model of Odoo 15 and later
    assert ("nothing to read: crm_team_member" in health.message) == health.message.startswith("Odoo 14")


def test_a_stream_asked_for_by_name_and_not_there_is_a_problem(peer: Any) -> None:
    health = connect(peer.config(streams=["partner", "crm_team_member"])).check()
    missing = {"crm_team_member"} if health.message.startswith("Odoo 14") else set()
    assert set(health.stream_problems) == missing


@pytest.mark.parametrize("stream", sorted(STREAMS))
def test_a_full_read_brings_every_record_once(peer: Any, stream: str) -> None:
    connector = connect(peer.config(page_size=100))
    ids = [row["id"] for row in rows(connector, stream)]
    assert len(ids) == len(set(ids)) == connector.count(stream_of(connector, stream))
    listed = [key for chunk in connector.keys(stream_of(connector, stream)) for key in chunk]
    assert sorted(ids) == listed


@pytest.mark.parametrize(
    ("stream", "model", "domain"),
    [
        ("partner", "res.partner", []),
        ("sale_order", "sale.order", []),
        ("sale_order_line", "sale.order.line", []),
        ("invoice", "account.move", [["move_type", "in", ["out_invoice", "out_refund", "out_receipt"]]]),
        ("payment", "account.payment", [["partner_type", "=", "customer"]]),
        ("lead", "crm.lead", []),
    ],
)
@pytest.mark.usefixtures("payment")
def test_the_count_is_what_the_server_holds(peer: Any, stream: str, model: str, domain: list[Any]) -> None:
    connector = connect(peer.config())
    assert connector.count(stream_of(connector, stream)) == peer.count(model, domain) > 0


def test_only_records_from_the_watermark_on_are_asked_for(peer: Any, partner: int) -> None:
    connector = connect(peer.config())
    assert partner in {row["id"] for row in rows(connector, "partner", connector.now() - timedelta(minutes=5))}
    assert rows(connector, "partner", connector.now() + timedelta(minutes=5)) == []


def test_the_watermark_second_itself_is_read_again(peer: Any, partner: int) -> None:
    """14 compares hidden microseconds, 19 whole seconds: neither may lose a record of the watermark's own second."""
    connector = connect(peer.config())
    written = next(row["write_date"] for row in rows(connector, "partner") if row["id"] == partner)
    assert partner in {row["id"] for row in rows(connector, "partner", written)}


def test_equal_timestamps_across_page_borders_lose_no_record(peer: Any) -> None:
    small, large = (connect(peer.config(page_size=size)) for size in (2, 5000))
    written = [row["write_date"] for row in rows(large, "sale_order_line")]
    assert len(set(written)) < len(written)
    since = min(written)
    assert rows(small, "sale_order_line", since) == rows(large, "sale_order_line", since)


def test_page_size_one_reads_the_same_as_the_largest_page(peer: Any) -> None:
    one, most = (rows(connect(peer.config(page_size=size)), "department") for size in (1, 20_000))
    assert one == most != []


def test_a_change_arrives(peer: Any, partner: int) -> None:
    connector = connect(peer.config())
    since = connector.now()
    peer.write("res.partner", partner, {"name": "Contract Test plc"})
    changed = {row["id"]: row for row in rows(connector, "partner", since)}
    assert changed[partner]["name"] == "Contract Test plc"


def test_an_archived_record_arrives_and_stays_a_live_key(peer: Any, partner: int) -> None:
    connector = connect(peer.config())
    since = connector.now()
    peer.write("res.partner", partner, {"active": False})
    archived = {row["id"]: row["active"] for row in rows(connector, "partner", since)}
    assert archived[partner] is False
    assert partner in {key for chunk in connector.keys(stream_of(connector, "partner")) for key in chunk}


def test_a_hard_delete_shows_in_the_keys_and_reads_as_nothing(peer: Any, partner: int) -> None:
    connector = connect(peer.config())
    stream = stream_of(connector, "partner")
    before = connector.count(stream)
    peer.unlink("res.partner", partner)
    assert partner not in {key for chunk in connector.keys(stream) for key in chunk}
    assert connector.count(stream) == before - 1
    assert list(connector.read_keys(stream, [partner])) == []


def test_records_are_read_by_key_whatever_their_date(peer: Any, partner: int) -> None:
    connector = connect(peer.config(page_size=1))
    stream = stream_of(connector, "partner")
    pages = list(connector.read_keys(stream, [partner, 1]))
    assert sorted(row["id"] for page in pages for row in page.to_pylist()) == [1, partner]


def test_types_come_from_the_declaration_and_not_from_the_page(peer: Any) -> None:
    connector = connect(peer.config())
    page = next(iter(connector.read(stream_of(connector, "sale_order"), Window(None, connector.now()))))
    types = {field.name: str(field.type) for field in page.schema}
    assert types["id"] == types["partner_id"] == types["opportunity_id"] == "int64"
    assert types["amount_untaxed"] == "decimal128(38, 12)"
    assert types["date_order"] == types["write_date"] == "timestamp[us, tz=UTC]"
    assert types["tag_ids"] == types["state"] == types["origin"] == "string"


def test_false_is_null_unless_the_field_is_boolean(peer: Any, partner: int) -> None:
    row = next(row for row in rows(connect(peer.config()), "partner") if row["id"] == partner)
    assert (row["vat"], row["parent_id"], row["is_company"], row["category_id"]) == (None, None, False, "[]")


def test_the_clock_is_the_servers_and_in_utc(peer: Any) -> None:
    now = connect(peer.config()).now()
    assert now.tzinfo is UTC and now.microsecond == 0
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)


def test_a_payment_comes_again_when_only_its_journal_items_change(peer: Any, payment: int) -> None:
    """Matching a part of a payment with an invoice leaves its own write_date and that of its entry as they were."""
    connector = connect(peer.config())
    before = next(row for row in rows(connector, "payment") if row["id"] == payment)
    time.sleep(1.1)  # watermarks are whole seconds
    since = connector.now()
    assert payment not in {row["id"] for row in rows(connector, "payment", since)}
    item = peer.ids("account.move.line", [["move_id", "=", before["move_id"]]])[0]
    peer.write("account.move.line", item, {"date": before["date"].isoformat()})
    assert payment in {row["id"] for row in rows(connector, "payment", since)}


def test_plain_journal_entries_and_tax_lines_are_left_out(peer: Any) -> None:
    connector = connect(peer.config())
    moves = {row["id"]: row["move_type"] for row in rows(connector, "invoice")}
    assert set(moves.values()) <= {"out_invoice", "out_refund", "out_receipt"}
    lines = rows(connector, "invoice_line")
    assert {line["move_id"] for line in lines} <= set(moves)
    untaxed = {row["id"]: row["amount_untaxed"] for row in rows(connector, "invoice")}
    for move, total in untaxed.items():
        assert sum(line["price_subtotal"] for line in lines if line["move_id"] == move) == total


# What a connector must say when it cannot


def test_a_wrong_password_is_said_at_once(peer: Any) -> None:
    started = time.monotonic()
    health = OdooConnector(peer.config(api_key="not-the-key-4711")).check()  # real sleeping: a retry would be seen
    assert not health.ok and "refused" in health.message and "`api_key`" in health.message
    assert time.monotonic() - started < 3
    assert "not-the-key-4711" not in health.message


def test_a_refused_model_names_stream_and_group(peer: Any) -> None:
    connector = connect(peer.limited())
    health = connector.check()
    assert health.ok
    assert "Invoicing / Billing" in health.stream_problems["invoice"]
    with pytest.raises(Exception, match=r"stream invoice: .*reading account\.move is refused.*Invoicing / Billing"):
        rows(connector, "invoice")
    assert rows(connector, "currency") != []


def test_an_unknown_database_is_a_configuration_error(peer: Any) -> None:
    if peer.protocol == "json2":
        pytest.skip("json2 picks the database by host and header")
    health = connect(peer.config(database="elsewhere")).check()
    assert not health.ok and "no such database" in health.message


def test_a_company_out_of_reach_is_a_configuration_error(peer: Any) -> None:
    problem = connect(peer.config(companies=[1, 99])).check().stream_problems["sale_order"]
    assert "correct the list" in problem and "[1, 99]" in problem


def test_an_extra_field_that_does_not_exist_is_named(peer: Any) -> None:
    connector = connect(peer.config(extra_fields={"partner": ["x_segment"]}))
    assert "`extra_fields` of stream partner names 'x_segment'" in connector.check().stream_problems["partner"]


def test_fields_can_be_added_and_left_out(peer: Any) -> None:
    connector = connect(peer.config(extra_fields={"partner": ["display_name"]}, exclude_fields={"partner": ["phone"]}))
    row = rows(connector, "partner")[0]
    assert "display_name" in row and "phone" not in row


# What only the sandbox can show


def test_a_serialization_failure_is_retried(peer: Any, box: Sandbox) -> None:
    name = "psycopg2.errors.SerializationFailure"
    text = "could not serialize access due to concurrent update"
    if peer.protocol == "json2":
        body, status = {"name": name, "message": text}, 500
    else:
        body, status = {"jsonrpc": "2.0", "id": 1, "error": {"code": 200, "data": {"name": name, "message": text}}}, 200
    orders = lambda seen: b"amount_untaxed" in seen.body  # noqa: E731
    box.faults.append(Fault("status", 2, status, body=json.dumps(body).encode(), applies=orders))
    assert len(rows(connect(peer.config()), "sale_order")) == 3


def test_records_deleted_between_search_and_read_are_left_out(
    peer: Any, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = connect(peer.config())
    gone = peer.db.id_of("sale.order", "o3")
    pages = connector.read(stream_of(connector, "sale_order"), Window(None, connector.now()))
    real_search = peer.db.search

    def search_then_lose(*args: Any) -> list[int]:
        ids = real_search(*args)
        if gone in ids and gone in peer.db.table("sale.order").rows:
            peer.db.unlink("sale.order", gone)
        return ids

    monkeypatch.setattr(peer.db, "search", search_then_lose)
    assert [row["name"] for page in pages for row in page.to_pylist()] == ["S0001", "S0002"]


def test_a_read_asks_only_from_the_watermark(peer: Any, box: Sandbox) -> None:
    connector = connect(peer.config())
    rows(connector, "sale_order", datetime(2025, 2, 1, 3, 4, 5, 999_999, tzinfo=UTC))
    searches = [seen.body for seen in box.seen if b"2025-02-01 03:04:05" in seen.body]
    assert len(searches) == 1 and b'["write_date", ">=", "2025-02-01 03:04:05"]' in searches[0]


def test_a_record_without_write_date_is_read_every_time(peer: Any, box: Sandbox) -> None:
    order = peer.db.id_of("sale.order", "o1")
    del peer.db.table("sale.order").rows[order]["write_date"]
    connector = connect(peer.config())
    assert [row["id"] for row in rows(connector, "sale_order", connector.now())] == [order]


def test_a_users_new_mail_address_counts_as_a_change_of_the_user(peer: Any, box: Sandbox) -> None:
    connector = connect(peer.config())
    user = peer.db.id_of("res.users", "E2")
    since = connector.now()
    peer.db.write("res.partner", peer.db.table("res.users").rows[user]["partner_id"], {"email": "new@bench.example"})
    assert [row["id"] for row in rows(connector, "user", since)] == [user]


def test_money_is_exact(peer: Any, box: Sandbox) -> None:
    amounts = {
        row["name"]: str(row["amount_untaxed"].normalize()) for row in rows(connect(peer.config()), "sale_order")
    }
    assert amounts == {"S0001": "100.4", "S0002": "-50.05", "S0003": "50.05"}


def test_stage_changes_know_their_lead_and_moment(peer: Any, box: Sandbox) -> None:
    (change,) = rows(connect(peer.config()), "lead_stage_change")
    assert change["mail_message_res_id"] == peer.db.id_of("crm.lead", "d1")
    assert change["mail_message_date"] == datetime(2024, 12, 20, 2, tzinfo=UTC)
    assert (change["old_value_char"], change["new_value_char"]) == ("New", "Won")


def test_no_error_holds_the_secret(peer: Any, box: Sandbox) -> None:
    leaky = f"<html>you sent {API_KEY}</html>".encode()
    for status in (400, 404, 503):
        box.faults[:] = [Fault("status", 99, status, body=leaky), Fault("status", 99, status, body=leaky)]
        health = connect(peer.config()).check()
        assert not health.ok and API_KEY not in health.message
    assert API_KEY not in repr(peer.config())


def test_a_server_without_jsonrpc_asks_for_the_other_protocol() -> None:
    with Sandbox(odoo_app(small_company(), version=20)) as box:
        config = OdooConfig(url=box.url, database="erp", login=LOGIN, api_key=API_KEY)
        assert "set `protocol: json2`" in connect(config).check().message


def test_a_server_before_19_asks_for_the_other_protocol() -> None:
    with Sandbox(odoo_app(small_company(), version=14)) as box:
        config = OdooConfig(url=box.url, database="erp", api_key=API_KEY, protocol="json2")
        assert "set `protocol: jsonrpc`" in connect(config).check().message


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"login": "a"}, "needs `login` and either"),
        ({"protocol": "json2"}, "needs `api_key`"),
        ({"login": "a", "password": "b", "streams": ["orders"]}, "no such stream: orders"),
        ({"login": "a", "password": "b", "url": "erp.example.com"}, "expected an address"),
        ({"login": "a", "password": "b", "page": 5}, "page"),
    ],
)
def test_a_wrong_configuration_is_refused_with_the_field(values: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        OdooConfig(**{"url": "https://erp.example.com", "database": "erp", **values})
