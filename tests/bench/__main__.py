"""`python -m tests.bench`: every comparison, or one of them with --only."""

import argparse
import contextlib
import functools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import local, web
from tests.bench.build import time_builds
from tests.bench.large import time_large
from tests.bench.loaders import bare_parquet, dlt_into_duckdb, first, landing
from tests.bench.race import Contender, race, rate_table
from tests.bench.vendor import Vendor, vendor

DLT_SHARE = 10
"""dlt's default path gets one record in so many: at a twentieth of the pace it would set the length of the bench."""
DLT_NAME = "dlt's default path into DuckDB"
OURS = "Scoreline, landing included"
PREFACE = """\
Scoreline's benchmark. Each table is measured in one go, contenders taking turns: median of {repetitions} repetitions.
Read the ratios; the absolute numbers depend on this machine and on what else it does, and mean little elsewhere.
Scoreline does more than the bare scripts: keys, row hashes, only new versions, exact decimals, deletions, cursor
state, crash safety, retries. A ratio below 1 says what that costs. dlt's default path gets a tenth of the records;
what it takes to start is in its figure, as ours is in ours."""


def main() -> None:
    """Parse the options, run what was asked for, print a table as soon as it is known."""
    sections: dict[str, Callable[[argparse.Namespace], str]] = {
        **{system: functools.partial(_web, system) for system in web.SCRIPTS},
        "files": _files,
        "sql_database": _sql_database,
        "dbt": lambda options: time_builds(options.size, options.repetitions),
        "large": lambda options: time_large(options.lines, options.employees),
    }
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--records", type=int, default=200_000, help="records per connector (default 200,000)")
    parser.add_argument("--only", choices=sections, action="append", help="this comparison; may be given repeatedly")
    parser.add_argument("--size", default="small", choices=("tiny", "small", "mid"), help="company of the dbt build")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--lines", type=int, default=10_000_000, help="order lines of the large company")
    parser.add_argument("--employees", type=int, default=4_000, help="employees of the large company")
    options = parser.parse_args()
    print(PREFACE.format(repetitions=options.repetitions), flush=True)
    for name in options.only or sections:
        print(sections[name](options), flush=True)


def _web(system: Vendor, options: argparse.Namespace) -> str:
    with vendor(system, options.records) as url:
        script = web.SCRIPTS[system](url)
        contenders = [
            Contender(OURS, options.records, landing(script.connector, script.stream)),
            Contender("bare requests + json + Parquet", options.records, bare_parquet(script.pages, script.schema)),
            _dlt(script.pages, options.records),
        ]
        timings = race(contenders, options.repetitions)
    return rate_table(f"{system}: stream {script.stream}, pages of {script.page:,} over loopback HTTP", timings)


def _files(options: argparse.Namespace) -> str:
    with _folder() as folder:
        source = local.CsvFolder(folder, options.records)
        contenders = [
            Contender(OURS, options.records, landing(source.connector, local.STREAM)),
            Contender("pandas read_csv + Parquet", options.records, source.with_pandas),
            Contender("pyarrow open_csv + Parquet", options.records, source.with_arrow),
            _dlt(source.pages, options.records),
        ]
        timings = race(contenders, options.repetitions)
    return rate_table("files: one CSV file, 12 columns", timings)


def _sql_database(options: argparse.Namespace) -> str:
    with _folder() as folder, local.database(folder, options.records) as source:
        contenders = [
            Contender(OURS, options.records, landing(source.connector, local.STREAM)),
            Contender("SQLAlchemy fetchmany + Parquet", options.records, source.bare),
            _dlt(source.pages, options.records),
        ]
        timings = race(contenders, options.repetitions)
    return rate_table(f"sql_database: one table of 12 columns in {source.name}", timings)


def _dlt(pages: Callable[[], Iterator[list]], records: int) -> Contender:
    sample = max(records // DLT_SHARE, min(records, 1_000))
    return Contender(DLT_NAME, sample, dlt_into_duckdb(lambda: first(pages(), sample)), warm_up=False)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="scoreline-bench-") as name:
        yield Path(name)


if __name__ == "__main__":
    main()
