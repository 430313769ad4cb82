"""Scored pairs, sure keys and people's decisions become clusters that never hold what must stay apart."""

import itertools

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.customers.clusters import ClusterRules, build_clusters
from tests.pipelines.customers.matcher_tables import RULES, Pair, Said, clusters, record, write_tables

USCC = "91310000607378909W"
OTHER_USCC = "911100001000115762"


def named(*ids: str) -> list[dict[str, object]]:
    return [record(identifier) for identifier in ids]


def with_tax_id(identifier: str, name: str | None, tax_id: str = USCC, **columns: object) -> dict[str, object]:
    valid = {"tax_id_kind": "uscc", "tax_id_valid": True}
    return record(identifier, name, tax_id=tax_id, **{**valid, **columns})


def test_pairs_in_the_band_same_join_and_grey_ones_do_not() -> None:
    pairs = [("a:1", "a:2", 0.95), ("a:2", "a:3", 0.9499)]
    assert clusters(named("a:1", "a:2", "a:3"), pairs) == [["a:1", "a:2"], ["a:3"]]


def test_every_record_has_one_row_with_the_strongest_reason_that_holds_it() -> None:
    records = [
        with_tax_id("a:1", "acme"),
        with_tax_id("b:1", "acme"),
        record("c:1", "acme", registry_id="HRB123", registry_id_kind="other"),
        record("d:1", "acme", registry_id="HRB123", registry_id_kind="other"),
        record("e:1"),
        record("f:1"),
        record("g:1"),
        record("h:1"),
    ]
    pairs = [("a:1", "b:1", 0.99), ("b:1", "c:1", 0.97), ("a:1", "c:1", 0.98), ("e:1", "f:1", 0.96)]
    with duckdb.connect() as con:
        write_tables(con, records, pairs, [("same", "f:1", "g:1")])
        build_clusters(con, "records", "pairs", "decisions", RULES, "clusters", links="links")
        assert con.execute("from clusters").fetchall() == [
            ("a:1", "a:1", "a:1", "tax_id", 1.0),
            ("b:1", "a:1", "a:1", "tax_id", 1.0),
            ("c:1", "a:1", "a:1", "registry_id", 1.0),
            ("d:1", "a:1", "a:1", "registry_id", 1.0),
            ("e:1", "e:1", "e:1", "model", 0.96),
            ("f:1", "e:1", "e:1", "steward", 1.0),
            ("g:1", "e:1", "e:1", "steward", 1.0),
            ("h:1", "h:1", "h:1", "single", 1.0),
        ]
        assert con.execute("from links").fetchall() == [
            ("a:1", "b:1", "model", 0.99),
            ("a:1", "b:1", "tax_id", 1.0),
            ("a:1", "c:1", "model", 0.98),
            ("b:1", "c:1", "model", 0.97),
            ("c:1", "d:1", "registry_id", 1.0),
            ("e:1", "f:1", "model", 0.96),
            ("f:1", "g:1", "steward", 1.0),
        ]
        assert con.execute("select table_name from duckdb_tables() order by 1").fetchall() == [
            ("clusters",),
            ("decisions",),
            ("links",),
            ("pairs",),
            ("records",),
        ]


def test_what_people_call_different_stays_apart_and_the_weakest_link_of_the_path_is_cut() -> None:
    records = named("a:1", "a:2", "a:3")
    pairs = [("a:1", "a:2", 0.99), ("a:2", "a:3", 0.98), ("a:1", "a:3", 0.97)]
    assert clusters(records, pairs) == [["a:1", "a:2", "a:3"]]
    assert clusters(records, pairs, [("different", "a:3", "a:1")]) == [["a:1", "a:2"], ["a:3"]]
    pairs = [("a:1", "a:2", 0.97), ("a:2", "a:3", 0.98)]
    assert clusters(records, pairs, [("different", "a:1", "a:3")]) == [["a:1"], ["a:2", "a:3"]]


def test_of_equally_weak_links_the_later_record_is_cut_off() -> None:
    pairs = [("a:2", "a:3", 0.98), ("a:1", "a:2", 0.98)]
    assert clusters(named("a:1", "a:2", "a:3"), pairs, [("different", "a:1", "a:3")]) == [["a:1", "a:2"], ["a:3"]]


def test_different_holds_for_everything_people_call_the_same() -> None:
    said: list[Said] = [("same", "a:1", "a:2"), ("same", "a:3", "a:4"), ("different", "a:1", "a:4")]
    pairs = [("a:2", "a:3", 0.99)]
    assert clusters(named("a:1", "a:2", "a:3", "a:4"), pairs, said) == [["a:1", "a:2"], ["a:3", "a:4"]]


def test_different_wins_over_an_equal_tax_id() -> None:
    records = [with_tax_id("a:1", "acme"), with_tax_id("b:1", "acme")]
    assert clusters(records) == [["a:1", "b:1"]]
    assert clusters(records, said=[("different", "a:1", "b:1")]) == [["a:1"], ["b:1"]]


def test_same_wins_over_the_model_over_different_ids_and_over_branches() -> None:
    records = [with_tax_id("a:1", "acme"), with_tax_id("b:1", "bolt", OTHER_USCC, branch="上海|分公司")]
    assert clusters(records, [("a:1", "b:1", 0.01)], [("same", "a:1", "b:1")]) == [["a:1", "b:1"]]


def test_the_later_decision_on_a_pair_holds_and_an_undone_one_is_gone() -> None:
    records = named("a:1", "a:2")
    pairs = [("a:1", "a:2", 0.99)]
    said: list[Said] = [("same", "a:1", "a:2"), ("different", "a:2", "a:1")]
    assert clusters(records, pairs, said) == [["a:1"], ["a:2"]]
    assert clusters(records, pairs, [*said, ("undo", "a:1", "a:2")]) == [["a:1", "a:2"]]


def test_of_contradicting_decisions_the_oldest_same_gives_way() -> None:
    said: list[Said] = [("same", "a:1", "a:2"), ("same", "a:2", "a:3"), ("different", "a:1", "a:3")]
    assert clusters(named("a:1", "a:2", "a:3"), said=said) == [["a:1"], ["a:2", "a:3"]]


def test_decisions_and_pairs_on_records_that_do_not_exist_are_left_out() -> None:
    assert clusters(named("a:1"), [("a:1", "gone:1", 0.99)], [("same", "a:1", "gone:1")]) == [["a:1"]]


def test_two_valid_ids_of_one_kind_are_never_joined_by_the_model_not_even_through_a_third_record() -> None:
    records = [with_tax_id("a:1", "acme"), record("a:2", "acme"), with_tax_id("a:3", "acme", OTHER_USCC)]
    assert clusters(records, [("a:1", "a:3", 0.99)]) == [["a:1"], ["a:2"], ["a:3"]]
    assert clusters(records, [("a:1", "a:2", 0.97), ("a:2", "a:3", 0.98)]) == [["a:1"], ["a:2", "a:3"]]
    records[2]["tax_id_valid"] = False
    assert clusters(records, [("a:1", "a:3", 0.99)]) == [["a:1", "a:3"], ["a:2"]]


def test_a_credit_code_means_the_same_as_tax_id_and_as_registry_id() -> None:
    registered = {"registry_id": USCC, "registry_id_kind": "uscc", "registry_id_valid": True}
    assert clusters([with_tax_id("a:1", "acme"), record("b:1", "other", **registered)]) == [["a:1", "b:1"]]
    conflicting = [with_tax_id("a:1", "acme", OTHER_USCC), record("b:1", "acme", **registered)]
    assert clusters(conflicting, [("a:1", "b:1", 0.99)]) == [["a:1"], ["b:1"]]


def test_vat_ids_of_two_countries_are_no_conflict() -> None:
    vat = {"tax_id_kind": "vat"}
    records = [with_tax_id("a:1", "acme", "DE811907980", **vat), with_tax_id("b:1", "acme", "FR83404833048", **vat)]
    assert clusters(records, [("a:1", "b:1", 0.99)]) == [["a:1", "b:1"]]


def test_a_valid_tax_id_joins_records_of_a_few_names() -> None:
    records = [with_tax_id(f"a:{n}", name) for n, name in enumerate(["siemens", "西门子", "old name", None])]
    assert clusters(records) == [["a:0", "a:1", "a:2", "a:3"]]


def test_an_id_without_check_digit_joins_only_while_the_names_agree() -> None:
    def unverified(identifier: str, name: str) -> dict[str, object]:
        return with_tax_id(identifier, name, "12345A", tax_id_kind="other", tax_id_valid=None)

    assert clusters([unverified("a:1", "acme"), unverified("a:2", "acme trading")]) == [["a:1", "a:2"]]
    assert clusters([unverified("a:1", "acme"), unverified("a:2", "艾克美")]) == [["a:1", "a:2"]]
    apart = [unverified("a:1", "acme"), unverified("a:2", "bolt"), unverified("a:3", "acme")]
    assert clusters(apart) == [["a:1", "a:3"], ["a:2"]]


def test_an_id_with_a_wrong_check_digit_joins_equal_names_only() -> None:
    def broken(identifier: str, name: str | None) -> dict[str, object]:
        return with_tax_id(identifier, name, tax_id_valid=False)

    records = [broken("a:1", "acme"), broken("a:2", "acme"), broken("a:3", "艾克美"), broken("a:4", None)]
    assert clusters(records) == [["a:1", "a:2"], ["a:3"], ["a:4"]]


def test_an_agents_tax_id_on_a_hundred_firms_does_not_chain_them() -> None:
    firms = [with_tax_id(f"a:{n:03}", f"firm{chr(97 + n % 26) * 9}{n:03}", phone="+8621") for n in range(100)]
    double = with_tax_id("b:007", firms[7]["name_compact"], phone="+8621")  # type: ignore[arg-type]
    pairs = [(f"a:{n:03}", f"a:{n + 1:03}", 0.999) for n in range(99)]
    found = clusters([*firms, double], pairs)
    assert len(found) == 100
    assert ["a:007", "b:007"] in found


def test_an_agents_phone_lets_the_model_join_only_records_whose_names_agree() -> None:
    names = ["acme", "bolt", "crane", "dyna", "dyna ltd"]
    records = [record(f"a:{n}", name, phone="+8621") for n, name in enumerate(names)]
    pairs = [(f"a:{n}", f"a:{n + 1}", 0.99) for n in range(4)]
    assert clusters(records, pairs) == [["a:0"], ["a:1"], ["a:2"], ["a:3", "a:4"]]
    assert clusters(records[:3], pairs[:2]) == [["a:0", "a:1", "a:2"]]


@pytest.mark.parametrize(
    ("full", "short"),
    [
        (record("a:1", "中国石油化工", name_short_forms=["中石化"]), record("b:1", "中石化")),
        (record("a:1", "international business machines", name_initials="ibm"), record("b:1", "ibm")),
        (record("a:1", "华为", name_pinyin="huawei"), record("b:1", "huawei", name_pinyin="huawei")),
        (record("a:1", "new name", other_names=["oldname"]), record("b:1", "old name")),
        (record("a:1", "volkswagen"), record("b:1", "volkswagne")),
    ],
)
def test_names_agree_in_their_usual_forms(full: dict[str, object], short: dict[str, object]) -> None:
    broken = {"tax_id": USCC, "tax_id_kind": "uscc", "tax_id_valid": False}
    assert clusters([full | broken, short | broken]) == [["a:1", "b:1"]]


def test_a_branch_is_not_its_head_office_not_by_tax_id_nor_by_the_model() -> None:
    records = [
        with_tax_id("a:1", "acme", branch="上海|分公司"),
        with_tax_id("a:2", "acme"),
        with_tax_id("b:1", "acme", branch="上海|分公司"),
        with_tax_id("b:2", "acme"),
        record("b:3", "acme", branch="北京|分公司"),
    ]
    pairs = [(left, right, 0.99) for left, right in itertools.combinations(["a:1", "a:2", "b:1", "b:2", "b:3"], 2)]
    assert clusters(records, pairs) == [["a:1", "b:1"], ["a:2", "b:2"], ["b:3"]]


def test_one_bridging_record_does_not_chain_two_groups_that_have_nothing_else_in_common() -> None:
    left, right = ["a:1", "a:2", "a:3"], ["b:1", "b:2", "b:3"]
    groups = [(*pair, 0.99) for group in (left, right) for pair in itertools.combinations(group, 2)]
    bridge = [("a:3", "b:1", 0.96)]
    assert clusters(named(*left, *right), groups + bridge) == [left, right]
    support = [("a:1", "b:2", 0.6), ("a:2", "b:3", 0.6)]
    assert clusters(named(*left, *right), groups + bridge + support) == [left + right]
    loose = ClusterRules(cohesion=0)
    assert clusters(named(*left, *right), groups + bridge, rules=loose) == [left + right]


IDS = [f"{system}:{key}" for system in "ab" for key in range(4)]
PAIRS = st.lists(
    st.tuples(st.sampled_from(IDS), st.sampled_from(IDS), st.sampled_from([0.3, 0.6, 0.95, 0.97, 0.99])).filter(
        lambda pair: pair[0] < pair[1]
    ),
    unique_by=lambda pair: pair[:2],
    max_size=14,
)
SAID = st.lists(
    st.tuples(st.sampled_from(["same", "different"]), st.sampled_from(IDS), st.sampled_from(IDS)).filter(
        lambda said: said[1] < said[2]
    ),
    max_size=4,
)
TAX_IDS = st.lists(st.sampled_from([None, USCC, OTHER_USCC]), min_size=8, max_size=8)


@given(PAIRS, SAID, TAX_IDS, st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_clusters_depend_on_content_alone_and_keep_apart_what_must_be(
    pairs: list[Pair],
    said: list[Said],
    tax_ids: list[str | None],
    random: "st.random.Random",  # type: ignore[name-defined]
) -> None:
    records = [with_tax_id(i, "acme", t) if t else record(i, "acme") for i, t in zip(IDS, tax_ids, strict=True)]
    found = clusters(records, pairs, said)
    assert sorted(itertools.chain(*found)) == IDS
    last = {tuple(pair): decision for decision, *pair in said}
    cluster_of = {identifier: members for members in found for identifier in members}
    assert all(right not in cluster_of[left] for (left, right), decision in last.items() if decision == "different")
    for members in found:
        if not any(decision == "same" and left in members for (left, _), decision in last.items()):
            assert len({t for i, t in zip(IDS, tax_ids, strict=True) if t and i in members}) < 2
    shuffled = records[:], pairs[:]
    for rows in shuffled:
        random.shuffle(rows)
    assert clusters(shuffled[0], shuffled[1], said) == found


def test_the_table_is_equal_for_any_order_of_rows_and_number_of_threads() -> None:
    records = [with_tax_id(f"a:{n}", f"firm {n % 7}", f"{n % 50:018}", phone=str(n % 20)) for n in range(400)]
    pairs = [(f"a:{n}", f"a:{n * 7 % 400}", 0.9 + n % 10 / 100) for n in range(1, 400) if n * 7 % 400 != n]
    results = []
    for threads, order in ((1, 1), (4, -1)):
        with duckdb.connect(config={"threads": threads}) as con:
            write_tables(con, records[::order], pairs[::order], [("different", "a:1", "a:51")])
            build_clusters(con, "records", "pairs", "decisions", RULES, "clusters", links="links")
            results.append((con.execute("from clusters").fetchall(), con.execute("from links").fetchall()))
    assert results[0] == results[1]
