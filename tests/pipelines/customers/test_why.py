"""`scoreline customers why` tells what joins or parts two records, with figures that add up."""

from typing import Any

import pytest

from pipelines.customers.words import percent, times
from tests.pipelines.customers.small_warehouse import Desk


def said(found: dict[str, Any], language: str = "en") -> str:
    return "\n".join(line for section in found["words"][language] for line in section["lines"])


def test_a_pair_joined_by_the_model_says_so_with_both_values_and_weights_that_add_up(desk: Desk) -> None:
    found = desk.ask("why", "crm:1", "erp:9")
    assert found["is_same"] and found["left"]["customer_key"] == found["right"]["customer_key"]
    assert [(link["left"], link["right"], link["reason"]) for link in found["chain"]] == [("crm:1", "erp:9", "model")]
    judgement = found["judgement"]
    assert (judgement["looked"], judgement["band"]) == ("kept", "same")
    assert sum(one["weight"] for one in judgement["compared"]) == pytest.approx(judgement["match_weight"])
    (phone,) = [one for one in judgement["compared"] if one["comparison"] == "phone"]
    assert (phone["left"], phone["right"]) == (["021-55550001"], ["021-55550001"])
    assert "Since 2025-06-30 (first seen; matcher)." in said(found)


def test_an_indirect_pair_shows_the_chain_with_the_ids_that_make_it(desk: Desk) -> None:
    found = desk.ask("why", "web:300", "crm:3")
    links = [(link["left"], link["right"], link["reason"], link["value"]) for link in found["chain"]]
    assert links == [
        ("web:300", "erp:30", "registry_id", "HWUPKR0MPOU8FGXBT394"),
        ("erp:30", "crm:3", "tax_id", "91310000100001001H"),
    ]
    assert "Nothing joins the two directly; this chain does:" in said(found)


def test_a_shared_tax_id_is_named_as_a_sure_key(desk: Desk) -> None:
    found = desk.ask("why", "crm:3", "erp:30")
    (shared,) = found["shared"]
    assert (shared["scheme"], shared["value"], shared["is_sure"], shared["is_hub"]) == (
        "uscc",
        "91310000100001001H",
        True,
        False,
    )
    assert "unified social credit code 91310000100001001H" in said(found)


def test_a_pair_nobody_looked_at_is_compared_on_the_spot(desk: Desk) -> None:
    judgement = desk.ask("why", "crm:2", "erp:74")["judgement"]
    assert (judgement["looked"], judgement["band"], judgement["keys"]) == ("never", None, [])
    assert judgement["match_weight"] < 0
    assert sum(one["weight"] for one in judgement["compared"]) == pytest.approx(judgement["match_weight"])
    assert "the two records have no blocking key in common" in said(desk.ask("why", "crm:2", "erp:74"))
    assert "两条记录没有共同的索引键" in said(desk.ask("why", "crm:2", "erp:74"), "zh")


def test_a_pair_that_was_found_but_not_kept_says_so(desk: Desk) -> None:
    found = desk.ask("why", "erp:73", "erp:74")
    assert found["judgement"]["looked"] == "dropped"
    assert "but not kept" in said(found)


def test_a_pair_on_the_spot_scores_as_the_nightly_run_would(desk: Desk) -> None:
    import duckdb

    from pipelines.customers.matching import Model, score
    from tests.pipelines.customers.small_warehouse import two_nights

    found = two_nights()
    (row,) = [row for row in found.models.to_pylist() if row["party_type"] == "organisation"]
    with duckdb.connect() as con:
        con.register("records", found.records)
        score(con, "records", Model.from_json(row["parameters"]), "scored")
        nightly = con.execute("select * from scored where (record_id_l, record_id_r) = ('crm:1', 'erp:9')").fetchall()
    kept = [
        pair for pair in found.pairs.to_pylist() if (pair["record_id_l"], pair["record_id_r"]) == ("crm:1", "erp:9")
    ]
    columns = ("record_id_l", "record_id_r", "match_weight", "match_probability", "evidence")
    assert nightly == [tuple(pair[name] for name in columns) for pair in kept]


def test_the_hub_guard_is_named_where_it_holds_a_pair_apart(desk: Desk) -> None:
    found = desk.ask("why", "erp:71", "erp:72")
    assert (found["is_same"], found["hub_guard"]) == (False, True)
    (phone,) = found["shared"]
    assert (phone["scheme"], phone["is_hub"], phone["records"], phone["names"]) == ("phone", True, 4, 4)
    assert "hub guard" in said(found) and "枢纽保护" in said(found, "zh")


def test_a_branch_is_a_part_of_its_head_office_and_not_the_same(desk: Desk) -> None:
    found = desk.ask("why", "crm:4", "erp:40")
    assert found["parents"] == [{"child": "crm:4", "parent": "erp:40", "reason": "branch"}]
    assert [obstacle["kind"] for obstacle in found["obstacles"]] == ["branch"]
    assert "crm:4 is a part of erp:40 (the branch marker in its name)." in said(found)


def test_a_persons_decision_is_told_with_name_day_and_reason(desk: Desk) -> None:
    found = desk.ask("why", "crm:8", "erp:80")
    text = "Ann decided on 2025-07-01: the same customer (one owner, told by phone)"
    assert f"crm:8 = erp:80: {text}" in said(found)
    assert "Since 2025-07-01 (one owner, told by phone; Ann)." in said(found)
    assert [(one["holds"], one["is_built"]) for one in found["said"]] == [(True, True)]
    assert "Ann 于 2025-07-01 裁定：相同" in said(found, "zh")


def test_a_decision_no_run_has_seen_yet_is_marked(desk: Desk) -> None:
    desk.scoreline("decide", "different", "crm:1", "erp:10", "--who", "Li Lei", "--why", "two owners")
    found = desk.ask("why", "crm:1", "erp:10")
    assert [(one["holds"], one["is_built"]) for one in found["said"]] == [(True, False)]
    assert "takes effect with the next `scoreline run`" in said(found)
    assert "a person decides" not in said(found)


def test_a_grey_pair_is_handed_to_a_person(desk: Desk) -> None:
    assert "scoreline customers decide same|different crm:1 erp:10" in said(desk.ask("why", "crm:1", "erp:10"))


def test_organisations_and_persons_are_not_compared(desk: Desk) -> None:
    found = desk.ask("why", "crm:6", "crm:2")
    assert found["judgement"]["looked"] == "other_party_type"
    assert found["judgement"]["compared"] == []


def test_a_customer_key_is_stood_for_by_the_record_with_the_strongest_tie(desk: Desk) -> None:
    found = desk.ask("why", desk.key("crm:1"), "erp:10")
    assert found["stands_for"] == [
        {"customer": desk.key("crm:1"), "record_id": found["left"]["record_id"], "records": 2}
    ]
    assert found["left"]["record_id"] in ("crm:1", "erp:9")


def test_one_customer_has_no_reason_to_itself(desk: Desk) -> None:
    result = desk.scoreline("why", desk.key("crm:1"), desk.key("erp:9"))
    assert result.exit_code == 2
    assert "name two different records: crm:1, erp:9" in result.stderr


def test_the_screen_speaks_the_language_asked_for(desk: Desk) -> None:
    chinese = desk.scoreline("why", "crm:1", "erp:9", "--lang", "zh").stdout
    english = desk.scoreline("why", "crm:1", "erp:9", "--lang", "en").stdout
    assert "是同一客户" in chinese and "合计" in chinese
    assert "are one customer" in english and "sum" in english


def test_weights_are_told_as_factors() -> None:
    assert times(10.0, "en") == "1,024 times more likely"
    assert times(-1.0, "en") == "2.0 times less likely"
    assert times(0.0, "zh") == "可能性不变"
    assert times(-3.0, "zh") == "可能性降为 1/8.0"
    assert times(40.0, "en") == "1 × 10^12 times more likely"


def test_probabilities_are_never_told_as_certainty() -> None:
    assert [percent(p) for p in (0.9999999, 1.0, 0.5, 0.00001)] == ["> 99.99 %", "> 99.99 %", "50 %", "< 0.01 %"]
