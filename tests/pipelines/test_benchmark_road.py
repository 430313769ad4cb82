"""`scoreline run` on the benchmark company: every number equals the truth, at first, after changes, after trouble.

One data folder goes through three runs (first, nothing changed, and slowly: the world changed); each test looks at one
of them. The other slow tests start worlds of their own.
"""

import json
import subprocess
import sys
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.sandbox import reference
from connectors.sandbox.company import Assignment, BenchmarkCompany, Order
from connectors.sandbox.generate import generate, without_deleted
from connectors.sandbox.odoo_records import enter_order
from connectors.sandbox.salesforce_db import salesforce_id
from connectors.sandbox.server import Fault, Seen
from connectors.sandbox.truth_late import as_first_seen
from connectors.sandbox.workbooks import write_files
from connectors.sandbox.world import World
from pipelines.publish.releases import Release
from tests.pipelines.benchmark_road import Road, output_of, road
from tests.pipelines.benchmark_truth import Comparison, published_kpi

# whole runs: minutes on a busy machine
pytestmark = pytest.mark.timeout(1800)
TRANSFERRED, TRANSFER_DAY = "E00008", date(2025, 12, 10)
WON_ON = date(2025, 12, 30)
THIRD_RUN = pytest.mark.xdist_group("third run")
"""One worker takes all tests that look at the third run: every worker would go through all three for itself."""


@dataclass
class Run:
    """What one `scoreline run` left behind, noted at once because the next run moves on."""

    exit_code: int
    output: str
    release: Release
    erp_seen: list[Seen]
    crm_seen: list[Seen]


def run(road: Road) -> Run:
    road.forget_requests()
    result = road.scoreline("run")
    seen = list(road.world.erp.seen), list(road.world.crm.seen)
    assert result.exception is None or isinstance(result.exception, SystemExit), output_of(result)
    return Run(result.exit_code, result.output, road.release(), *seen)


# -- the world changes -----------------------------------------------------------------------------


def change_world(world: World, company: BenchmarkCompany) -> BenchmarkCompany:
    """What happens between two nights, in every system that knows of it; returns the truth afterwards.

    company: what is known at last of the company whose world was begun `as_first_seen`.
    """
    for key in company.deleted_orders:
        world.erp_db.unlink("sale.order", world.erp_db.id_of("sale.order", key))
    truth = without_deleted(company)
    orders = {order.key: order for order in truth.orders}
    for late in company.late_orders:
        enter_order(world.erp_db, company, orders[late.order_key])
    for correction in company.corrections:
        write_amounts(world, orders[correction.order_key])
    party = next(party for party in truth.parties if party.erp_name and party.crm_name)
    world.erp_db.archive("res.partner", world.erp_db.id_of("res.partner", party.key))
    truth = win_opportunity(world, truth)
    truth = replace(truth, assignments=transferred(truth.assignments))
    write_files(truth, world.files)
    return truth


def correct_amount(world: World, truth: BenchmarkCompany) -> BenchmarkCompany:
    """The first line of a confirmed order gains 1,000.01, in the ERP and in the truth."""
    order = next(one for one in truth.orders if one.status == "confirmed" and one.lines[0].net_amount > 0)
    corrected = replace(order.lines[0], net_amount=order.lines[0].net_amount + Decimal("1000.01"))
    lines = (corrected, *order.lines[1:])
    changed = replace(order, lines=lines)
    write_amounts(world, changed)
    return replace(truth, orders=_swapped(truth.orders, order, changed))


def write_amounts(world: World, order: Order) -> None:
    """The ERP shows an order with its lines' amounts as they are now."""
    db = world.erp_db
    for line in order.lines:
        amount = float(line.net_amount)
        shown = {"price_subtotal": amount, "price_total": amount}
        db.write("sale.order.line", db.id_of("sale.order.line", line.key), shown)
    total = float(sum(line.net_amount for line in order.lines))
    db.write("sale.order", db.id_of("sale.order", order.key), {"amount_untaxed": total, "amount_total": total})


def win_opportunity(world: World, truth: BenchmarkCompany) -> BenchmarkCompany:
    deal = next(deal for deal in truth.opportunities if deal.status == "open")
    won: dict[str, Any] = {"StageName": "Closed Won", "IsClosed": True, "IsWon": True, "Probability": 100.0}
    world.crm_db.update(salesforce_id("Opportunity", deal.key), CloseDate=WON_ON.isoformat(), **won)
    # the CRM knows one closing date: the expected one is overwritten
    closed = replace(deal, status="won", closed=WON_ON, expected_close=WON_ON)
    return replace(truth, opportunities=_swapped(truth.opportunities, deal, closed))


def transferred(assignments: tuple[Assignment, ...]) -> tuple[Assignment, ...]:
    """One representative moves to a team of the other region in mid-December."""
    old = next(one for one in assignments if one.employee_number == TRANSFERRED and one.valid_to > TRANSFER_DAY)
    new = replace(old, unit_code="T0201", manager_number="E00003", valid_from=TRANSFER_DAY)
    return (*_swapped(assignments, old, replace(old, valid_to=TRANSFER_DAY)), new)


def _swapped(rows: tuple, old: Any, new: Any) -> tuple:
    return tuple(new if row is old else row for row in rows)


# -- an analyst at work ----------------------------------------------------------------------------

ANALYST = """
import json, sys, time
import duckdb

con = duckdb.connect(sys.argv[1], read_only=True)
print("ready", flush=True)
while True:
    release = con.execute("select release_id from release").fetchall()[0][0]
    kpi = con.execute("select value::varchar from kpi_value where subject_type = 'company' and metric = 'bookings' "
        "and period_type = 'year' and org_view = 'as_was'").fetchall()
    facts = con.execute("select sum(credited_amount)::varchar from fct_sales_credit").fetchall()
    print(json.dumps([release, kpi[0][0], facts[0][0]]), flush=True)
    time.sleep(0.3)
"""


@contextmanager
def analyst(home: Path) -> Iterator[list[list[str]]]:
    """A process that keeps published.duckdb open and asks again and again; its answers are complete afterwards."""
    answers: list[list[str]] = []
    command = [sys.executable, "-c", ANALYST, str(home / "published.duckdb")]
    log = home.parent / "analyst.log"
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT) as process:
        while "ready" not in log.read_text():
            assert process.poll() is None, log.read_text()
        try:
            yield answers
            assert process.poll() is None, log.read_text()
        finally:
            process.kill()  # SIGTERM is ignored below a shell that started the tests in the background
    answers += [json.loads(line) for line in log.read_text().splitlines()[1:] if line.endswith("]")]


# -- three runs of one data folder -----------------------------------------------------------------


@pytest.fixture(scope="module")
def company() -> BenchmarkCompany:
    return generate("tiny")


@pytest.fixture(scope="module")
def begun(company: BenchmarkCompany) -> BenchmarkCompany:
    """The company before late orders came in and wrong amounts were corrected."""
    return as_first_seen(company)


@pytest.fixture(scope="module")
def travelled(begun: BenchmarkCompany, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    with road(begun, tmp_path_factory.mktemp("road")) as made:
        yield made


@pytest.fixture(scope="module")
def first(travelled: Road) -> Run:
    return run(travelled)


@pytest.fixture(scope="module")
def first_comparison(first: Run, travelled: Road, begun: BenchmarkCompany) -> Comparison:
    return travelled.compare(begun)


@pytest.fixture(scope="module")
def second(first: Run, first_comparison: Comparison, travelled: Road) -> Run:
    return run(travelled)


@dataclass
class ThirdRun:
    run: Run
    truth: BenchmarkCompany
    comparison: Comparison
    as_was: dict[tuple, tuple]
    as_is: dict[tuple, tuple]
    analyst: list[list[str]]
    diff: str


@pytest.fixture(scope="module")
def third(second: Run, travelled: Road, company: BenchmarkCompany) -> ThirdRun:
    truth = change_world(travelled.world, company)
    with analyst(travelled.home) as answers:
        done = run(travelled)
    views = [published_kpi(travelled.home, org_view) for org_view in ("as_was", "as_is")]
    releases = second.release.release_id, done.release.release_id
    diff = travelled.scoreline("releases", "diff", *releases).output
    return ThirdRun(done, truth, travelled.compare(truth), *views, answers, diff)


def test_every_published_number_of_the_first_run_equals_the_truth(first: Run, first_comparison: Comparison) -> None:
    assert first.exit_code == 0, first.output
    assert first_comparison.differing == {}
    assert first_comparison.values > 30_000
    print(f"{first_comparison.values:,} values in {first_comparison.rows:,} rows compared")


def test_the_manifest_names_what_the_release_was_made_from(first: Run) -> None:
    manifest = json.loads((first.release.path / "manifest.json").read_text())
    packages = {(package["source_system"], package["stream"]) for package in manifest["load_packages"]}
    assert packages >= {("erp", "sale_order"), ("crm", "opportunity"), ("hr", "target")}
    assert manifest["as_of_date"] == "2025-12-31"
    assert {(one["standard_id"], one["standard_version"]) for one in manifest["standards"]} == {
        ("after_sales", 1),
        ("hr", 1),
        ("newcomer", 1),
        ("regional_manager", 1),
        ("regional_manager", 2),
        ("sales_director", 1),
        ("sales_rep", 1),
        ("sales_rep", 2),
    }
    assert (manifest["gate"]["passed"], manifest["gate"]["failed"]) == (True, 0)
    assert len(manifest["content_hash"]) >= 32 and len(manifest["configuration_hash"]) == 64


def test_a_run_without_news_lands_nothing_and_confirms_the_release(first: Run, second: Run) -> None:
    assert second.exit_code == 0, second.output
    for source in ("crm", "erp", "hr"):
        assert f"{source}: 0 rows landed" in second.output
    assert f"Nothing changed: release {first.release.release_id} is confirmed" in second.output
    assert second.release.release_id == first.release.release_id


def test_a_run_without_news_asks_the_erp_only_for_what_changed_since(second: Run) -> None:
    calls = [_object_call(seen) for seen in second.erp_seen if b"execute_kw" in seen.body]
    searches = [(model, domain) for model, method, domain in calls if method == "search"]
    assert len({model for model, _ in searches}) > 15
    assert [model for model, domain in searches if not any(_is_since(term) for term in domain)] == []
    assert [model for model, method, _ in calls if method in ("read", "search_read")] == []


def test_a_run_without_news_asks_the_crm_only_for_what_changed_since(second: Run) -> None:
    queries = [urllib.parse.parse_qs(seen.query)["q"][0] for seen in second.crm_seen if "/query" in seen.path]
    records = [query for query in queries if not query.startswith("SELECT COUNT()")]
    assert len(records) == 19
    assert [query for query in records if " >= 20" not in query] == []


@pytest.mark.slow
@THIRD_RUN
def test_the_third_run_publishes_what_the_changed_world_says(
    second: Run, third: ThirdRun, travelled: Road, begun: BenchmarkCompany
) -> None:
    assert third.run.exit_code == 0, third.run.output
    assert third.comparison.differing == {}
    assert third.run.release.release_id != second.release.release_id
    tables = {table for table, _ in travelled.compare(begun).differing}
    assert tables >= {"fct_sales_credit", "kpi_value", "appraisal_component"}, "the comparison sees no difference"
    assert "erp/sale_order: 6 rows, 2 deleted at the source" in third.run.output


@pytest.mark.slow
@THIRD_RUN
def test_an_order_typed_in_late_and_one_corrected_count_on_the_day_of_the_order(
    third: ThirdRun, begun: BenchmarkCompany, company: BenchmarkCompany
) -> None:
    day_of = {order.key: order.order_date for order in company.orders}
    (late,) = company.late_orders
    changed = {reference.period_of("month", day_of[one.order_key]) for one in (late, *company.corrections)}
    believed = reference.Reference(begun).kpis()  # what the first run published
    moved = {}
    for month in sorted(changed):
        key = ("company", "company", "month", month, "bookings", "as_was")
        moved[month] = third.as_was[key][0] - believed[key].value  # type: ignore[operator]

    assert late.entered > reference.period_end("quarter", reference.period_of("quarter", day_of[late.order_key]))
    assert "fct_sales_credit" in third.diff and "kpi_value" in third.diff
    assert moved == {
        date(2025, 3, 1): Decimal("-78202.388327"),
        date(2025, 8, 1): Decimal("465761.124000"),
        date(2025, 11, 1): Decimal("-6980.190000"),
    }


@pytest.mark.slow
@THIRD_RUN
def test_a_transfer_moves_nothing_that_was_before_it(third: ThirdRun, company: BenchmarkCompany) -> None:
    stayed = replace(third.truth, assignments=company.assignments)
    wanted = reference.Reference(stayed).kpis()
    before = {
        key: (shown[0], wanted[key].value and reference.half_up(wanted[key].value, 9))  # type: ignore[arg-type]
        for key, shown in third.as_was.items()
        if reference.period_end(key[2], key[3]) <= TRANSFER_DAY
    }
    assert len(before) > 1_000
    assert {key: values for key, values in before.items() if values[0] != values[1]} == {}
    left = ("org_unit", "T0101", "year", date(2025, 1, 1), "bookings")
    assert third.as_is[*left, "as_is"][0] != wanted[*left, "as_is"].value


@pytest.mark.slow
@THIRD_RUN
def test_an_analyst_who_keeps_the_database_open_neither_blocks_a_run_nor_sees_half_of_one(
    second: Run, third: ThirdRun, travelled: Road
) -> None:
    assert len(third.analyst) > 20
    assert {tuple(answer) for answer in third.analyst} == {tuple(third.analyst[0])}
    release, kpi, facts = third.analyst[0]
    assert release == second.release.release_id
    assert Decimal(kpi) == Decimal(facts)
    with duckdb.connect(str(travelled.home / "published.duckdb"), read_only=True) as con:
        assert con.execute("select release_id from release").fetchall() == [(third.run.release.release_id,)]


def _object_call(seen: Seen) -> tuple[str, str, list]:
    """Model, method and domain of a JSON-RPC object call."""
    _, _, _, model, method, positional, named = json.loads(seen.body)["params"]["args"]
    return model, method, named.get("domain") or (positional[0] if positional else [])


def _is_since(term: Any) -> bool:
    return isinstance(term, list) and term[:2] == ["write_date", ">="]


# -- trouble ---------------------------------------------------------------------------------------


def freshness(home: Path) -> dict[str, tuple[set[str], bool]]:
    """Per source: states of the last attempts, and whether any last attempt is later than the last success."""
    with duckdb.connect(str(home / "published.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select source_system, list(distinct last_status), bool_or(last_attempt_at > last_success_at) "
            "from source_freshness group by 1"
        ).fetchall()
    return {source: (set(states), stale) for source, states, stale in rows}


@pytest.mark.slow
def test_a_crm_that_is_down_keeps_nobody_from_publishing_the_erp_and_the_next_run_heals(
    company: BenchmarkCompany, tmp_path: Path
) -> None:
    with road(company, tmp_path) as made:
        assert run(made).exit_code == 0
        truth = correct_amount(made.world, company)
        made.world.crm.faults.append(Fault("status", times=1_000_000, status=503))
        down = run(made)
        assert down.exit_code == 1
        assert "FAILED source crm" in down.output and "HTTP 503" in down.output
        assert "Source(s) not up to date: crm" in down.output
        assert made.compare(truth).differing == {}
        assert freshness(made.home) == {"crm": ({"failed"}, True), "erp": ({"ok"}, False), "hr": ({"ok"}, False)}

        made.world.crm.faults.clear()
        truth = win_opportunity(made.world, truth)
        healed = run(made)
        assert healed.exit_code == 0, healed.output
        assert made.compare(truth).differing == {}
        assert freshness(made.home)["crm"] == ({"ok"}, False)


def every(nth: int, part: bytes) -> Callable[[Seen], bool]:
    """Applies to every nth request that holds this text in its path, query or body."""
    count = 0

    def applies(seen: Seen) -> bool:
        nonlocal count
        found = part in seen.body or part in f"{seen.path}?{seen.query}".encode()
        count += found
        return found and count % nth == 0

    return applies


@pytest.mark.slow
def test_faults_in_mid_sync_change_nothing_that_is_published(
    first: Run, begun: BenchmarkCompany, tmp_path: Path
) -> None:
    with road(begun, tmp_path) as made:
        made.world.crm_db.calls_per_token = 9
        made.world.crm_db.max_batch = 200
        asked_to_wait = {"Retry-After": "7"}
        made.world.erp.faults += [
            Fault("reset", 3, applies=every(5, b'"read"')),
            Fault("truncate", 2, applies=every(7, b'"read"')),
            Fault("status", 3, 429, asked_to_wait, applies=every(6, b'"search"')),
            Fault("status", 2, 502, body=b"<html>Bad Gateway</html>", applies=every(11, b"execute_kw")),
        ]
        made.world.crm.faults += [
            Fault("reset", 3, applies=every(5, b"/query")),
            Fault("truncate", 3, applies=every(7, b"/query")),
            Fault("status", 3, 429, asked_to_wait, applies=every(6, b"/query")),
        ]
        disturbed = run(made)
        assert [fault.times for fault in (*made.world.erp.faults, *made.world.crm.faults)] == [0] * 7
        assert made.waits.count(7.0) == 6
        logins = [seen for seen in disturbed.crm_seen if seen.path.endswith("/token")]
        assert len(logins) > 5
        assert disturbed.exit_code == 0, disturbed.output
        assert made.compare(begun).differing == {}
        assert disturbed.release.content_hash == first.release.content_hash
