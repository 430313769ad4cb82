"""A loopback Tiny CRM: what the vendor's documentation says it answers, over records in memory."""

import itertools
import json
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

API_KEY = "tiny-key-0815"


class TinyCrm:
    """The records (change them as a user would) and the endpoints over them."""

    def __init__(self) -> None:
        self.fields = {"id": "integer", "name": "text", "note": "text", "score": "decimal", "since": "date"}
        self.fields |= {"seen_at": "moment", "changed_at": "moment"}
        self.rows: dict[int, dict[str, Any]] = {}
        self._ids = itertools.count(1)

    def write(self, at: datetime, id: int | None = None, **values: Any) -> int:
        """Make a record, or change one; every change stamps it."""
        id = next(self._ids) if id is None else id
        blank = dict.fromkeys(self.fields) | {"deleted": False}
        self.rows[id] = {**blank, **self.rows.get(id, {}), **values, "id": id, "changed_at": at.isoformat()}
        return id

    def live(self) -> list[int]:
        return sorted(id for id, row in self.rows.items() if not row["deleted"])

    def app(self) -> Starlette:
        routes = {"count": self._count, "ids": self._ids_of, "fields": self._fields, "accounts": self._accounts}
        return Starlette(routes=[Route(f"/v1/{path}", _guarded(answer)) for path, answer in routes.items()])

    def _count(self, request: Request) -> Any:
        return {"count": len(self.live())}

    def _ids_of(self, request: Request) -> Any:
        return {"ids": self.live()}

    def _fields(self, request: Request) -> Any:
        return [{"name": name, "type": kind} for name, kind in self.fields.items()]

    def _accounts(self, request: Request) -> Any:
        """Ordered by change and id, deleted ones included; `after` is a change and an id as JSON."""
        asked = request.query_params
        rows = sorted(self.rows.values(), key=_place)
        if "ids" in asked:
            rows = [row for row in rows if str(row["id"]) in asked["ids"].split(",")]
        if "since" in asked:
            rows = [row for row in rows if _place(row)[0] >= datetime.fromisoformat(asked["since"])]
        if "after" in asked:
            stamp, id = json.loads(asked["after"])
            rows = [row for row in rows if _place(row) > (datetime.fromisoformat(stamp), id)]
        return {"items": rows[: int(asked["limit"])]}


def _place(row: dict[str, Any]) -> tuple[datetime, int]:
    return datetime.fromisoformat(row["changed_at"]), row["id"]


def _guarded(answer: Any) -> Any:
    async def guarded(request: Request) -> Response:
        if request.headers.get("X-Api-Key") != API_KEY:
            return JSONResponse({"error": "unknown key"}, 401)
        return JSONResponse(answer(request))

    return guarded
