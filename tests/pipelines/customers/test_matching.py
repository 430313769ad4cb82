"""Training and scoring: what is learnt, what a pair's score depends on, and what it never depends on."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.customers.matching import Model, Reason, describe, score, train
from pipelines.customers.matching.functions import define_functions
from pipelines.customers.normalise import EVIDENCE, normalise
from pipelines.customers.settings import PartySettings, load_settings

Record = dict[str, str | None]

FAMILY_NAMES = [
    "smith",
    "nguyen",
    "kowalski",
    "tanaka",
    "okafor",
    "rossi",
    "lindqvist",
    "herrera",
    "baptiste",
    "yilmaz",
]
GIVEN_NAMES = [
    "mary",
    "james",
    "priya",
    "oskar",
    "lucia",
    "kwame",
    "ingrid",
    "mateo",
    "aisha",
    "viktor",
    "noor",
    "hugo",
]
STREETS = ["pinkerton circuit", "wallaby place", "mill lane", "salkauskas crescent", "harbour road", "elm grove"]
CITIES = [
    ("cleveland", "2119"),
    ("dapto", "4566"),
    ("marsden", "3165"),
    ("winston hills", "4223"),
    ("utakarra", "2193"),
]


HOME_LINE: Record = {"city": "dapto", "phone": "+61412345678"}


def a_person(source_key: str, **evidence: str | None) -> Record:
    return {"source_system": "crm", "source_key": source_key, "party_type": "person", **evidence}


def people(count: int, seed: int = 1) -> list[Record]:
    """`count` persons, every third one with a second record that has one typing error."""
    chance = random.Random(seed)
    found: list[Record] = []
    for number in range(count):
        city, postcode = chance.choice(CITIES)
        one = a_person(
            f"{number}-a",
            customer_name=f"{chance.choice(GIVEN_NAMES)} {chance.choice(FAMILY_NAMES)}",
            birth_date=f"{chance.randint(1930, 2005)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}",
            street=f"{chance.randint(1, 200)} {chance.choice(STREETS)}",
            city=city,
            postal_code=postcode,
            phone=f"+6141{chance.randint(1000000, 9999999)}",
        )
        found.append(one)
        if number % 3 == 0:
            field = chance.choice(["customer_name", "street", "city"])
            text = str(one[field])
            place = chance.randrange(1, len(text))
            found.append({**one, "source_key": f"{number}-b", field: text[:place] + "x" + text[place:]})
    return found


def raw_table(records: Iterable[Record]) -> pa.Table:
    rows = list(records)
    columns = ["source_system", "source_key", *EVIDENCE]
    return pa.table({column: pa.array([row.get(column) for row in rows], pa.string()) for column in columns})


def connection(records: Iterable[Record], threads: int = 2) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"threads": threads})
    con.register("incoming", normalise(raw_table(records)))
    con.execute("create table records as select * from incoming")
    return con


def rows(con: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str, float, float, str]]:
    return con.execute(f"select * from {table}").fetchall()


def probabilities(con: duckdb.DuckDBPyConnection, table: str = "scored") -> dict[tuple[str, str], float]:
    found = con.execute(f"select record_id_l, record_id_r, match_probability from {table}").fetchall()
    return {(left, right): probability for left, right, probability in found}


@pytest.fixture(scope="module")
def person() -> PartySettings:
    return load_settings().person


@pytest.fixture(scope="module")
def trained(person: PartySettings) -> Iterator[tuple[duckdb.DuckDBPyConnection, Model]]:
    con = connection(people(300))
    model = train(con, "records", person)
    score(con, "records", model, "scored")
    yield con, model
    con.close()


def test_second_records_with_a_typing_error_are_found_and_nobody_else(
    trained: tuple[duckdb.DuckDBPyConnection, Model], person: PartySettings
) -> None:
    con, _ = trained
    same = {pair for pair, probability in probabilities(con).items() if probability >= person.thresholds.same}
    assert same == {(f"crm:{number}-a", f"crm:{number}-b") for number in range(0, 300, 3)}


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_neither_order_nor_threads_change_a_byte(
    trained: tuple[duckdb.DuckDBPyConnection, Model], person: PartySettings, threads: int
) -> None:
    con, model = trained
    shuffled = people(300)
    random.Random(threads).shuffle(shuffled)
    other = connection(shuffled, threads)
    again = train(other, "records", person)
    score(other, "records", again, "scored")
    assert again.to_json() == model.to_json()
    assert rows(other, "scored") == rows(con, "scored")


def test_a_model_scores_a_pair_the_same_whatever_other_records_exist(
    trained: tuple[duckdb.DuckDBPyConnection, Model],
) -> None:
    con, model = trained
    fewer = connection(people(300)[:100])
    score(fewer, "records", model, "scored")
    kept = {record for (record,) in fewer.execute("select record_id from records").fetchall()}
    assert rows(fewer, "scored") == [row for row in rows(con, "scored") if {row[0], row[1]} <= kept]


def test_scoring_changed_records_gives_the_rows_of_scoring_all(
    trained: tuple[duckdb.DuckDBPyConnection, Model],
) -> None:
    con, model = trained
    con.execute("create or replace table changed as select record_id from records using sample 20 rows (reservoir, 7)")
    score(con, "records", model, "scored_changed", changed="changed")
    changed = {record for (record,) in con.execute("select record_id from changed").fetchall()}
    assert rows(con, "scored_changed") == [row for row in rows(con, "scored") if {row[0], row[1]} & changed]


def test_nothing_changed_scores_nothing(trained: tuple[duckdb.DuckDBPyConnection, Model]) -> None:
    con, model = trained
    con.execute("create or replace table none_changed (record_id varchar)")
    score(con, "records", model, "scored_none", changed="none_changed")
    assert rows(con, "scored_none") == []


def test_a_model_survives_its_json(trained: tuple[duckdb.DuckDBPyConnection, Model]) -> None:
    con, model = trained
    restored = Model.from_json(model.to_json())
    assert restored == model
    score(con, "records", restored, "scored_restored")
    assert rows(con, "scored_restored") == rows(con, "scored")


def test_a_model_serves_until_settings_change_or_records_double(
    trained: tuple[duckdb.DuckDBPyConnection, Model], person: PartySettings
) -> None:
    _, model = trained
    assert model.records == 400
    assert not model.needs_training(person.hash, 401)
    assert not model.needs_training(person.hash, 800)
    assert model.needs_training(person.hash, 801)
    assert model.needs_training(person.hash, 199)
    assert model.needs_training("other", 400)


def test_reasons_add_up_to_the_match_weight(trained: tuple[duckdb.DuckDBPyConnection, Model]) -> None:
    con, model = trained
    for pair in con.sql("select * from scored").to_arrow_table().to_pylist():
        reasons = describe(model, pair)
        assert sum(reason.weight for reason in reasons) == pytest.approx(pair["match_weight"], abs=1e-6)
        assert reasons[0].comparison == "start"
        assert reasons[0].weight == pytest.approx(model.prior_weight, abs=1e-5)


MARY: Record = {"customer_name": "mary kowalski", **HOME_LINE}
M: Record = {"customer_name": "m kowalski", **HOME_LINE}


def limits(model: Model, one: Record, other: Record) -> tuple[float, list[Reason]]:
    """Probability of the pair, and its reasons that the probability was limited."""
    con = connection([a_person("1", **one), a_person("2", **other)])
    score(con, "records", model, "scored")
    pairs = con.sql("select * from scored").to_arrow_table().to_pylist()
    reasons = describe(model, pairs[0])
    assert sum(reason.weight for reason in reasons) == pytest.approx(pairs[0]["match_weight"], abs=1e-6)
    assert all(round(reason.weight, 2) != 0 for reason in reasons if reason.comparison == "joint")
    return pairs[0]["match_probability"], [reason for reason in reasons if reason.comparison == "limit"]


def test_a_limited_pair_says_so_in_a_row_of_its_own(with_limit: Model) -> None:
    probability, told = limits(with_limit, MARY, M)
    assert probability == 0.1
    assert [(reason.zh, reason.en) for reason in told] == [
        (
            "最高10%，因为：只有名的首字母相符，又没有属于本人的相同信息，也可能是家人",
            "limited to 10% because: an initial fits and nothing is a person's own: relatives have it, too",
        )
    ]
    assert told[0].weight < 0


def test_what_is_a_persons_own_lifts_the_limit(with_limit: Model) -> None:
    own: Record = {"email": "kowalski70@example.com"}
    probability, told = limits(with_limit, {**MARY, **own}, {**M, **own})
    assert probability > 0.1
    assert told == []


@pytest.fixture
def with_limit(trained: tuple[duckdb.DuckDBPyConnection, Model]) -> Model:
    """The trained model with a low ceiling for names of which one is an initial."""
    _, model = trained
    person = model.settings
    joint = [
        one.model_copy(update={"at_most": 0.1 if one.name == "initial" else one.at_most}).model_dump()
        for one in person.joint
    ]
    return replace(model, settings=PartySettings.model_validate({**person.model_dump(), "joint": joint}))


def test_reasons_speak_in_both_languages(trained: tuple[duckdb.DuckDBPyConnection, Model]) -> None:
    con, model = trained
    pair = con.sql("select * from scored where record_id_l = 'crm:0-a'").to_arrow_table().to_pylist()[0]
    told = {reason.comparison: (reason.comparison_zh, reason.zh, reason.en) for reason in describe(model, pair)}
    assert told["birth_date"] == ("出生日期", "出生日期相同", "same birth date")
    assert "email" not in told


def test_pairs_are_stored_once_in_order(
    trained: tuple[duckdb.DuckDBPyConnection, Model], person: PartySettings
) -> None:
    con, _ = trained
    found = rows(con, "scored")
    assert [row[:2] for row in found] == sorted({row[:2] for row in found})
    assert all(left < right for left, right, *_ in found)
    assert min(row[3] for row in found) >= person.thresholds.keep


def score_with(model: Model, *records: Record) -> dict[tuple[str, str], float]:
    con = connection(records)
    score(con, "records", model, "scored")
    return probabilities(con)


HOME: Record = {
    "street": "12 pinkerton circuit",
    "city": "dapto",
    "postal_code": "4566",
    "phone": "+61412345678",
}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"customer_name": "mary kowalski", "birth_date": "19700102"},
            {"customer_name": "james kowalski", "birth_date": "19680730"},
        ),
        ({"customer_name": "mary kowalski"}, {"customer_name": "james kowalski"}),
        (
            {"customer_name": "mary kowalski", "birth_date": "19700102"},
            {"customer_name": "james rossi", "birth_date": "19680730"},
        ),
        (
            {"customer_name": "oskar kowalski", "birth_date": "20010509"},
            {"customer_name": "lucia kowalski", "birth_date": "20010509"},
        ),
    ],
    ids=["spouses", "spouses without birth dates", "a couple with two names", "twins"],
)
def test_people_of_one_home_stay_two(
    trained: tuple[duckdb.DuckDBPyConnection, Model], person: PartySettings, one: Record, other: Record
) -> None:
    _, model = trained
    found = score_with(model, a_person("1", **{**HOME, **one}), a_person("2", **{**HOME, **other}))
    assert found.get(("crm:1", "crm:2"), 0.0) < person.thresholds.same


@pytest.mark.parametrize(
    "change",
    [
        {"customer_name": "kowalski mary"},
        {"customer_name": "mary kovalski"},
        {"birth_date": "19700201"},
        {"birth_date": "19700103"},
        {"birth_date": None},
        {"street": "pinkerton circuit 12"},
        {"city": "daptoo", "postal_code": "4656"},
        {"phone": None, "street": None},
    ],
    ids=["swapped", "misspelt", "day and month swapped", "one digit", "no birth date", "turned", "place", "missing"],
)
def test_one_person_written_in_two_ways_stays_one(
    trained: tuple[duckdb.DuckDBPyConnection, Model], person: PartySettings, change: Record
) -> None:
    _, model = trained
    mary = {**HOME, "customer_name": "mary kowalski", "birth_date": "19700102"}
    found = score_with(model, a_person("1", **mary), a_person("2", **{**mary, **change}))
    assert found[("crm:1", "crm:2")] >= person.thresholds.same


def test_columns_for_given_and_family_name_change_nothing(trained: tuple[duckdb.DuckDBPyConnection, Model]) -> None:
    _, model = trained
    split = [
        {
            **record,
            "given_name": str(record["customer_name"]).split()[0],
            "family_name": str(record["customer_name"]).split()[1],
        }
        for record in people(30)
    ]
    con, whole = connection(split), connection(people(30))
    score(con, "records", model, "scored")
    score(whole, "records", model, "scored")
    assert probabilities(con) == pytest.approx(probabilities(whole), abs=0.01)


def test_a_chinese_name_meets_its_pinyin(
    trained: tuple[duckdb.DuckDBPyConnection, Model], person: PartySettings
) -> None:
    _, model = trained
    found = score_with(
        model,
        a_person("1", customer_name="张晓伟", phone="13812345678", birth_date="19850704"),
        a_person("2", customer_name="Zhang Xiaowei", phone="13812345678", birth_date="19850704"),
    )
    assert found[("crm:1", "crm:2")] >= person.thresholds.same


def test_without_records_the_priors_are_the_model(person: PartySettings) -> None:
    con = connection([])
    model = train(con, "records", person)
    score(con, "records", model, "scored")
    assert rows(con, "scored") == []
    assert model.records == 0
    assert model.levels["birth_date"]["same"][0] == pytest.approx(0.90, abs=0.001)


def test_records_of_another_type_are_left_alone(person: PartySettings) -> None:
    firm = {"source_system": "erp", "party_type": "organisation", "customer_name": "Mary Kowalski", **HOME}
    con = connection([a_person("1", customer_name="Mary Kowalski", **HOME), {**firm, "source_key": "9"}])
    model = train(con, "records", person)
    score(con, "records", model, "scored")
    assert rows(con, "scored") == []
    assert model.records == 1


def test_bare_company_names_match_where_they_are_equal_and_nowhere_else() -> None:
    organisation = load_settings().organisation
    first = [
        "northwind",
        "zwirner",
        "halcyon",
        "pemberton",
        "quillfeather",
        "vanterpool",
        "oakhurst",
        "brightwell",
        "castellan",
    ]
    second = [
        "timber",
        "logistics",
        "optics",
        "dairies",
        "mining",
        "insurance",
        "textiles",
        "foundry",
        "software",
        "bakeries",
    ]
    names = [f"{one} {other}" for one in first for other in second]
    firms: list[Record] = [
        {"source_system": system, "source_key": str(number), "party_type": "organisation", "customer_name": name + form}
        for number, name in enumerate(names)
        for system, form in [("erp", " Ltd"), ("crm", " limited")][: 2 if number % 3 == 0 else 1]
    ]
    con = connection(firms)
    model = train(con, "records", organisation)
    score(con, "records", model, "scored")
    same = {pair for pair, probability in probabilities(con).items() if probability >= organisation.thresholds.same}
    assert same == {(f"crm:{number}", f"erp:{number}") for number in range(0, len(names), 3)}


def test_no_table_of_the_work_is_left_behind(trained: tuple[duckdb.DuckDBPyConnection, Model]) -> None:
    con, _ = trained
    left = con.execute("select table_name from duckdb_tables() where not temporary").fetchall()
    assert not [name for (name,) in left if name.startswith(("matching_", "__splink"))]


WORDS = st.text("abcdefgh", min_size=1, max_size=6)


@pytest.fixture(scope="module")
def functions() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    define_functions(con)
    yield con
    con.close()


@settings(max_examples=40, deadline=None)
@given(one=WORDS, other=WORDS, most=st.integers(1, 3))
def test_edits_are_counted_alike_from_both_sides(
    functions: duckdb.DuckDBPyConnection, one: str, other: str, most: int
) -> None:
    ((there, back, exact),) = functions.execute(
        "select within_edits($a, $b, $n), within_edits($b, $a, $n), damerau_levenshtein($a, $b) <= $n",
        {"a": one, "b": other, "n": most},
    ).fetchall()
    assert there == back == exact


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("smith", "smyth", True), ("catherine", "katherine", True), ("philip", "filip", True), ("smith", "jones", False)],
)
def test_names_of_one_sound_share_a_key(
    functions: duckdb.DuckDBPyConnection, one: str, other: str, expected: bool
) -> None:
    ((same,),) = functions.execute("select sound_key(?) = sound_key(?)", [one, other]).fetchall()
    assert same is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("19560409", "19560904", True), ("19560409", "19560408", True), ("19560409", "19654009", False)],
)
def test_dates_with_one_slip_are_recognised(
    functions: duckdb.DuckDBPyConnection, one: str, other: str, expected: bool
) -> None:
    ((slip,),) = functions.execute("select date_typo(?, ?)", [one, other]).fetchall()
    assert slip is expected
