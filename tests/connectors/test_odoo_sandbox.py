"""Is the sandbox a fair Odoo? Asked by OdooRPC, a client that nobody here wrote, and by what the vendor's facts say."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from connectors.sandbox.odoo import API_KEY, LOGIN, odoo_app
from connectors.sandbox.server import Sandbox
from tests.connectors.odoo_company import small_company

odoorpc = pytest.importorskip("odoorpc", reason="needs the OdooRPC package (extra `dev`)")


@pytest.fixture(scope="module")
def box14() -> Iterator[Sandbox]:
    with Sandbox(odoo_app(small_company(), version=14)) as box:
        yield box


@pytest.fixture(scope="module")
def box19() -> Iterator[Sandbox]:
    with Sandbox(odoo_app(small_company(), version=19)) as box:
        yield box


@pytest.fixture
def odoo(box14: Sandbox) -> Any:
    client = odoorpc.ODOO("127.0.0.1", port=box14.port)
    client.login("erp", LOGIN, API_KEY)
    return client


def json2(box: Sandbox, path: str, key: str = API_KEY, **arguments: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"bearer {key}"}
    response = requests.post(f"{box.url}/json/2/{path}", json=arguments, headers=headers, timeout=10)
    return response.status_code, response.json()


def test_odoorpc_logs_in_and_sees_the_version(odoo: Any) -> None:
    assert odoo.version == "14.0"
    assert odoo.env.uid > 1


def test_odoorpc_is_refused_with_a_wrong_password(box14: Sandbox) -> None:
    client = odoorpc.ODOO("127.0.0.1", port=box14.port)
    with pytest.raises(odoorpc.error.RPCError):
        client.login("erp", LOGIN, "wrong")


def test_odoorpc_browses_an_order_and_its_customer(odoo: Any) -> None:
    orders = odoo.env["sale.order"]
    order = orders.browse(orders.search([("name", "=", "S0001")]))
    assert (order.amount_untaxed, order.state, order.partner_id.name) == (100.4, "sale", "华信科技有限公司")


def test_odoorpc_reads_names_of_references_unless_told_not_to(odoo: Any) -> None:
    orders = odoo.env["sale.order"]
    ids = orders.search([("name", "=", "S0001")])
    customer = orders.read(ids, ["partner_id"])[0]["partner_id"]
    assert customer[1] == "华信科技有限公司"
    assert odoo.execute_kw("sale.order", "read", [ids, ["partner_id"]], {"load": None})[0]["partner_id"] == customer[0]


def test_the_models_own_order_is_the_default(odoo: Any) -> None:
    found = odoo.env["sale.order"].search_read([], ["name"])
    assert [row["name"] for row in found] == ["S0003", "S0002", "S0001"]


def test_archived_records_hide_unless_asked_for(odoo: Any) -> None:
    named = [("login", "=", "zhao.min@bench.example")]
    assert odoo.env["res.users"].search(named) == []
    assert len(odoo.env["res.users"].with_context(active_test=False).search(named)) == 1


def test_an_unknown_model_is_an_error_in_an_envelope(odoo: Any) -> None:
    with pytest.raises(odoorpc.error.RPCError, match=r"Object no\.such\.model doesn't exist"):
        odoo.execute_kw("no.such.model", "search", [[]])


@pytest.mark.parametrize(
    ("domain", "names"),
    [
        ([("state", "=", "draft")], ["S0003"]),
        (["|", ("state", "=", "draft"), ("name", "like", "1")], ["S0001", "S0003"]),
        (["!", ("state", "=", "draft")], ["S0001", "S0002"]),
        ([("user_id", "=", False)], ["S0003"]),
        ([("state", "not in", ["draft"]), ("amount_untaxed", "<", 0)], ["S0002"]),
        ([("partner_id.name", "ilike", "muster")], ["S0002", "S0003"]),
        (["&", ("id", ">", 1), "|", ("state", "=", "draft"), ("amount_untaxed", "<=", -50.05)], ["S0002", "S0003"]),
    ],
)
def test_domains_mean_what_odoo_means(odoo: Any, domain: list[Any], names: list[str]) -> None:
    ids = odoo.env["sale.order"].search(domain, order="id")
    assert [row["name"] for row in odoo.env["sale.order"].read(ids, ["name"])] == names


def test_14_compares_hidden_microseconds(odoo: Any) -> None:
    orders = odoo.env["sale.order"]
    (shown,) = orders.search_read([("name", "=", "S0001")], ["write_date"])
    assert len(shown["write_date"]) == 19
    assert orders.search([("name", "=", "S0001"), ("write_date", "=", shown["write_date"])]) == []
    assert orders.search([("name", "=", "S0001"), ("write_date", ">", shown["write_date"])]) == [shown["id"]]


def test_19_compares_whole_seconds(box19: Sandbox) -> None:
    named = ["name", "=", "S0001"]
    _, (shown,) = json2(box19, "sale.order/search_read", domain=[named], fields=["write_date"])
    same, later = (["write_date", operator, shown["write_date"]] for operator in ("=", ">"))
    assert json2(box19, "sale.order/search", domain=[named, same]) == (200, [shown["id"]])
    assert json2(box19, "sale.order/search", domain=[named, later]) == (200, [])


def test_json2_refuses_in_http_statuses(box19: Sandbox) -> None:
    assert json2(box19, "sale.order/search", key="wrong", domain=[])[0] == 401
    assert json2(box19, "no.such.model/search", domain=[])[0] == 404
    assert json2(box19, "sale.order/no_method")[0] == 404
    assert json2(box19, "sale.order/search", ids=[1], domain=[])[0] == 422
    assert json2(box19, "sale.order/search", args=[])[0] == 422
    assert json2(box19, "sale.order/read", ids=[999], fields=["name"])[0] == 404
    status, body = json2(box19, "account.move/search", key="limited-pw", domain=[])
    assert status == 403 and body["name"] == "odoo.exceptions.AccessError"
