"""The organisation in time: what is found odd in it, what was corrected late, and how `scoreline org` draws a day."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest
from click.testing import CliRunner, Result

from pipelines.cli import main
from pipelines.organisation.words import word
from pipelines.publish import publish
from pipelines.publish.releases import current
from tests.dbt_project import odd_company, straight, warehouse
from tests.pipelines import candidate

OPEN = date(9999, 12, 31)
TREE_ONLY = ("int_finding_posting", "int_finding_manager", "int_finding_unit", "int_finding_conflict")
"""What can be built without customers, in a few seconds."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The odd company, built and published."""
    root = tmp_path_factory.mktemp("odd")
    file = root / "warehouse.duckdb"
    warehouse.prepare(file, odd_company.MAPPED, odd_company.CONFIG, odd_company.VERSIONS)
    straight.build(file)
    publish(file, root, candidate.inputs(), candidate.passed(file))
    return root


@pytest.fixture
def published(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(home / "published.duckdb"), read_only=True) as con:
        yield con


def org(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["org", *arguments], env={"SCORELINE_HOME": str(home)})


def day(text: str) -> date:
    return date.fromisoformat(text)


def test_everything_odd_is_found_once_with_its_days(published: duckdb.DuckDBPyConnection) -> None:
    found = published.execute(
        "select finding_type, subject_id, valid_from, valid_to, own_value, other_value, source_key, other_source_key "
        "from org_finding order by all"
    ).fetchall()

    assert found == [
        ("manager_is_oneself", "E8", day("2025-01-01"), OPEN, "E8", None, "a10", None),
        ("manager_left", "E10", day("2025-09-01"), OPEN, "E4", None, "a13", "p4"),
        ("manager_unknown", "E9", day("2025-05-01"), OPEN, "X9", None, "a12", None),
        ("no_posting", "E7", day("1900-01-01"), OPEN, None, None, "p7", None),
        ("owner_left", "E4", day("2025-09-01"), OPEN, "customer_record", "book:c5", "c5", None),
        ("owner_without_post", "E7", day("1900-01-01"), OPEN, "service_case", "book:s1", "s1", None),
        ("posting_ended", "E11", day("2025-10-01"), OPEN, "T2", None, "a15", None),
        ("posting_gap", "E6", day("2025-02-01"), day("2025-04-01"), "T1", "T2", "a8", "a9"),
        ("posting_to_absent_unit", "E8", day("2025-03-01"), OPEN, "T3", None, "a10", None),
        ("posting_to_unknown_unit", "E9", day("2025-01-01"), day("2025-05-01"), "NOPE", None, "a11", None),
        ("source_conflict_manager", "E1", day("2025-01-01"), OPEN, "E3", "E2", "a1", "x1"),
        ("source_conflict_parent", "T2", day("2020-01-01"), OPEN, "S", "N", "u6", "T2"),
        ("source_conflict_unit", "E1", day("2025-01-01"), OPEN, "T1", "T2", "a1", "x1"),
        ("time_share_over_one", "E10", day("2025-10-01"), OPEN, "1.100000", None, "a13", "a14"),
        ("two_primary_posts", "E5", day("2025-03-01"), day("2025-06-01"), "T2", "T1", "a7", "a6"),
        ("unit_cycle", "ABOUT", day("2025-01-01"), OPEN, "ROUND", None, "ABOUT", "ROUND"),
        ("unit_cycle", "ROUND", day("2025-01-01"), OPEN, "ABOUT", None, "ROUND", "ABOUT"),
        ("unit_without_parent", "LOST", day("2020-01-01"), OPEN, "book:NOWHERE", None, "LOST", None),
        ("unit_without_parent", "ROUND", day("2020-01-01"), day("2025-01-01"), "ABOUT", None, "ROUND", None),
        ("unit_without_parent", "T4", day("2025-03-01"), OPEN, "T3", None, "T4", None),
    ]


def test_a_finding_is_told_in_both_languages(published: duckdb.DuckDBPyConnection) -> None:
    found = published.execute(
        "select text_en, text_zh, severity from org_finding where finding_type in "
        "('two_primary_posts', 'posting_gap', 'owner_left') order by finding_type"
    ).fetchall()

    assert found == [
        (
            "dan (E4) left on 2025-09-01 and still owns the customer book:c5",
            "dan (E4) 已于 2025-09-01 离职，名下仍有客户 book:c5",
            "warning",
        ),
        (
            "fay (E6) has no primary post from 2025-02-01 to 2025-04-01, between T1 and T2",
            "fay (E6) 在 2025-02-01 至 2025-04-01 之间没有主岗，此前在 T1，此后在 T2",
            "warning",
        ),
        (
            "eve (E5) holds two primary posts from 2025-03-01 to 2025-06-01: T2, which counts, and T1",
            "eve (E5) 在 2025-03-01 至 2025-06-01 之间有两个主岗：T2（以此为准）和 T1",
            "error",
        ),
    ]


def test_the_order_of_the_records_changes_no_finding(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    turned = {entity: rows[::-1] for entity, rows in odd_company.MAPPED.items()}
    versions = {entity: rows[::-1] for entity, rows in odd_company.VERSIONS.items()}
    warehouse.prepare(file, turned, odd_company.CONFIG, versions)
    straight.build(file, *TREE_ONLY, "org_correction")

    for table in (*(f"core.{name}" for name in TREE_ONLY), "marts.org_correction"):
        assert content(file, table) == content(home / "warehouse.duckdb", table)


def content(file: Path, table: str) -> list[tuple[Any, ...]]:
    # without user-shaped versions given, a record's place in its list is its key
    with duckdb.connect(str(file), read_only=True) as con:
        return con.execute(f"from {table} where source_system is not null order by all").fetchall()


def test_a_late_correction_shows_what_was_thought_and_since_when_better_is_known(
    published: duckdb.DuckDBPyConnection,
) -> None:
    found = published.execute(
        "select source_key, change, valid_from, valid_to, role, became_source_key, became_valid_from, became_valid_to, "
        "became_role, effective_from, days_late, is_late from org_correction order by source_key"
    ).fetchall()

    start, rep = day("2020-01-01"), "sales_rep"
    assert found == [
        ("a2", "changed", start, OPEN, rep, "a2", start, day("2025-05-15"), rep, day("2025-05-15"), 36, True),
        ("a4", "changed", start, OPEN, "clerk", "a4", start, OPEN, "regional_manager", start, 1997, True),
        ("a5", "changed", start, OPEN, rep, "a5", start, day("2025-09-01"), rep, day("2025-09-01"), -73, False),
        (
            *("a8-old", "rekeyed", day("2024-02-01"), day("2025-02-01"), rep),
            *("a8", day("2024-01-01"), day("2025-02-01"), rep, day("2024-01-01"), 536, True),
        ),
        ("a99", "withdrawn", day("2025-03-01"), OPEN, rep, None, None, None, None, day("2025-03-01"), 111, True),
    ]


def test_a_posting_is_known_since_the_first_load_that_said_so(published: duckdb.DuckDBPyConnection) -> None:
    found = published.execute(
        "select source_key, recorded_from, time_share from dim_assignment "
        "where source_key in ('a1', 'a2', 'a3', 'a13') order by 1"
    ).fetchall()

    first, second = datetime(2025, 5, 1, 1), datetime(2025, 6, 20, 1)
    assert found == [
        ("a1", first, Decimal(1)),
        ("a13", first, Decimal("0.6")),
        ("a2", second, Decimal(1)),
        ("a3", second, Decimal(1)),
    ]


ENGLISH = """\
Organisation on 2025-10-15: 9 units, 7 people (release {release})

CO [team] · 7 people
├─ N [team] · 1 person
│  └─ cid (E3), regional manager
└─ S [team] · 6 people
   ├─ T1 [team] · head cid (E3) · 4 people
   │  ├─ ann (E1), sales rep
   │  ├─ joe (E10), sales rep, 60 %
   │  ├─ bob (E2), sales rep
   │  └─ eve (E5), sales rep
   └─ T2 [team] · 2 people
      ├─ fay (E6), sales rep
      ├─ ida (E9), sales rep
      └─ joe (E10), sales rep, side post, 50 %
LOST [team] · 0 people · not below its parent book:NOWHERE
T4 [team] · 0 people · not below its parent T3
ABOUT [team] · 0 people · not below its parent ROUND
└─ ROUND [team] · 0 people
unassigned · 3 people
├─ kim (E11)
├─ gus (E7)
└─ hal (E8)

16 findings on this day
  error: own manager × 1
  error: posted to a unit that does not stand × 1
  error: circle of units × 2
  error: unit without its parent × 2
  warning: manager has left × 1
  warning: unknown manager × 1
  warning: owner has left × 1
  warning: owner has no post × 1
  warning: post ended, not known to have left × 1
  warning: shares of time over 1 × 1
  info: no post at all × 1
  info: sources disagree on the manager × 1
  info: sources disagree on the parent unit × 1
  info: sources disagree on the unit × 1
"""
CHINESE = """\
2025-06-15 的组织：2 个单元，4 人（版本 {release}）

N [小组] · 负责人 cid (E3) · 4 人
├─ cid (E3), 大区经理
└─ T1 [小组] · 负责人 cid (E3) · 3 人
   ├─ ann (E1), 销售代表
   ├─ bob (E2), 销售代表
   └─ eve (E5), 销售代表

当日发现 2 项
  提示: 来源冲突：上级 × 1
  提示: 来源冲突：单元 × 1
"""


def test_the_tree_of_a_day_is_drawn_with_everybody_in_it(home: Path) -> None:
    result = org(home, "--on", "2025-10-15", "--lang", "en")
    assert result.exit_code == 0, result.output
    assert result.stdout == ENGLISH.format(release=release(home))


def test_one_unit_is_drawn_alone_in_chinese(home: Path) -> None:
    result = org(home, "--on", "2025-06-15", "--unit", "N", "--lang", "zh")
    assert result.exit_code == 0, result.output
    assert result.stdout == CHINESE.format(release=release(home))


def test_json_says_what_is_drawn(home: Path) -> None:
    found = json.loads(org(home, "--on", "2025-10-15", "--unit", "T2", "--json").stdout)
    (team,) = found["roots"]
    assert (found["on"], found["unit"], found["unit_count"], found["headcount"]) == ("2025-10-15", "T2", 1, 2)
    assert team["people"][2] == {
        "employee_id": "E10",
        "name": "joe",
        "role": "sales_rep",
        "manager_id": None,
        "manager": None,
        "is_primary": False,
        "time_share": "0.500000",
    }
    assert found["findings"][0] == {"finding_type": "manager_left", "severity": "warning", "count": 1}


def test_the_drawing_is_one_well_formed_file_that_loads_nothing(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "tree.svg"
    result = org(home, "--on", "2025-10-15", "--lang", "zh", "--svg", str(file))
    assert (result.exit_code, result.stdout) == (0, f"已写入 {file}。\n")
    drawing = ElementTree.parse(file).getroot()
    texts = [element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {"T1", "负责人 cid (E3)", "joe, 销售代表, 兼岗, 50 %", "未分配 · 3 人", "当日发现 16 项"} <= set(texts)
    assert not {name for element in drawing.iter() for name in element.attrib if name.endswith("href")}


def test_without_a_day_the_as_of_date_is_drawn(home: Path) -> None:
    assert json.loads(org(home, "--json").stdout)["on"] == "2025-12-31"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--on", "2025-02-30"), "--on 2025-02-30: expected a date like 2025-06-30"),
        (("--on", "soon"), "--on soon: expected a date like 2025-06-30"),
        (("--on", "2019-12-31"), "no org unit stands on 2019-12-31: the first begins on 2020-01-01"),
        (("--unit", "T9"), "there is no unit 'T9' on 2025-12-31; expected an id or a name such as: T4, T2, T1"),
        (
            ("--unit", "T3", "--on", "2025-06-01"),
            "the unit 'T3' does not stand on 2025-06-01; it does as: T3 from 2020-01-01 to 2025-03-01",
        ),
        (("--svg", "nowhere/tree.svg"), "--svg nowhere/tree.svg: there is no folder"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_what_was_expected(
    home: Path, arguments: tuple[str, ...], message: str
) -> None:
    result = org(home, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_without_a_release_there_is_nothing_to_draw(tmp_path: Path) -> None:
    result = org(tmp_path, "--on", "2025-06-30")
    assert result.exit_code == 1
    assert "no release yet; `scoreline run` publishes the first" in result.stderr


def test_every_type_of_finding_has_a_word_in_both_languages(published: duckdb.DuckDBPyConnection) -> None:
    for (name,) in published.execute("select distinct finding_type from org_finding").fetchall():
        assert word(name, "zh") != name and word(name, "en") != name


def release(home: Path) -> str:
    shown = current(home)
    assert shown is not None
    return shown.release_id
