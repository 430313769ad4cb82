"""The candidate: one `dbt build` of every model, preceded by the landing views and the configuration tables.

A build whose inputs equal those of the candidate already in the warehouse is not repeated; its assets say so.
"""

from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    DbtProject,
    dbt_assets,
)

from pipelines.assets.streams import stream_key
from pipelines.company import Company
from pipelines.paths import DBT_PROJECT
from pipelines.publish.releases import current
from pipelines.resources import WAREHOUSE_POOL, Workspace
from pipelines.restatement.night import settle_candidate
from pipelines.warehouse import (
    BuildInputs,
    build_options,
    gather_inputs,
    is_built,
    mark_built,
    prepare,
    warehouse_lock,
)

PROJECT = DbtProject(project_dir=DBT_PROJECT)
BUILD_OPTIONS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
"""The data is judged by the gate, once and in one place; dbt's tests judge the models and belong to the test suite."""

SYNC_LOG = ("landing", "sync_log")
"""The dbt source every sync of every stream writes to."""


class StreamLineage(DagsterDbtTranslator):
    """Joins dbt's sources to the stream assets that feed them, so lineage runs from a stream to a published mart."""

    def __init__(self, company: Company | None) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_asset_checks=False))
        self._streams = _stream_keys(company)

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """The model's spec with every dependency on a dbt source replaced by the streams behind it."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        if unique_id.startswith("source."):
            return spec
        staging = unique_id.split(".")[-1].startswith("stg_")
        return spec.replace_attributes(deps=sorted(set(self._deps(spec, staging))), owners=[])

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Schema and name: `marts/kpi_value`; sources keep a prefix of their own."""
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(["landing", dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer."""
        return dbt_resource_props.get("schema")

    def _deps(self, spec: dg.AssetSpec, staging: bool) -> Iterator[dg.AssetKey]:
        for dep in spec.deps:
            table = tuple(dep.asset_key.path[1:])
            if dep.asset_key.path[0] != "landing":
                yield dep.asset_key
            elif table != SYNC_LOG or not staging:  # staging reads of the log only what is about its own system
                yield from self._streams.get(table, ())


def _stream_keys(company: Company | None) -> dict[tuple[str, ...], list[dg.AssetKey]]:
    """(dbt source, table) -> assets of the streams that fill it."""
    keys: dict[tuple[str, ...], list[dg.AssetKey]] = {}
    for source in company.sources if company else ():
        for stream in source.stream_names():
            keys.setdefault((source.type, stream), []).append(stream_key(source.name, stream))
            keys.setdefault(SYNC_LOG, []).append(stream_key(source.name, stream))
        for entity, streams in source.mapped_streams().items():
            for mapped in ("mapped", "mapped_version"):  # the latest versions and all of them
                keys.setdefault((mapped, entity), []).extend(stream_key(source.name, stream) for stream in streams)
    return keys


def candidate_assets(manifest: Path, company: Company | None) -> dg.AssetsDefinition:
    """Every dbt model, seed and test as assets and checks."""

    @dbt_assets(
        manifest=manifest,
        project=PROJECT,
        name="candidate",
        dagster_dbt_translator=StreamLineage(company),
        pool=WAREHOUSE_POOL,
    )
    def candidate(context: dg.AssetExecutionContext, dbt: DbtCliResource, workspace: Workspace) -> Iterator[Any]:
        home = workspace.home
        with warehouse_lock(home.root):
            inputs = _inputs(workspace)
            whole = set(context.selected_asset_keys) == set(context.assets_def.keys)
            if whole and is_built(home.warehouse, inputs):
                context.log.info("nothing changed since the candidate in the warehouse was built; it is used as it is")
                yield from _unchanged(context)
                return
            prepare(home.warehouse, inputs, keep=whole)
            options = [*BUILD_OPTIONS, *build_options(home.warehouse)]
            yield from dbt.cli(["build", *options], context=context, target_path=home.dbt).stream()
            if whole:
                settled = settle_candidate(home, inputs, current(home.root))
                context.log.info(f"closed periods: {settled}")
                mark_built(home.warehouse, inputs)

    return candidate


def _inputs(workspace: Workspace) -> BuildInputs:
    company = workspace.company()
    return gather_inputs(company, workspace.home.root, workspace.as_of(company), current(workspace.home.root))


def _unchanged(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Every asset as it stands, each after what it depends on, as Dagster demands."""
    specs = {spec.key: spec for spec in context.assets_def.specs}
    graph = {key: {dep.asset_key for dep in spec.deps} & specs.keys() for key, spec in specs.items()}
    for key in TopologicalSorter(graph).static_order():
        yield dg.MaterializeResult(asset_key=key, metadata={"unchanged": True})
