"""Odoo and Salesforce: the connector, and a plain script that asks for the very same pages with `requests`."""

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import requests

from connectors.odoo import OdooConfig, OdooConnector
from connectors.odoo.streams import STREAMS
from connectors.salesforce import SalesforceConfig, SalesforceConnector
from connectors.salesforce.objects import OBJECTS
from connectors.sandbox.odoo import API_KEY, DATABASE, LOGIN
from tests.bench.chinese_crm import FxiaokeScript, HuobanScript, JiandaoyunScript
from tests.bench.loaders import Pages
from tests.bench.vendor import DEAL, ORDER_LINE, Vendor
from tests.bench.zoho_crm import ZohoCrmScript

PAGE = 2_000
IDS = 20_000
CLIENT, SECRET = "scoreline", "sandbox-secret"
_KINDS: dict[str, pa.DataType] = {
    **dict.fromkeys(("float", "monetary", "currency", "double", "percent"), pa.float64()),
    **dict.fromkeys(("integer", "many2one", "int"), pa.int64()),
    "boolean": pa.bool_(),
}


class OdooScript:
    """Order lines over JSON-RPC: log in, describe, search ids, read pages; Odoo's `false` for null made null."""

    stream = "sale_order_line"
    page = PAGE

    def __init__(self, url: str) -> None:
        self.url = url

    def connector(self) -> OdooConnector:
        """Scoreline's way."""
        return OdooConnector(
            OdooConfig.model_validate({"url": self.url, "database": DATABASE, "login": LOGIN, "api_key": API_KEY})
        )

    def schema(self) -> pa.Schema:
        """Arrow types by what the server declares."""
        with requests.Session() as session:
            described = self._call(session, self._log_in(session), "fields_get", [], {"attributes": ["type"]})
        wanted = STREAMS[self.stream].field_names
        return pa.schema(
            [(name, _KINDS.get(described[name]["type"], pa.string())) for name in wanted if name in described]
        )

    def pages(self) -> Pages:
        """Pages of records as dicts."""
        fields = self.schema().names
        with requests.Session() as session:
            user = self._log_in(session)
            for ids in self._ids(session, user):
                for start in range(0, len(ids), PAGE):
                    options = {"fields": fields, "load": None}
                    records = self._call(session, user, "read", [ids[start : start + PAGE]], options)
                    yield [{name: _known(value) for name, value in record.items()} for record in records]

    def _ids(self, session: requests.Session, user: int) -> Iterator[list[int]]:
        last = 0
        while ids := self._call(session, user, "search", [[["id", ">", last]]], {"limit": IDS, "order": "id"}):
            yield ids
            last = ids[-1]

    def _log_in(self, session: requests.Session) -> int:
        return int(self._post(session, "common", "authenticate", [DATABASE, LOGIN, API_KEY, {}]))

    def _call(self, session: requests.Session, user: int, method: str, given: list[Any], named: dict[str, Any]) -> Any:
        target = [DATABASE, user, API_KEY, ORDER_LINE, method, given, {**named, "context": {"active_test": False}}]
        return self._post(session, "object", "execute_kw", target)

    def _post(self, session: requests.Session, service: str, method: str, args: list[Any]) -> Any:
        params = {"service": service, "method": method, "args": args}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        return session.post(f"{self.url}/jsonrpc", json=body, timeout=60).json()["result"]


def _known(value: Any) -> Any:
    return None if value is False else value


class SalesforceScript:
    """Opportunities over REST: token, describe, one query and its locators."""

    stream = "opportunity"
    page = PAGE

    def __init__(self, url: str) -> None:
        self.url = url

    def connector(self) -> SalesforceConnector:
        """Scoreline's way; over REST whatever the size, as the script asks for the same pages."""
        values = {"login_url": self.url, "client_id": CLIENT, "client_secret": SECRET, "bulk_from_records": None}
        return SalesforceConnector(SalesforceConfig.model_validate(values))

    def schema(self) -> pa.Schema:
        """Arrow types by what the org declares."""
        with self._session() as session:
            answer = session.get(f"{self.url}/services/data/v66.0/sobjects/{DEAL}/describe", timeout=60).json()
        kinds = {field["name"]: _KINDS.get(field["type"], pa.string()) for field in answer["fields"]}
        wanted = dict.fromkeys((*OBJECTS[self.stream].fields, *OBJECTS[self.stream].optional))
        return pa.schema([(name, kinds[name]) for name in wanted if name in kinds])

    def pages(self) -> Pages:
        """Pages of records as dicts."""
        soql = f"SELECT {', '.join(self.schema().names)} FROM {DEAL} ORDER BY SystemModstamp, Id"
        headers = {"Sforce-Query-Options": f"batchSize={PAGE}"}
        with self._session() as session:
            path, params = "/services/data/v66.0/queryAll", {"q": soql}
            while path:
                answer = session.get(self.url + path, params=params, headers=headers, timeout=60).json()
                yield [_without_attributes(record) for record in answer["records"]]
                path, params = answer.get("nextRecordsUrl", ""), {}

    def _session(self) -> requests.Session:
        form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
        token = requests.post(f"{self.url}/services/oauth2/token", data=form, timeout=60).json()["access_token"]
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {token}"
        return session


def _without_attributes(record: dict[str, Any]) -> dict[str, Any]:
    del record["attributes"]
    return record


Script = OdooScript | SalesforceScript | ZohoCrmScript | FxiaokeScript | JiandaoyunScript | HuobanScript
SCRIPTS: dict[Vendor, Callable[[str], Script]] = {
    "odoo": OdooScript,
    "salesforce": SalesforceScript,
    "zoho_crm": ZohoCrmScript,
    "fxiaoke": FxiaokeScript,
    "jiandaoyun": JiandaoyunScript,
    "huoban": HuobanScript,
}
