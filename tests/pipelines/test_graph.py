"""What Dagster is told: it loads anywhere, nothing is published ungated, lineage has no gap, nothing can collide."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster import AssetKey, DagsterRunStatus
from dagster._core.instance.config import PoolGranularity

from connectors.sandbox.demo_company import TEMPLATE
from pipelines.company import load_company
from pipelines.graph import build_defs
from pipelines.paths import PROJECT, Home
from pipelines.runner import close_dead_runs, instance_of, run_job
from tests.dbt_project.warehouse import compiled_project
from tests.pipelines import pool_job

Graph = Any
"""Dagster's asset graph, for which it has no public name."""
LANDED_ONLY = {"crm/opportunity_stage", "crm/quota", "crm/territory", "crm/territory_user", "erp/lost_reason"}
"""Streams that no model reads yet."""


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Home(tmp_path_factory.mktemp("home"))
    home.dbt.mkdir()
    return Path(shutil.copy(compiled_project() / "manifest.json", home.manifest))


@pytest.fixture(scope="module")
def definitions(manifest: Path) -> dg.Definitions:
    """The benchmark company's graph; no variable its folder refers to is set."""
    return build_defs(load_company(TEMPLATE, {}, unset="defer"), manifest)


@pytest.fixture(scope="module")
def graph(definitions: dg.Definitions) -> Graph:
    return definitions.resolve_asset_graph()


def named(key: AssetKey) -> str:
    return "/".join(key.path)


def ancestors(graph: Graph, key: AssetKey) -> set[str]:
    found: set[AssetKey] = set()
    waiting = [key]
    while waiting:
        parents = graph.get(waiting.pop()).parent_keys - found
        found |= parents
        waiting += parents
    return {named(one) for one in found}


def published(graph: Graph) -> list[AssetKey]:
    return [key for key in graph.get_all_asset_keys() if key.path[0] == "published"]


def test_the_graph_of_a_company_is_valid(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_the_code_location_loads_without_any_environment(manifest: Path) -> None:
    dg.Definitions.validate_loadable(build_defs(None, manifest))
    home = manifest.parent.parent
    told = "import pipelines.definitions as d; print(len(d.defs.resolve_asset_graph().get_all_asset_keys()))"
    # the manifest alone has to be there, which `make dev` and every run see to
    bare = {"PATH": os.defpath, "SCORELINE_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=PROJECT, env=bare, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100


def test_everything_published_is_gated_by_a_blocking_check(graph: Graph) -> None:
    gated = {key.asset_key for key in graph.asset_check_keys if graph.get(key).blocking}
    assert len(published(graph)) == 67
    assert {named(key) for key in published(graph) if not graph.get(key).parent_keys <= gated} == set()
    assert {named(key) for key in published(graph) if not graph.get(key).parent_keys} == set()


@pytest.mark.parametrize(
    ("stream", "table"),
    [
        ("erp/sale_order_line", "fct_sales_credit"),
        ("erp/invoice_line", "fct_billing_credit"),
        ("erp/payment", "fct_collection_credit"),
        ("hr/posting", "dim_assignment"),
        ("hr/target", "appraisal_score"),
        ("hr/credit_split", "fct_sales_credit"),
        ("hr/exchange_rate", "kpi_value"),
        ("hr/training", "kpi_value"),
        ("hr/market_size", "kpi_value"),
        ("crm/account", "customer_source"),
        ("crm/opportunity", "kpi_value"),
        ("crm/event", "appraisal_component"),
        ("hr/review", "appraisal_rating"),
        ("erp/payment", "appraisal_contribution"),
        ("erp/invoice_line", "incentive_line"),
        ("crm/lead", "source_freshness"),
        ("hr/unit", "reconciliation"),
    ],
)
def test_lineage_runs_from_a_stream_to_the_published_table(
    graph: Graph,
    stream: str,
    table: str,
) -> None:
    assert stream in ancestors(graph, AssetKey(["published", table]))


def test_the_log_of_syncs_joins_no_source_to_another_sources_records(graph: Graph) -> None:
    assert {name.split("/")[0] for name in ancestors(graph, AssetKey(["staging", "stg_salesforce__assignment"]))} == {
        "crm"
    }


def test_every_stream_that_a_model_reads_leads_to_something_published(
    graph: Graph,
) -> None:
    streams = {named(key) for key in graph.get_all_asset_keys() if key.path[0] in ("erp", "crm", "hr")}
    assert len(streams) > 40
    read_by_models = {
        name
        for key in graph.get_all_asset_keys()
        if key.path[0] in ("staging", "canonical")
        for name in map(named, graph.get(key).parent_keys)
    }
    marts = set().union(*(ancestors(graph, key) for key in published(graph) if key.path[-1] != "source_freshness"))
    assert streams & read_by_models == streams - LANDED_ONLY
    assert streams & read_by_models - marts == set()


def test_every_source_and_the_build_have_a_daily_schedule(definitions: dg.Definitions) -> None:
    schedules = {one.name: one for one in map(definitions.resolve_schedule_def, _schedule_names(definitions))}
    assert {name: (one.cron_schedule, one.execution_timezone) for name, one in schedules.items()} == {
        "sync_crm_daily": ("20 1 * * *", "Asia/Shanghai"),
        "sync_erp_daily": ("0 1 * * *", "Asia/Shanghai"),
        "sync_hr_daily": ("40 0 * * *", "Asia/Shanghai"),
        "build_and_publish_daily": ("30 3 * * *", "Asia/Shanghai"),
    }
    for one in schedules.values():
        assert definitions.resolve_job_def(one.job_name).name == one.job_name
        assert len(one.evaluate_tick(dg.build_schedule_context()).run_requests or []) == 1


def _schedule_names(definitions: dg.Definitions) -> list[str]:
    return [one.name for one in definitions.schedules or []]


def test_every_step_is_in_the_pool_of_what_it_writes(definitions: dg.Definitions) -> None:
    jobs = [job for job in definitions.resolve_all_job_defs() if not job.name.startswith("__")]
    pools = {job.name: {node.name: node.pool for node in job.all_node_defs} for job in jobs}  # type: ignore[attr-defined]
    assert pools == {
        "sync_crm": {"land_crm": "source_crm"},
        "sync_erp": {"land_erp": "source_erp"},
        "sync_hr": {"land_hr": "source_hr"},
        "build_and_publish": {"candidate": "warehouse", "gate": "warehouse", "publish": "warehouse"},
    }


def test_every_pool_holds_one_step_at_a_time(tmp_path: Path) -> None:
    with instance_of(Home(tmp_path)) as instance:
        assert instance.global_op_concurrency_default_limit == 1
        pools = instance.get_concurrency_config().pool_config
        assert (pools.default_pool_limit, pools.pool_granularity) == (1, PoolGranularity.OP)


def test_a_killed_process_leaves_a_failed_run_and_an_empty_pool(tmp_path: Path) -> None:
    home = Home(tmp_path)
    command = [sys.executable, "-m", "tests.pipelines.pool_job", str(tmp_path)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        run_id = process.stdout.readline().strip()
        with instance_of(home) as instance:
            assert instance.get_run_by_id(run_id).status == DagsterRunStatus.STARTED  # type: ignore[union-attr]
            assert instance.event_log_storage.get_concurrency_info(pool_job.POOL).active_run_ids == {run_id}
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert close_dead_runs(instance) == [run_id]
            assert instance.get_run_by_id(run_id).status == DagsterRunStatus.FAILURE  # type: ignore[union-attr]
            left = instance.event_log_storage.get_concurrency_info(pool_job.POOL)
            assert (left.claimed_slots, left.pending_steps) == ([], [])
            assert run_job(pool_job.definitions(wait=False), instance, home, pool_job.JOB).success
