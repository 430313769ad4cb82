"""The sandboxed vendors in a process of their own, answering from memory whatever they have answered before.

So the vendor costs every contender the same and next to nothing, and shares no interpreter lock with them.
"""

import contextlib
import multiprocessing
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing.connection import Connection
from typing import Literal

from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.sandbox.generate import generate
from connectors.sandbox.odoo import odoo_app
from connectors.sandbox.salesforce import salesforce_app
from connectors.sandbox.server import Sandbox
from tests.bench.chinese_crm import full_of_fxiaoke_deals, full_of_huoban_deals, full_of_jiandaoyun_deals
from tests.bench.zoho_crm import full_of_deals

Vendor = Literal["odoo", "salesforce", "zoho_crm", "fxiaoke", "jiandaoyun", "huoban"]
ORDER_LINE, DEAL = "sale.order.line", "Opportunity"
_TRACE = re.compile(rb"thirdTraceId=[^&]*")
"""Fxiaoke wants another one with every request."""
_START = datetime(2024, 1, 1, 8, tzinfo=UTC)


@contextlib.contextmanager
def vendor(system: Vendor, records: int) -> Iterator[str]:
    """Address of a server holding that many order lines (odoo) or opportunities (the others)."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(system, records, there), daemon=True)
    server.start()
    there.close()
    try:
        yield here.recv()
    finally:
        here.close()
        server.join(timeout=20)
        if server.is_alive():
            server.terminate()


def _serve(system: Vendor, records: int, parent: Connection) -> None:
    """Serve until the parent closes its end of the pipe, be it that it died."""
    makers: dict[Vendor, Callable[[int], Starlette]] = {
        "odoo": _odoo,
        "salesforce": _salesforce,
        "zoho_crm": full_of_deals,
        "fxiaoke": full_of_fxiaoke_deals,
        "jiandaoyun": full_of_jiandaoyun_deals,
        "huoban": full_of_huoban_deals,
    }
    app = makers[system](records)
    app.add_middleware(_Remembering)
    with Sandbox(app) as box:
        parent.send(box.url)
        with contextlib.suppress(EOFError):
            parent.recv()


class _Remembering:
    """ASGI middleware: an equal request gets the answer it got the first time (the Date header stays live)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._answers: dict[tuple[str, bytes, bytes, bytes], list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await receive()
        options = dict(scope["headers"]).get(b"sforce-query-options", b"")
        asked = (scope["path"], _TRACE.sub(b"", scope["query_string"]), options, request.get("body", b""))
        if asked not in self._answers:
            await self._ask(asked, scope, request)
        for message in self._answers[asked]:
            await send(message)

    async def _ask(self, asked: tuple[str, bytes, bytes, bytes], scope: Scope, request: Message) -> None:
        answer: list[Message] = []

        async def replay() -> Message:
            return request

        async def note(message: Message) -> None:
            answer.append(message)

        await self.app(scope, replay, note)
        self._answers[asked] = answer


def _odoo(records: int) -> Starlette:
    app = odoo_app(generate("tiny"))
    db = app.state.db
    db.table(ORDER_LINE).rows.clear()
    for number in range(records):
        net = round(number % 9973 * 1.07, 2)
        values = {
            "order_id": number // 4 + 1,
            "sequence": number % 4 * 10,
            "product_id": number % 40 + 1,
            "name": f"泵 Pump P-{number % 40:03d}",
            "product_uom_qty": float(number % 7 + 1),
            "price_unit": 19.9,
            "discount": float(number % 3 * 5),
            "price_subtotal": net,
            "price_total": net,
            "salesman_id": number % 60 + 2,
            "company_id": 1,
            "currency_id": 1,
            "state": "sale",
        }
        db.create(ORDER_LINE, values, f"{_START + timedelta(minutes=number):%Y-%m-%d %H:%M:%S}.000000")
    return app


def _salesforce(records: int) -> Starlette:
    app = salesforce_app(generate("tiny"))
    db = app.state.db
    account, owner = next(iter(db.tables["Account"])), next(iter(db.tables["User"]))
    db.tables[DEAL].clear()
    for number in range(records):
        db.create(
            DEAL,
            f"bench {number}",
            at=_START + timedelta(minutes=number),
            Name=f"项目 Deal {number}",
            AccountId=account,
            OwnerId=owner,
            StageName="Negotiation/Review",
            Amount=float(Decimal(number % 99_991) / 4),
            Probability=90.0,
            CloseDate=f"{_START + timedelta(days=number % 600):%Y-%m-%d}",
            Type="New Customer",
            ForecastCategoryName="Commit",
            CurrencyIsoCode="CNY",
        )
    return app
