"""What a release was made from: load packages, code, configuration. Kept in the manifest."""

import hashlib
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from connectors.landing.packages import SYNC_LOG, LandedFile, Landing
from pipelines.publish.store import sha256

REPOSITORY = Path(__file__).parent.parent.parent
CODE = ("connectors", "expectations", "pipelines", "dbt_project")
_CODE_FILES = frozenset({".py", ".sql", ".yml", ".yaml", ".csv", ".toml", ".json"})
_GENERATED = frozenset({"__pycache__", "target", "logs", "dbt_packages"})


@dataclass(frozen=True)
class LoadFile:
    """One landed Parquet file; `size` in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class LoadPackage:
    """What one sync landed for one stream of one source."""

    source_system: str
    stream: str
    load_id: str
    files: tuple[LoadFile, ...]


@dataclass(frozen=True)
class CodeVersion:
    """The code that made a release: commit (None outside a git checkout) and hash of the files as they were."""

    commit: str | None
    hash: str
    dbt_hash: str


@dataclass(frozen=True)
class ReleaseInputs:
    """Everything the manifest tells about a release that the warehouse does not know itself."""

    load_packages: tuple[LoadPackage, ...]
    configuration_hash: str
    code: CodeVersion
    created_at: datetime
    """Moment of publishing, with time zone; part of the release's id."""
    sync_log: tuple[LoadPackage, ...] = ()
    """Files of the log of syncs the candidate saw."""
    configuration: Mapping[str, str] = field(default_factory=dict)
    """The company folder's files that decide results, without secrets, by path; the release keeps them."""


def code_version(root: Path = REPOSITORY) -> CodeVersion:
    """The version of the code under `root`."""
    return CodeVersion(_commit(root), files_hash(root, CODE), files_hash(root, ("dbt_project",)))


def files_hash(root: Path, folders: Iterable[str]) -> str:
    """Hash of names and contents of the text files in the folders; generated files do not count."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            inside = path.relative_to(root)
            if path.suffix in _CODE_FILES and path.is_file() and not _GENERATED.intersection(inside.parts):
                digest.update(f"{inside.as_posix()} {sha256(path)}\n".encode())
    return digest.hexdigest()


def load_packages(home: Path, known: Mapping[str, LoadFile] | None = None) -> tuple[LoadPackage, ...]:
    """Every complete load package in landing, with the hashes of its files. Take it when the build starts.

    Landed files are never edited, so a file of `known` (by path below landing, from the last manifest) with an
    unchanged size is not read again.
    """
    landing = Landing(home)
    files = (
        file
        for source in landing.sources()
        for stream in landing.streams(source)
        for file in landing.files(source, stream)
    )
    return packages_of(files, landing.root, known or {})


def packages_of(files: Iterable[LandedFile], root: Path, known: Mapping[str, LoadFile]) -> tuple[LoadPackage, ...]:
    """Landed files as load packages, with the hashes of the files; `root` is the landing folder, `known` as above."""
    packages: dict[tuple[str, str, str], list[LoadFile]] = {}
    for file in files:
        package = packages.setdefault((file.source, file.stream, file.load_id), [])
        package.append(_load_file(file, root, known))
    return tuple(LoadPackage(*key, tuple(found)) for key, found in sorted(packages.items()))


def log_files(home: Path, names: set[tuple[str, str]]) -> list[LandedFile]:
    """The landed files of the sync log of these (source, file name), in a fixed order."""
    landing = Landing(home)
    sources = sorted({source for source, _ in names})
    found = (file for source in sources for file in landing.files(source, SYNC_LOG))
    return [file for file in found if (file.source, file.path.name) in names]


def _load_file(file: LandedFile, root: Path, known: Mapping[str, LoadFile]) -> LoadFile:
    name = file.path.relative_to(root).as_posix()
    size = file.path.stat().st_size
    before = known.get(name)
    return before if before and before.size == size else LoadFile(name, size, file.sha256())


def _commit(root: Path) -> str | None:
    command = ["git", "-C", str(root), "rev-parse", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed command
    except FileNotFoundError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None
