"""Principles of matching organisations, seen from raw rows to customers: with the shipped settings, on small inputs."""

from datetime import date

import pyarrow as pa
import pytest

from pipelines.customers.unify import Unified, unify
from tests.bench.customers.sets import RAW_COLUMNS

STREETS = ("Mill Lane", "Oak Avenue", "Harbour Road", "Chapel Street", "Park Row", "Kings Parade")
CITIES = ("Leeds", "Bristol", "Derby", "York")
BRANDS = ("Tolmark", "Venbury", "Askwith", "Corvane", "Durnholt", "Elvaston", "Fenwright", "Garlowe", "Hexmoor", "Ivesham")
TRADES = ("Printing", "Bakery", "Textiles", "Furniture")
HAN_BRANDS = ("恒源", "瑞丰", "鑫达", "宏远", "金桥", "盛泰", "天佑", "博雅", "凯旋", "德胜")
HAN_TRADES = ("塑料制品", "医疗器械", "环保工程", "食品")
BACKDROP = [
    *(
        {
            "customer_name": f"{brand} {trade} Ltd",
            "street": f"{at * 7 + 3} {STREETS[at % 6]}",
            "city": CITIES[at % 4],
            "phone": f"+44 113 496 {at:04d}",
        }
        for at, (brand, trade) in enumerate((brand, trade) for brand in BRANDS for trade in TRADES)
    ),
    *(
        {"customer_name": f"{brand}{trade}有限公司", "city": "上海"} for brand in HAN_BRANDS for trade in HAN_TRADES
    ),
]
"""Firms that have nothing to do with the rows under test: a matcher must stand its ground among others."""


def matched(*rows: dict[str, str]) -> Unified:
    """The rows, keyed by their place (0, 1, ...), matched among the backdrop."""
    keyed = [{"source_system": "crm", "source_key": str(at), **row} for at, row in enumerate(rows)]
    others = [{"source_system": "other", "source_key": f"{at:03d}", **row} for at, row in enumerate(BACKDROP)]
    table = {name: pa.array([row.get(name) for row in (*keyed, *others)], pa.string()) for name in RAW_COLUMNS}
    return unify(pa.table(table), date(2026, 1, 1))


def customers(*rows: dict[str, str]) -> list[list[int]]:
    """Which of the rows are one customer, as lists of their places."""
    clusters: dict[str, list[int]] = {}
    for row in matched(*rows).resolution.to_pylist():
        if row["source_system"] == "crm":
            clusters.setdefault(row["cluster_id"], []).append(int(row["source_key"]))
    return sorted(map(sorted, clusters.values()))


def band(left: dict[str, str], right: dict[str, str]) -> str:
    """The band of a pair of rows: same, grey or different."""
    pairs = matched(left, right).pairs.to_pylist()
    own = [pair["band"] for pair in pairs if (pair["record_id_l"], pair["record_id_r"]) == ("crm:0", "crm:1")]
    return own[0] if own else "different"


def names(*written: str) -> list[dict[str, str]]:
    return [{"customer_name": name} for name in written]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Brightwater Instruments GmbH", "BRIGHTWATER INSTRUMENTS"),
        ("Brightwater Instruments International Ltd", "Brightwater Instruments Intl."),
        ("Brightwater Instruments Ltd", "Brihgtwater Instruments Ltd"),
        ("Hotel Astoria Vantell", "Astoria Vantell Hotel"),
        ("上海顺昌精密机械有限公司", "順昌精密機械（上海）有限公司"),
        ("浦发银行", "上海浦东发展银行股份有限公司"),
    ],
)
def test_one_firm_written_twice_is_recognised_by_its_name_alone(one: str, other: str):
    assert customers(*names(one, other)) == [[0, 1]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Logistics GmbH", "Acme Motors GmbH"),
        ("顺昌集团电机有限公司", "顺昌集团物流有限公司"),
        ("东风第一机床厂", "东风第二机床厂"),
        ("Deutsche Bank AG", "Deutsche Bahn AG"),
        ("中国工商银行股份有限公司", "中国农业银行股份有限公司"),
    ],
)
def test_another_trade_or_number_is_another_firm(one: str, other: str):
    assert band(*names(one, other)) == "different"


def test_companies_of_a_group_stay_apart_though_they_share_address_phone_and_domain():
    site = {"street": "12 Foundry Lane", "city": "Leeds", "phone": "+44 113 555 0101", "website": "acme-group.example"}
    rows = [{**row, **site} for row in names("Acme Logistics Ltd", "Acme Motors Ltd")]
    assert customers(*rows) == [[0], [1]]


def test_a_holding_is_not_its_operating_company():
    rows = [{**row, "city": "重庆", "website": "hengyangjt.example"} for row in names("恒阳集团有限公司", "恒阳服饰有限公司")]
    assert customers(*rows) == [[0], [1]]


def test_a_branch_is_not_its_head_office():
    rows = names("上海顺昌精密机械有限公司", "上海顺昌精密机械有限公司苏州分公司")
    assert customers(*({**row, "phone": "021-54663065"} for row in rows)) == [[0], [1]]


def test_one_brand_in_two_cities_with_two_phones_is_for_people_to_decide():
    left = {"customer_name": "Grand Pepper", "city": "Leeds", "street": "5 High Street", "phone": "+44 113 496 9001"}
    right = {"customer_name": "Grand Pepper", "city": "Bristol", "street": "77 Quay Road", "phone": "+44 117 496 9002"}
    assert band(left, right) in ("grey", "different")
    assert customers(left, right) == [[0], [1]]


def test_two_firms_of_one_building_and_one_phone_are_for_people_to_decide():
    site = {"street": "12 Foundry Lane", "city": "Leeds", "phone": "+44 113 555 0101"}
    assert customers(*({**row, **site} for row in names("Marlowe Dental", "Quillfeather Yachts"))) == [[0], [1]]


def test_a_shortened_name_at_the_same_address_is_the_same_firm():
    left = {"customer_name": "Yujean Kangs Gourmet Kitchen", "street": "67 N. Raymond Ave.", "phone": "818/585-0855"}
    right = {"customer_name": "yujean kangs", "street": "67 n raymond avenue", "phone": "818-585-0855"}
    assert customers(left, right) == [[0, 1]]
