"""The settings' comparisons and a model's parameters in Splink's terms, and the SQL that Splink makes of them.

The only module that knows Splink. It asks Splink for SQL instead of having it run a `Linker`: so nothing is left in the
connection, pairs come from our blocking, and the levels of a pair can be kept without copying its records' columns.
"""

from collections.abc import Iterable
from typing import Any

from splink import SettingsCreator, block_on
from splink.internals.comparison_creator import ComparisonCreator
from splink.internals.comparison_vector_values import compute_comparison_vector_values_from_id_pairs_sqls
from splink.internals.dialects import SplinkDialect
from splink.internals.predict import predict_from_comparison_vectors_sqls
from splink.internals.settings import Settings as SplinkSettings

from pipelines.customers.matching.model import Model
from pipelines.customers.settings import Comparison, Level, PartySettings, Pattern

JOINT = "joint"
NO_JOINT = 0
ID = "record_no"

_DIALECT = "duckdb"
_UNTRAINED = 0.5


def splink_settings(settings: PartySettings, model: Model | None = None, joint: bool = False) -> SettingsCreator:
    """Splink's settings object with our comparisons; with a model's parameters if one is given."""
    comparisons: list[ComparisonCreator | dict[str, Any]] = [
        _comparison(comparison, model) for comparison in settings.comparisons
    ]
    if joint and model and settings.joint:
        comparisons.append(_joint_comparison(model))
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name=ID,
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on(ID)],
        probability_two_random_records_match=model.match_share if model else _UNTRAINED,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )


def compared_columns(settings: PartySettings) -> list[str]:
    """Columns that the levels read, in order of first use."""
    made = _made(splink_settings(settings))
    used = (
        column.unquote().name
        for comparison in made.core_model_settings.comparisons
        for column in comparison._input_columns_used_by_case_statement
    )
    return list(dict.fromkeys(used))


def levels_sql(settings: PartySettings, pairs: str, prepared: str) -> str:
    """Grain: pair. `record_no_l`, `record_no_r`, `gamma_` per comparison, `gamma_joint`, frequencies (`tf_`)."""
    made = _made(splink_settings(settings))
    steps = compute_comparison_vector_values_from_id_pairs_sqls(
        made._columns_to_select_for_blocking,
        made._columns_to_select_for_comparison_vector_values,
        input_tablename_l=prepared,
        input_tablename_r=prepared,
        source_dataset_input_column=None,
        unique_id_input_column=made.column_info_settings.unique_id_input_column,
    )
    blocked = f"select '0' as match_key, {ID}_l as join_key_l, {ID}_r as join_key_r from {pairs}"
    chain = _chain([("__splink__blocked_id_pairs", blocked), *((s["output_table_name"], s["sql"]) for s in steps)])
    return f"with {chain} select *, {_joint_case(settings)} as gamma_{JOINT} from __splink__df_comparison_vectors"


def weights_sql(model: Model, levels: str, least_weight: float | None) -> str:
    """Grain: pair of `levels`, with at least that match weight if one is given: weight, probability, levels."""
    made = _made(splink_settings(model.settings, model, joint=True))
    steps = predict_from_comparison_vectors_sqls(
        unique_id_input_columns=made.column_info_settings.unique_id_input_columns,
        core_model_settings=made.core_model_settings,
        sql_dialect=SplinkDialect.from_string(_DIALECT),
        threshold_match_weight=least_weight,
        retain_intermediate_calculation_columns=True,
        training_mode=True,
    )
    chain = _chain(
        [
            ("__splink__df_comparison_vectors", f"select *, '0' as match_key from ({levels})"),
            *((step["output_table_name"], step["sql"]) for step in steps),
        ]
    )
    return f"with {chain} select * from __splink__df_predict"


def frequency_weight_columns(settings: PartySettings) -> dict[str, str]:
    """Comparison -> column of `weights_sql` with what frequencies add to the weight of its level."""
    return {
        comparison.name: f"mw_tf_adj_{comparison.name}"
        for comparison in settings.comparisons
        if any(level.frequency for level in comparison.levels)
    }


def _made(creator: SettingsCreator) -> SplinkSettings:
    return creator.get_settings(_DIALECT)


def _chain(steps: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name} as ({sql})" for name, sql in steps)


def _comparison(comparison: Comparison, model: Model | None) -> dict[str, Any]:
    missing = {"sql_condition": comparison.missing_sql, "label_for_charts": "missing", "is_null_level": True}
    levels = [_level(comparison, level, model) for level in comparison.levels]
    return {"output_column_name": comparison.name, "comparison_levels": [missing, *levels]}


def _level(comparison: Comparison, level: Level, model: Model | None) -> dict[str, Any]:
    stated: dict[str, Any] = {
        "sql_condition": level.sql,
        "label_for_charts": level.en,
        **_shares(comparison, level, model),
    }
    if level.frequency:
        stated |= {"tf_adjustment_column": level.frequency, "disable_tf_exact_match_detection": True}
    return stated


def _shares(comparison: Comparison, level: Level, model: Model | None) -> dict[str, float]:
    if model is None or level.neutral:
        return {"m_probability": _UNTRAINED, "u_probability": _UNTRAINED}
    m, u = model.levels[comparison.name][level.name]
    return {"m_probability": m, "u_probability": u}


def _joint_comparison(model: Model) -> dict[str, Any]:
    """The joint patterns as a comparison: a level per pattern, first come first, then one that changes nothing."""
    levels = [_constant_level(pattern.name, 2.0 ** model.joint_weight(pattern)) for pattern in model.settings.patterns]
    levels.append(_constant_level("none", 1.0) | {"sql_condition": "ELSE"})
    missing = {"sql_condition": f"{JOINT}_l is null", "label_for_charts": "missing", "is_null_level": True}
    return {"output_column_name": JOINT, "comparison_levels": [missing, *levels]}


def _constant_level(label: str, factor: float) -> dict[str, Any]:
    return {
        "sql_condition": f"{JOINT}_l = {JOINT}_r",
        "label_for_charts": label,
        "m_probability": _UNTRAINED * factor,
        "u_probability": _UNTRAINED,
    }


def _joint_case(settings: PartySettings) -> str:
    if not settings.joint:
        return str(NO_JOINT)
    whens = "".join(
        f" when {_joint_condition(settings, pattern)} then {settings.pattern_value(pattern)}"
        for pattern in settings.patterns
    )
    return f"case{whens} else {NO_JOINT} end"


def _joint_condition(settings: PartySettings, pattern: Pattern) -> str:
    return " and ".join(
        f"gamma_{name} in ({', '.join(map(str, values))})"
        for levels in (pattern.levels, pattern.joint.also)
        for name, values in settings.level_values(levels).items()
    )
