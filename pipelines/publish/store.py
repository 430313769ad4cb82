"""The releases folder on disk: what is written is complete and durable before anything points to it.

Knows files, links and the lock; knows nothing of warehouses or of what a release means.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CURRENT = "CURRENT"
STAGING = ".staging-"
_CHUNK = 1 << 20


def releases_dir(home: Path) -> Path:
    """`<home>/releases`, made when missing."""
    folder = home.absolute() / "releases"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def exclusive(home: Path) -> Iterator[None]:
    """Lets one process at a time change the releases folder; a killed process gives the lock back by dying."""
    with (releases_dir(home) / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def sha256(path: Path) -> str:
    """Hash of a file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def sync_file(path: Path) -> None:
    """Wait until the file's bytes are on disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the folder's entries (creations, renames) are on disk."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_durably(path: Path, text: str) -> None:
    """Replace a file by new text in one step: readers see the old text or the new one, never a part."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text, encoding="utf-8")
    sync_file(temporary)
    temporary.replace(path)
    sync_folder(path.parent)


def append_line(path: Path, record: Mapping[str, Any]) -> None:
    """Add one JSON line to a journal; after a kill the journal holds the line whole or not at all."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    write_durably(path, before + json.dumps(record, ensure_ascii=False, sort_keys=True) + "\n")


def read_lines(path: Path) -> list[dict[str, Any]]:
    """All records of a journal, oldest first; none when there is no journal."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def point(link: Path, target: str) -> None:
    """Make the symbolic link point to `target` in one step, whether or not it pointed elsewhere before."""
    temporary = link.with_name(f".{link.name}.new")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)
    sync_folder(link.parent)


def seal(folder: Path) -> None:
    """Write everything in the folder through to disk and take away every permission to write."""
    for path in sorted(folder.iterdir()):
        sync_file(path)
        path.chmod(0o444)
    sync_folder(folder)
    folder.chmod(0o555)


def remove(folder: Path) -> None:
    """Delete a folder, sealed or not."""
    folder.chmod(0o755)
    shutil.rmtree(folder)


def sweep(releases: Path) -> None:
    """Delete what a killed run left behind: staging folders, temporary links, links in the place of a release."""
    for path in releases.iterdir():
        if path.is_symlink():
            if path.name != CURRENT:
                path.unlink()
        elif path.name.startswith(STAGING):
            remove(path)
        elif path.name.endswith(".new"):
            path.unlink()
