"""The customer register: deterministic, of the stated shares, and with a truth that its own records bear out."""

from collections import Counter, defaultdict

import pyarrow as pa
import pytest

from connectors.sandbox import names
from connectors.sandbox.customers import SCHEMA, register

SIZE = 20_000
Row = dict[str, str | None]


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return register(SIZE)


@pytest.fixture(scope="module")
def rows(table: pa.Table) -> list[Row]:
    return table.to_pylist()


@pytest.fixture(scope="module")
def customers(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["true_key"]].append(row)
    return found


def test_it_has_the_raw_columns_of_a_customer_record_and_the_truth(table):
    assert table.column_names == [
        "source_system", "source_key", "party_type", "customer_name", "given_name", "family_name", "other_names",
        "birth_date", "tax_id", "registry_id", "email", "phone", "website", "street", "postal_code", "district", "city",
        "province", "country", "parent_record_key", "true_key", "true_parent",
    ]  # fmt: skip
    assert table.schema == SCHEMA
    assert table.num_rows == SIZE


def test_the_same_seed_gives_the_same_records_and_another_one_others():
    assert register(500).equals(register(500))
    assert not register(500, seed=1).equals(register(500))


def test_a_smaller_register_is_the_beginning_of_a_larger_one(table):
    assert register(1_000).combine_chunks().equals(table.slice(0, 1_000).combine_chunks())


def test_no_records_are_an_empty_register_and_fewer_are_an_error():
    assert register(0).num_rows == 0
    with pytest.raises(ValueError, match="records is -1: a register has 0 or more"):
        register(-1)


def test_keys_are_unique_within_a_system(rows):
    assert len({(row["source_system"], row["source_key"]) for row in rows}) == SIZE
    assert {row["source_system"] for row in rows} == {"erp", "crm", "service", "webshop", "finance"}


def test_three_records_of_ten_repeat_another_one(customers):
    assert 0.28 < 1 - len(customers) / SIZE < 0.32


def test_some_customers_are_in_all_systems_and_some_twice_in_one(customers):
    systems = [Counter(row["source_system"] for row in found) for found in customers.values()]
    assert sum(len(found) == 5 for found in systems) > 100
    assert sum(max(found.values()) > 1 for found in systems) > 300


def test_a_quarter_of_the_records_are_of_persons(rows):
    typed = Counter(row["party_type"] for row in rows)
    assert 0.21 < typed["person"] / (typed["person"] + typed["organisation"]) < 0.30


def test_fields_are_missing_as_each_system_misses_them(rows):
    filled = {
        (system, field): sum(row[field] is not None for row in rows if row["source_system"] == system)
        / sum(row["source_system"] == system for row in rows)
        for system in ("finance", "service", "webshop")
        for field in ("tax_id", "email", "phone")
    }
    assert filled["finance", "tax_id"] > 0.65
    assert filled["service", "tax_id"] < 0.12
    assert filled["webshop", "email"] > 0.9
    assert filled["finance", "email"] < 0.45
    assert filled["service", "phone"] > 0.9


def test_credit_codes_have_right_check_characters_but_for_typing_errors(rows):
    codes = [code for row in rows if (code := (row["tax_id"] or "").upper().replace(" ", "")).startswith("91")]
    codes = [code for code in codes if len(code) == 18]
    right = sum(names.uniform_check_character(code[:17]) == code[17] for code in codes)
    assert len(codes) > 3_000
    assert 0.96 < right / len(codes) < 0.995


def test_a_phone_of_an_agent_is_given_by_many_firms(rows):
    firms = defaultdict(set)
    for row in rows:
        digits = "".join(sign for sign in row["phone"] or "" if sign in "0123456789")
        if row["party_type"] != "person" and digits.startswith("0") and len(digits) in (11, 12):
            firms[digits].add(row["true_key"])
    assert max(len(keys) for keys in firms.values()) > 20


def test_an_agents_tax_id_is_given_by_a_few_firms(rows):
    firms = defaultdict(set)
    for row in rows:
        if (row["tax_id"] or "").startswith("91"):
            firms[row["tax_id"]].add(row["true_key"])
    assert 2 <= max(len(keys) for keys in firms.values()) < 20


def test_placeholders_stand_where_clerks_had_to_type_something(rows):
    assert {"000000", "N/A", "无"} <= {row["tax_id"] for row in rows}
    assert {"13800000000"} <= {row["phone"] for row in rows}
    assert {"test@test.com"} <= {row["email"] for row in rows}


def test_branches_are_customers_of_their_own_and_name_their_head_office(rows, customers):
    branches = [row for row in rows if (row["customer_name"] or "").endswith("分公司")]
    assert len(branches) > 300
    assert all(row["true_parent"] not in (None, row["true_key"]) for row in branches)
    heads = {row["true_parent"] for row in branches} & customers.keys()
    assert all(customers[head][0]["true_parent"] is None for head in heads)


def test_a_recorded_parent_is_a_record_of_the_true_parent_in_the_same_system(rows):
    key_of = {(row["source_system"], row["source_key"]): row["true_key"] for row in rows}
    named = [row for row in rows if row["parent_record_key"]]
    assert len(named) > 100
    assert all(key_of[row["source_system"], row["parent_record_key"]] == row["true_parent"] for row in named)


def test_people_of_one_household_share_a_phone_and_are_different_customers(rows):
    lines = defaultdict(set)
    for row in rows:
        digits = "".join(sign for sign in row["phone"] or "" if sign in "0123456789")
        if row["party_type"] == "person" and len(digits) > 9:
            lines[digits].add(row["true_key"])
    assert sum(1 < len(people) < 6 for people in lines.values()) > 20


def test_two_registered_firms_never_carry_one_credit_code_unless_it_is_a_shared_one(rows):
    keys = defaultdict(set)
    for row in rows:
        code = (row["tax_id"] or "").upper().replace(" ", "")
        if len(code) == 18 and code.startswith("91"):
            keys[code].add(row["true_key"])
    assert sum(len(found) > 1 for found in keys.values()) / len(keys) < 0.01


def test_a_customer_of_several_records_looks_like_this(customers):
    shown = [(row["source_system"], row["customer_name"], row["tax_id"], row["phone"]) for row in customers["T0000032"]]
    assert shown == [
        ("crm", "威驰塑料", None, "+86 186 8914 0525"),
        ("finance", "杭州威驰塑料制品有限公司", "91330100MANPYEQX0K", "0571-89409070"),
        ("erp", "杭州威驰塑料制品有限公司", "91330100MANPYEQX0K", None),
        ("webshop", "杭州威驰", None, "18689140525"),
        ("service", "杭州威驰塑料制品", None, "057189409070"),
        ("finance", "杭州威驰塑料制品有限公司", "91330100MANPYEQX0K", None),
    ]


def test_a_person_in_four_systems_looks_like_this(customers):
    shown = [(row["source_system"], row["customer_name"], row["birth_date"]) for row in customers["T0000057"]]
    assert shown == [
        ("crm", "周睿博", "1977/8/22"),
        ("erp", "周睿博", "1977-08-22"),
        ("webshop", "周睿博", "1977-08-22"),
        ("service", "周睿博", None),
    ]


@pytest.mark.slow
def test_a_million_records_fit_in_memory_and_keep_the_share():
    table = register(1_000_000)
    keys = table.column("true_key")
    assert 0.299 < 1 - len(keys.unique()) / table.num_rows < 0.302
