"""Precision, recall and F1 of every contender on every labelled set, as one table per set."""

import time
from collections.abc import Callable, Hashable, Mapping

import pyarrow as pa

from tests.bench.customers import fuzzy, ours, plain_splink
from tests.bench.customers.metrics import Agreement, agreement
from tests.bench.customers.sets import Labelled
from tests.bench.race import table

CONTENDERS: dict[str, Callable[[pa.Table], Mapping[str, Hashable]]] = {
    "Scoreline": ours.clusters,
    f"plain Splink, clustered at {plain_splink.THRESHOLD}": plain_splink.clusters,
    f"rapidfuzz token_sort_ratio >= {fuzzy.THRESHOLD}": fuzzy.clusters,
}
HEADS = ("", "pairs P", "pairs R", "pairs F1", "B-cubed P", "B-cubed R", "B-cubed F1", "seconds")


def quality_table(labelled: Labelled) -> str:
    """The table of one set; every contender gets the same raw records."""
    rows = [_row(name, cluster, labelled) for name, cluster in CONTENDERS.items()]
    customers = len(set(labelled.true.values()))
    return table(f"{labelled.name}: {len(labelled.true):,} records of {customers:,} customers", HEADS, rows)


def _row(name: str, cluster: Callable[[pa.Table], Mapping[str, Hashable]], labelled: Labelled) -> tuple[str, ...]:
    start = time.perf_counter()
    found = cluster(labelled.raw)
    seconds = time.perf_counter() - start
    return (name, *_figures(agreement(found, labelled.true)), f"{seconds:.1f}")


def _figures(both: Agreement) -> list[str]:
    scores = (both.pairwise, both.b_cubed)
    return [_four(figure) for score in scores for figure in (score.precision, score.recall, score.f1)]


def _four(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:.4f}"
