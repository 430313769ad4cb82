"""The `dlt` source: any source or resource written for dlt, by the name of its function, landed as every other source.

dlt's own pipeline and warehouse loading are not used: its resources are iterated, and what a resource remembers (its
incremental cursor) is committed with the rows. Proven here: `dlt.sources.rest_api`, `dlt.sources.sql_database`,
`dlt.sources.filesystem` and a module of one's own. Unverified: other people's sources, which may make requests in ways
that no limit of ours holds; the pace, the waits and the retries are theirs.
"""

from connectors.dlt_source.config import DltConfig, DltStream
from connectors.dlt_source.connector import DltConnector

__all__ = ["DltConfig", "DltConnector", "DltStream"]
