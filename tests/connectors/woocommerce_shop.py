"""A loopback web shop that answers as WooCommerce's REST API v3 documents it: Basic auth, `page` and `per_page`, a Link
header, `modified_after`, money as text, error bodies with `code` and `message`, trashed orders shown no more.
"""

import base64
import itertools
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

KEY, SECRET = "ck_4711c0ffee", "cs_0815decaf00d"
API = "/wp-json/wc/v3"
LARGEST_PAGE = 100


class Shop:
    """Orders and customers by id; change them as the shop's staff would. `page_limit`: largest page that is allowed."""

    def __init__(self, page_limit: int = LARGEST_PAGE) -> None:
        self.orders: dict[int, dict[str, Any]] = {}
        self.customers: dict[int, dict[str, Any]] = {}
        self.page_limit = page_limit
        self.secret = SECRET
        self._ids = itertools.count(1)

    def customer(self, company: str, **values: Any) -> int:
        """A new customer's id."""
        id = next(self._ids)
        billing = {"company": company, "city": values.pop("city", ""), "country": values.pop("country", "DE")}
        self.customers[id] = {"id": id, "email": f"buyer{id}@example.com", "billing": billing, **values}
        return id

    def order(self, at: datetime, id: int | None = None, **values: Any) -> int:
        """Make an order, or change one; every change stamps it. Its id."""
        id = next(self._ids) if id is None else id
        blank: dict[str, Any] = {"status": "processing", "currency": "EUR", "customer_id": 0, "total": "0.00"}
        blank |= {"customer_note": "", "transaction_id": None, "date_completed_gmt": None, "line_items": []}
        blank |= {"id": id, "number": str(id), "date_created_gmt": stamp(at)}
        self.orders[id] = {**blank, **self.orders.get(id, {}), **values, "date_modified_gmt": stamp(at)}
        return id

    def shown(self) -> dict[int, dict[str, Any]]:
        """Orders that the list shows with `status=any`."""
        return {id: order for id, order in self.orders.items() if order["status"] != "trash"}

    def app(self) -> Starlette:
        """The API over these records."""
        return Starlette(routes=[Route(f"{API}/orders", self._orders), Route(f"{API}/customers", self._customers)])

    def _orders(self, request: Request) -> Response:
        asked = request.query_params
        rows = list(self.shown().values())
        if "modified_after" in asked:
            rows = [row for row in rows if row["date_modified_gmt"] > asked["modified_after"]]
        return self._page(request, rows)

    def _customers(self, request: Request) -> Response:
        return self._page(request, list(self.customers.values()))

    def _page(self, request: Request, rows: list[dict[str, Any]]) -> Response:
        if request.headers.get("Authorization") != basic(KEY, self.secret):
            return _error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        page, size = (int(request.query_params.get(name, usual)) for name, usual in (("page", 1), ("per_page", 10)))
        if size > self.page_limit:
            return _error(400, "rest_invalid_param", "Invalid parameter(s): per_page")
        rows = sorted(rows, key=lambda row: row["id"])
        shown = rows[(page - 1) * size : page * size]
        headers = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(-(-len(rows) // size))}
        if page * size < len(rows):
            headers["Link"] = f'<{request.url.include_query_params(page=page + 1)}>; rel="next"'
        return JSONResponse(shown, headers=headers)


def basic(user: str, password: str) -> str:
    """The Authorization header of Basic auth."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def stamp(at: datetime) -> str:
    """A moment as the API writes it in its `_gmt` fields: whole seconds, no zone."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"code": code, "message": message, "data": {"status": status}}, status)
