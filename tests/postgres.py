"""A private PostgreSQL cluster for tests: started on 127.0.0.1 at a free port, gone when the session ends.

Use the fixture `postgres` by importing it; tests that do are marked `real`.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

USER, PASSWORD = "reader_admin", "p@ss:w/ord"
_numbers = count(1)


@dataclass(frozen=True)
class Postgres:
    """A running cluster; every test makes databases of its own."""

    port: int

    def create_database(self) -> str:
        """Name of a new empty database."""
        name = f"test_{next(_numbers)}"
        with self.connect("postgres") as connection:
            connection.execute(f'create database "{name}"')
        return name

    def connect(self, database: str, **options: Any) -> psycopg.Connection[Any]:
        """A connection that commits by itself unless told otherwise."""
        settings: dict[str, Any] = {"user": USER, "password": PASSWORD, "autocommit": True, **options}
        return psycopg.connect(host="127.0.0.1", port=self.port, dbname=database, **settings)

    def url(self, database: str, user: str = USER, password: str = "p%40ss%3Aw%2Ford") -> str:
        """SQLAlchemy URL with the password percent-encoded."""
        return f"postgresql+psycopg://{user}:{password}@127.0.0.1:{self.port}/{database}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One cluster for the session; skips where the server is not installed."""
    found = binaries()
    if found is None:
        pytest.skip("needs the PostgreSQL server (Debian package postgresql): no initdb found")
    with cluster(found) as port:
        yield Postgres(port)


def binaries() -> Path | None:
    """Where the newest installed server's programs are; None when there is none."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = shutil.which("initdb")
    candidates = [*installed, *([Path(found).resolve()] if found else [])]
    return candidates[-1].parent if candidates else None


@contextmanager
def cluster(programs: Path) -> Iterator[int]:
    """The port of a private cluster, made with the server's programs and gone afterwards."""
    # PostgreSQL refuses to run as root; its package brings a user for it.
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="scoreline-postgres-") as folder:
        home = Path(folder)
        secret = home / "password"
        secret.write_text(PASSWORD)
        if prefix:
            shutil.chown(home, "postgres")
            shutil.chown(secret, "postgres")
        port = _free_port()
        data = home / "data"
        identity = ["-D", str(data), "-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}"]
        _run([*prefix, str(programs / "initdb"), *identity, "--encoding=UTF8", "--locale=C", "--no-sync"], home)
        settings = f"-h 127.0.0.1 -p {port} -k {home} -c fsync=off -c max_prepared_transactions=5"
        control = [*prefix, str(programs / "pg_ctl"), "-D", str(data), "-w"]
        _run([*control, "-l", str(home / "server.log"), "-o", settings, "start"], home)
        try:
            yield port
        finally:
            _run([*control, "-m", "immediate", "stop"], home)


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        log = folder / "server.log"
        raise RuntimeError(f"{command}: {done.stderr}\n{log.read_text() if log.exists() else ''}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
