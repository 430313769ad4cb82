"""Suites of appraisal: the standards a company configures, and the scores they give."""

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, known, one_of, stock, suite
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
    """Scores stay within the standards' bounds, add up, and a gate says why it caps."""
    return suite(
        "marts.appraisal_score",
        *shape,
        not_empty_when("marts.appraisal_component"),
        one_of("status", ("scored", "provisional", "too_little_data", "no_data"), zh_what="得分状态"),
        failing_rows(
            "score_within_bounds",
            f"select {_KEY}, score, standard_id, standard_version, most from {{batch}} as score left join ("
            f"select {_KEY}, max(cap) as most from marts.appraisal_part_component group by {_KEY}) using ({_KEY}) "
            "where score < 0 or score > most or (score is not null and most is null)",
            en="A score lies between 0 and the highest cap of its standards",
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
            "null_is_not_zero",
            f"select {_KEY}, score, status from {{batch}} "
            "where (score is null) = (status in ('scored', 'provisional'))",
            en="A score is there exactly when its status is scored or provisional; too little data is null, never 0",
            zh="状态为 scored 或 provisional 时才有得分；数据不足为空值而不是 0",
            do=_MODEL,
        ),
        failing_rows(
            "cap_has_a_reason",
            f"select {_KEY}, uncapped_score, score, earned_grade, grade from {{batch}} where score > uncapped_score "
            "or is_capped is distinct from coalesce(score < uncapped_score or grade <> earned_grade, false) "
            "or (is_capped and coalesce(gate_reason_zh, gate_reason_en) is null)",
            en="Only a gate lowers a score or grade, and its reason is shown",
            zh="只有约束条件才会降低得分或等级，并写明原因",
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
        failing_rows(
            "no_grade_above_its_share",
            "select standard_id, standard_version, period_type, period_start, position, people, holders, "
            "share_so_far from (select score.standard_id, score.standard_version, score.period_type, "
            "score.period_start, max(score.people) as people, band.position, "
            "(select sum(upper.share_pct) from config.grade_band as upper where upper.standard_id = score.standard_id "
            "and upper.standard_version = score.standard_version and upper.position <= band.position) as share_so_far, "
            "count(*) filter (held.position <= band.position) as holders "
            "from {batch} as score inner join config.appraisal_standard as standard using (standard_id, "
            "standard_version) inner join config.grade_band as held on held.standard_id = score.standard_id "
            "and held.standard_version = score.standard_version and held.grade = score.grade "
            "inner join config.grade_band as band on band.standard_id = score.standard_id "
            "and band.standard_version = score.standard_version and band.share_pct is not null "
            "where standard.ties = 'worse' group by all) where 100 * holders > share_so_far * people",
            en="Where people share grades and equal scores take the worse one, no grade goes to more than its share",
            zh="按比例分布且同分取较低等级时，任何等级的人数不超过其比例",
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


def appraisal_part(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Parts follow each other inside their period and judge by a version in force."""
    return suite(
        "marts.appraisal_part",
        *shape,
        not_empty_when("marts.appraisal_score"),
        one_of("part_status", ("ok", "no_data", "too_few_days", "too_little_data"), zh_what="分段状态"),
        failing_rows(
            "parts_do_not_overlap",
            f"select {_KEY}, part_number, days_from, days_to, previous_end from (select *, lag(days_to) over ("
            f"partition by {_KEY} order by part_number) as previous_end from {{batch}}) "
            "where days_from < previous_end or days_to <= days_from or days_from < period_start",
            en="The parts of a period follow each other and share no day",
            zh="同一期间的各分段前后相接、互不重叠",
            do=_MODEL,
        ),
        failing_rows(
            "version_in_force",
            f"select {_KEY}, part_number, part.standard_id, part.standard_version from {{batch}} as part where not "
            "exists (select 1 from config.appraisal_standard as standard where standard.standard_id = part.standard_id "
            "and standard.standard_version = part.standard_version and standard.role = part.role "
            "and standard.valid_from <= part.period_start and part.period_start < standard.valid_to)",
            en="Each part is judged by the version for its role that was in force when the period began",
            zh="每个分段均按期初生效且适用于该角色的标准版本考核",
            do="Restore the version in the standard's file: versions that were in force are never edited or removed.",
        ),
        failing_rows(
            "score_is_there",
            f"select {_KEY}, part_number, part_score, part_status from {{batch}} "
            "where (part_score is null) = (part_status = 'ok')",
            en="A part has a score exactly when it counts",
            zh="分段计入时才有得分",
            do=_MODEL,
        ),
    )


def appraisal_part_component(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Each component of a part adds to that of the period."""
    return suite(
        "marts.appraisal_part_component",
        *shape,
        not_empty_when("marts.appraisal_part"),
        failing_rows(
            "adds_to_the_component",
            f"select {_KEY}, metric, component.weighted_points, sum(part.weighted_points) as sum_of_parts "
            f"from marts.appraisal_component as component left join {{batch}} as part using ({_KEY}, metric) "
            f"where metric <> 'gate' group by {_KEY}, metric, component.weighted_points "
            "having sum(part.weighted_points) is distinct from component.weighted_points",
            en="The weighted points of a metric's parts add up to its component exactly",
            zh="同一指标各分段的加权得分之和恰好等于其组成项",
            do=_MODEL,
        ),
        failing_rows(
            "points_within_cap",
            f"select {_KEY}, part_number, metric, points, cap from {{batch}} where points < 0 or points > cap",
            en="Points of a component lie between 0 and the standard's cap for it",
            zh="组成项得分介于 0 与标准规定的上限之间",
            do=_MODEL,
        ),
        failing_rows(
            "undivided_is_the_kpi",
            f"select part.{_KEY.replace(', ', ', part.')}, part.metric, raw_value, kpi.value from {{batch}} as part "
            "inner join marts.kpi_value as kpi on kpi.org_view = 'as_was' and kpi.subject_id = part.subject_id "
            "and kpi.subject_type = case part.subject when 'unit' then 'org_unit' else 'employee' end "
            "and kpi.period_type = part.period_type and kpi.period_start = part.period_start "
            "and kpi.metric = part.metric where not part.is_divided and part.raw_value is distinct from kpi.value",
            en="In a period that is not divided a component has the value that kpi_value publishes",
            zh="期间未分段时，组成项的数值就是 kpi_value 公布的数值",
            do=_MODEL,
        ),
    )


def appraisal_gate(shape: list[Expectation]) -> gx.ExpectationSuite:
    """A gate is breached by what was measured, and by nothing else."""
    return suite(
        "marts.appraisal_gate",
        *shape,
        failing_rows(
            "breach_is_measured",
            f"select {_KEY}, gate_id, value, breach, limit_value from {{batch}} where is_breached is distinct from "
            "coalesce(case breach when 'above' then value > limit_value else value < limit_value end, false)",
            en="A gate is breached exactly when the value lies beyond its limit",
            zh="只有数值越过界限时才触发约束条件",
            do=_MODEL,
        ),
    )


def appraisal_rating(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Who was promised anonymity has it."""
    return suite(
        "marts.appraisal_rating",
        *shape,
        one_of("rating_status", ("ok", "missing", "below_anonymity_floor", "too_few_raters"), zh_what="评价状态"),
        failing_rows(
            "anonymous_raters_do_not_show",
            f"select {_KEY}, rating.standard_id, rating.standard_version, rater_kind, raters, anonymity_floor "
            "from {batch} as rating left join config.appraisal_rating_kind as kind "
            "using (standard_id, standard_version, rater_kind) where "
            "(rating_status = 'below_anonymity_floor' and (raters is not null or average_points is not null)) "
            "or (rating.is_anonymous and raters > 0 and raters < anonymity_floor)",
            en="An anonymous kind of raters shows no number below its anonymity floor",
            zh="匿名评价人少于匿名下限时不显示任何数值",
            do=_MODEL,
        ),
        failing_rows(
            "average_within_the_scale",
            f"select {_KEY}, rater_kind, average_points from {{batch}} "
            "where average_points < 0 or average_points > 100",
            en="Ratings average between 0 and 100 points",
            zh="评价均分介于 0 与 100 之间",
            do="Correct the score or scale_max of the ratings at their source.",
        ),
    )


def appraisal_rater(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Raters who were promised anonymity show nothing of single ratings."""
    return suite(
        "marts.appraisal_rater",
        *shape,
        one_of("rater_status", ("ok", "no_comparison", "below_anonymity_floor"), zh_what="评价人状态"),
        failing_rows(
            "anonymous_raters_do_not_show",
            "select rater_employee_id, rater_kind, period_type, period_start, ratings, rater_status from {batch} "
            "where (rater_status = 'below_anonymity_floor') "
            "<> (ratings is null and average_points is null and leniency_points is null)",
            en="A rater below the anonymity floor shows no number",
            zh="少于匿名下限的评价人不显示任何数值",
            do=_MODEL,
        ),
    )


def appraisal_contribution(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every score opens down to landed records, and the way back gives the score: all rows, not a sample."""
    return suite(
        "marts.appraisal_contribution",
        *shape,
        not_empty_when("marts.appraisal_component", "weighted_points is not null"),
        failing_rows(
            "adds_to_the_component",
            f"select {_KEY}, metric, component.weighted_points, fact.points from (select {_KEY}, metric, "
            "weighted_points from marts.appraisal_component where weighted_points is not null) as component "
            f"full join (select {_KEY}, metric, sum(points) as points from {{batch}} group by {_KEY}, metric) as fact "
            f"using ({_KEY}, metric) where component.weighted_points is distinct from fact.points",
            en="The points of a component's facts add up to the component, and so to the score, exactly",
            zh="各事实的得分之和恰好等于其组成项，从而等于总分",
            do=_MODEL,
        ),
        failing_rows(
            "facts_give_the_value",
            f"select {_KEY}, part_number, metric, part.numerator, fact.numerator as sum_of_facts from "
            "marts.appraisal_part_component as part inner join (select "
            f"{_KEY}, part_number, metric, sum(numerator) as numerator from {{batch}} group by all) as fact "
            f"using ({_KEY}, part_number, metric) "
            "where metric <> 'rating' and part.numerator is distinct from fact.numerator",
            en="The facts of a component add up to its value",
            zh="组成项的各事实之和等于其数值",
            do="A fact is missing or stands there twice: compare the metric's events with the facts listed.",
        ),
        failing_rows(
            "record_is_named",
            f"select {_KEY}, metric, fact_number, fact_kind, source_entity, source_system, source_key from {{batch}} "
            "where fact_kind in ('record', 'rating') "
            "and (source_entity is null or source_system is null or source_key is null or load_id is null)",
            en="A fact that is a record names its source, key and load package",
            zh="属于记录的事实注明来源、主键与加载批次",
            do=_MODEL,
        ),
        failing_rows(
            "record_is_landed",
            "select distinct source_entity, fact.source_system, fact.source_key, fact.load_id from {batch} as fact "
            "where fact.source_system is not null and not exists (select 1 from core.landed_record as landed "
            "where landed.entity = fact.source_entity and landed.source_system = fact.source_system "
            "and landed.source_key = fact.source_key and landed.load_id = fact.load_id)",
            en="Every record listed is found in landing, with its source, key and load package",
            zh="列出的每条记录都能在 landing 中按来源、主键与加载批次找到",
            do="Landing files may have been moved or edited: restore them, or sync the source again from the start.",
        ),
    )


def appraisal_component(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Components belong to a score and stay within their weight."""
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
    )
