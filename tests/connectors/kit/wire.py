"""A wire to a PostgreSQL server that breaks on request: it passes on what both sides say and knows what a page is.

A page is the answer to a FETCH of a cursor whose statement holds the wanted words; faults hit such pages alone.
"""

import contextlib
import select
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

_CHUNK = 1 << 20


def passing_error(message: str, code: str = "57P01") -> bytes:
    """An error of the server that ends the session, as the protocol writes it; 57P01: an administrator's shutdown."""
    fields = b"".join(
        kind + value.encode() + b"\0"
        for kind, value in ((b"S", "FATAL"), (b"V", "FATAL"), (b"C", code), (b"M", message))
    )
    return b"E" + struct.pack("!I", len(fields) + 5) + fields + b"\0"


@dataclass
class _Trouble:
    """What happens to `times` pages behind the first `after` ones."""

    kind: str
    times: int
    after: int
    answer: bytes | None = None
    action: Callable[[], None] | None = None
    done: int = 0


@dataclass
class Wire:
    """Listens on a free port of 127.0.0.1 (`port`) and passes everything on to `server_port` while it is entered.

    about: words in the statement of the cursors whose pages count. injected: faults so far. connections: how many
    there were.
    """

    server_port: int
    about: bytes
    injected: int = 0
    connections: int = 0
    port: int = 0
    _troubles: list[_Trouble] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # closing alone does not wake a thread that waits in accept
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def disturb(
        self, kind: str, times: int, after: int, answer: bytes | None = None, action: Callable[[], None] | None = None
    ) -> Callable[[], int]:
        """Break pages from now on; says how often it has.

        kind: 'server_error' and 'leak' (answer: which error) end the session with an error of the server, 'reset' and
        'truncate' cut the wire before and within the page, 'timeout' lets the server think for a second, 'act' does
        something just before the page.
        """
        trouble = _Trouble(kind, times, after, answer, action)
        with self._lock:
            self._troubles.append(trouble)
        return lambda: trouble.done

    def calm(self) -> None:
        """No more trouble."""
        with self._lock:
            self._troubles.clear()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self.server_port)) as server, contextlib.suppress(OSError):
            _Session(self, client, server).run()

    def due(self) -> _Trouble | None:
        """The trouble that befalls the next page, if any."""
        with self._lock:
            for trouble in self._troubles:
                if trouble.after > 0:
                    trouble.after -= 1
                elif trouble.done < trouble.times:
                    trouble.done += 1
                    self.injected += 1
                    return trouble
        return None


class _Session:
    """One connection, both ways."""

    def __init__(self, wire: Wire, client: socket.socket, server: socket.socket) -> None:
        self.wire, self.client, self.server = wire, client, server
        self.cut_next_answer = False
        self.is_about = False

    def run(self) -> None:
        """Until one side hangs up or the trouble says so."""
        while True:
            for readable in select.select([self.client, self.server], [], [])[0]:
                said = readable.recv(_CHUNK)
                if not said or not (self._asked(said) if readable is self.client else self._answered(said)):
                    return

    def _asked(self, said: bytes) -> bool:
        if b"DECLARE" in said:
            self.is_about = self.wire.about in said
        if b"FETCH" in said and self.is_about and (trouble := self.wire.due()) is not None:
            return self._trouble(trouble, said)
        self.server.sendall(said)
        return True

    def _answered(self, said: bytes) -> bool:
        if self.cut_next_answer:
            self.client.sendall(said[: len(said) // 2])
            return False
        self.client.sendall(said)
        return True

    def _trouble(self, trouble: _Trouble, said: bytes) -> bool:
        if trouble.kind in ("server_error", "leak"):
            self.client.sendall(trouble.answer or passing_error("terminating connection due to administrator command"))
            return False
        if trouble.kind == "reset":
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if trouble.kind == "timeout" and (refused := self._think()) is not None:
            self.client.sendall(refused)
            return True
        if trouble.action is not None:
            trouble.action()
        self.cut_next_answer = trouble.kind == "truncate"
        self.server.sendall(said)
        return True

    def _think(self) -> bytes | None:
        """Let the server be busy for a second before the page; what it says if it gives up before."""
        asked = b"select pg_sleep(1)\0"
        self.server.sendall(b"Q" + struct.pack("!I", len(asked) + 4) + asked)
        told = b""
        while not (messages := _messages(told)) or not messages[-1].startswith(b"Z"):
            told += self.server.recv(_CHUNK)
        error = [message for message in messages if message.startswith(b"E")]
        return error[0] + messages[-1] if error else None


def _messages(said: bytes) -> list[bytes]:
    """The whole messages in what the server said."""
    found, at = [], 0
    while at + 5 <= len(said):
        end = at + 1 + struct.unpack("!I", said[at + 1 : at + 5])[0]
        if end > len(said):
            break
        found.append(said[at:end])
        at = end
    return found
