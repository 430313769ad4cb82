"""Which types of source exist and where their code is: the one list a new connector is added to.

Modules are imported when a company folder first uses them, so a broken or heavy connector costs nobody else anything.
"""

import importlib
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from connectors.base import Connector


@dataclass(frozen=True)
class SourceType:
    """Where one type of source is implemented.

    mapping: `module:name` of the pydantic type of the source file's `mapping`; None where dbt knows the records.
    """

    module: str
    config: str
    connector: str
    mapping: str | None = None

    def config_class(self) -> type[BaseModel]:
        """The pydantic model of `connection`."""
        return getattr(importlib.import_module(self.module), self.config)

    def mapping_class(self) -> Any | None:
        """The pydantic type of `mapping`; None when the type takes no mapping."""
        if self.mapping is None:
            return None
        module, _, name = self.mapping.partition(":")
        return getattr(importlib.import_module(module), name)

    def connect(self, config: BaseModel, mapping: Any = None) -> Connector:
        """A connector for one source; contacts nothing yet. `mapping` is ignored by types without one."""
        connector = getattr(importlib.import_module(self.module), self.connector)
        return connector(config, mapping) if self.mapping else connector(config)


TYPES: dict[str, SourceType] = {
    "odoo": SourceType("connectors.odoo", "OdooConfig", "OdooConnector"),
    "salesforce": SourceType("connectors.salesforce", "SalesforceConfig", "SalesforceConnector"),
    "zoho_crm": SourceType("connectors.zoho_crm", "ZohoCrmConfig", "ZohoCrmConnector"),
    "fxiaoke": SourceType("connectors.fxiaoke", "FxiaokeConfig", "FxiaokeConnector"),
    "jiandaoyun": SourceType(
        "connectors.jiandaoyun", "JiandaoyunConfig", "JiandaoyunConnector", "connectors.mapping:Mapping"
    ),
    "huoban": SourceType("connectors.huoban", "HuobanConfig", "HuobanConnector", "connectors.mapping:Mapping"),
    "files": SourceType("connectors.files", "FilesConfig", "FilesConnector", "connectors.mapping:Mapping"),
    "sql_database": SourceType(
        "connectors.sql_database", "SqlDatabaseConfig", "SqlDatabaseConnector", "connectors.mapping:Mapping"
    ),
    "dlt": SourceType("connectors.dlt_source", "DltConfig", "DltConnector", "connectors.mapping:Mapping"),
}
