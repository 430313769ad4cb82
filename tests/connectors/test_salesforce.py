"""The Salesforce connector against its sandbox: the list every connector must pass, and what is Salesforce's own."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from starlette.applications import Starlette

from connectors.base import ConfigurationError, Connector, SourceError, Stream, TransientError, Window
from connectors.landing import SyncOptions, sync
from connectors.salesforce import SalesforceConfig, SalesforceConnector
from connectors.sandbox.salesforce import USERNAME, SalesforceDb, salesforce_app, salesforce_id
from connectors.sandbox.server import Fault, Sandbox, Seen
from tests.connectors.salesforce_company import OPENED, WON, tiny_company

SECRET = "s3cr3t-value"
LATER = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
EVERYTHING = Window(None, LATER)
LI_ACCOUNT = salesforce_id("Account", "C1")
DEAL = salesforce_id("Opportunity", "D1")


@pytest.fixture
def app() -> Starlette:
    return salesforce_app(tiny_company(), client_secret=SECRET)


@pytest.fixture
def db(app: Starlette) -> SalesforceDb:
    return app.state.db


@pytest.fixture
def box(app: Starlette) -> Iterator[Sandbox]:
    with Sandbox(app) as running:
        yield running


@pytest.fixture
def connector(box: Sandbox) -> SalesforceConnector:
    return connect(box)


def connect(box: Sandbox, **settings: Any) -> SalesforceConnector:
    values = {"login_url": box.url, "client_id": "scoreline", "client_secret": SECRET, **settings}
    return SalesforceConnector(SalesforceConfig.model_validate(values), sleep=lambda seconds: None)


def stream(name: str) -> Stream:
    config = SalesforceConfig(login_url="http://127.0.0.1", client_id="x", client_secret="x")
    return next(item for item in SalesforceConnector(config).streams() if item.name == name)


def rows(connector: SalesforceConnector, name: str, window: Window = EVERYTHING) -> list[dict[str, Any]]:
    return pa.concat_tables(pages).to_pylist() if (pages := list(connector.read(stream(name), window))) else []


def queries(box: Sandbox) -> list[str]:
    return [parse_qs(seen.query)["q"][0] for seen in box.seen if seen.query.startswith("q=")]


def data_calls(seen: Seen) -> bool:
    return "/query" in seen.path


def make_accounts(db: SalesforceDb, count: int, at: datetime) -> None:
    for rank in range(count):
        db.create("Account", f"made {rank}", at=at, Name=f"made {rank}", OwnerId=salesforce_id("User", "E002"))


def test_streams_have_key_and_cursor(connector: SalesforceConnector) -> None:
    assert isinstance(connector, Connector)
    cursors = {item.name: item.cursor for item in connector.streams()}
    assert cursors == {
        "account": "system_modstamp",
        "contact": "system_modstamp",
        "user": "system_modstamp",
        "user_role": "system_modstamp",
        "lead": "system_modstamp",
        "opportunity": "system_modstamp",
        "opportunity_field_history": "created_date",
        "opportunity_stage": "system_modstamp",
        "task": "system_modstamp",
        "event": "system_modstamp",
        "case": "system_modstamp",
        "product": "system_modstamp",
    }
    assert all(item.key == ("id",) and item.keys_listable and item.description for item in connector.streams())


def test_a_healthy_org_says_who_we_are_and_what_is_left(connector: SalesforceConnector) -> None:
    health = connector.check()
    assert health.ok and health.stream_problems == {}
    assert "005xx000001SvogAAC" in health.message and "api-usage=1/15000" in health.message


def test_full_read_equals_the_truth(connector: SalesforceConnector) -> None:
    deal = next(row for row in rows(connector, "opportunity") if row["id"] == DEAL)
    expected = {
        "name": "deal D1",
        "account_id": LI_ACCOUNT,
        "stage_name": "Won",
        "amount": Decimal("120000.5"),
        "probability": Decimal("100"),
        "currency_iso_code": "CNY",
        "close_date": date(2025, 5, 6),
        "created_date": OPENED,
        "system_modstamp": WON,
        "is_won": True,
        "_deleted": False,
    }
    assert {name: deal[name] for name in expected} == expected
    account = next(row for row in rows(connector, "account") if row["id"] == LI_ACCOUNT)
    assert (account["tax_id"], account["email"]) == ("91310000MA1K00001A", "info@c1.example")
    assert account["billing_street"] == "人民路1号" and "billing_address" not in account
    assert account["tradestyle"] == "样板" and "registry_id" not in account


def test_the_registry_id_lands_from_the_configured_field(box: Sandbox) -> None:
    landed = rows(connect(box, registry_id_field="Registry_Id__c"), "account")
    assert {row["registry_id"] for row in landed} == {"310000-C1", "310000-C2"}


def test_a_person_account_brings_name_parts_birth_date_and_mail(
    connector: SalesforceConnector, db: SalesforceDb
) -> None:
    person = {"Name": "Anna Weber", "FirstName": "Anna", "LastName": "Weber", "PersonBirthdate": "1956-04-09"}
    db.create("Account", "anna", IsPersonAccount=True, PersonEmail="anna@gmail.com", **person)
    account = next(row for row in rows(connector, "account") if row["name"] == "Anna Weber")
    assert account["is_person_account"] is True and account["person_email"] == "anna@gmail.com"
    assert (account["first_name"], account["last_name"]) == ("Anna", "Weber")
    assert account["person_birthdate"] == date(1956, 4, 9)


@pytest.mark.parametrize(
    "name",
    [
        item.name
        for item in SalesforceConnector(
            SalesforceConfig(login_url="http://127.0.0.1", client_id="x", client_secret="x")
        ).streams()
    ],
)
def test_count_keys_and_records_agree(connector: SalesforceConnector, name: str) -> None:
    ids = [row["id"] for row in rows(connector, name)]
    assert ids and connector.count(stream(name)) == len(ids)
    assert sorted(key for chunk in connector.keys(stream(name)) for key in chunk) == sorted(ids)


def test_types_come_from_describe_not_from_the_page(connector: SalesforceConnector) -> None:
    page = next(iter(connector.read(stream("account"), EVERYTHING)))
    assert page.schema.field("annual_revenue").type == pa.decimal128(38, 12)  # null in every record
    assert page.schema.field("number_of_employees").type == pa.int64()
    assert page.schema.field("system_modstamp").type == pa.timestamp("us", tz="UTC")


def test_configured_meanings_become_columns(connector: SalesforceConnector, box: Sandbox) -> None:
    assert {row["subject"]: row["is_visit"] for row in rows(connector, "event")} == {
        "visit 1": True,
        "visit 2": True,
        "meeting 3": False,
    }
    assert {row["subject"]: row["is_cancelled"] for row in rows(connector, "task")}["task 6"] is True
    assert {row["name"]: row["is_lost"] for row in rows(connector, "lead")} == {"询价一": False, "询价二": True}
    coded = connect(box, unit_code_field="DeveloperName", visit_event_types=["Meeting"])
    assert {row["unit_code"] for row in rows(coded, "user_role")} == {"C00", "R10"}
    assert [row["is_visit"] for row in rows(coded, "event") if row["subject"] == "meeting 3"] == [True]


def test_incremental_asks_only_from_the_watermark(
    connector: SalesforceConnector, db: SalesforceDb, box: Sandbox
) -> None:
    db.update(DEAL, at=LATER, Amount=5.25)
    changed = rows(connector, "opportunity", Window(datetime(2026, 1, 1, 0, 0, 0, 999999, tzinfo=UTC), LATER))
    assert [(row["id"], row["amount"]) for row in changed] == [(DEAL, Decimal("5.25"))]
    asked = queries(box)[-1]
    assert "WHERE SystemModstamp >= 2026-01-01T00:00:00Z ORDER BY SystemModstamp, Id" in asked
    assert [seen.path for seen in box.seen if data_calls(seen)][-1].endswith("/queryAll")


def test_the_overlap_is_what_the_configuration_says(box: Sandbox) -> None:
    assert connect(box).overlap == timedelta(minutes=15)
    assert connect(box, overlap_minutes=40).overlap == timedelta(minutes=40)


def test_the_clock_is_the_orgs_own(connector: SalesforceConnector, box: Sandbox) -> None:
    now = connector.now()
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5) and now.microsecond == 0


def test_page_size_does_not_matter(db: SalesforceDb, box: Sandbox) -> None:
    make_accounts(db, 450, LATER)
    large = pa.concat_tables(connect(box).read(stream("account"), EVERYTHING))
    small = pa.concat_tables(connect(box, page_size=200).read(stream("account"), EVERYTHING))
    db.max_batch = 7  # wide rows: the server sends fewer than asked for
    cut = pa.concat_tables(connect(box).read(stream("account"), EVERYTHING))
    assert large.equals(small) and large.equals(cut) and large.num_rows == 452


def test_both_spellings_of_utc_are_read(connector: SalesforceConnector, db: SalesforceDb) -> None:
    plus = rows(connector, "event")
    db.zulu = True
    assert rows(connector, "event") == plus


def test_a_merge_shows_loser_survivor_and_children(connector: SalesforceConnector, db: SalesforceDb) -> None:
    survivor = salesforce_id("Account", "C2")
    db.merge(survivor, LI_ACCOUNT, at=LATER)
    since = Window(LATER, LATER)
    merged = {row["id"]: (row["_deleted"], row["master_record_id"]) for row in rows(connector, "account", since)}
    assert merged == {LI_ACCOUNT: (True, survivor), survivor: (False, None)}
    assert {row["account_id"] for row in rows(connector, "opportunity", since)} == {survivor}


def test_purged_records_are_found_through_keys(
    connector: SalesforceConnector, db: SalesforceDb, tmp_path: Path
) -> None:
    only_deals = SyncOptions(streams=("opportunity",))
    sync(connector, "crm", tmp_path, only_deals)
    db.purge(DEAL)
    report = sync(connector, "crm", tmp_path, only_deals)
    assert not report.failed
    (deals,) = report.streams
    assert (deals.deleted_rows, deals.live_count, deals.source_count) == (1, 1, 1)


def test_named_records_can_be_read_again(connector: SalesforceConnector) -> None:
    gone = salesforce_id("Opportunity", "never")
    pages = list(connector.read_keys(stream("opportunity"), [DEAL, gone]))
    assert [row["id"] for page in pages for row in page.to_pylist()] == [DEAL]


def test_many_named_records_fit_the_longest_address(db: SalesforceDb, box: Sandbox) -> None:
    make_accounts(db, 450, LATER)
    keys = [row["Id"] for row in db.rows("Account")]
    pages = connect(box).read_keys(stream("account"), keys)
    assert sorted(key for page in pages for key in page["id"].to_pylist()) == sorted(keys)


def test_history_values_of_any_type_land_as_text(connector: SalesforceConnector, db: SalesforceDb) -> None:
    values = {"OpportunityId": DEAL, "DataType": "Currency", "Field": "Amount"}
    db.create("OpportunityFieldHistory", "amount", at=LATER, **values, OldValue=120000.5, NewValue=7)
    found = rows(connector, "opportunity_field_history", Window(LATER, LATER))
    assert [(row["old_value"], row["new_value"]) for row in found] == [("120000.5", "7")]


def test_more_decimals_than_we_keep_are_rounded(connector: SalesforceConnector, db: SalesforceDb) -> None:
    db.update(DEAL, at=LATER, Amount=0.1234567890123456)
    assert rows(connector, "opportunity", Window(LATER, LATER))[0]["amount"] == Decimal("0.123456789012")


def test_a_value_that_is_not_of_its_type_is_named(connector: SalesforceConnector, db: SalesforceDb) -> None:
    db.update(DEAL, at=LATER, CloseDate="tomorrow")
    with pytest.raises(SourceError, match="Opportunity: field CloseDate holds a value that is no date"):
        rows(connector, "opportunity")
    db.update(DEAL, at=LATER, CloseDate="2026-01-05", Amount="much")
    with pytest.raises(SourceError, match="Opportunity: field 'Amount' holds 'much'"):
        rows(connector, "opportunity")


def test_a_token_that_expires_in_mid_stream_is_replaced(db: SalesforceDb, box: Sandbox) -> None:
    make_accounts(db, 100, LATER)
    db.max_batch, db.calls_per_token = 10, 3
    assert len(rows(connect(box), "account")) == 102
    assert sum(seen.path.endswith("/token") for seen in box.seen) == 5


def test_a_wrong_secret_is_said_at_once(box: Sandbox) -> None:
    wrong = connect(box, client_secret="not-the-secret")
    with pytest.raises(ConfigurationError, match=r"invalid_client .*Check login_url") as caught:
        wrong.now()
    assert len(box.seen) == 1 and "not-the-secret" not in str(caught.value)
    assert not wrong.check().ok


def test_too_many_logins_pass_with_time(connector: SalesforceConnector, box: Sandbox) -> None:
    told = json.dumps({"error": "rate_limit_exceeded", "error_description": "too many logins"}).encode()
    box.faults.append(Fault("status", status=400, body=told))
    with pytest.raises(TransientError, match=r"too many logins.*try again later"):
        connector.now()


@pytest.mark.parametrize("status", [406, 420])
def test_failures_of_the_networks_edge_are_retried(connector: SalesforceConnector, box: Sandbox, status: int) -> None:
    box.faults.append(Fault("status", times=2, status=status, body=b"<html>edge</html>", applies=data_calls))
    assert len(rows(connector, "account")) == 2
    assert box.faults[0].times == 0


def test_a_used_up_allowance_fails_at_once_and_says_what_to_do(
    connector: SalesforceConnector, db: SalesforceDb, box: Sandbox
) -> None:
    connector.check()
    db.daily_limit = db.calls
    asked = len(box.seen)
    with pytest.raises(SourceError, match=r"REQUEST_LIMIT_EXCEEDED.*rolling 24 hours"):
        connector.count(stream("account"))
    assert len(box.seen) == asked + 1


def test_a_lost_result_is_asked_for_again_behind_the_last_record(db: SalesforceDb, box: Sandbox) -> None:
    for rank in range(40):
        db.create("Account", f"made {rank}", at=LATER + timedelta(minutes=rank // 3), Name=f"made {rank}")
    db.max_batch = 10
    lost = json.dumps([{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}]).encode()
    third_page = Fault("status", status=400, body=lost, applies=lambda seen: seen.path.endswith("-20"))
    box.faults.append(third_page)
    found = {row["name"] for row in rows(connect(box), "account", Window(LATER, LATER))}
    assert found == {f"made {rank}" for rank in range(40)}
    stamp = (LATER + timedelta(minutes=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert f"(SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > '" in queries(box)[-1]


def test_a_result_lost_after_every_page_still_comes_to_its_end(db: SalesforceDb, box: Sandbox) -> None:
    make_accounts(db, 30, LATER)
    db.max_batch = 10
    lost = json.dumps([{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}]).encode()
    box.faults.append(Fault("status", status=400, times=99, body=lost, applies=lambda seen: seen.path.endswith("-10")))
    assert len(rows(connect(box), "account", Window(LATER, LATER))) == 30


def test_a_result_lost_again_and_again_ends(db: SalesforceDb, box: Sandbox) -> None:
    lost = json.dumps([{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}]).encode()
    pages = lambda seen: data_calls(seen) and "COUNT" not in seen.query  # noqa: E731
    box.faults.append(Fault("status", status=400, times=99, body=lost, applies=pages))
    with pytest.raises(TransientError, match=r"lost .* times without a step forward"):
        rows(connect(box), "account", Window(LATER, LATER))


def test_hidden_fields_are_reported_and_the_rest_is_read(
    connector: SalesforceConnector, db: SalesforceDb, box: Sandbox
) -> None:
    db.hidden = {"Account": frozenset({"Website", "Tax_Id__c"})}
    problem = connector.check().stream_problems["account"]
    assert "Account does not show Website" in problem and "no field Tax_Id__c (configured for tax_id)" in problem
    assert "website" not in rows(connector, "account")[0]
    told = connect(box, tax_id_field=None, exclude_fields={"account": ["Website"]})
    assert told.check().stream_problems == {}


def test_a_sync_reports_what_it_could_not_see(db: SalesforceDb, box: Sandbox, tmp_path: Path) -> None:
    """Rights that are lost between two syncs would otherwise turn values into nulls without a word."""
    only = SyncOptions(streams=("account",))
    (before,) = sync(connect(box), "crm", tmp_path, only).streams
    db.hidden = {"Account": frozenset({"Website"})}
    (after,) = sync(connect(box), "crm", tmp_path, only).streams
    assert (before.gaps, after.error) == (None, None)
    assert "Account does not show Website: give the integration user read access" in str(after.gaps)


def test_a_hidden_field_that_carries_numbers_stops_the_stream(connector: SalesforceConnector, db: SalesforceDb) -> None:
    db.hidden = {"Opportunity": frozenset({"Amount"}), "Case": frozenset({"*"})}
    with pytest.raises(ConfigurationError, match=r"Opportunity does not show Amount.*read access"):
        rows(connector, "opportunity")
    with pytest.raises(ConfigurationError, match="NOT_FOUND"):
        rows(connector, "case")
    assert set(connector.check().stream_problems) == {"opportunity", "case"}


def test_extra_fields_land_and_must_exist(box: Sandbox) -> None:
    extra = connect(box, extra_fields={"account": ["Tax_Id__c"]})
    assert {row["tax_id_c"] for row in rows(extra, "account")} == {"91310000MA1K00001A", None}
    with pytest.raises(ConfigurationError, match="Account does not show Segment__c"):
        rows(connect(box, extra_fields={"account": ["Segment__c"]}), "account")


def test_an_org_of_one_currency_takes_the_configured_one(db: SalesforceDb, box: Sandbox) -> None:
    db.hidden = {"Opportunity": frozenset({"CurrencyIsoCode"})}
    assert "set default_currency" in connect(box).check().stream_problems["opportunity"]
    single = connect(box, default_currency="EUR")
    assert single.check().stream_problems == {}
    assert {row["currency_iso_code"] for row in rows(single, "opportunity")} == {"EUR"}


def test_no_secret_in_any_error(db: SalesforceDb, box: Sandbox) -> None:
    connector = connect(box)
    connector.check()
    token = next(iter(db.tokens))
    leak = json.dumps([{"message": f"bad {SECRET} {token}", "errorCode": "UNKNOWN"}]).encode()
    box.faults.append(Fault("status", status=400, body=leak, applies=data_calls))
    box.faults.append(Fault("status", status=400, body=f"<p>{token}".encode(), applies=data_calls))
    for _ in range(2):
        with pytest.raises(SourceError) as caught:
            connector.count(stream("lead"))
        assert SECRET not in str(caught.value) and token not in str(caught.value)
    assert SECRET not in repr(connector.config)


def test_a_reader_that_stops_early_leaves_no_thread_behind(db: SalesforceDb, box: Sandbox) -> None:
    make_accounts(db, 300, LATER)
    db.max_batch = 10
    pages = connect(box).read(stream("account"), EVERYTHING)
    next(iter(pages))
    pages.close()  # type: ignore[attr-defined]
    asked = len(box.seen)
    assert not [thread for thread in threading.enumerate() if thread.name == "ahead"]
    assert asked < 15 and len(box.seen) == asked


# Bulk API 2.0 and the JWT bearer flow


def jobs_made(box: Sandbox) -> int:
    return sum(seen.method == "POST" and seen.path.endswith("/jobs/query") for seen in box.seen)


def test_large_reads_go_through_bulk_and_bring_the_same_rows(db: SalesforceDb, box: Sandbox) -> None:
    odd = {"BillingStreet": 'line one\nline "two", 🙂\r\n', "Tradestyle": "NA", "AnnualRevenue": 0.1}
    db.create("Account", "odd", at=LATER, Name="null", OwnerId=salesforce_id("User", "E002"), **odd)
    make_accounts(db, 50, LATER)
    db.delete(LI_ACCOUNT, at=LATER)
    everything = {name: rows(connect(box), name) for name in ("account", "opportunity_field_history", "user", "event")}
    assert jobs_made(box) == 0
    bulk = connect(box, bulk_from_records=1, bulk_page_size=7)
    for name, found in everything.items():
        by_id = sorted(rows(bulk, name), key=lambda row: row["id"])
        assert by_id == sorted(found, key=lambda row: row["id"])
    assert jobs_made(box) == 4


def test_a_few_hours_of_changes_and_small_objects_stay_with_rest(db: SalesforceDb, box: Sandbox) -> None:
    make_accounts(db, 30, LATER)
    rows(connect(box, bulk_from_records=10), "account", Window(LATER, LATER + timedelta(hours=3)))
    rows(connect(box, bulk_from_records=1000), "account")
    rows(connect(box, bulk_from_records=None), "account")
    assert jobs_made(box) == 0


def test_a_job_is_looked_at_more_and_more_rarely(db: SalesforceDb, box: Sandbox) -> None:
    db.jobs.polls = 6
    waits: list[float] = []
    config = {"login_url": box.url, "client_id": "scoreline", "client_secret": SECRET, "bulk_from_records": 1}
    found = rows(SalesforceConnector(SalesforceConfig.model_validate(config), sleep=waits.append), "account")
    assert len(found) == 2 and waits == sorted(waits) and waits[:3] == [2.0, 3.0, 4.5] and max(waits) <= 30


def test_what_bulk_refuses_is_read_over_rest(db: SalesforceDb, box: Sandbox) -> None:
    told = [{"message": "Selecting compound data not supported in Bulk Query", "errorCode": "FEATURENOTENABLED"}]
    job = lambda seen: seen.path.endswith("/jobs/query")  # noqa: E731
    box.faults.append(Fault("status", status=400, body=json.dumps(told).encode(), applies=job))
    assert len(rows(connect(box, bulk_from_records=1), "account")) == 2
    db.jobs.failure = "InternalServerError"
    assert len(rows(connect(box, bulk_from_records=1), "account")) == 2
    db.jobs.failure = "INVALID_FIELD: No such column"
    with pytest.raises(ConfigurationError, match="No such column"):
        rows(connect(box, bulk_from_records=1), "account")


def test_a_bulk_load_goes_on_with_the_same_job(db: SalesforceDb, box: Sandbox, tmp_path: Path) -> None:
    make_accounts(db, 30, LATER)
    results = lambda seen: seen.path.endswith("/results") and "locator" in seen.query  # noqa: E731
    box.faults.append(Fault("status", status=503, times=6, applies=results))
    only = SyncOptions(streams=("account",))
    bulk = connect(box, bulk_from_records=1, bulk_page_size=20)
    first = sync(bulk, "crm", tmp_path, only).streams[0]
    assert (first.status, first.landed_rows) == ("failed", 20)
    second = sync(bulk, "crm", tmp_path, only).streams[0]
    assert (second.status, second.read_rows, second.resumed, jobs_made(box)) == ("ok", 12, True, 1)


def test_a_job_the_org_no_longer_has_is_made_anew(db: SalesforceDb, box: Sandbox) -> None:
    bulk = connect(box, bulk_from_records=1)
    after = json.dumps({"job": "750xx0000000099AAA", "locator": "MQ=="})
    assert len(rows(bulk, "account", Window(None, LATER, after))) == 2 and jobs_made(box) == 1


def test_a_compound_field_lands_as_its_parts(box: Sandbox) -> None:
    found = rows(connect(box, extra_fields={"lead": ["Address"]}), "lead")
    assert {"street", "city", "state", "postal_code", "country"} <= found[0].keys() and "address" not in found[0]


def key_pair() -> tuple[str, str]:
    """A private key and its certificate's public key, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_the_jwt_bearer_flow_logs_in_and_says_what_is_wrong() -> None:
    private, public = key_pair()
    with Sandbox(salesforce_app(tiny_company(), certificate=public)) as box:

        def signed(**changes: Any) -> SalesforceConnector:
            values = {"login_url": box.url, "client_id": "scoreline", "username": USERNAME, "private_key": private}
            return SalesforceConnector(
                SalesforceConfig.model_validate({**values, **changes}), sleep=lambda seconds: None
            )

        assert signed().check().ok
        assert signed(private_key=private.replace("\n", "\\n")).check().ok
        wrong = {
            "private_key": key_pair()[0],
            "username": "nobody@bench.example",
            "jwt_audience": "https://example.com",
        }
        for name, value in wrong.items():
            health = signed(**{name: value}).check()
            assert not health.ok and "invalid_grant" in health.message and private[40:80] not in health.message
        assert "no RSA private key" in signed(private_key="a password").check().message


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({}, "needs either `client_secret`"),
        ({"client_secret": "a", "private_key": "b", "username": "c"}, "needs either `client_secret`"),
        ({"private_key": "b"}, "needs `username`"),
    ],
)
def test_one_way_to_log_in_is_configured(values: dict[str, str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        SalesforceConfig(login_url="https://acme.my.salesforce.com", client_id="x", **values)  # type: ignore[arg-type]
