"""Matching: which pairs of records are one customer, how probably, and why (Fellegi-Sunter, in Splink's SQL on DuckDB).

`train` learns a `Model` from all records, `score` writes the pairs table, `describe` puts a pair in words; `compare`
and `shared_keys` look at any two records on demand. What is compared and how is in `settings.yaml`; clusters and keys
are made elsewhere.
"""

from pipelines.customers.matching.blocking import reached
from pipelines.customers.matching.model import Model
from pipelines.customers.matching.one_pair import NotComparable, SharedKey, compare, shared_keys
from pipelines.customers.matching.prepare import blocking_keys
from pipelines.customers.matching.scoring import Reason, describe, score
from pipelines.customers.matching.training import train

__all__ = [
    "Model",
    "NotComparable",
    "Reason",
    "SharedKey",
    "blocking_keys",
    "compare",
    "describe",
    "reached",
    "score",
    "shared_keys",
    "train",
]
