"""How a rule is written: a stock expectation or a query for offending rows, with its words in English and Chinese.

Belongs here: the form of a rule. Which rules there are stands in the modules by table group.
"""

from typing import Any, ClassVar, Literal

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from expectations.verdict import SAMPLE_ROWS

COUNT = "failing_count"
"""Extra column of a failing-rows query: how many rows there are in all."""
_BATCH_NOTE = "/* {batch} */"
"""Great Expectations wants every query to name its batch, and prints a complaint otherwise."""
_MARGIN = "0.000001"


class FailingRows(gxe.UnexpectedRowsExpectation):
    """A query for the rows that break a rule; no rows means the rule holds.

    One query gives the count of all offending rows and the first few of them in a fixed order, so a rule that every row
    of a large table breaks costs no more than one that a single row breaks.
    """

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.table",)

    def _validate(
        self, metrics: dict, runtime_configuration: dict | None = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        rows = metrics["unexpected_rows_query.table"]
        count = rows[0][COUNT] if rows else 0
        sample = [{key: value for key, value in row.items() if key != COUNT} for row in rows]
        return {
            "success": count == 0,
            "result": {"observed_value": count, "details": {"unexpected_rows": sample}},
        }


def failing_rows(
    rule: str, sql: str, *, en: str, zh: str, do: str, severity: Literal["critical", "warning"] = "critical"
) -> Expectation:
    """A rule as a query that finds offending rows; `{batch}` in it becomes the name of the suite's own table."""
    counted = f"select failing.*, count(*) over () as {COUNT} from ({sql.strip()}) as failing"
    return FailingRows(
        unexpected_rows_query=f"{counted} order by all limit {SAMPLE_ROWS} {_BATCH_NOTE}",
        **_words(rule, en, zh, do, severity, "no such row"),
    )


def stock(
    kind: type[Expectation],
    rule: str,
    *,
    en: str,
    zh: str,
    do: str,
    expected: str,
    severity: Literal["critical", "warning"] = "critical",
    **kwargs: Any,
) -> Expectation:
    """A rule that Great Expectations has in stock."""
    return kind(**kwargs, **_words(rule, en, zh, do, severity, expected))


def suite(table: str, *rules: Expectation) -> gx.ExpectationSuite:
    """The suite of one table, named `schema.table`."""
    return gx.ExpectationSuite(name=table, expectations=[_on(table, rule) for rule in rules])


def _on(table: str, rule: Expectation) -> Expectation:
    """Great Expectations would put a subquery for `{batch}`, which cannot take an alias; the table's name can."""
    if not isinstance(rule, FailingRows):
        return rule
    query = str(rule.unexpected_rows_query).removesuffix(_BATCH_NOTE).replace("{batch}", table)
    escaped = query.replace("{", "{{").replace("}", "}}")  # braces of its own, as in a regular expression
    return rule.copy(update={"unexpected_rows_query": escaped + _BATCH_NOTE})


def shares_sum_to_one(keys: str, *, zh_what: str, en_what: str, do: str, exact: bool = True) -> Expectation:
    """Shares of one thing add up to 1: exactly, or within a millionth where people type them."""
    broken = "sum(credit_share) <> 1" if exact else f"abs(sum(credit_share) - 1) > {_MARGIN}"
    return failing_rows(
        "shares_sum_to_one",
        f"select {keys}, sum(credit_share) as sum_of_shares, count(*) as shares from {{batch}} group by {keys} "
        f"having {broken} or sum(credit_share) is null",
        en=f"The credit shares of one {en_what} add up to {'exactly 1' if exact else '1'}",
        zh=f"同一{zh_what}的业绩分配比例之和{'恰好' if exact else ''}等于 1",
        do=do,
    )


def known(
    rule: str, column: str, target: str, keys: str, *, en: str, zh: str, do: str, target_column: str | None = None
) -> Expectation:
    """Every value of `column` that is not null is there in `target`."""
    other = target_column or column
    return failing_rows(
        rule,
        f"select {keys}, {column} from {{batch}} as a where {column} is not null "
        f"and not exists (select 1 from {target} as b where b.{other} = a.{column})",
        en=en,
        zh=zh,
        do=do,
    )


def one_of(column: str, values: tuple[str, ...], *, zh_what: str) -> Expectation:
    """The column holds one of a closed list of words."""
    return stock(
        gxe.ExpectColumnValuesToBeInSet,
        f"{column}_known",
        column=column,
        value_set=list(values),
        en=f"{column} is one of: {', '.join(values)}",
        zh=f"{zh_what}只能取：{'、'.join(values)}",
        expected=", ".join(values),
        do=f"Map the source's words to these in the staging model or in the source's `mapping`, column {column}.",
    )


def _words(rule: str, en: str, zh: str, do: str, severity: str, expected: str) -> dict[str, Any]:
    return {
        "description": f"{en} / {zh}",
        "notes": do,
        "severity": severity,
        "meta": {"rule": rule, "en": en, "zh": zh, "do": do, "severity": severity, "expected": expected},
    }
