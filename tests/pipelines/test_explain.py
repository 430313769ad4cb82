"""`scoreline explain` and `scoreline fate`: what they say of a release and its landing, and what they refuse."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from expectations.catalog import load
from pipelines.cli import main
from pipelines.explain.fate import NEEDED as FATE_NEEDED
from pipelines.explain.nearness import Border, Nearness, nearness
from pipelines.explain.score import NEEDED
from pipelines.explain.words import nearness_words
from tests.dbt_project.warehouse import fill

D = Decimal
RULE = {"standard_id": "rep", "standard_version": 2}
KEY = {"employee_id": "E1", "period_type": "quarter", "period_start": date(2025, 4, 1)}
PART = KEY | {"part_number": 1}
LINE = {"source_system": "erp", "source_entity": "sales_order_line", "load_id": "100.1"}
NEVER = date(9999, 12, 31)
ROWS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "release": [{"release_id": "r1"}],
    "dim_employee": [
        {"employee_id": number, "employee_number": number, "employee_name": name, "email": f"{number}@co.cn".lower()}
        | {"valid_from": date(2020, 1, 1), "valid_to": NEVER}
        for number, name in (("E1", "高霞"), ("E2", "王凯"), ("E3", "王凯"))
    ],
    "dim_org_unit": [
        {"org_unit_id": "T1", "unit_name": "一组", "unit_name_en": "Team 1", "valid_from": date(2020, 1, 1)}
    ],
    "dim_customer": [{"customer_key": "C1", "customer_name": "西安隆恒纺织"}],
    "customer_source": [
        {
            "source_system": source,
            "source_key": key,
            "customer_key": "C1",
            "match_reason": why,
            "match_probability": D(sure),
        }
        for source, key, why, sure in (("erp", "7", "model", "0.87"), ("crm", "001", "tax_id", "1"))
    ],
    "metric_registry": [
        {"metric": "bookings", "name_en": "Bookings", "name_zh": "签约额", "unit": "currency"},
        {"metric": "win_rate", "name_en": "Win rate", "name_zh": "赢单率", "unit": "ratio"},
    ],
    "appraisal_standard": [
        RULE
        | {"name_en": "Representatives", "name_zh": "销售代表考核", "approved_by": "Board"}
        | {"valid_from": date(2025, 1, 1)}
    ],
    "appraisal_standard_metric": [
        RULE | {"metric": "bookings", "curve": "linear", "zero_at": D(30)},
        RULE | {"metric": "win_rate", "curve": "capped"},
        RULE | {"metric": "rating", "curve": "linear"},
    ],
    "appraisal_standard_grade": [
        RULE | {"position": n, "grade": grade, "min_score": D(least)}
        for n, (grade, least) in enumerate((("A", 100), ("B", 85), ("C", 0)), 1)
    ],
    "appraisal_score": [
        KEY
        | RULE
        | {"score": D("87.50"), "uncapped_score": D("87.50"), "grade": "B", "earned_grade": "B"}
        | {"status": "scored", "is_capped": False, "place": 1, "people": 3, "scored_working_days": 60},
        KEY | RULE | {"period_start": date(2025, 7, 1), "status": "no_data", "is_capped": False},
    ],
    "appraisal_component": [
        KEY
        | {"metric": metric, "weight": D(weight), "raw_value": D(value), "target": D(target), "points": D(points)}
        | {"weighted_points": D(weighted), "is_applicable": True, "component_status": "ok"}
        for metric, weight, value, target, points, weighted in (
            ("bookings", 60, "900", "1000", "85.714285714", "64.29"),
            ("rating", 20, "93", "100", "93", "23.21"),
        )
    ]
    + [KEY | {"metric": "win_rate", "weight": D(20), "is_applicable": False, "component_status": "no_data"}],
    "appraisal_gate": [
        KEY
        | RULE
        | {"gate_id": "few", "metric": "win_rate", "value": D("0.25"), "breach": "below"}
        | {"limit_value": D("0.1"), "is_breached": False, "reason_en": "Hardly a deal won", "reason_zh": "几乎没有赢单"}
    ],
    "appraisal_rating": [
        KEY
        | RULE
        | {"rater_kind": "peer", "weight": D(100), "rating_status": "ok", "raters": 3, "average_points": D(93)}
    ],
    "appraisal_part": [
        PART
        | RULE
        | {"posted_from": date(2025, 4, 1), "posted_to": date(2025, 7, 1), "days_from": date(2025, 4, 1)}
        | {"days_to": date(2025, 7, 1), "org_unit_id": "T1", "role": "sales_rep", "elapsed_working_days": 60}
        | {"applicable_weight": D(80), "part_score": D("87.5"), "part_status": "ok"}
    ],
    "appraisal_part_component": [
        PART
        | RULE
        | {"metric": metric, "subject": "person", "is_divided": False, "weight": D(weight), "curve": "linear"}
        | {"cap": D(120), "numerator": D(value), "raw_value": D(value), "target": D(target), "target_origin": origin}
        | {"stated_target": D(target), "expectation_pct": D(100), "reached_pct": D(reached), "points": D(points)}
        | {"weighted_points": D(weighted), "is_applicable": True, "component_status": "ok"}
        for metric, weight, value, target, origin, reached, points, weighted in (
            ("bookings", 60, "900", "1000", "target", "90", "85.714285714", "64.29"),
            ("rating", 20, "93", "100", "reference_value", "93", "93", "23.21"),
        )
    ]
    + [
        PART
        | RULE
        | {"metric": "win_rate", "subject": "person", "is_divided": False, "weight": D(20), "curve": "capped"}
        | {"numerator": D(0), "denominator": D(0), "is_applicable": False, "component_status": "no_data"}
    ],
    "appraisal_contribution": [
        PART
        | LINE
        | {"metric": "bookings", "fact_number": n, "fact_kind": "record", "source_key": key}
        | {
            "customer_key": "C1",
            "fact_date": date(2025, 4, n),
            "numerator": D(value),
            "share": D(share),
            "points": D(points),
        }
        for n, (key, value, share, points) in enumerate(
            (("11", "990", "1.1", "70.719"), ("12", "-90", "-0.1", "-6.429")), 1
        )
    ]
    + [
        PART
        | {"metric": "rating", "fact_number": 1, "fact_kind": "raters", "rater_kind": "peer", "numerator": D(9300)}
        | {"share": D(1), "points": D("23.21")}
    ],
    "appraisal_flip": [
        KEY
        | {"left_out_kind": kind, "left_out_system": system, "left_out_key": key, "score_without": without}
        | {"grade_without": grade, "score_change": change, "changes_grade": grade != "B"}
        for kind, system, key, without, grade, change in (
            ("nothing", "", "", D("87.50"), "B", D(0)),
            ("customer", "", "C1", None, None, None),
            ("match", "erp", "7", D("80"), "C", D("-7.5")),
            ("rater_kind", "", "peer", D("85.71"), "B", D("-1.79")),
        )
    ],
    "record_origin": [
        {
            "source_system": "erp",
            "entity": "sales_order_line",
            "position": 1,
            "stream": "sale_order_line",
            "key_sql": "_key",
        },
        {"source_system": "erp", "entity": "customer_record", "position": 1, "stream": "partner", "key_sql": "_key"},
    ],
    "record_fate_total": [
        {"source_system": "erp", "stream": stream, "fate": fate, "entity": entity, "records": 1, "is_listed": listed}
        for stream, fate, entity, listed in (
            ("sale_order_line", "credited", "sales_order_line", False),
            ("sale_order_line", "superseded", "sales_order_line", False),
            ("sale_order_line", "not_counted", "sales_order_line", True),
            ("partner", "matched", "customer_record", False),
        )
    ],
    "record_fate": [
        {"source_system": "erp", "stream": "sale_order_line", "record_key": "13", "fate": "not_counted"}
        | {"entity": "sales_order_line", "source_key": "13", "detail": "sales_order draft"}
    ],
    "fct_sales_credit": [
        {"source_system": "erp", "source_key": "11", "employee_id": "E1", "org_unit_id": "T1", "credit_share": D(share)}
        | {"booked_date": date(2025, 4, 1), "credited_amount": D(amount), "credit_rule": "order_owner"}
        for share, amount in (("1", "990"),)
    ],
    "dim_credit_rule": [
        {"credit_rule": "order_owner", "text_en": "Salesperson of the order", "text_zh": "订单的销售员"}
    ],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one release and the landed records behind it; line 11 landed twice."""
    root = tmp_path_factory.mktemp("home")
    tables = load()
    with duckdb.connect(str(root / "published.duckdb")) as con:
        con.execute("create table release (release_id varchar)")
        for name in sorted({*NEEDED, *FATE_NEEDED} - {"release"}):
            columns = ", ".join(f"{column.name} {column.data_type}" for column in tables[name].columns)
            con.execute(f"create table {name} ({columns})")
        for name, rows in ROWS.items():
            fill(con, name, rows)
    landed = (
        ("sale_order_line", "99.1", "select '11' as _key, 1 as _seq, 11 as id, 5.0::decimal(9, 2) as price"),
        (
            "sale_order_line",
            "100.1",
            "select * from (values ('11', 2, 11, 9.9), ('12', 3, 12, -0.9), ('13', 4, 13, 1)) "
            "as row(_key, _seq, id, price)",
        ),
        ("partner", "100.1", "select '7' as _key, 1 as _seq, 7 as id, '隆恒 <script>' as name"),
    )
    (root / "landing/erp/_dlt_loads").mkdir(parents=True)
    for stream, load_id, rows in landed:
        folder = root / "landing/erp" / stream
        folder.mkdir(exist_ok=True)
        duckdb.execute(f"copy (select *, false as _deleted from ({rows})) to '{folder}/{load_id}.f.parquet'")
        (root / "landing/erp/_dlt_loads" / f"scoreline__{load_id}.jsonl").touch()
    return root


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env={"SCORELINE_HOME": str(home), "COLUMNS": "160"})


def shown(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [" ".join(line.split()) for line in result.output.splitlines() if line.strip() and "─" not in line]


def test_a_score_opens_down_to_its_records(home: Path) -> None:
    lines = shown(run(home, "explain", "E1", "2025-Q2", "--lang", "en"))

    assert lines[:14] == [
        "高霞 · 2025-Q2",
        "Score 87.5, grade B (final)",
        "Standard: Representatives (rep v2, approved by Board, 2025-01-01 →)",
        "Grade A begins at 100: 12.5 points more",
        "Grade B begins at 85: 2.5 points to spare",
        "Release r1",
        "component weight value target points of the score status",
        "Bookings 60 900 1,000 85.71 64.29 counts",
        "What raters say 20 93 100 93 23.21 counts",
        "Win rate 20 - - - - drops out: no data",
        "score 87.5",
        "What the grade hangs on",
        "Each of these by itself changes the grade:",
        "Without customer 西安隆恒纺织 there would be no score: too little is left to judge",
    ]
    assert lines[14:20] == [
        "Without what names customer record erp / 7, joined to 西安隆恒纺织 with probability 0.87: 80, grade C (-7.5)",
        "Of what does not change it, these move the score most:",
        "Without all ratings by peers: 85.71, grade B (-1.79)",
        "Gates",
        "Hardly a deal won: Win rate 25 %, limit 10 %: not breached",
        "Ratings",
    ]
    assert lines[22:33] == [
        "Part 1: 一组 / Team 1 (sales_rep), 2025-04-01 to 2025-06-30",
        "Standard rep v2, working days 60, own score 87.5: counts",
        "Bookings → 64.29",
        "Bookings: 900",
        "Target: 1,000",
        "Reached: value / target = 90 %",
        "Curve linear (100 × (reached - 30) / (100 - 30), at most 120): 85.714285714 points",
        "85.714285714 × 60 / 80 (weight of the weights that apply) = 64.29 of the score",
        "fact day adds share points source / stream / key load package",
        "record: 西安隆恒纺织 2025-04-01 990 110 % 70.719 erp / sale_order_line / 11 100.1",
        "record: 西安隆恒纺织 2025-04-02 -90 -10 % -6.429 erp / sale_order_line / 12 100.1",
    ]
    # 93 x 20 / 80 is 23.25: the last component takes what rounding the others left
    assert (
        "93 × 20 / 80 (weight of the weights that apply, with what rounding the others left) = 23.21 of the score"
        in lines
    )
    assert lines[-2:] == ["Win rate: 0 / 0 = -", "drops out: no data"]


def test_the_same_in_chinese_with_the_raw_records(home: Path) -> None:
    lines = shown(run(home, "explain", "高霞", "2025-04-01", "--lang", "zh", "--raw", "--facts", "1"))

    for text in (
        "得分 87.5，等级 B (已评分)",
        "B 级从 85 分起：高出 2.5 分",
        "剔除客户 西安隆恒纺织后没有得分：剩余数据不足以评分",
        "剔除客户记录 erp / 7（以概率 0.87 并入 西安隆恒纺织）：80，等级 C（-7.5）",
        "几乎没有赢单: 赢单率 25 %, 界限 10 %: 未触发",
        "分段 1: 一组 / Team 1 (sales_rep), 2025-04-01 至 2025-06-30",
        "曲线 linear (100 ×（达成率 - 30）/（100 - 30），上限 120)：85.714285714 分",
        "另有 1 条较小的事实，合计 -6.429 分",
        '"price": "9.9"',
    ):
        assert text in lines
    assert '"price": "5.00"' not in lines


def test_machines_get_everything_and_it_adds_up(home: Path) -> None:
    found = json.loads(run(home, "explain", "e1@co.cn", "2025Q2", "--json").stdout)

    assert list(found) == [
        *("release", "names", "score", "standard", "nearness", "flips", "components", "gates", "ratings", "parts")
    ]
    assert found["nearness"] == {
        "by": "score",
        "place": None,
        "own": {"grade": "B", "limit": "85.0000", "distance": "2.5000"},
        "better": {"grade": "A", "limit": "100.0000", "distance": "12.5000"},
    }
    facts = [fact for component in found["parts"][0]["components"] for fact in component["facts"]]
    assert sum(D(fact["points"]) for fact in facts) == D(found["score"]["score"]) == D("87.5")
    assert facts[0]["record"] == {
        "stream": "sale_order_line",
        "record_key": "11",
        "load_id": "100.1",
        "values": {"id": 11, "price": "9.9"},
    }
    assert [fact["record"] for fact in facts if fact["fact_kind"] == "raters"] == [None]
    assert (
        found["parts"][0]["components"][0]["formula_zh"][-1]
        == "85.714285714 × 60 / 80 (权重占适用权重) = 64.29 计入总分"
    )


@pytest.mark.parametrize(("language", "title"), [("en", "raw record"), ("zh", "原始记录")])
def test_the_page_stands_by_itself(home: Path, tmp_path: Path, language: str, title: str) -> None:
    file = tmp_path / "score.html"
    written = run(home, "explain", "E1", "2025-Q2", "--lang", language, "--html", str(file))

    page = file.read_text(encoding="utf-8")
    assert str(file) in written.output
    assert page.count(f"<summary>{title}</summary>") == 2
    assert "<td>erp / sale_order_line / 12</td>" in page
    assert not re.search(r"<script|<link|src=|href=|@import|url\(|https?:", page)


def test_a_period_without_a_score_says_so(home: Path) -> None:
    assert shown(run(home, "explain", "E1", "2025-Q3", "--lang", "en"))[1] == "Score -, grade - (no score: no data)"


@pytest.mark.parametrize(
    ("employee", "period", "says"),
    [
        ("E9", "2025-Q2", "nobody in dim_employee has the id, number, e-mail or name 'E9'; near: E3, E2, E1"),
        ("王凯", "2025-Q2", "2 people are called '王凯'; name one by id: E2, E3"),
        ("E2", "2025-Q2", "E2 has no score in any period: no standard judges a role this person has held"),
        ("E1", "2024-Q2", "E1 has no score for period '2024-Q2'; there are scores for: 2025-Q2, 2025-Q3"),
    ],
)
def test_who_or_what_is_not_there_is_refused(home: Path, employee: str, period: str, says: str) -> None:
    found = run(home, "explain", employee, period)

    assert (found.exit_code, says in found.output) == (2, True), found.output


def test_a_raw_record_says_where_it_ended(home: Path) -> None:
    lines = shown(run(home, "fate", "erp", "11", "--lang", "en"))

    assert lines == [
        "erp / sale_order_line / 11",
        "Fate: credited",
        "Stands as: sales_order_line 11",
        "load package version fate",
        "99.1 1 superseded by a later version",
        "100.1 2 credited",
        "credited to unit day share amount rule",
        "E1 高霞 T1 2025-04-01 1 990 order_owner: Salesperson of the order",
        "counts in the score of period component points",
        "E1 2025-Q2 bookings 70.719",
    ]
    assert shown(run(home, "fate", "erp", "13", "--lang", "zh"))[1:3] == [
        "去向：已读入，但按其现状不计入 (sales_order draft)",
        "对应：sales_order_line 13",
    ]


def test_a_customer_record_names_its_customer(home: Path) -> None:
    (found,) = json.loads(run(home, "fate", "erp", "7", "--json").stdout)["records"]

    assert (found["stream"], found["fate"], found["entity"]) == ("partner", "matched", "customer_record")
    assert found["customer"] == {
        "customer_key": "C1",
        "customer_name": "西安隆恒纺织",
        "match_reason": "model",
        "match_probability": "0.870000",
        "other_records": [
            {"source_system": "crm", "source_key": "001", "match_reason": "tax_id", "match_probability": "1.000000"}
        ],
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("erq", "1"), "no source is called 'erq'; near: erp"),
        (("erp", "1", "--stream", "partners"), "source erp has no stream 'partners'; near: partner"),
        (("erp", "99"), "no record with key '99' has landed from erp in: partner, sale_order_line"),
    ],
)
def test_a_record_that_is_not_there_is_refused(home: Path, arguments: tuple[str, ...], says: str) -> None:
    found = run(home, "fate", *arguments)

    assert (found.exit_code, says in found.output) == (2, True), found.output


@pytest.mark.parametrize("arguments", [("explain", "E1", "2025"), ("fate", "erp", "1")])
def test_without_a_release_they_say_what_to_do(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    found = run(tmp_path, *arguments)
    assert (found.exit_code, "`scoreline run` does" in found.output) == (1, True)

    duckdb.connect(str(tmp_path / "published.duckdb")).close()
    found = run(tmp_path, *arguments)
    assert (found.exit_code, "`scoreline run` publishes a new one" in found.output) == (1, True)


def test_places_decide_where_grades_go_by_share() -> None:
    """Two of four people share places 2 and 3: with ties that take the worse, place 3 decides."""
    borders = [{"grade": grade, "share_pct": D(share)} for grade, share in (("S", 10), ("A", 50), ("B", 40))]
    score = {"earned_grade": "B", "score": D(80), "people": 4}

    near = nearness(score, borders, 3)

    assert near == Nearness("share", Border("B", D(4), D(1)), Border("A", D(2), D(1)), D(3))
    assert nearness_words(score, near, "en") == [
        "Place 3 of 4",
        "Grade A ends at place 2: 1 places away",
        "Grade B ends at place 4: 1 to spare",
    ]
    best = nearness(score | {"earned_grade": "A"}, borders, 1)
    assert nearness_words(score, best, "zh")[1:] == ["4 人中没有 S 级名额", "A 级到第 2 名为止：尚余 1 名"]
