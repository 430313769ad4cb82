"""The `sql_database` source: any database that SQLAlchemy 2 speaks to; proven on PostgreSQL.

Unverified against a real server, from documentation or memory only: MySQL, SQL Server and Oracle. Their clocks are in
`engines`; should one answer in local time, set `time_zone`. SQL Server reads without a snapshot unless the database
allows row versioning; a wider `overlap_minutes` covers records that move while they are read.
"""

from connectors.sql_database.config import SqlDatabaseConfig, SqlStream
from connectors.sql_database.connector import SqlDatabaseConnector

__all__ = ["SqlDatabaseConfig", "SqlDatabaseConnector", "SqlStream"]
