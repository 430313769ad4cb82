"""Suites of selling and ordering: canonical documents and the credited facts made from them."""

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, known, one_of, shares_sum_to_one, stock, suite
from expectations.shape import not_empty_when

_DOCUMENT = ("draft", "confirmed", "cancelled")
_POSTED = ("draft", "posted", "cancelled")
_KEY = "source_system, source_key"


def sales_order(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Orders state their currency and a known status."""
    lines = (
        "exists (select 1 from canonical.sales_order_line as line where line.source_system = document.source_system "
        "and line.order_key = document.source_key)"
    )
    return suite(
        "canonical.sales_order",
        *shape,
        _currency_present(f"net_amount is not null or {lines}", "net_amount"),
        one_of("status", _DOCUMENT, zh_what="订单状态"),
    )


def sales_order_line(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Lines belong to an order."""
    return suite(
        "canonical.sales_order_line",
        *shape,
        _parent_exists("order_exists", "order_key", "canonical.sales_order", en="order", zh="订单"),
    )


def credit_split(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Stated splits are shares that add up."""
    repair = "Correct the shares of this order in the source of the credit splits."
    return suite(
        "canonical.credit_split",
        *shape,
        stock(
            gxe.ExpectColumnValuesToBeBetween,
            "share_within_bounds",
            column="credit_share",
            min_value=0,
            max_value=1,
            en="A stated share lies between 0 and 1",
            zh="填报的分配比例介于 0 和 1 之间",
            expected="0 to 1",
            do=repair,
        ),
        shares_sum_to_one("source_system, order_key", en_what="order", zh_what="订单", do=repair, exact=False),
    )


def invoice(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Invoices and credit notes state their currency, kind and status."""
    lines = (
        "exists (select 1 from canonical.invoice_line as line where line.source_system = document.source_system "
        "and line.invoice_key = document.source_key)"
    )
    return suite(
        "canonical.invoice",
        *shape,
        _currency_present(f"net_amount is not null or total_amount is not null or {lines}", "net_amount, total_amount"),
        one_of("status", _POSTED, zh_what="发票状态"),
        one_of("invoice_type", ("invoice", "credit_note"), zh_what="发票类型"),
    )


def invoice_line(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Lines belong to an invoice."""
    return suite(
        "canonical.invoice_line",
        *shape,
        _parent_exists("invoice_exists", "invoice_key", "canonical.invoice", en="invoice", zh="发票"),
    )


def payment(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Payments state their currency and status."""
    return suite(
        "canonical.payment",
        *shape,
        _currency_present("amount is not null", "amount"),
        one_of("status", _POSTED, zh_what="收款状态"),
    )


def opportunity(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Opportunities state the currency of an amount and a known status."""
    return suite(
        "canonical.opportunity",
        *shape,
        _currency_present("amount is not null", "amount"),
        one_of("status", ("open", "won", "lost"), zh_what="商机状态"),
    )


def contract(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Quotes and contracts state the currency of an amount, a known kind and status, and end after they begin."""
    return suite(
        "canonical.contract",
        *shape,
        _currency_present("amount is not null", "amount"),
        one_of("contract_type", ("quote", "contract"), zh_what="合同类型"),
        one_of("status", ("open", "agreed", "rejected"), zh_what="合同状态"),
        failing_rows(
            "ends_after_it_begins",
            f"select {_KEY}, contract_number, valid_from, valid_to from {{batch}} where valid_to <= valid_from",
            en="A quote or contract ends after it begins",
            zh="报价和合同的结束日期晚于开始日期",
            do="Correct the dates at the source; a mapping gives `valid_to` as the first day it no longer holds.",
            severity="warning",
        ),
    )


def fct_sales_credit(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every confirmed order line is credited, whole."""
    confirmed = (
        "exists (select 1 from canonical.sales_order as o where o.source_system = sales_order_line.source_system "
        "and o.source_key = order_key and o.status = 'confirmed')"
    )
    return suite(
        "core.fct_sales_credit",
        *shape,
        not_empty_when("canonical.sales_order_line", confirmed),
        *_credit("sales line", "订单行"),
    )


def fct_billing_credit(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every posted invoice line is credited, whole."""
    return suite("core.fct_billing_credit", *shape, *_credit("invoice line", "发票行"))


def fct_collection_credit(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every posted payment is credited, whole."""
    return suite(
        "core.fct_collection_credit",
        *shape,
        not_empty_when("canonical.payment", "status = 'posted'"),
        *_credit("payment", "收款"),
    )


def unresolved_reference(shape: list[Expectation]) -> gx.ExpectationSuite:
    """References to records that no source delivers: reported, as a sale without a known owner goes to `unassigned`."""
    return suite(
        "core.unresolved_reference",
        *shape,
        failing_rows(
            "references_resolved",
            "select entity, source_system, source_key, column_name, reference from {batch}",
            en="Every reference to an employee, unit, customer or document leads to a record",
            zh="对员工、单元、客户或单据的引用都能找到对应记录",
            do="Sync the source that holds the record, or correct the reference; until then it counts as unassigned.",
            severity="warning",
        ),
    )


def _credit(en_what: str, zh_what: str) -> list[Expectation]:
    repair = (
        "Look at credit_rules.yaml and at the document's owner; nobody to credit must give the member `unassigned`."
    )
    return [
        shares_sum_to_one(_KEY, en_what=en_what, zh_what=zh_what, do=repair),
        known(
            "employee_exists",
            "employee_id",
            "core.dim_employee",
            _KEY,
            en="The credited employee is known, or `unassigned`",
            zh="获得业绩的员工存在，或为 unassigned",
            do=repair,
        ),
        known(
            "unit_exists",
            "org_unit_id",
            "core.dim_org_unit",
            f"{_KEY}, employee_id",
            en="The credited unit is known, or `unassigned`",
            zh="获得业绩的单元存在，或为 unassigned",
            do=repair,
        ),
        known(
            "customer_exists",
            "customer_key",
            "core.dim_customer",
            f"{_KEY}, employee_id",
            en="The customer of the fact is a unified customer",
            zh="事实表中的客户是已知统一客户",
            do="Sync the customers of this source again, then build.",
        ),
    ]


def _currency_present(has_amount: str, amounts: str) -> Expectation:
    return failing_rows(
        "currency_present",
        f"select {_KEY}, {amounts}, currency from {{batch}} as document "
        f"where coalesce(trim(currency), '') = '' and ({has_amount})",
        en="A document with an amount states its currency",
        zh="有金额的单据都写明币种",
        do="Fill the currency at the source, or give the source's mapping a constant currency.",
    )


def _parent_exists(rule: str, column: str, target: str, *, en: str, zh: str) -> Expectation:
    return failing_rows(
        rule,
        f"select {_KEY}, {column} from {{batch}} as line where not exists (select 1 from {target} as document "
        f"where document.source_system = line.source_system and document.source_key = line.{column})",
        en=f"The {en} of a line is there",
        zh=f"每一行所属的{zh}存在",
        do=f"Sync the stream of the {en} again, or find out why the source delivers lines without it.",
    )
