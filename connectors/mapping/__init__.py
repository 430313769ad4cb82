"""The mapping of user-shaped sources: YAML that says how a company's own tables become canonical records.

`models` is the YAML's shape and what makes one wrong; `sql` turns it into DuckDB SQL without touching a database;
`views` puts that SQL into a warehouse.
"""

from connectors.mapping.models import ColumnRule, EntityRule, Mapping, NumberFormat
from connectors.mapping.sql import RuleSql, mapped_view_sql
from connectors.mapping.views import MappedSource, MappingError, create_mapped_views

__all__ = [
    "ColumnRule",
    "EntityRule",
    "MappedSource",
    "Mapping",
    "MappingError",
    "NumberFormat",
    "RuleSql",
    "create_mapped_views",
    "mapped_view_sql",
]
