"""Rules that every table of the candidate obeys, made from what the dbt YAML declares: contract, key, required columns,
volume. No rule here knows what a table is about.
"""

from math import ceil
from typing import Any

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from expectations.catalog import Table
from expectations.rules import failing_rows, stock


def shape(table: Table, rows_before: int | None, max_shrink_pct: float) -> list[Expectation]:
    """Contract, key, required columns and, where there was a release before, volume."""
    return [
        _contract(table),
        *([_unique_key(table)] if table.grain else []),
        *([_required(table)] if any(column.required for column in table.columns) else []),
        *([_volume(rows_before, max_shrink_pct)] if rows_before else []),
    ]


def not_empty() -> Expectation:
    """A table that may never be empty: an empty one would pass every other rule."""
    return stock(
        gxe.ExpectTableRowCountToBeBetween,
        "not_empty",
        min_value=1,
        en="The table has rows (an empty table would pass every other rule)",
        zh="表中有数据（空表会通过其他所有规则）",
        expected="at least 1 row",
        do="Look at the build: the models that feed this table delivered nothing.",
    )


def not_empty_when(source: str, condition: str = "true") -> Expectation:
    """A table that may be empty only while what feeds it is."""
    return failing_rows(
        "not_empty_when_fed",
        f"select '{source}' as fed_by, count(*) as rows_there from {source} where {condition} "
        "having count(*) > 0 and not exists (select 1 from {batch})",
        en=f"The table has rows whenever {source} has some that belong here",
        zh=f"只要 {source} 有应进入本表的数据，本表就不能为空",
        do="Rows were lost between the two tables: look at the joins of the model and at the reconciliation.",
    )


def _contract(table: Table) -> Expectation:
    declared = ", ".join(f"('{column.name}', typeof(null::{column.data_type}))" for column in table.columns)
    return failing_rows(
        "contract",
        "select declared.column_name, declared.data_type as declared_type, coalesce(actual.data_type, 'missing') "
        f"as actual_type from (values {declared}) as declared(column_name, data_type) left join (select column_name, "
        f"data_type from duckdb_columns() where database_name = current_database() and schema_name = '{table.schema}' "
        f"and table_name = '{table.name}') as actual using (column_name) "
        "where actual.data_type is distinct from declared.data_type",
        en="Every column of the contract is there with its declared type",
        zh="合同（contract）声明的每一列都存在且类型一致",
        do="Make the model deliver the column as its YAML declares it, or change the contract on purpose.",
    )


def _unique_key(table: Table) -> Expectation:
    words: dict[str, Any] = {
        "en": f"Each {' + '.join(table.grain)} occurs once",
        "zh": f"{' + '.join(table.grain)} 的组合不重复",
        "expected": "no key twice",
        "do": "The same record came twice: remove the duplicate at its source, or repair the join that doubles rows.",
    }
    if len(table.grain) == 1:
        return stock(gxe.ExpectColumnValuesToBeUnique, "unique_key", column=table.grain[0], **words)
    return stock(gxe.ExpectCompoundColumnsToBeUnique, "unique_key", column_list=list(table.grain), **words)


def _required(table: Table) -> Expectation:
    """One query for all columns: a stock not-null rule for each took half of the gate's time."""
    required = [column.name for column in table.columns if column.required]
    keys = list(table.grain) or [column.name for column in table.columns if not column.volatile]
    empty = ", ".join(f"case when {column} is null then '{column}' end" for column in required)
    return failing_rows(
        "required_columns",
        f"select {', '.join(keys)}, concat_ws(', ', {empty}) as empty_columns from {{batch}} "
        f"where {' or '.join(f'{column} is null' for column in required)}",
        en=f"Every row has a value in: {', '.join(required)}",
        zh=f"每一行的这些列都有值：{'、'.join(required)}",
        do="Fill the column at the source, or give it a constant in the source's mapping.",
    )


def _volume(rows_before: int, max_shrink_pct: float) -> Expectation:
    least = ceil(rows_before * (100 - max_shrink_pct) / 100)
    return stock(
        gxe.ExpectTableRowCountToBeBetween,
        "volume",
        min_value=least,
        en=f"The table did not shrink by more than {max_shrink_pct:g} % since the last release",
        zh=f"与上一版本相比，行数减少不超过 {max_shrink_pct:g} %",
        expected=f"at least {least} rows (the last release had {rows_before})",
        do="Was a file truncated or a source cut short? Load it again. If the rows are gone for good, raise "
        "gate.max_shrink_pct in company.yaml for this run.",
    )
