"""The doors to a real Odoo 14 server: JSON-RPC to act on it, its PostgreSQL to ask what must come out.

Nothing here shares code with the connector.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

NAMES = ("ODOO_URL", "ODOO_DATABASE", "ODOO_LOGIN", "ODOO_PASSWORD")


class OdooServer:
    """A client of the server at ODOO_URL, as an administrator."""

    def __init__(self) -> None:
        self.url, self.database, self.login, self.password = (os.environ[name] for name in NAMES)
        self.uid = self._ask("common", "authenticate", self.database, self.login, self.password, {})

    def call(self, model: str, method: str, *arguments: Any, context: dict[str, Any] | None = None) -> Any:
        """Result of a method; archived records are seen, too."""
        named = {"context": {"active_test": False, **(context or {})}}
        door = (self.database, self.uid, self.password)
        return self._ask("object", "execute_kw", *door, model, method, list(arguments), named)

    def find(self, model: str, *domain: Any) -> int | None:
        """Id of the first record that fits."""
        ids = self.call(model, "search", list(domain))
        return min(ids) if ids else None

    def the(self, model: str, *domain: Any) -> int:
        """Id of the first record that fits; there must be one."""
        id = self.find(model, *domain)
        assert id is not None, f"{self.url}: no {model} with {domain}"
        return id

    def make(self, model: str, field: str, value: str, /, **values: Any) -> int:
        """Id of the record whose `field` holds `value`, made with `values` where there is none."""
        found = self.find(model, [field, "=", value])
        return found or self.call(model, "create", {field: value, **values})

    def read(self, model: str, id: int, *fields: str) -> dict[str, Any]:
        """Fields of one record; references as plain ids."""
        target = (self.database, self.uid, self.password, model, "read", [[id], list(fields)], {"load": False})
        return self._ask("object", "execute_kw", *target)[0]

    def wizard(self, model: str, button: str, on: str, id: int, answers: dict[str, Any], **context: Any) -> Any:
        """Fill in a dialogue of the server for one record and press its button."""
        context |= {"active_model": on, "active_ids": [id], "active_id": id}
        dialogue = self.call(model, "create", answers, context=context)
        return self.call(model, button, [dialogue], context=context)

    def _ask(self, service: str, method: str, *arguments: Any) -> Any:
        params = {"service": service, "method": method, "args": arguments}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        answer = requests.post(f"{self.url}/jsonrpc", json=body, timeout=60).json()
        assert "error" not in answer, answer["error"]["data"]["debug"]
        return answer.get("result")  # absent where the method returns nothing


def server() -> OdooServer:
    """The server named in the environment; skips where none is named."""
    if missing := [name for name in NAMES if not os.environ.get(name)]:
        pytest.skip(f"needs a real Odoo server (realservers/odoo_up prints what to set): {', '.join(missing)} not set")
    return OdooServer()


@contextmanager
def server_for_ourselves() -> Iterator[None]:
    """Keeps tests of other processes from changing the server's records meanwhile."""
    with (Path(tempfile.gettempdir()) / "scoreline-odoo-server.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def server_database() -> Iterator[psycopg.Connection[Any]]:
    """The server's own database, read only; skips where its port and password (folder ODOO_DATA) are unreadable."""
    folder = Path(os.environ.get("ODOO_DATA", "/var/tmp/odoo"))
    try:
        port, password = (folder / "pg.port").read_text().strip(), (folder / "pg.pass").read_text().strip()
    except OSError as error:
        pytest.skip(f"needs the folder odoo_up was given (-d), in ODOO_DATA: {error}")
    database = os.environ["ODOO_DATABASE"]
    where = f"host=127.0.0.1 port={port} user=odoo dbname={database}"
    with psycopg.connect(where, password=password, autocommit=True) as connection:
        connection.execute("set default_transaction_read_only = on")
        yield connection
