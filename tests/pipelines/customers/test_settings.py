"""The matching settings: the file that is shipped, short forms of levels, and faults named with their place."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.customers.settings import SETTINGS_FILE, Level, PartySettings, SettingsError, load_settings


def shipped() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(SETTINGS_FILE.read_text(encoding="utf-8"))
    return document


def written(folder: Path, document: dict[str, Any]) -> Path:
    path = folder / "settings.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize("party_type", ["person", "organisation"])
def test_every_level_speaks_both_languages(party_type: Any) -> None:
    for comparison in load_settings().of(party_type).comparisons:
        labels = [(comparison.zh, comparison.en), *((level.zh, level.en) for level in comparison.levels)]
        assert all(zh and en for zh, en in labels)


@pytest.mark.parametrize("party_type", ["person", "organisation"])
def test_sections_name_their_party_type_and_order_their_bands(party_type: Any) -> None:
    section = load_settings().of(party_type)
    assert section.party_type == party_type
    assert section.thresholds.keep < section.thresholds.grey < section.thresholds.same


def a_level(**conditions: Any) -> Level:
    return Level.model_validate({"name": "x", "zh": "x", "en": "x", "m": 0.5, "u": 0.1, **conditions})


def test_short_forms_become_sql() -> None:
    level = a_level(same=["city", "street"], similar={"name": 0.9})
    assert level.sql == (
        "(city_l = city_r) and (street_l = street_r) and (jaro_winkler_similarity(name_l, name_r) >= 0.9)"
    )


def test_one_condition_may_suffice() -> None:
    level = a_level(same="phone", edits={"phone": 1}, one_suffices=True)
    assert level.sql == "(phone_l = phone_r) or (within_edits(phone_l, phone_r, 1))"


def test_the_hash_changes_with_any_value_and_with_nothing_else(tmp_path: Path) -> None:
    document = shipped()
    again = load_settings(written(tmp_path, document)).person.hash
    document["person"]["thresholds"]["same"] = 0.96
    changed = load_settings(written(tmp_path, document)).person.hash
    assert again == load_settings().person.hash
    assert changed != again


def fault(folder: Path, document: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as raised:
        load_settings(written(folder, document))
    return str(raised.value)


def test_an_unknown_field_is_named_with_its_place(tmp_path: Path) -> None:
    document = shipped()
    document["person"]["comparisons"][0]["levels"][0]["weight"] = 3
    assert "person.comparisons.0.levels.0.weight" in fault(tmp_path, document)


def test_a_level_needs_a_condition(tmp_path: Path) -> None:
    document = shipped()
    document["person"]["comparisons"][0]["levels"][0] = {"name": "x", "zh": "x", "en": "x", "m": 0.1, "u": 0.1}
    assert "level x: give a condition, or `otherwise: true`, not both" in fault(tmp_path, document)


def test_a_level_needs_priors(tmp_path: Path) -> None:
    document = shipped()
    document["person"]["comparisons"][0]["levels"][0] = {"name": "x", "zh": "x", "en": "x", "same": "city"}
    assert "level x: give the priors m and u, or `neutral: true`, not both" in fault(tmp_path, document)


def test_a_comparison_ends_with_otherwise(tmp_path: Path) -> None:
    document = shipped()
    document["person"]["comparisons"][0]["levels"].pop()
    assert "exactly the last level must be `otherwise: true`" in fault(tmp_path, document)


def test_a_joint_pattern_names_levels_that_exist(tmp_path: Path) -> None:
    document = shipped()
    document["person"]["joint"][0]["also"] = {"given_name": ["nowhere"]}
    assert "comparison given_name has no level nowhere" in fault(tmp_path, document)


def test_bands_out_of_order_are_refused(tmp_path: Path) -> None:
    document = shipped()
    document["organisation"]["thresholds"] = {"same": 0.5, "grey": 0.9, "keep": 0.1}
    assert "expected keep <= grey <= same" in fault(tmp_path, document)


@pytest.mark.parametrize("text", ["- a list", "person: [", ""], ids=["a list", "broken", "empty"])
def test_a_file_that_is_no_settings_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"settings\.yaml"):
        load_settings(path)


def test_patterns_with_most_agreements_come_first(person: PartySettings) -> None:
    twins = [pattern.name for pattern in person.patterns if pattern.joint.name == "twins"]
    assert twins == ["twins+house_number+phone", "twins+house_number", "twins+phone", "twins"]


def test_a_levels_number_counts_from_the_last_one(person: PartySettings) -> None:
    comparison = person.comparison("birth_date")
    assert {level.name: comparison.value_of(level) for level in comparison.levels} == {
        "same": 3,
        "typo": 2,
        "two_parts": 1,
        "different": 0,
    }


@pytest.fixture(scope="module")
def person() -> PartySettings:
    return load_settings().person


def test_a_joint_pattern_takes_nothing_off_a_neutral_level(tmp_path: Path) -> None:
    document = shipped()
    document["person"]["joint"][0]["levels"] = {"given_name": ["with_family_name"]}
    assert "given_name: a neutral level says nothing to take off" in fault(tmp_path, document)


def test_what_lifts_a_limit_must_exist(tmp_path: Path) -> None:
    document = shipped()
    document["person"]["joint"][0]["unless"] = {"email": ["nowhere"]}
    assert "comparison email has no level nowhere" in fault(tmp_path, document)
