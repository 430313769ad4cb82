"""Suites of the unified customers."""

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, known, stock, suite
from expectations.shape import not_empty_when

_REPAIR = "Look at the customer's records and at stewardship/ decisions, then build again."


def dim_customer(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every customer stands for at least one record of a source."""
    return suite(
        "core.dim_customer",
        *shape,
        not_empty_when("canonical.customer_record"),
        known(
            "customer_has_a_record",
            "customer_key",
            "core.customer_source",
            "customer_name",
            en="Every unified customer stands for at least one source record",
            zh="每个统一客户至少对应一条来源记录",
            do=_REPAIR,
        ),
    )


def customer_source(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every customer record leads to exactly one customer, with a probability."""
    return suite(
        "core.customer_source",
        *shape,
        known(
            "customer_exists",
            "customer_key",
            "core.dim_customer",
            "source_system, source_key",
            en="The customer a record leads to exists",
            zh="来源记录指向的统一客户存在",
            do=_REPAIR,
        ),
        failing_rows(
            "no_record_lost",
            "select source_system, source_key from canonical.customer_record "
            "except select source_system, source_key from {batch}",
            en="Every customer record of a source leads to a customer",
            zh="来源系统的每条客户记录都归入某个统一客户",
            do=_REPAIR,
        ),
        stock(
            gxe.ExpectColumnValuesToBeBetween,
            "probability_within_bounds",
            column="match_probability",
            min_value=0,
            max_value=1,
            en="The match probability lies between 0 and 1",
            zh="匹配概率介于 0 和 1 之间",
            expected="0 to 1",
            do=_REPAIR,
        ),
    )
