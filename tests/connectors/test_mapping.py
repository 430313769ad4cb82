"""What a YAML mapping does to landed records: every record has one fate, and every mistake names its place."""

from decimal import Decimal
from typing import Any

import duckdb
import pytest
import yaml
from pydantic import ValidationError

from connectors.contracts import entities
from connectors.mapping import MappedSource, Mapping, MappingError, create_mapped_views

COLUMNS = "_key varchar, _seq bigint, _deleted boolean, _load_id varchar"


class Warehouse:
    """An in-memory warehouse whose raw streams are written as SQL values."""

    def __init__(self) -> None:
        self.con = duckdb.connect()
        self.con.execute("create schema landing; set timezone = 'America/New_York'")
        self.streams: list[str] = []

    def raw(self, stream: str, columns: str, rows: str) -> None:
        """`columns` like "a varchar, b date"; each row continues with _key, _seq, _deleted, _load_id."""
        self.con.execute(f"create or replace table landing.raw__crm__{stream} ({columns}, {COLUMNS})")
        self.con.execute(f"insert into landing.raw__crm__{stream} values {rows}")
        self.streams.append(stream)

    def map(self, text: str, time_zone: str = "Asia/Shanghai") -> None:
        mapping = Mapping.model_validate(yaml.safe_load(text))
        create_mapped_views(self.con, [MappedSource("crm", mapping, tuple(self.streams), time_zone)])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.con.execute(query).fetchall()


@pytest.fixture
def warehouse() -> Warehouse:
    return Warehouse()


DEALS = """
opportunity:
  from: deals
  where: kind <> 'test'
  columns:
    owner_employee_key: agent
    status: {column: stage, values: {Won: won, Lost: lost, Open: open}}
    amount: value
    currency: {const: CNY}
    closed_date: {column: closed, format: "%d/%m/%Y"}
"""

VISITS = """
activity: {from: visits, columns: {activity_type: {const: visit}, status: {const: done}, activity_date: happened}}
"""


def deal(
    key: str, stage: str, value: str, closed: str = "31/01/2025", kind: str = "real", deleted: str = "false"
) -> str:
    return f"('{key}', 'Ann', '{stage}', '{value}', '{closed}', '{kind}', '{key}', 1, {deleted}, 'load1')"


def put_deals(warehouse: Warehouse, *rows: str) -> None:
    columns = "id varchar, agent varchar, stage varchar, value varchar, closed varchar, kind varchar"
    warehouse.raw("deals", columns, ", ".join(rows))


def test_each_record_has_exactly_one_fate(warehouse: Warehouse) -> None:
    put_deals(
        warehouse,
        deal("a", "Won", "100.10"),
        deal("b", "Lost", "0"),
        deal("c", "Won", "1,000"),
        deal("d", "Stuck", "70"),
        deal("e", "Won", "5", kind="test"),
        deal("f", "Won", "5", deleted="true"),
        deal("g", "Won", "8", closed="2025-01-31"),
    )
    warehouse.map(DEALS)

    fates = warehouse.rows("select fate, records, rule, stream from landing.mapped__fate order by fate")
    assert fates == [
        ("deleted", 1, 0, "deals"),
        ("mapped", 2, 0, "deals"),
        ("outside", 1, 0, "deals"),
        ("quarantined", 3, 0, "deals"),
    ]
    mapped = warehouse.rows("select source_key, status, amount, is_deleted from landing.mapped__opportunity order by 1")
    assert mapped == [
        ("a", "won", Decimal("100.100000"), False),
        ("b", "lost", Decimal("0E-6"), False),
        ("f", "won", Decimal("5.000000"), True),
    ]


def test_quarantine_says_what_was_found_what_was_expected_and_how_much_money_it_holds(warehouse: Warehouse) -> None:
    put_deals(warehouse, deal("c", "Won", "1,000"), deal("d", "Stuck", "70", closed="soon"))
    warehouse.map(DEALS)

    found = warehouse.rows(
        "select source_system, stream, entity, source_key, column_name, raw_value, expected, load_id, amount_at_stake "
        "from landing.mapped__quarantine order by source_key, column_name"
    )
    assert found == [
        ("crm", "deals", "opportunity", "c", "amount", "1,000", "a number that fits decimal(28, 6)", "load1", None),
        ("crm", "deals", "opportunity", "d", "closed_date", "soon", "a date like %d/%m/%Y", "load1", None),
        (
            "crm",
            "deals",
            "opportunity",
            "d",
            "status",
            "Stuck",
            "one of: Won, Lost, Open",
            "load1",
            Decimal("70.000000"),
        ),
    ]


def test_latest_version_wins_and_a_key_twice_in_one_file_stays_twice(warehouse: Warehouse) -> None:
    rows = [
        "('a', 'Ann', 'Open', '1', '', 'x', 'a', 1, false, 'l1')",
        "('a', 'Ann', 'Won', '2', '', 'x', 'a', 2, false, 'l2')",
        "('b', 'Ann', 'Won', '3', '', 'x', 'b', 2, false, 'l2')",
        "('b', 'Ann', 'Won', '4', '', 'x', 'b', 2, false, 'l2')",
    ]
    put_deals(warehouse, *rows)
    warehouse.map(DEALS)

    mapped = warehouse.rows("select source_key, amount, load_id from landing.mapped__opportunity order by 1, 2")
    assert mapped == [("a", Decimal("2"), "l2"), ("b", Decimal("3"), "l2"), ("b", Decimal("4"), "l2")]
    assert warehouse.rows("select count(*) from landing.crm__deals") == [(3,)]


def one_payment(warehouse: Warehouse, raw: str, rule: str) -> Any:
    warehouse.raw("paid", "n varchar", f"({raw}, 'k', 1, false, 'l')")
    warehouse.map(f"payment: {{from: paid, columns: {{status: {{const: posted}}, amount: {rule}}}}}")
    rows = warehouse.rows("select amount from landing.mapped__payment")
    return rows[0][0] if rows else warehouse.rows("select raw_value, expected from landing.mapped__quarantine")[0]


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("'1,234,567.89'", Decimal("1234567.89")),
        ("'¥1,200'", Decimal("1200")),
        ("' ￥ 12.50 '", Decimal("12.5")),
        ("'(1,200.00)'", Decimal("-1200")),
        ("'-3.5'", Decimal("-3.5")),
        ("'123,4567'", Decimal("1234567")),
    ],
)
def test_money_written_for_people_is_read(warehouse: Warehouse, written: str, amount: Decimal) -> None:
    assert one_payment(warehouse, written, "{column: n, number: {thousands: ',', decimal: '.'}}") == amount


@pytest.mark.parametrize("written", ["1,2", "12abc", "1.2.3", "1.234,5"])
def test_money_that_could_mean_two_things_is_quarantined(warehouse: Warehouse, written: str) -> None:
    found = one_payment(warehouse, f"'{written}'", "{column: n, number: {thousands: ',', decimal: '.'}}")
    assert found == (written, "a number with thousands ',' and decimal '.'")


def test_decimal_comma_is_a_setting(warehouse: Warehouse) -> None:
    assert one_payment(warehouse, "'€ 1.234,5'", "{column: n, number: {thousands: '.', decimal: ','}}") == Decimal(
        "1234.5"
    )


def test_expression_that_fails_for_one_record_quarantines_only_that_one(warehouse: Warehouse) -> None:
    warehouse.raw("paid", "n varchar", "('2', 'a', 1, false, 'l'), ('x', 'b', 1, false, 'l')")
    warehouse.map(
        "payment: {from: paid, columns: {status: {const: posted}, amount: {sql: 'cast(n as integer) * 1.5'}}}"
    )

    assert warehouse.rows("select source_key, amount from landing.mapped__payment") == [("a", Decimal("3.000000"))]
    assert warehouse.rows("select source_key, column_name, expected from landing.mapped__quarantine") == [
        ("b", "amount", "an expression that can be evaluated: cast(n as integer) * 1.5")
    ]


def test_condition_that_fails_for_one_record_quarantines_it(warehouse: Warehouse) -> None:
    warehouse.raw("paid", "n varchar", "('2', 'a', 1, false, 'l'), ('x', 'b', 1, false, 'l')")
    warehouse.map(
        "payment: {from: paid, where: 'cast(n as integer) > 1', columns: {status: {const: posted}, amount: n}}"
    )

    assert warehouse.rows("select source_key from landing.mapped__payment") == [("a",)]
    found = warehouse.rows(
        "select source_key, column_name, raw_value from landing.mapped__quarantine where column_name = '(where)'"
    )
    assert found == [("b", "(where)", "cast(n as integer) > 1")]


def test_required_value_that_is_blank_is_quarantined(warehouse: Warehouse) -> None:
    warehouse.raw(
        "people", "name varchar", "('Ann', 'a', 1, false, 'l'), ('  ', 'b', 1, false, 'l'), (null, 'c', 1, false, 'l')"
    )
    warehouse.map("employee: {from: people, columns: {employee_name: name}}")

    assert warehouse.rows("select source_key from landing.mapped__employee") == [("a",)]
    assert warehouse.rows("select source_key, column_name, expected from landing.mapped__quarantine order by 1") == [
        ("b", "employee_name", "a value"),
        ("c", "employee_name", "a value"),
    ]


def test_record_without_a_key_is_quarantined(warehouse: Warehouse) -> None:
    warehouse.raw("people", "name varchar", "('Ann', '', 1, false, 'l')")
    warehouse.map("employee: {from: people, columns: {employee_name: name}}")

    assert warehouse.rows("select column_name, expected from landing.mapped__quarantine") == [("source_key", "a value")]


def test_value_map_may_keep_or_default_what_it_does_not_list(warehouse: Warehouse) -> None:
    rows = ", ".join(
        f"({value}, '{key}', 1, false, 'l')"
        for key, value in zip("abcd", ["'GTXPro'", "'MG'", "'-'", "null"], strict=True)
    )
    warehouse.raw("goods", "name varchar", rows)
    warehouse.map("""
product:
  from: goods
  columns:
    product_name: {column: name, values: {GTXPro: GTX Pro}, others: keep, default: unknown}
    product_code: {column: name, values: {GTXPro: P1, "-": null}, default: other}
    category: {column: name, values: {GTXPro: A}, default: null}
""")
    found = warehouse.rows(
        "select product_name, product_code, category from landing.mapped__product order by source_key"
    )
    assert found == [("GTX Pro", "P1", "A"), ("MG", "other", None), ("-", None, None), ("unknown", "other", None)]
    assert warehouse.rows("select * from landing.mapped__quarantine") == []


def test_yaml_words_in_a_value_map_mean_their_text(warehouse: Warehouse) -> None:
    warehouse.raw("t", "flag boolean, code integer", "(true, 1, 'a', 1, false, 'l'), (false, 2, 'b', 1, false, 'l')")
    warehouse.map("""
service_case:
  from: t
  columns:
    status: {column: flag, values: {true: closed, false: open}}
    priority: {column: code, values: {1: high, 2: low}}
    opened_at: {const: 2025-01-01}
""")
    found = warehouse.rows("select status, priority from landing.mapped__service_case order by source_key")
    assert found == [("closed", "high"), ("open", "low")]


@pytest.mark.parametrize(
    ("kind", "value", "day"),
    [
        ("varchar", "'2025-01-31'", "2025-01-31"),
        ("varchar", "'2025-01-31T23:30:00'", "2025-01-31"),
        ("varchar", "'2025-01-31T23:30:00Z'", "2025-02-01"),
        ("varchar", "'2025-01-31 20:00:00+08:00'", "2025-01-31"),
        ("timestamptz", "'2025-01-31 23:30:00+00'", "2025-02-01"),
        ("timestamp", "'2025-01-31 23:30:00'", "2025-01-31"),
        ("date", "'2025-01-31'", "2025-01-31"),
    ],
)
def test_day_of_a_moment_is_the_day_in_the_company(warehouse: Warehouse, kind: str, value: str, day: str) -> None:
    warehouse.raw("visits", f"happened {kind}", f"({value}, 'a', 1, false, 'l')")
    warehouse.map(VISITS)
    assert [str(row[0]) for row in warehouse.rows("select activity_date from landing.mapped__activity")] == [day]


@pytest.mark.parametrize(
    ("kind", "value", "moment"),
    [
        ("varchar", "'2025-01-31 10:00:00'", "2025-01-31 02:00:00"),
        ("varchar", "'2025-01-31T10:00:00Z'", "2025-01-31 10:00:00"),
        ("timestamptz", "'2025-01-31 10:00:00+00'", "2025-01-31 10:00:00"),
    ],
)
def test_moments_are_utc_and_times_without_zone_are_the_companys(
    warehouse: Warehouse, kind: str, value: str, moment: str
) -> None:
    warehouse.raw("cases", f"happened {kind}", f"({value}, 'a', 1, false, 'l')")
    warehouse.map("service_case: {from: cases, columns: {status: {const: open}, opened_at: happened}}")
    assert [str(row[0]) for row in warehouse.rows("select opened_at from landing.mapped__service_case")] == [moment]


@pytest.mark.parametrize("value", ["infinity", "31/01/2025", "45688", "2025-02-30"])
def test_what_is_no_date_is_quarantined(warehouse: Warehouse, value: str) -> None:
    warehouse.raw("visits", "happened varchar", f"('{value}', 'a', 1, false, 'l')")
    warehouse.map(VISITS)
    assert warehouse.rows("select raw_value, expected from landing.mapped__quarantine") == [
        (value, "a date (YYYY-MM-DD)")
    ]


def test_half_a_line_number_is_no_integer(warehouse: Warehouse) -> None:
    warehouse.raw("lines", "pos varchar", "('2.0', 'a', 1, false, 'l'), ('2.5', 'b', 1, false, 'l')")
    warehouse.map(
        "sales_order_line: {from: lines, columns: {order_key: {const: o}, net_amount: {const: 1}, line_number: pos}}"
    )
    assert warehouse.rows("select source_key, line_number from landing.mapped__sales_order_line") == [("a", 2)]
    assert warehouse.rows("select source_key, raw_value from landing.mapped__quarantine") == [("b", "2.5")]


def test_exact_number_of_a_database_reads_short_as_a_key(warehouse: Warehouse) -> None:
    warehouse.raw("people", "id decimal(38, 12), name varchar", "(100, 'Ann', '100.000000000000', 1, false, 'l')")
    warehouse.map("employee: {from: people, columns: {source_key: id, employee_name: name}}")
    assert warehouse.rows("select source_key from landing.mapped__employee") == [("100",)]


ORG = """
org_unit:
  - query: select distinct region from people
    columns:
      source_key: {sql: "'region:' || region"}
      unit_name: region
      valid_from: {const: 2020-01-01}
      valid_to: {const: 9999-12-31}
  - from: people
    columns:
      source_key: {sql: "'post:' || id"}
      unit_name: {sql: "(select max(region) from people as other where other.region = people.region)"}
      parent_unit_key: {sql: "'region:' || region"}
      valid_from: {const: 2020-01-01}
      valid_to: {const: 9999-12-31}
"""


def test_several_rules_and_queries_fill_one_entity(warehouse: Warehouse) -> None:
    rows = "(1, 'East', '1', 1, false, 'l1'), (2, 'East', '2', 1, false, 'l2'), (3, 'West', '3', 1, true, 'l3')"
    warehouse.raw("people", "id integer, region varchar", rows)
    warehouse.map(ORG)

    found = warehouse.rows(
        "select source_key, unit_name, parent_unit_key, load_id from landing.mapped__org_unit "
        "where not is_deleted order by 1"
    )
    assert found == [
        ("post:1", "East", "region:East", "l1"),
        ("post:2", "East", "region:East", "l2"),
        ("region:East", "East", None, "l2"),
    ]
    assert warehouse.rows("select rule, fate, records from landing.mapped__fate order by 1, 2") == [
        (0, "mapped", 1),
        (1, "deleted", 1),
        (1, "mapped", 2),
    ]


def test_every_entity_has_a_relation_even_when_nobody_maps_it(warehouse: Warehouse) -> None:
    create_mapped_views(warehouse.con, [])
    for name, entity in entities().items():
        described = warehouse.rows(f"describe landing.mapped__{name}")
        assert [row[0] for row in described] == [*(column.name for column in entity.columns), "is_deleted"]
        assert warehouse.rows(f"select count(*) from landing.mapped__{name}") == [(0,)]
    assert warehouse.rows("select * from landing.mapped__quarantine") == []


def test_mapped_columns_have_the_types_of_the_contract(warehouse: Warehouse) -> None:
    put_deals(warehouse, deal("a", "Won", "1"))
    warehouse.map(DEALS)
    types = {row[0]: row[1].lower() for row in warehouse.rows("describe landing.mapped__opportunity")}
    expected = {column.name: column.data_type.replace(", ", ",") for column in entities()["opportunity"].columns}
    assert {name: kind.replace(", ", ",") for name, kind in types.items()} == {**expected, "is_deleted": "boolean"}


def test_rule_over_a_stream_that_has_not_landed_gives_no_rows(warehouse: Warehouse) -> None:
    warehouse.map(DEALS)
    assert warehouse.rows("select count(*) from landing.mapped__opportunity") == [(0,)]


def test_unknown_landed_column_names_file_and_place(warehouse: Warehouse) -> None:
    put_deals(warehouse, deal("a", "Won", "1"))
    with pytest.raises(MappingError) as error:
        warehouse.map(DEALS.replace("amount: value", "amount: valeu"))
    text = str(error.value)
    assert text.startswith("sources/crm.yaml: mapping.opportunity.columns.amount: ")
    assert '"valeu"' in text and "value" in text.split("valeu", 1)[1]


def test_wrong_sql_names_its_place_in_a_list_of_rules(warehouse: Warehouse) -> None:
    warehouse.raw("people", "id integer, region varchar", "(1, 'East', '1', 1, false, 'l1')")
    with pytest.raises(MappingError, match=r"sources/crm.yaml: mapping.org_unit\[1\].columns.parent_unit_key: "):
        warehouse.map(
            ORG.replace("parent_unit_key: {sql: \"'region:' || region\"}", "parent_unit_key: {sql: \"'region:' ||\"}")
        )


def problems(text: str) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(ValidationError) as error:
        Mapping.model_validate(yaml.safe_load(text))
    return [(item["loc"], item["msg"]) for item in error.value.errors()]


def test_unknown_entity_offers_the_nearest() -> None:
    assert problems("opportunty: {from: a, columns: {}}") == [
        (("opportunty",), "there is no canonical entity 'opportunty'; did you mean opportunity or org_unit?")
    ]


def test_unknown_column_offers_the_nearest_and_names_the_place() -> None:
    found = problems("opportunity: [{from: a, columns: {status: b, amout: c}}]")
    assert found == [
        (("opportunity", 0, "columns", "amout"), "opportunity has no column 'amout'; did you mean amount?")
    ]


def test_required_column_must_be_mapped() -> None:
    found = problems("opportunity: {query: select 1 from a, columns: {amount: b}}")
    assert found == [
        (
            ("opportunity", "columns"),
            "opportunity.source_key is required (The record's own key at the source, as text); say where it comes from",
        ),
        (("opportunity", "columns"), "opportunity.status is required (open, won or lost); say where it comes from"),
    ]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{column: a, sql: b}", "give exactly one of column, sql and const, not column and sql"),
        ("{values: {a: b}}", "give exactly one of column, sql and const, not none"),
        ("{const: a, values: {a: b}}", "a const takes no values, default, format or number"),
    ],
)
def test_column_rule_has_one_origin(rule: str, message: str) -> None:
    assert message in problems(f"opportunity: {{from: a, columns: {{status: {rule}}}}}")[0][1]


def test_stream_the_source_does_not_have_is_named() -> None:
    mapping = Mapping.model_validate(yaml.safe_load(DEALS))
    assert mapping.stream_problems(["deal", "accounts"]) == [
        "mapping.opportunity.from: there is no stream 'deals'; did you mean deal?"
    ]
    assert mapping.stream_problems(["deals"]) == []


def test_every_landed_version_of_a_versioned_entity_is_mapped(warehouse: Warehouse) -> None:
    warehouse.raw(
        "posts",
        "who varchar, unit varchar, share varchar, kind varchar",
        "('E1', 'N', '1', 'real', 'a', 1, false, 'l1'), ('E1', 'S', '0,5', 'real', 'a', 2, false, 'l2'), "
        "('E1', 'S', '0.5', 'test', 'a', 3, false, 'l3'), ('E1', 'S', '0.5', 'real', 'a', 4, false, 'l4'), "
        "('E1', 'S', '0.5', 'real', 'a', 5, true, 'l5')",
    )
    warehouse.map(
        """
        assignment:
          - from: posts
            where: kind <> 'test'
            columns:
              employee_key: who
              unit_key: unit
              time_share: share
              is_primary: {const: true}
              valid_from: {const: 2025-01-01}
              valid_to: {const: 9999-12-31}
          - query: select distinct unit from posts
            columns:
              source_key: unit
              employee_key: unit
              unit_key: unit
              is_primary: {const: false}
              valid_from: {const: 2025-01-01}
              valid_to: {const: 9999-12-31}
        """
    )

    # not usable, outside the rule and deleted: from then on there is no such record. A query has no versions.
    assert warehouse.rows(
        "select record_key, version_seq, load_id, source_key, unit_key, time_share, is_deleted "
        "from landing.mapped_version__assignment order by 2"
    ) == [
        ("0:posts:a", 1, "l1", "a", "N", Decimal(1), False),
        ("0:posts:a", 2, "l2", "a", "S", None, True),
        ("0:posts:a", 3, "l3", "a", "S", Decimal("0.5"), True),
        ("0:posts:a", 4, "l4", "a", "S", Decimal("0.5"), False),
        ("0:posts:a", 5, "l5", "a", "S", Decimal("0.5"), True),
    ]
    assert warehouse.rows("select count(*) from landing.mapped_version__org_unit") == [(0,)]
