"""A million records and a changed night: Scoreline beside bare Splink with the same blocking and the same comparisons.

Each contender runs in a process of its own, so that its peak memory is its own. Seconds by the clock and of the
processors are both printed: the latter tell more where something else uses the machine. Both contenders get the same
normalised records; bare Splink gets, besides, our derived columns and blocking keys as plain columns, which it is not
charged for.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from splink import DuckDBAPI, Linker

from pipelines.customers.matching import train
from pipelines.customers.matching.comparisons import compared_columns, splink_settings
from pipelines.customers.matching.prepare import (
    KEYS,
    RULE_SLOTS,
    number_records,
    register_frequencies,
    store_keys,
    store_prepared,
)
from pipelines.customers.settings import PartySettings, load_settings
from pipelines.customers.unify import normalised, unify_normalised
from tests.bench.customers.sets import benchmark
from tests.bench.race import table

OURS, SPLINK = "Scoreline", "bare Splink"
SEED = 1
EM_RULES = 2
"""Blocking rules that Splink trains within, one after the other; its documentation takes two."""
TODAY, TOMORROW = date(2026, 1, 1), date(2026, 1, 2)
CHANGED_PHONE = "0755-8{:07d}"
KIB_PER_GIB = 1024 * 1024

Times = tuple[float, float]
"""Seconds by the clock and seconds of processor time, all threads together."""


class _Clock:
    def __init__(self) -> None:
        self._start = time.perf_counter(), time.process_time()

    def read(self) -> Times:
        return time.perf_counter() - self._start[0], time.process_time() - self._start[1]


def speed_table(records: int, changed: int) -> str:
    """Seconds and peak memory of both contenders, of a changed night, and the ratios between them."""
    with tempfile.TemporaryDirectory(prefix="scoreline-bench-") as name:
        folder = Path(name)
        preparation = _run("prepare", folder, records, changed)
        ours, splink = _run("ours", folder, records, changed), _run("splink", folder, records, changed)
    base = splink["full"]
    rows = [
        (f"{OURS}, full run to durable keys", *_cells(ours["full"], base, SPLINK), f"{ours['memory']:.1f}"),
        (f"{SPLINK}: train, predict, cluster", *_cells(base, base, SPLINK), f"{splink['memory']:.1f}"),
        (f"{OURS}, {changed:,} records changed", *_cells(ours["night"], ours["full"], "full"), ""),
        ("normalisation, on top for both", *_cells(preparation["normalise"]), f"{preparation['memory']:.1f}"),
    ]
    title = f"Speed: {records:,} normalised records; read the ratios"
    heads = ("", "seconds", "ratio", "processor seconds", "ratio", "peak memory, GiB")
    return table(title, heads, rows)


def _cells(times: Times, base: Times | None = None, base_name: str = "") -> tuple[str, ...]:
    """Seconds and their ratio to those of `base`, first by the clock, then by the processors."""
    ratios = [f"{own / other:.3f} x {base_name}" for own, other in zip(times, base, strict=True)] if base else ["", ""]
    return f"{times[0]:.1f}", ratios[0], f"{times[1]:.1f}", ratios[1]


def _run(role: str, folder: Path, records: int, changed: int) -> dict[str, Any]:
    command = [sys.executable, "-m", __name__, role, str(folder), str(records), str(changed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{role} failed:\n{done.stderr[-4000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _prepare(folder: Path, records: int, changed: int) -> dict[str, Times]:
    """Raw and normalised records of today and of tomorrow, where `changed` records have another phone."""
    today = benchmark(records).raw
    clock = _Clock()
    normal = normalised(today)
    times = clock.read()
    tomorrow = _with_new_phones(today, changed)
    pq.write_table(today, folder / "raw.parquet")
    pq.write_table(normal, folder / "records.parquet")
    pq.write_table(tomorrow, folder / "raw_tomorrow.parquet")
    pq.write_table(normalised(tomorrow, normal), folder / "records_tomorrow.parquet")
    return {"normalise": times}


def _with_new_phones(raw: pa.Table, changed: int) -> pa.Table:
    """Records spread evenly over the table get another phone."""
    step = max(1, raw.num_rows // changed)
    phones = raw["phone"].to_pylist()
    for at in range(0, min(raw.num_rows, step * changed), step):
        phones[at] = CHANGED_PHONE.format(at)
    return raw.set_column(raw.column_names.index("phone"), "phone", pa.array(phones, pa.string()))


def _ours(folder: Path) -> dict[str, Times]:
    """A full run, then the night after it."""
    records, raw = _read(folder, "records"), _read(folder, "raw")
    clock = _Clock()
    before = unify_normalised(records, raw, TODAY)
    full = clock.read()
    tomorrow, raw_tomorrow = _read(folder, "records_tomorrow"), _read(folder, "raw_tomorrow")
    clock = _Clock()
    unify_normalised(tomorrow, raw_tomorrow, TOMORROW, None, before)
    return {"full": full, "night": clock.read()}


def _read(folder: Path, name: str) -> pa.Table:
    return pq.read_table(folder / f"{name}.parquet")


def _splink(folder: Path) -> dict[str, Times]:
    """Splink's own training, prediction and clustering, per party type, over our comparisons and blocking keys."""
    settings = load_settings()
    with duckdb.connect() as con:
        con.execute(f"create table records as from read_parquet('{folder / 'records.parquet'}')")
        parts = [_splink_times(con, part) for part in (settings.organisation, settings.person)]
    wall, processor = zip(*parts, strict=True)
    return {"full": (sum(wall), sum(processor))}


def _splink_times(con: duckdb.DuckDBPyConnection, settings: PartySettings) -> Times:
    """Seconds of one party type; features and blocking keys are columns before the clock starts."""
    rules = _splink_input(con, settings)
    creator = splink_settings(settings)
    creator.blocking_rules_to_generate_predictions = [
        {"blocking_rule": f"l.{rule} = r.{rule}", "arrays_to_explode": [rule]} for rule in rules
    ]
    clock = _Clock()
    linker = Linker(DuckDBAPI(connection=con).register("splink_input"), creator, log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=settings.training.random_pairs, seed=SEED)
    for rule in rules[:EM_RULES]:
        linker.training.estimate_parameters_using_expectation_maximisation(f"l.{rule}[1] = r.{rule}[1]")
    pairs = linker.inference.predict(threshold_match_probability=settings.thresholds.keep)
    linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, settings.thresholds.same)
    return clock.read()


def _splink_input(con: duckdb.DuckDBPyConnection, settings: PartySettings) -> list[str]:
    """Table `splink_input`: prepared records with a list column of keys per blocking rule; returns those columns."""
    model = train(con, "records", settings)  # for its frozen frequencies and stop keys only
    number_records(con, settings, "records")
    store_keys(con, settings, "records")
    register_frequencies(con, model)
    store_prepared(con, model, "records", compared_columns(settings), "prepared")
    con.register("stop", pa.table({"key": pa.array(model.stop_keys, pa.uint64())}))
    columns = {number: f"keys_{number}" for number in range(len(settings.blocking))}
    lists = ", ".join(f"list(key) filter (key % {RULE_SLOTS} = {number}) as {name}" for number, name in columns.items())
    con.execute(
        f"""create or replace table splink_input as
        with keyed as (select record_no, {lists} from {KEYS} anti join stop using (key) group by record_no)
        select * from prepared left join keyed using (record_no)"""
    )
    con.unregister("stop")
    return list(columns.values())


def main() -> None:
    """One contender in this process; its figures as the last line of the output."""
    role, folder, records, changed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    work = {"prepare": lambda: _prepare(folder, records, changed), "ours": lambda: _ours(folder)}
    figures = work.get(role, lambda: _splink(folder))()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_GIB
    print(json.dumps({**figures, "memory": peak}))


if __name__ == "__main__":
    main()
