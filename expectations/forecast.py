"""Suites of what is likely to come (forecasts, calibration, ranked leads) and of what moved bookings."""

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, one_of, stock, suite
from expectations.shape import not_empty_when

_DEFECT = "This is a defect of the model, not of the data: tell the team, with the rows shown."
_RECORD = "source_system, source_key"
_SUBJECT = "subject_type, subject_id"
_METHODS = ("base_rate", "stage_rate", "logistic", "no_data")
_SERIES_METHODS = ("ets", "seasonal_naive", "naive", "bottom_up", "no_data")


def opportunity_forecast(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every open opportunity has a probability, or says why not, and its expected amount follows from it."""
    return suite(
        "marts.opportunity_forecast",
        *shape,
        one_of("status", ("ok", "no_data", "no_amount", "no_rate"), zh_what="预测状态"),
        one_of("method", _METHODS, zh_what="预测方法"),
        _probability("win_probability", zh="赢单概率", en="The win probability"),
        failing_rows(
            "every_open_deal_is_foretold",
            f"select {_RECORD} from core.int_opportunity where status = 'open' except select {_RECORD} from {{batch}}",
            en="Every open opportunity is in the forecast",
            zh="每个未结商机都在预测中",
            do=_DEFECT,
        ),
        failing_rows(
            "amount_is_probability_times_amount",
            f"select {_RECORD}, reporting_amount, win_probability, expected_amount, status from {{batch}} where "
            "abs(expected_amount - reporting_amount * win_probability) > 0.000001 "
            "or (expected_amount is null) = (status = 'ok')",
            en="The expected amount is amount times probability, and missing exactly where the status says so",
            zh="预期金额等于金额乘以概率；仅在状态说明原因时为空",
            do=_DEFECT,
        ),
        failing_rows(
            "probability_has_reasons",
            f"select {_RECORD}, method, win_probability, reasons_en, reasons_zh from {{batch}} where win_probability "
            "is not null and method <> 'logistic' and (coalesce(reasons_en, '') = '' or coalesce(reasons_zh, '') = '')",
            en="A probability by a win rate says which one",
            zh="按赢单率给出的概率须注明所依据的赢单率",
            do=_DEFECT,
        ),
    )


def forecast_calibration(shape: list[Expectation]) -> gx.ExpectationSuite:
    """The bins of a method hold all of its forecasts, and the method used is no worse than knowing nothing."""
    return suite(
        "marts.forecast_calibration",
        *shape,
        failing_rows(
            "bins_hold_everything",
            "select method, sum(case when bin = 0 then snapshots else -snapshots end) as snapshots_missing, "
            "sum(case when bin = 0 then won else -won end) as won_missing from {batch} group by method "
            "having snapshots_missing <> 0 or won_missing <> 0",
            en="The bins of a method add up to all of its forecasts",
            zh="各概率区间之和等于该方法的全部预测",
            do=_DEFECT,
        ),
        failing_rows(
            "no_worse_than_base_rate",
            "select method, brier_score, base_rate_brier_score from {batch} "
            "where bin = 0 and is_used and brier_score > base_rate_brier_score",
            en="The method that is used was no worse than the plain win rate on later deals",
            zh="所用方法在后续商机上的表现不劣于总体赢单率",
            do=_DEFECT,
            severity="warning",
        ),
    )


def sales_forecast(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Levels add up, ranges hold their value, and who lost to the naive forecast uses it."""
    return suite(
        "marts.sales_forecast",
        *shape,
        not_empty_when("core.int_bookings_month"),
        one_of("status", ("ok", "no_data"), zh_what="预测状态"),
        one_of("method", _SERIES_METHODS, zh_what="预测方法"),
        failing_rows(
            "units_add_up_to_company",
            "select period_start, company.value as company_value, units.value as units_value from {batch} as company "
            "inner join (select forecast_month as period_start, sum(value) as value from "
            "core.int_unit_bookings_forecast where actual is null group by forecast_month) as units "
            "using (period_start) where company.subject_type = 'company' and company.value <> units.value",
            en="The company's forecast is the sum of those of the units people are posted to",
            zh="公司预测等于各基层单位预测之和",
            do=_DEFECT,
        ),
        failing_rows(
            "range_holds_value",
            f"select {_SUBJECT}, period_start, value_low, value, value_high from {{batch}} where value_low > value "
            "or value_high < value or (value is null) = (status = 'ok') or (value_low is null) = (range_status = 'ok')",
            en="A forecast lies in its range, and is missing exactly where the status says so",
            zh="预测值位于其区间内；仅在状态说明时为空",
            do=_DEFECT,
        ),
        failing_rows(
            "who_lost_to_naive_uses_it",
            f"select {_SUBJECT}, period_start, method, beats_seasonal_naive from {{batch}} "
            "where method = 'ets' and not coalesce(beats_seasonal_naive, false)",
            en="A unit whose forecast did not beat the seasonal naive one uses the naive one",
            zh="若某单位的预测未优于季节性朴素预测，则采用朴素预测",
            do=_DEFECT,
            severity="warning",
        ),
    )


def forecast_accuracy(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Whoever says to beat the naive forecast did."""
    return suite(
        "marts.forecast_accuracy",
        *shape,
        failing_rows(
            "beating_means_smaller_error",
            f"select {_SUBJECT}, horizon, mean_absolute_error, naive_mean_absolute_error, beats_seasonal_naive "
            "from {batch} where beats_seasonal_naive and mean_absolute_error > naive_mean_absolute_error "
            "or not beats_seasonal_naive and mean_absolute_error < naive_mean_absolute_error",
            en="A forecast beats the naive one exactly when its error is smaller",
            zh="仅当误差更小时才算优于朴素预测",
            do=_DEFECT,
        ),
    )


def lead_ranking(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every open lead has one place in a complete order."""
    return suite(
        "marts.lead_ranking",
        *shape,
        one_of("status", ("ok", "no_data"), zh_what="评分状态"),
        _probability("score", zh="转化概率", en="The score"),
        failing_rows(
            "every_open_lead_is_ranked",
            f"select {_RECORD} from canonical.lead where status = 'open' except select {_RECORD} from {{batch}}",
            en="Every open lead is ranked",
            zh="每条未结线索都有排名",
            do=_DEFECT,
        ),
        failing_rows(
            "ranks_are_one_to_n_by_score",
            f"select {_RECORD}, lead_rank, score from (select *, row_number() over (order by lead_rank) as place, "
            "lag(score) over (order by lead_rank) as score_above from {batch}) "
            "where lead_rank <> place or score > score_above",
            en="Ranks run from 1 without gap or tie, and a better score never stands lower",
            zh="排名从 1 起连续且不并列，得分高者不排在后面",
            do=_DEFECT,
        ),
    )


def sales_driver(shape: list[Expectation]) -> gx.ExpectationSuite:
    """The parts of a change are the whole change, of bookings that are those of the facts."""
    return suite(
        "marts.sales_driver",
        *shape,
        one_of("comparison", ("previous", "year_ago"), zh_what="对比方式"),
        failing_rows(
            "parts_add_up_to_change",
            f"select {_SUBJECT}, period_type, period_start, comparison, change, price + volume + mix + currency + "
            "customers_won + customers_lost + returns + other as sum_of_parts from {batch} where change <> price "
            "+ volume + mix + currency + customers_won + customers_lost + returns + other "
            "or change <> bookings - reference_bookings",
            en="Price, volume, mix, currency, customers won and lost, returns and other add up to the change exactly",
            zh="价格、数量、结构、汇率、新增客户、流失客户、退货及其他之和恰好等于变动额",
            do=_DEFECT,
        ),
        failing_rows(
            "bookings_are_those_of_the_facts",
            "select period_start, driver.bookings, fact.amount from {batch} as driver inner join ("
            "select cast(date_trunc('month', booked_date) as date) as period_start, sum(credited_amount) as amount "
            "from core.fct_sales_credit where booked_date <= (select as_of_date from config.company) group by 1) "
            "as fact using (period_start) where driver.subject_type = 'company' and driver.period_type = 'month' "
            "and driver.bookings <> fact.amount",
            en="The company's bookings of a month are the sum of the credited sales",
            zh="公司每月签约额等于业绩明细之和",
            do=_DEFECT,
        ),
    )


def _probability(column: str, *, en: str, zh: str) -> Expectation:
    return stock(
        gxe.ExpectColumnValuesToBeBetween,
        f"{column}_within_bounds",
        column=column,
        min_value=0,
        max_value=1,
        en=f"{en} lies between 0 and 1",
        zh=f"{zh}介于 0 和 1 之间",
        expected="0 to 1",
        do=_DEFECT,
    )
