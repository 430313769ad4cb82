"""The Salesforce sandbox answers as the vendor does, also to a client that nobody here wrote (simple-salesforce)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from requests.adapters import HTTPAdapter
from starlette.applications import Starlette

from connectors.sandbox.salesforce import CLIENT_SECRET, USERNAME, SalesforceDb, salesforce_app, salesforce_id
from connectors.sandbox.salesforce_db import with_checksum
from connectors.sandbox.server import Sandbox
from tests.connectors.salesforce_company import tiny_company

DEAL = salesforce_id("Opportunity", "D1")
ROOT = "/services/data/v66.0"


@pytest.fixture
def app() -> Starlette:
    return salesforce_app(tiny_company())


@pytest.fixture
def db(app: Starlette) -> SalesforceDb:
    return app.state.db


@pytest.fixture
def box(app: Starlette) -> Iterator[Sandbox]:
    with Sandbox(app) as running:
        yield running


def token(box: Sandbox, **form: str) -> requests.Response:
    values = {"grant_type": "client_credentials", "client_id": "scoreline", "client_secret": "sandbox-secret", **form}
    return requests.post(f"{box.url}/services/oauth2/token", data=values, timeout=10)


def get(box: Sandbox, path: str, **options: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {token(box).json()['access_token']}", **options.pop("headers", {})}
    return requests.get(box.url + path, headers=headers, timeout=10, **options)


def ask(box: Sandbox, soql: str, resource: str = "query", **options: Any) -> Any:
    return get(box, f"{ROOT}/{resource}", params={"q": soql}, **options).json()


def names(answer: dict) -> list[str]:
    return [row["Name"] for row in answer["records"]]


def test_ids_carry_prefix_and_case_checksum() -> None:
    # a published pair: 15 characters and their 18-character form
    assert with_checksum("001A0000006Vm9u") == "001A0000006Vm9uIAC"
    assert DEAL.startswith("006") and len(DEAL) == 18 and salesforce_id("Opportunity", "D1") == DEAL


def test_a_token_tells_where_the_org_is(box: Sandbox) -> None:
    answer = token(box).json()
    assert answer["instance_url"] == box.url and answer["token_type"] == "Bearer" and "expires_in" not in answer


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_secret": "x"}, "invalid_client"),
        ({"client_id": "x"}, "invalid_client_id"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_refused_token_is_an_error_object(box: Sandbox, form: dict[str, str], error: str) -> None:
    answer = token(box, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_stale_session_is_refused_in_an_array(box: Sandbox) -> None:
    answer = requests.get(f"{box.url}{ROOT}/limits", headers={"Authorization": "Bearer old"}, timeout=10)
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    assert answer.headers["Sforce-Limit-Info"] == "api-usage=0/15000"


def test_a_record_shows_attributes_and_second_precision(box: Sandbox) -> None:
    answer = ask(box, f"SELECT Id, Amount, SystemModstamp FROM Opportunity WHERE Id = '{DEAL}'")
    assert answer == {
        "totalSize": 1,
        "done": True,
        "records": [
            {
                "attributes": {"type": "Opportunity", "url": f"{ROOT}/sobjects/Opportunity/{DEAL}"},
                "Id": DEAL,
                "Amount": 120000.5,
                "SystemModstamp": "2025-05-06T02:00:00.000+0000",
            }
        ],
    }


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Name = 'DEAL d1'", ["deal D1"]),
        ("Name != 'deal D1'", ["deal D2"]),
        ("Amount > 120000 AND Amount <= 120000.5", ["deal D1"]),
        ("Amount = null", ["deal D2"]),
        ("CreatedDate >= 2025-04-01T10:00:00+08:00", ["deal D2"]),
        ("CreatedDate < 2025-04-01T02:00:00Z", ["deal D1"]),
        ("CloseDate = 2025-05-06", ["deal D1"]),
        ("IsWon = true OR (Amount = null AND IsClosed = false)", ["deal D1", "deal D2"]),
        ("NOT IsWon = true", ["deal D2"]),
        (f"Id IN ('{DEAL}', '{DEAL[:15]}')", ["deal D1"]),
        (f"Id NOT IN ('{DEAL}')", ["deal D2"]),
        ("StageName IN ('Won') AND Name = 'it\\'s'", []),
    ],
)
def test_conditions(box: Sandbox, where: str, expected: list[str]) -> None:
    assert names(ask(box, f"SELECT Name FROM Opportunity WHERE {where} ORDER BY Name")) == expected


def test_order_limit_and_count(box: Sandbox) -> None:
    assert names(ask(box, "SELECT Name FROM Opportunity ORDER BY CreatedDate DESC LIMIT 1")) == ["deal D2"]
    assert names(ask(box, "SELECT Name FROM Opportunity ORDER BY Amount NULLS LAST, Id")) == ["deal D1", "deal D2"]
    counted = ask(box, "SELECT COUNT() FROM Opportunity WHERE IsWon = true")
    assert counted == {"totalSize": 1, "done": True, "records": []}


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Nope FROM Account", "INVALID_FIELD"),
        ("SELECT Id, Id FROM Account", "INVALID_FIELD"),
        ("SELECT Owner.Name FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
        ("SELECT * FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name LIKE 'a%'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Id != null OR Name = 'b'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE SystemModstamp >= '2025-01-01T00:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Account GROUP BY Id", "MALFORMED_QUERY"),
    ],
)
def test_a_wrong_query_gets_the_vendors_code(box: Sandbox, soql: str, code: str) -> None:
    answer = get(box, f"{ROOT}/query", params={"q": soql})
    assert answer.status_code == 400 and answer.json()[0]["errorCode"] == code


def test_deleted_records_show_only_in_query_all_whose_locator_keeps_them(box: Sandbox, db: SalesforceDb) -> None:
    db.delete(DEAL)
    db.max_batch = 1
    assert names(ask(box, "SELECT Name FROM Opportunity")) == ["deal D2"]
    first = ask(box, "SELECT Name FROM Opportunity ORDER BY Name", "queryAll")
    assert first["nextRecordsUrl"].startswith(f"{ROOT}/query/01g") and not first["done"]
    last = get(box, first["nextRecordsUrl"]).json()
    assert names(first) + names(last) == ["deal D1", "deal D2"]
    assert last["done"] and "nextRecordsUrl" not in last and last["totalSize"] == 2


def test_batch_size_is_asked_for_in_a_header(box: Sandbox, db: SalesforceDb) -> None:
    for rank in range(450):
        db.create("Account", f"made {rank}", Name=f"made {rank}")
    headers = {"Sforce-Query-Options": "batchSize=200"}
    assert len(ask(box, "SELECT Id FROM Account", headers=headers)["records"]) == 200
    assert len(ask(box, "SELECT Id FROM Account", headers={"Sforce-Query-Options": "batchSize=5"})["records"]) == 200
    assert len(ask(box, "SELECT Id FROM Account")["records"]) == 452


def test_an_expired_or_eleventh_result_is_forgotten(box: Sandbox, db: SalesforceDb) -> None:
    db.max_batch = 1
    first = ask(box, "SELECT Id FROM Account")["nextRecordsUrl"]
    for _ in range(10):
        ask(box, "SELECT Id FROM Account")
    answer = get(box, first)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def test_describe_hides_what_the_user_may_not_see(box: Sandbox, db: SalesforceDb) -> None:
    db.hidden = {"Account": frozenset({"Website"})}
    fields = {field["name"]: field for field in get(box, f"{ROOT}/sobjects/Account/describe").json()["fields"]}
    assert "Website" not in fields
    assert fields["BillingStreet"]["compoundFieldName"] == "BillingAddress" and fields["Tax_Id__c"]["custom"]
    assert (
        get(box, f"{ROOT}/query", params={"q": "SELECT Website FROM Account"}).json()[0]["errorCode"] == "INVALID_FIELD"
    )


def test_a_compound_address_comes_as_an_object(box: Sandbox) -> None:
    answer = ask(box, "SELECT BillingAddress FROM Account LIMIT 1")
    assert answer["records"][0]["BillingAddress"]["city"] == "上海市"


def test_a_changed_stage_writes_history(db: SalesforceDb) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    db.update(salesforce_id("Opportunity", "D2"), at=moment, StageName="Quoted")
    newest = max(db.rows("OpportunityFieldHistory"), key=lambda row: row["CreatedDate"])
    assert (newest["OldValue"], newest["NewValue"]) == ("Prospecting", "Quoted")
    assert newest["CreatedDate"] == "2026-01-02T03:04:05.000+0000"


def test_unknown_paths_get_the_envelope(box: Sandbox) -> None:
    answer = get(box, f"{ROOT}/nope")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "NOT_FOUND")


class _PlainHttp(HTTPAdapter):
    """simple-salesforce insists on https; the sandbox speaks http on loopback."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *args, **options)


def test_simple_salesforce_reads_the_sandbox(box: Sandbox, db: SalesforceDb) -> None:
    simple_salesforce = pytest.importorskip("simple_salesforce")
    session = requests.Session()
    session.mount(f"https://127.0.0.1:{box.port}", _PlainHttp())
    client = simple_salesforce.Salesforce(
        instance_url=f"https://127.0.0.1:{box.port}", session_id=token(box).json()["access_token"], session=session
    )
    db.max_batch = 1
    found = client.query_all("SELECT Id, Name FROM Account ORDER BY Name")
    assert [row["Name"] for row in found["records"]] == ["Zweite GmbH", "上海一号有限公司"]
    db.delete(DEAL)
    everything = client.query_all("SELECT Id FROM Opportunity", include_deleted=True)
    assert (client.query("SELECT COUNT() FROM Opportunity")["totalSize"], everything["totalSize"]) == (1, 2)
    assert "Amount" in {field["name"] for field in client.Opportunity.describe()["fields"]}
    assert client.api_usage["api-usage"].total == 15000
    with pytest.raises(simple_salesforce.exceptions.SalesforceMalformedRequest, match="INVALID_FIELD"):
        client.query("SELECT Nope FROM Account")
    db.expire_tokens()
    with pytest.raises(simple_salesforce.exceptions.SalesforceExpiredSession):
        client.query("SELECT Id FROM Account")


def test_simple_salesforce_reads_bulk_results_and_logs_in_by_jwt_and_client_credentials() -> None:
    simple_salesforce = pytest.importorskip("simple_salesforce")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    app = salesforce_app(tiny_company(), certificate=public)
    with Sandbox(app) as box:
        session = requests.Session()
        session.mount("https://", _ToSandbox(box))
        named = {"session": session, "consumer_key": "scoreline"}
        token, _ = simple_salesforce.SalesforceLogin(username=USERNAME, privatekey=private, domain="login", **named)
        again, _ = simple_salesforce.SalesforceLogin(consumer_secret=CLIENT_SECRET, domain="acme.my", **named)
        assert token != again and {token, again} <= set(app.state.db.tokens)
        client = simple_salesforce.Salesforce(
            instance_url=box.url.replace("http", "https"), session_id=token, session=session
        )
        app.state.db.delete(DEAL)
        pages = list(client.bulk2.Opportunity.query("SELECT Id, Name, Amount FROM Opportunity", max_records=1, wait=0))
        everything = "".join(
            client.bulk2.Opportunity.query_all("SELECT Id, Amount, SystemModstamp FROM Opportunity", wait=0)
        )
        assert len(pages) == 1 and pages[0].splitlines()[0] == '"Id","Name","Amount"'
        assert f'"{DEAL}","120000.5","' in everything and 'Z"' in everything
        with pytest.raises(
            simple_salesforce.exceptions.SalesforceMalformedRequest, match="compound data not supported"
        ):
            list(client.bulk2.Account.query("SELECT BillingAddress FROM Account", wait=0))


class _ToSandbox(HTTPAdapter):
    """Whatever host the client builds, the sandbox answers."""

    def __init__(self, box: Sandbox) -> None:
        super().__init__()
        self._url = box.url

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        request.url = f"{self._url}/{(request.url or '').split('/', 3)[3]}"
        return super().send(request, *args, **options)


def test_results_need_a_complete_job_and_its_own_version(box: Sandbox, db: SalesforceDb) -> None:
    headers = {"Authorization": f"Bearer {token(box).json()['access_token']}"}
    asked = {"operation": "query", "query": "SELECT Id FROM Account"}
    job = requests.post(f"{box.url}{ROOT}/jobs/query", json=asked, headers=headers, timeout=10).json()
    assert (job["state"], job["object"], job["apiVersion"]) == ("UploadComplete", "Account", 66.0)
    results = f"/jobs/query/{job['id']}/results"
    assert get(box, ROOT + results).status_code == 400
    states = [get(box, f"{ROOT}/jobs/query/{job['id']}").json()["state"] for _ in range(2)]
    assert states == ["InProgress", "JobComplete"]
    assert get(box, "/services/data/v67.0" + results).status_code == 409
    page = get(box, ROOT + results, params={"maxRecords": "1"})
    assert page.headers["Sforce-NumberOfRecords"] == "1" and page.text.startswith('"Id"\n"001')
    last = get(box, ROOT + results, params={"maxRecords": "1", "locator": page.headers["Sforce-Locator"]})
    assert last.headers["Sforce-Locator"] == "null"
    assert requests.delete(f"{box.url}{ROOT}/jobs/query/{job['id']}", headers=headers, timeout=10).status_code == 204
    assert get(box, ROOT + results).status_code == 404
