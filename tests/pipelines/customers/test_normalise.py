"""Normalisation of whole records: what is given back, that it hangs on the record alone, that every change is told."""

import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.customers.normalise import EVIDENCE, NORMALISED, normalise

SIEMENS = {
    "source_system": "erp",
    "source_key": "7",
    "customer_name": "西门子（中国）有限公司",
    "tax_id": "91110000600037341l",
    "email": "Sales@Siemens.com.cn",
    "phone": "010-64768888-8001",
    "street": "北京市朝阳区望京中环南路7号",
}


def table(*records: dict[str, str | None]) -> pa.Table:
    columns = ("source_system", "source_key", *EVIDENCE)
    return pa.table({column: pa.array([record.get(column) for record in records], pa.string()) for column in columns})


def one(**evidence: str | None) -> dict:
    return normalise(table({"source_system": "s", "source_key": "1", **evidence})).to_pylist()[0]


def test_a_record_is_normalised_in_every_field():
    record = normalise(table(SIEMENS)).to_pylist()[0]
    expected = {
        "record_id": "erp:7",
        "party_type": "organisation",
        "name_text": "西门子中国有限公司",
        "name_core": "西门子",
        "name_latin": "siemens",
        "name_region": "CN",
        "legal_form": "limited",
        "tax_id": "91110000600037341L",
        "tax_id_kind": "uscc",
        "tax_id_valid": True,
        "email_domain": "siemens.com.cn",
        "phone": "+861064768888",
        "phone_extension": "8001",
        "street_number": "7",
        "street_tokens": ["7", "望京中环南路"],
        "district": "朝阳",
        "city": "北京",
        "province": "北京",
        "country": "CN",
    }
    assert {column: record[column] for column in expected} == expected


def test_the_result_has_the_promised_schema_and_is_ordered_by_record():
    result = normalise(table({"source_system": "b", "source_key": "1"}, {"source_system": "a", "source_key": "2"}))
    assert result.schema == NORMALISED
    assert result.column("record_id").to_pylist() == ["a:2", "b:1"]


def test_no_records_give_an_empty_table():
    assert normalise(table()).schema == NORMALISED


def test_columns_a_source_lacks_count_as_empty():
    record = normalise(pa.table({"source_system": ["a"], "source_key": ["1"]})).to_pylist()[0]
    assert record["name_text"] is None
    assert record["steps"] == "[]"


def test_a_record_without_key_is_refused():
    with pytest.raises(ValueError, match="1 rows without source_key"):
        normalise(table({"source_system": "a", "source_key": None}))


def test_steps_tell_what_changed_a_name():
    steps = json.loads(one(customer_name="Acme Intl. GmbH")["steps"])
    assert steps == [
        {"field": "customer_name", "step": "fold", "from": "Acme Intl. GmbH", "to": "acme intl. gmbh"},
        {"field": "customer_name", "step": "signs", "from": "acme intl. gmbh", "to": "acme intl gmbh"},
        {"field": "customer_name", "step": "legal_form", "from": "acme intl gmbh", "to": "acme intl"},
        {"field": "customer_name", "step": "words", "from": "acme intl", "to": "acme international"},
    ]


def test_a_value_already_normal_leaves_no_step():
    assert one(party_type="organisation", customer_name="acme", city="paris")["steps"] == "[]"


def test_the_hash_changes_with_the_evidence_and_only_with_it():
    first, again, other = one(customer_name="acme"), one(customer_name="acme "), one(customer_name="acma")
    assert first["evidence_hash"] == again["evidence_hash"] != other["evidence_hash"]


@pytest.mark.parametrize(
    ("evidence", "kind"),
    [
        ({"customer_name": "张三"}, "person"),
        ({"customer_name": "欧阳娜娜"}, "person"),
        ({"customer_name": "招商银行"}, "organisation"),
        ({"customer_name": "华为"}, "organisation"),
        ({"customer_name": "金山软件"}, "organisation"),
        ({"customer_name": "王伟", "website": "wangwei.com"}, "organisation"),
        ({"customer_name": "Anna Neumann"}, "organisation"),
        ({"customer_name": "Frau Anna Neumann"}, "person"),
        ({"customer_name": "anna neumann", "birth_date": "19560409"}, "person"),
        ({"given_name": "anna"}, "person"),
        ({"customer_name": "张三", "party_type": "organisation"}, "organisation"),
        ({"customer_name": "Acme Ltd", "party_type": "?"}, "organisation"),
    ],
)
def test_a_missing_party_type_is_decided_by_the_evidence(evidence, kind):
    assert one(**evidence)["party_type"] == kind


TEXT = st.one_of(
    st.none(), st.text(max_size=30), st.sampled_from(["（上海）有限公司", "The Co & Inc", "A.S.", "转8001", "()"])
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(EVIDENCE, TEXT)), min_size=1, max_size=3))
def test_any_text_is_read_and_a_row_hangs_on_its_own_record_alone(records):
    keyed = [{"source_system": "s", "source_key": str(key), **record} for key, record in enumerate(records)]
    together = normalise(table(*keyed)).to_pylist()
    alone = [normalise(table(record)).to_pylist()[0] for record in reversed(keyed)]
    assert together == sorted(alone, key=lambda record: record["record_id"])


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=40))
def test_a_name_with_letters_is_never_emptied(name):
    record = one(customer_name=name, party_type="organisation")
    assert (record["name_core"] is None) == (record["name_text"] is None)
    assert record["name_core"] is None or (record["name_core"] and record["name_compact"])


def test_an_identity_number_of_an_unknown_county_is_read():
    assert one(customer_name="Alex", tax_id="110001199001011231")["party_type"] == "person"
