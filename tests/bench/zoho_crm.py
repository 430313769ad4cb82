"""Deals of Zoho CRM: a sandbox full of them, and a plain script that asks for the very same pages with `requests`."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import requests
from starlette.applications import Starlette

from connectors.sandbox.generate import generate
from connectors.sandbox.zoho_crm import CLIENT_SECRET, REFRESH_TOKEN, zoho_crm_app
from connectors.zoho_crm import ZohoCrmConfig, ZohoCrmConnector
from tests.bench.loaders import Pages

PAGE = 2_000
_START = datetime(2024, 1, 1, 8, tzinfo=UTC)
_KINDS: dict[str, pa.DataType] = {
    **dict.fromkeys(("currency", "double", "percent"), pa.float64()),
    **dict.fromkeys(("lookup", "ownerlookup"), pa.struct([("id", pa.string())])),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
}


def full_of_deals(records: int) -> Starlette:
    """A sandbox with that many deals."""
    app = zoho_crm_app(generate("tiny"))
    db = app.state.db
    account, owner = next(iter(db.tables["Accounts"])), next(iter(db.tables["Users"]))
    db.tables["Deals"].clear()
    for number in range(records):
        db.create(
            "Deals",
            f"bench {number}",
            at=_START + timedelta(minutes=number),
            Deal_Name=f"项目 Deal {number}",
            Account_Name=account,
            Owner=owner,
            Stage="Negotiation/Review",
            Amount=number % 99_991 / 4,
            Probability=90,
            Closing_Date=f"{_START + timedelta(days=number % 600):%Y-%m-%d}",
            Type="New Customer",
            Currency="CNY",
        )
    # by id, as an index would have them: the bench is about clients, not about sorting
    db.tables["Deals"] = dict(sorted(db.tables["Deals"].items()))
    return app


class ZohoCrmScript:
    """Deals with queries: token, fields, one query after the other, each behind the last id."""

    stream = "deal"
    page = PAGE

    def __init__(self, url: str) -> None:
        self.url = url

    def connector(self) -> ZohoCrmConnector:
        """Scoreline's way."""
        secrets = {"client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN}
        return ZohoCrmConnector(
            ZohoCrmConfig.model_validate({"accounts_url": self.url, "client_id": "scoreline", **secrets})
        )

    def schema(self) -> pa.Schema:
        """Arrow types by what the account declares; Modified_Time first, as the connector asks."""
        with self._session() as session:
            asked = {"module": "Deals"}
            fields = session.get(f"{self.url}/crm/v8/settings/fields", params=asked, timeout=60).json()["fields"]
        fields.sort(key=lambda field: field["api_name"] != "Modified_Time")
        kinds = [(field["api_name"], _KINDS.get(field["data_type"], pa.string())) for field in fields]
        return pa.schema([("id", pa.string()), *kinds])

    def pages(self) -> Pages:
        """Pages of records as dicts."""
        names = ", ".join(self.schema().names)
        after, more = "id is not null", True
        with self._session() as session:
            while more:
                query = f"select {names} from Deals where {after} order by id asc limit {PAGE}"
                body = {"select_query": query}
                answer: dict[str, Any] = session.post(f"{self.url}/crm/v8/coql", json=body, timeout=60).json()
                yield answer["data"]
                after, more = f"id > '{answer['data'][-1]['id']}'", answer["info"]["more_records"]

    def _session(self) -> requests.Session:
        form = {"client_id": "scoreline", "client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN}
        grant = {**form, "grant_type": "refresh_token"}
        token = requests.post(f"{self.url}/oauth/v2/token", data=grant, timeout=60).json()["access_token"]
        session = requests.Session()
        session.headers["Authorization"] = f"Zoho-oauthtoken {token}"
        return session
