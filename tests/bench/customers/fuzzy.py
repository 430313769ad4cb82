"""The baseline many teams start from: block, compare names with rapidfuzz, link what is alike enough."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from rapidfuzz import fuzz, process, utils
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tests.bench.customers.sets import record_ids

THRESHOLD = 90
"""token_sort_ratio of 0..100 from which two names are one."""
LARGEST_BLOCK = 5_000
"""Larger blocks are left out: comparing all pairs of such a block says little and takes for ever."""


def clusters(raw: pa.Table) -> dict[str, int]:
    """Record id -> cluster: names alike within a block of equal postcode, phone or first three signs of the name."""
    rows = raw.to_pylist()
    names = [utils.default_process(row["customer_name"] or "") for row in rows]
    links = [pair for block in _blocks(rows, names) for pair in _alike(block, names)]
    left, right = zip(*links, strict=True) if links else ((), ())
    graph = coo_array((np.ones(len(left)), (left, right)), shape=(len(rows), len(rows)))
    return dict(zip(record_ids(raw), connected_components(graph, directed=False)[1].tolist(), strict=True))


def _blocks(rows: list[dict], names: list[str]) -> Iterator[list[int]]:
    blocks = defaultdict(list)
    for at, (row, name) in enumerate(zip(rows, names, strict=True)):
        for key in (("name", name[:3]), ("postal_code", row["postal_code"]), ("phone", row["phone"])):
            if name and key[1]:
                blocks[key].append(at)
    yield from (block for block in blocks.values() if 1 < len(block) <= LARGEST_BLOCK)


def _alike(block: list[int], names: list[str]) -> Iterator[tuple[int, int]]:
    own = [names[at] for at in block]
    scores = process.cdist(own, own, scorer=fuzz.token_sort_ratio, score_cutoff=THRESHOLD, dtype=np.uint8)
    for left, right in zip(*np.nonzero(np.triu(scores, k=1)), strict=True):
        yield block[left], block[right]
