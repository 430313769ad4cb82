"""Suites of appraisal: the standards a company configures, and the scores they give."""

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, known, stock, suite
from expectations.shape import not_empty_when

_KEY = "employee_id, period_type, period_start"
_STANDARD = "Correct the weights in the standard's file under standards/ and have the new version approved."
_MODEL = "This is a defect of the appraisal models, not of the data: tell the team, with the rows shown."


def appraisal_weight() -> gx.ExpectationSuite:
    """The weights of a standard are percentages of one whole."""
    return suite(
        "config.appraisal_weight",
        failing_rows(
            "weight_between_0_and_100",
            "select standard_id, standard_version, metric, weight from {batch} "
            "where weight is null or weight < 0 or weight > 100",
            en="Each weight of a standard lies between 0 and 100",
            zh="考核标准中每项权重介于 0 和 100 之间",
            do=_STANDARD,
        ),
        failing_rows(
            "weights_sum_to_100",
            "select standard_id, standard_version, sum(weight) as sum_of_weights from {batch} "
            "group by standard_id, standard_version having sum(weight) is distinct from 100",
            en="The weights of one version of a standard add up to 100",
            zh="同一版本考核标准的权重之和等于 100",
            do=_STANDARD,
        ),
    )


def appraisal_score(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Scores stay within the standard's bounds and add up."""
    return suite(
        "marts.appraisal_score",
        *shape,
        not_empty_when("marts.appraisal_component"),
        failing_rows(
            "score_within_bounds",
            f"select {_KEY}, score, standard_id, standard_version, most from (select score.*, (select max(cap) from "
            "config.appraisal_weight as weight where weight.standard_id = score.standard_id and "
            "weight.standard_version = score.standard_version) as most from {batch} as score) "
            "where score < 0 or score > most or (score is not null and most is null)",
            en="A score lies between 0 and the highest cap of its standard",
            zh="得分介于 0 与所用标准的最高上限之间",
            do=_MODEL,
        ),
        failing_rows(
            "weighted_points_add_up",
            f"select {_KEY}, score, sum(part.weighted_points) as sum_of_weighted_points from {{batch}} as score "
            f"left join marts.appraisal_component as part using ({_KEY}) group by {_KEY}, score "
            "having sum(part.weighted_points) is distinct from score",
            en="The weighted points of a score's components add up to the score exactly",
            zh="各组成项的加权得分之和恰好等于总分",
            do=_MODEL,
        ),
        failing_rows(
            "grade_known",
            f"select {_KEY}, score, grade from {{batch}} as score where grade is not null and not exists "
            "(select 1 from config.grade_band as band where band.standard_id = score.standard_id "
            "and band.standard_version = score.standard_version and band.grade = score.grade)",
            en="A grade is one of the standard's grades",
            zh="等级是所用标准中的等级之一",
            do=_MODEL,
        ),
        known(
            "employee_exists",
            "employee_id",
            "core.dim_employee",
            "period_type, period_start",
            en="Whoever is scored is a known employee",
            zh="被考核人是已知员工",
            do=_MODEL,
        ),
    )


def appraisal_component(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Components belong to a score and stay within weight and cap."""
    return suite(
        "marts.appraisal_component",
        *shape,
        not_empty_when("marts.appraisal_score"),
        stock(
            gxe.ExpectColumnValuesToBeBetween,
            "weight_between_0_and_100",
            column="weight",
            min_value=0,
            max_value=100,
            en="A component's weight lies between 0 and 100",
            zh="组成项的权重介于 0 和 100 之间",
            expected="0 to 100",
            do=_STANDARD,
        ),
        failing_rows(
            "score_exists",
            f"select {_KEY}, metric from {{batch}} as part where not exists "
            "(select 1 from marts.appraisal_score as score where score.employee_id = part.employee_id "
            "and score.period_type = part.period_type "
            "and score.period_start = part.period_start)",
            en="Every component belongs to a score",
            zh="每个组成项都属于某个总分",
            do=_MODEL,
        ),
        failing_rows(
            "points_within_cap",
            f"select {_KEY}, metric, points, cap from {{batch}} as part left join "
            "(select standard_id, standard_version, metric, max(cap) as cap "
            "from config.appraisal_weight group by all) as weight "
            "using (standard_id, standard_version, metric) where points < 0 or points > cap",
            en="Points of a component lie between 0 and the standard's cap for the metric",
            zh="组成项得分介于 0 与标准规定的该指标上限之间",
            do=_MODEL,
        ),
    )
