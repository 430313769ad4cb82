"""Published tables: the release as assets, each downstream of the gated model it shows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import dagster as dg
import duckdb

from connectors.landing import Landing
from expectations.catalog import Table
from expectations.verdict import render
from pipelines.company import configuration_hash
from pipelines.gate import judge, table_key
from pipelines.paths import Home
from pipelines.publish import (
    GateRefused,
    LoadFile,
    LoadPackage,
    Publication,
    ReleaseInputs,
    code_version,
    load_packages,
    publish,
)
from pipelines.publish.inputs import log_files, packages_of
from pipelines.publish.releases import current
from pipelines.resources import WAREHOUSE_POOL, Workspace
from pipelines.warehouse import has_candidate, warehouse_lock


def published_key(table: Table) -> dg.AssetKey:
    """The asset of a published table."""
    return dg.AssetKey(["published", table.name])


def published_assets(tables: Sequence[Table]) -> dg.AssetsDefinition:
    """One asset per published table, written together as one release."""
    specs = [
        dg.AssetSpec(
            published_key(table),
            deps=[table_key(table)],
            description=table.description,
            group_name="published",
            kinds={"parquet"},
        )
        for table in tables
    ]

    @dg.multi_asset(name="publish", specs=specs, pool=WAREHOUSE_POOL)
    def publish_release(context: dg.AssetExecutionContext, workspace: Workspace) -> Iterator[dg.MaterializeResult]:
        """Audits again before publishing, because a run may have selected nothing but this step."""
        publication = publish_candidate(workspace)
        context.log.info(f"{publication.status} release {publication.release.release_id}")
        for table in tables:
            entry = publication.release.tables[table.name]
            yield dg.MaterializeResult(
                asset_key=published_key(table),
                metadata={
                    "dagster/row_count": entry["rows"],
                    "release": publication.release.release_id,
                    "status": publication.status,
                },
            )

    return publish_release


def publish_candidate(workspace: Workspace) -> Publication:
    """Judge the complete candidate once more and publish it, or confirm the current release.

    Raises dg.Failure when there is no complete candidate or the gate refuses it; the current release then stands.
    """
    home = workspace.home
    with warehouse_lock(home.root):
        if not has_candidate(home.warehouse, current(home.root)):
            raise dg.Failure(
                "there is no complete candidate that continues the current release: its build was cut short, never "
                "ran, or the release was switched since; run `scoreline run`"
            )
        company = workspace.company()
        packages = _packages_of_candidate(home)
        verdict = judge(home, company)
        log, configuration = _log_and_configuration(home)
        inputs = ReleaseInputs(
            packages, configuration_hash(company), code_version(), datetime.now(UTC), log, configuration
        )
        try:
            return publish(home.warehouse, home.root, inputs, verdict)
        except GateRefused as refusal:
            raise dg.Failure(render(refusal.verdict), allow_retries=False) from refusal


def _packages_of_candidate(home: Home) -> tuple[LoadPackage, ...]:
    """The load packages the candidate was built from: a sync may have landed more since."""
    with duckdb.connect(str(home.warehouse), read_only=True) as con:
        rows = con.execute("select source_system, stream, file from config.load_package").fetchall()
    used = {f"{source}/{stream}/{file}" for source, stream, file in rows}
    packages = load_packages(home.root, _known_files(home))
    kept = (replace(package, files=tuple(file for file in package.files if file.name in used)) for package in packages)
    return tuple(package for package in kept if package.files)


def _log_and_configuration(home: Home) -> tuple[tuple[LoadPackage, ...], dict[str, str]]:
    """The log of syncs and the company folder as the candidate's build found them."""
    with duckdb.connect(str(home.warehouse), read_only=True) as con:
        logs = con.execute("select source_system, file from config.sync_log_file").fetchall()
        configuration = dict(con.execute("select file, content from config.configuration_file").fetchall())
    files = log_files(home.root, set(logs))
    return packages_of(files, Landing(home.root).root, _known_files(home)), configuration


def _known_files(home: Home) -> dict[str, LoadFile]:
    """Landed files whose hash the current release already tells; landing never edits a file."""
    release = current(home.root)
    manifest = release.manifest if release else {}
    packages = [*manifest.get("load_packages", ()), *manifest.get("sync_log", ())]
    return {file["name"]: LoadFile(**file) for package in packages for file in package["files"]}
