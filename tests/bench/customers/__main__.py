"""`python -m tests.bench.customers`: quality on labelled sets, then speed at size; or one of them with --only."""

import argparse
import logging

from tests.bench.customers import sets
from tests.bench.customers.quality import quality_table
from tests.bench.customers.speed import speed_table

PREFACE = """\
One customer across systems: Scoreline beside plain Splink and rapidfuzz, each on the same records, in this run.
Pairs: over all pairs of records said to be one customer. B-cubed: the mean over records. All of clusters, not of scored
pairs: what two links join counts. FEBRL comes without soc_sec_id. Nobody is trained on the truth."""
SETS = {"febrl3": sets.febrl3, "febrl4": sets.febrl4}


def main() -> None:
    """Parse the options, run what was asked for, print a table as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.customers", description=__doc__)
    parser.add_argument("--only", choices=(*SETS, "benchmark", "speed"), action="append", help="may be repeated")
    parser.add_argument("--records", type=int, default=1_000_000, help="records of the speed part (default 1,000,000)")
    parser.add_argument("--changed", type=int, default=1_000, help="records changed in a night (default 1,000)")
    parser.add_argument("--labelled", type=int, default=20_000, help="benchmark customers of the quality part")
    options = parser.parse_args()
    logging.getLogger("splink").setLevel(logging.ERROR)
    wanted = options.only or (*SETS, "benchmark", "speed")
    print(PREFACE, flush=True)
    for name, load in {**SETS, "benchmark": lambda: sets.benchmark(options.labelled)}.items():
        if name in wanted:
            print(quality_table(load()), flush=True)
    if "speed" in wanted:
        print(speed_table(options.records, options.changed), flush=True)


if __name__ == "__main__":
    main()
