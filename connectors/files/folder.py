"""Finding files at an fsspec URL and holding one still while it is read."""

import contextlib
import hashlib
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from connectors.base import ConfigurationError, SourceError, TransientError
from connectors.files.config import FilesConfig, FileStream

_BLOCK = 1 << 20


@dataclass(frozen=True)
class FoundFile:
    """One file below the url: its path there, and its place in the order of versions."""

    name: str
    path: str
    modified: str

    @property
    def order(self) -> tuple[Any, ...]:
        """Sorts older before newer: modification time where the stream asks for it, then name with numbers counted."""
        return (self.modified, natural_order(self.name))


@dataclass(frozen=True)
class StillFile:
    """A local file whose bytes are those of the checksum."""

    found: FoundFile
    local: Path
    checksum: str


def natural_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """`week 2` before `week 10`; the file's own name counts before its folder."""
    folder, _, base = name.rpartition("/")
    parts = re.split(r"(\d+)", f"{base}/{folder}")
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)


class Folder:
    """The folder of one source. Raises SourceError when it cannot be reached."""

    def __init__(self, config: FilesConfig) -> None:
        self.url = config.url
        self._options = {name: value.get_secret_value() for name, value in config.options.items()}

    def files(self, stream: FileStream) -> list[FoundFile]:
        """The stream's files, older before newer; hidden files and lock files of Office are none."""
        with self._reachable():
            system, root = self._system()
            if not system.isdir(root):
                raise SourceError(f"{self.url}: there is no such folder")
            paths = [str(path) for path in system.glob(f"{root.rstrip('/')}/{stream.glob}") if not system.isdir(path)]
            found = [self._found(system, root, path, stream) for path in paths if not _is_hidden(path)]
        return sorted(found, key=lambda file: file.order)

    @contextlib.contextmanager
    def still(self, file: FoundFile) -> Iterator[StillFile]:
        """The file with its checksum, copied here first when it is remote.

        Raises TransientError when a local file changes while it is used.
        """
        with self._reachable():
            system, _ = self._system()
        if isinstance(system, LocalFileSystem):
            with self._reachable():
                before = _mark(Path(file.path))
                checksum = _checksum(Path(file.path))
            yield StillFile(file, Path(file.path), checksum)
            if _mark(Path(file.path)) != before:
                raise TransientError(f"{file.name}: changed while it was being read; sync again when it is complete")
            return
        with tempfile.NamedTemporaryFile(suffix=Path(file.name).suffix) as copy:
            with self._reachable():
                system.get_file(file.path, copy.name)
            yield StillFile(file, Path(copy.name), _checksum(Path(copy.name)))

    def _system(self) -> tuple[Any, str]:
        try:
            return fsspec.core.url_to_fs(self.url, **self._options)
        except (ImportError, ValueError, TypeError) as error:
            raise ConfigurationError(self._redacted(f"{self.url}: {error}; see `url` and `options`")) from None

    def _found(self, system: Any, root: str, path: str, stream: FileStream) -> FoundFile:
        name = path.removeprefix(root.rstrip("/") + "/")
        modified = system.modified(path).isoformat() if stream.order == "modified" else ""
        return FoundFile(name, path, modified)

    @contextlib.contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise SourceError(self._redacted(f"{self.url}: {error} does not exist (any more)")) from None
        except PermissionError as error:
            raise ConfigurationError(self._redacted(f"{self.url}: no permission: {error}")) from None
        except OSError as error:
            raise TransientError(self._redacted(f"{self.url}: cannot be reached: {error}")) from None

    def _redacted(self, message: str) -> str:
        for secret in self._options.values():
            message = message.replace(secret, "***") if secret else message
        return message


def _is_hidden(path: str) -> bool:
    return path.rpartition("/")[2].startswith((".", "~$"))


def _mark(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
