"""What a release was made from, read back from it: landed files, company folder, calendar day, carried state."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from connectors.landing import LandedFile, Landing
from pipelines.company import Company, load_company
from pipelines.company.snapshot import restore_files
from pipelines.publish.releases import Release, ReleaseError, get
from pipelines.publish.store import sha256
from pipelines.warehouse import BuildInputs
from pipelines.warehouse.carried import carried_state


class InputsLost(Exception):
    """Something a release was made from is not there any more; the message names it and says what to do."""


@contextmanager
def release_inputs(
    home: Path, release: Release, environ: Mapping[str, str], company: Company | None = None, check: bool = False
) -> Iterator[BuildInputs]:
    """The inputs a release was built from, its company folder restored for as long as the context lasts.

    company: takes the place of the restored one. check: also read every landed file and compare it with the manifest.
    Raises InputsLost when the release keeps no company folder, or landing no longer has one of the files; CompanyError
    when today's code cannot read the folder of that day.
    """
    with TemporaryDirectory(prefix="scoreline-company-") as folder:
        company = company or _company(release, Path(folder), environ)
        previous = previous_release(home, release)
        files = _landed(home, release.manifest["load_packages"], check)
        logs = _landed(home, release.manifest["sync_log"], check)
        yield BuildInputs(
            company,
            date.fromisoformat(release.manifest["as_of_date"]),
            tuple(files),
            tuple(logs),
            previous.row_counts if previous else {},
            carried_state(previous),
        )


def _company(release: Release, folder: Path, environ: Mapping[str, str]) -> Company:
    entry = release.manifest.get("configuration")
    if entry is None:
        raise InputsLost(
            f"release {release.release_id} was made by code that did not keep the company folder with it; only "
            "releases made since then can be made again"
        )
    files = json.loads((release.path / entry["file"]).read_text(encoding="utf-8"))
    restore_files(files, folder)
    return load_company(folder, environ, unset="defer")


def previous_release(home: Path, release: Release) -> Release | None:
    """The release that was shown when this one was made. Raises InputsLost when it is no longer there."""
    name = release.manifest["previous_release"]
    if name is None:
        return None
    try:
        return get(home, name)
    except ReleaseError as error:
        raise InputsLost(f"release {release.release_id} continues one that is gone: {error}") from error


def _landed(home: Path, packages: list[dict[str, Any]], check: bool) -> Iterator[LandedFile]:
    """The files of the packages in landing's own order: source, stream, package, file."""
    root = Landing(home).root
    for package in packages:
        for file in package["files"]:
            path = root / file["name"]
            if not path.is_file() or path.stat().st_size != file["size"] or (check and sha256(path) != file["sha256"]):
                raise InputsLost(
                    f"landing/{file['name']} is not as it was when it was landed; restore landing from its backup"
                )
            yield LandedFile(package["source_system"], package["stream"], package["load_id"], path)
