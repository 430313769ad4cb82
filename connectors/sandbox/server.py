"""A loopback server for a sandboxed vendor: starts on a free port of 127.0.0.1, records requests, injects faults.

What a vendor answers belongs to the vendor's own sandbox module, which builds a Starlette application.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(frozen=True)
class Seen:
    """One request as the sandbox received it (for tests that ask what a connector asked)."""

    method: str
    path: str
    query: str
    body: bytes


@dataclass
class Fault:
    """What to do instead of answering, for the next `times` requests that `applies` to.

    kind: 'status' answers `status` with `headers` and `body`; 'reset' drops the connection before an answer;
    'truncate' declares the full length and stops half way; 'slow' waits `seconds`, then answers normally; 'act' calls
    `action` (a user who works while we read), then answers normally.
    """

    kind: str
    times: int = 1
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0
    action: Callable[[], None] = lambda: None
    applies: Callable[[Seen], bool] = lambda seen: True


class Sandbox:
    """Context manager around one application: `with Sandbox(app) as box: box.url`.

    `seen` lists every request; `faults` is consulted before the application answers, `injected` counts those used.
    `clock_offset` moves the time that the Date header of every answer states.
    """

    def __init__(self, app: Starlette) -> None:
        self.seen: list[Seen] = []
        self.faults: list[Fault] = []
        self.injected = 0
        self.clock_offset = timedelta(0)
        self._server = uvicorn.Server(
            uvicorn.Config(
                _FaultyApp(app, self), log_level="critical", lifespan="off", timeout_keep_alive=30, date_header=False
            )
        )
        # Named protocol: only then does asyncio switch Nagle's algorithm off, which costs 40 ms an answer.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the sandbox server did not start")
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def next_fault(self, seen: Seen) -> Fault | None:
        """The first fault that applies to this request, its count taken down."""
        for fault in self.faults:
            if fault.times > 0 and fault.applies(seen):
                fault.times -= 1
                self.injected += fault.kind != "act"
                return fault
        return None

    def date_header(self) -> tuple[bytes, bytes]:
        """The server's clock as its answers state it."""
        return b"date", format_datetime(datetime.now(UTC) + self.clock_offset, usegmt=True).encode()


class _FaultyApp:
    """ASGI wrapper: notes the request, then either misbehaves as told or lets the application answer."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self.app, self.sandbox = app, sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        seen = Seen(request.method, request.url.path, request.url.query, body)
        self.sandbox.seen.append(seen)
        fault = self.sandbox.next_fault(seen)
        send = self._dated(send)
        if fault is None or fault.kind in ("slow", "act"):
            if fault is not None:
                await asyncio.sleep(fault.seconds)
                fault.action()
            await self.app(scope, _replay(body), send)
        elif fault.kind == "status":
            await Response(fault.body, fault.status, fault.headers)(scope, receive, send)
        elif fault.kind == "truncate":
            await self._truncated(scope, body, send)
        else:
            _abort(receive)

    def _dated(self, send: Send) -> Send:
        async def dated(message) -> None:  # type: ignore[no-untyped-def]
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), self.sandbox.date_header()]}
            await send(message)

        return dated

    async def _truncated(self, scope: Scope, body: bytes, send: Send) -> None:
        messages: list[dict] = []

        async def collect(message) -> None:  # type: ignore[no-untyped-def]
            messages.append(message)

        await self.app(scope, _replay(body), collect)
        whole = b"".join(message.get("body", b"") for message in messages)
        await send(messages[0])
        await send({"type": "http.response.body", "body": whole[: len(whole) // 2], "more_body": True})
        raise ConnectionAbortedError("fault: truncate")  # uvicorn closes the connection with the body unfinished


def _abort(receive: Receive) -> None:
    """Reset the TCP connection under the request: uvicorn's request cycle, which owns `receive`, has the transport."""
    receive.__self__.transport.abort()  # type: ignore[attr-defined]


def _replay(body: bytes) -> Receive:
    async def receive() -> dict:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
