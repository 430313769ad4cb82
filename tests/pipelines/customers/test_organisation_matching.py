"""Principles of matching organisations, seen from raw rows to customers: with the shipped settings, on small inputs."""

from datetime import date

import pyarrow as pa
import pytest

from pipelines.customers.unify import unify
from tests.bench.customers.sets import RAW_COLUMNS


def names(*written: str, **shared: str) -> list[dict[str, str]]:
    """A row per name; `shared` columns are the same on all of them."""
    return [{"customer_name": name, **shared} for name in written]


STREETS = ("Mill Lane", "Oak Avenue", "Harbour Road", "Chapel Street", "Park Row", "Kings Parade")
CITIES = ("Leeds", "Bristol", "Derby", "York")
BRANDS = (
    "Tolmark",
    "Venbury",
    "Askwith",
    "Corvane",
    "Durnholt",
    "Elvaston",
    "Fenwright",
    "Garlowe",
    "Hexmoor",
    "Ivesham",
)
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
    *({"customer_name": f"{brand}{trade}有限公司", "city": "上海"} for brand in HAN_BRANDS for trade in HAN_TRADES),
]
"""Firms that have nothing to do with the rows under test: a matcher must stand its ground among others."""


SITE = {"street": "12 Foundry Lane", "city": "Leeds", "phone": "+44 113 555 0101", "website": "acme-group.example"}
OFFICE = {"street": "40 Tanners Yard", "city": "Derby", "phone": "+44 1332 555 777"}
ONE_FIRM = {
    "without its legal form": names("Brightwater Instruments GmbH", "BRIGHTWATER INSTRUMENTS"),
    "abbreviated": names("Silverthorn Castings International Ltd", "Silverthorn Castings Intl."),
    "misspelt": names("Ravenscourt Upholstery Ltd", "Ravenscuort Upholstery Ltd"),
    "in another order": names("Hotel Astoria Vantell", "Astoria Vantell Hotel"),
    "in other signs": names("上海顺昌精密机械有限公司", "順昌精密機械（上海）有限公司"),
    "by a public short name": names("浦发银行", "上海浦东发展银行股份有限公司"),
    "with a sign of its trade miswritten, on one phone": names(
        "雪雪饰服（苏州）有限公司", "雪雪服饰（苏州）有限公司", phone="0512-47011633"
    ),
    "with a sign of its brand that looks alike, on one domain": names(
        "广州海山晟阀门有限公司", "广州海山盛阀门有限公司", city="广州", website="haishan-famen.example"
    ),
    "by an English name of its own, on one phone": names(
        "南京恒瑞轴承有限公司", "Nanjing Henmax Bearing Company Limited", phone="025-64112810"
    ),
    "with a clerk's remark": names("思捷（成都）阀门有限责任公司", "思捷（成都）阀门有限责任公司-老客户"),
    "trading under another name": names("Pellworth Marine Ltd", "Pellworth Marine Ltd t/a Bluebird Chandlers"),
    "with a stock exchange's mark": names("柏信瑞达", "*ST柏信瑞达"),
    "with its country in two languages": [
        {"customer_name": "Mareberg Precision Corp.", "country": "United States", "phone": "408-743-2850"},
        {"customer_name": "Mareberg Precision Corp.", "country": "USA", "phone": "+1 408 743 2850"},
    ],
    "that moved within its city": [
        {"customer_name": "天津盛佳食品机械有限公司", "city": "天津", "street": "五一路961号", "phone": "022-53694789"},
        {"customer_name": "天津盛佳食品机械有限公司", "city": "天津", "street": "黄河路877号", "phone": "022-26712690"},
    ],
    "shortened at the same address": [
        {"customer_name": "Yujean Kangs Gourmet Kitchen", "street": "67 N. Raymond Ave.", "phone": "818/585-0855"},
        {"customer_name": "yujean kangs", "street": "67 n raymond avenue", "phone": "818-585-0855"},
    ],
}
TWO_FIRMS = {
    "another trade": names("Orlandis Logistics GmbH", "Orlandis Motors GmbH"),
    "another trade of a Chinese group": names("顺昌集团电机有限公司", "顺昌集团物流有限公司"),
    "another number": names("东风第一机床厂", "东风第二机床厂"),
    "one sound away": names("Deutsche Bank AG", "Deutsche Bahn AG"),
    "another word in the middle": names("中国工商银行股份有限公司", "中国农业银行股份有限公司"),
    "a group that shares address, phone and domain": names("Acme Logistics Ltd", "Acme Motors Ltd", **SITE),
    "a holding": names("恒阳集团有限公司", "恒阳服饰有限公司", city="重庆", website="hengyangjt.example"),
    "a branch": names("苏州德润纺织有限公司", "苏州德润纺织有限公司无锡分公司", phone="0512-54663065"),
    "a branch without a legal form": names(
        "Askham & Zephyr Technologies SARL", "Askham & Zephyr Technologies, Lille Branch", website="askham.example"
    ),
    "one brand and trade in two cities of a province": names("济南通东精密机械有限公司", "青岛通东精密机械有限公司"),
    "names of one sound": names("上海信博精密机械有限公司", "上海鑫波精密机械有限公司", city="上海"),
    "another body of one acronym": names("中国人保", "中国人寿保险股份有限公司"),
    "a short form that fits a longer name of another firm": names("上海银行", "上海浦东发展银行股份有限公司"),
    "firms of one building and one phone": names("Marlowe Dental", "Quillfeather Yachts", **OFFICE),
    "one brand in two cities with two phones": [
        {"customer_name": "Grand Pepper", "city": "Leeds", "street": "5 High Street", "phone": "+44 113 496 9001"},
        {"customer_name": "Grand Pepper", "city": "Bristol", "street": "77 Quay Road", "phone": "+44 117 496 9002"},
    ],
}


@pytest.fixture(scope="module")
def customer_of() -> dict[str, str]:
    """Source key -> customer, of all cases and the backdrop matched together; a key is '<case>/<place of the row>'."""
    rows = [
        {"source_system": "crm", "source_key": f"{case}/{place}", **row}
        for case, own in (ONE_FIRM | TWO_FIRMS).items()
        for place, row in enumerate(own)
    ]
    rows += [{"source_system": "other", "source_key": str(at), **row} for at, row in enumerate(BACKDROP)]
    table = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in RAW_COLUMNS}
    resolution = unify(pa.table(table), date(2026, 1, 1)).resolution.to_pylist()
    return {row["source_key"]: row["cluster_id"] for row in resolution}


@pytest.mark.parametrize("case", ONE_FIRM)
def test_a_name_written_otherwise_is_still_one_firm(customer_of: dict[str, str], case: str):
    assert customer_of[f"{case}/0"] == customer_of[f"{case}/1"]


@pytest.mark.parametrize("case", TWO_FIRMS)
def test_what_much_speaks_for_but_the_name_speaks_against_is_not_joined(customer_of: dict[str, str], case: str):
    assert customer_of[f"{case}/0"] != customer_of[f"{case}/1"]


def test_the_backdrop_stays_apart(customer_of: dict[str, str]):
    backdrop = [customer_of[str(at)] for at in range(len(BACKDROP))]
    assert len(set(backdrop)) == len(BACKDROP)
