-- Grain: one row per part of an employee's period and component of its standard: the points, null where it drops out.
-- A period of one part is measured by `kpi_value` as published. Of a divided one each part has the additions of its own
-- days and its share of the target; metrics without dated additions (stocks, cohorts, what is worked out for a whole
-- period) have value and target of the whole period in every part.
with component as (
    select
        part.*,
        weight.metric,
        weight.subject,
        case weight.subject when 'unit' then 'org_unit' else 'employee' end as subject_type,
        case weight.subject when 'unit' then part.org_unit_id else part.employee_id end as subject_id,
        weight.weight as full_weight,
        weight.weight_at_start,
        weight.curve,
        weight.cap,
        weight.zero_at,
        weight.threshold,
        weight.reference_value,
        -- what raters say is an average and no metric
        case weight.metric when 'rating' then 'higher_is_better' else registry.direction end as direction,
        case weight.metric when 'rating' then 'ratio' else registry.aggregation end as aggregation,
        -- how far somebody has come on the ramp, 1 at its end
        cast(case
            when standard.ramp_to_months is null or part.tenure_months is null then 1
            when part.tenure_months <= standard.ramp_from_months then 0
            when part.tenure_months >= standard.ramp_to_months then 1
            else {{ decimal_divide(
                'part.tenure_months - standard.ramp_from_months',
                'standard.ramp_to_months - standard.ramp_from_months', 0, 0
            ) }}
        end as decimal(10, 9)) as ramp_share,
        coalesce(standard.ramp_expectation_pct, 100) as ramp_expectation_pct
    from {{ ref('int_appraisal_part') }} as part
    inner join {{ source('config', 'appraisal_standard') }} as standard
        on part.standard_id = standard.standard_id and part.standard_version = standard.standard_version
    inner join {{ source('config', 'appraisal_weight') }} as weight
        on part.standard_id = weight.standard_id and part.standard_version = weight.standard_version
    left join {{ ref('metric_registry') }} as registry
        on weight.metric = registry.metric
),

dated as (
    select distinct metric from {{ ref('int_metric_daily') }}
),

divided as (
    select component.*
    from component
    inner join dated
        on component.metric = dated.metric
    where component.part_count > 1
),

own_days as (
    select
        divided.employee_id,
        divided.period_type,
        divided.period_start,
        divided.part_number,
        divided.metric,
        sum(daily.numerator) as numerator,
        sum(daily.denominator) as denominator
    from divided
    inner join {{ ref('int_metric_daily') }} as daily
        on
            divided.metric = daily.metric
            and divided.employee_id = daily.employee_id
            and daily.event_date >= divided.days_from
            and daily.event_date < divided.days_to
    where divided.subject_type = 'employee'
    group by
        divided.employee_id, divided.period_type, divided.period_start, divided.part_number, divided.metric

    union all

    select
        divided.employee_id,
        divided.period_type,
        divided.period_start,
        divided.part_number,
        divided.metric,
        sum(daily.numerator),
        sum(daily.denominator)
    from divided
    {{ join_unit_days('divided') }}
    where divided.subject_type = 'org_unit'
    group by
        divided.employee_id, divided.period_type, divided.period_start, divided.part_number, divided.metric
),

-- a person's target that adds up is shared out by `target_share`, whose stretches lie within one part each
own_target as (
    select
        divided.employee_id,
        divided.period_type,
        divided.period_start,
        divided.part_number,
        divided.metric,
        sum(share.amount) as amount
    from divided
    inner join {{ ref('target_share') }} as share
        on
            divided.employee_id = share.employee_id
            and divided.metric = share.metric
            and divided.period_type = share.period_type
            and divided.period_start = share.period_start
            and share.posted_from >= divided.days_from
            and share.posted_from < divided.days_to
    where divided.subject_type = 'employee'
    group by
        divided.employee_id, divided.period_type, divided.period_start, divided.part_number, divided.metric
),

joined as (
    select
        component.*,
        component.part_count > 1 and dated.metric is not null as is_divided,
        component.aggregation = 'additive' as is_additive,
        cast(case
            when component.metric <> 'rating' then kpi.value
            when rating.rating_status = 'ok' then {{ decimal_divide('rating.numerator', 'rating.denominator') }}
        end as decimal(28, 9)) as period_value,
        case when component.metric = 'rating' then rating.numerator else kpi.numerator end as period_numerator,
        case when component.metric = 'rating' then rating.denominator else kpi.denominator end as period_denominator,
        rating.rating_status,
        kpi.target as period_target,
        own_days.numerator as own_numerator,
        own_days.denominator as own_denominator,
        own_target.amount as own_target
    from component
    left join dated
        on component.metric = dated.metric
    left join {{ ref('kpi_value') }} as kpi
        on
            kpi.org_view = 'as_was'
            and component.subject_type = kpi.subject_type
            and component.subject_id = kpi.subject_id
            and component.period_type = kpi.period_type
            and component.period_start = kpi.period_start
            and component.metric = kpi.metric
    left join {{ ref('int_appraisal_rating_total') }} as rating
        on
            component.metric = 'rating'
            and component.employee_id = rating.employee_id
            and component.period_type = rating.period_type
            and component.period_start = rating.period_start
            and component.standard_id = rating.standard_id
            and component.standard_version = rating.standard_version
    left join own_days
        on {{ same_key('component', 'own_days', ['employee_id', 'period_type', 'period_start', 'part_number', 'metric']) }}
    left join own_target
        on {{ same_key('component', 'own_target', ['employee_id', 'period_type', 'period_start', 'part_number', 'metric']) }}
),

measured as (
    select
        *,
        case
            when not is_divided then period_numerator
            when own_numerator is not null then own_numerator
            when period_numerator is not null then 0
        end as numerator,
        case
            when not is_divided then period_denominator
            when aggregation = 'ratio' and (own_numerator is not null or period_numerator is not null)
                then coalesce(own_denominator, 0)
        end as denominator,
        -- days of the period that count for what is asked of a whole one
        case
            when subject_type = 'employee' then case when is_divided then working_days else posted_working_days end
            when is_divided then span_working_days
            else period_working_days
        end as asked_working_days
    from joined
),

valued as (
    select
        *,
        case
            when not is_divided then cast(period_value as decimal(38, 9))
            when denominator is not null then {{ decimal_divide('numerator', 'denominator') }}
            else numerator
        end as raw_value,
        case
            when period_target is not null then 'target'
            when reference_value is not null then 'reference_value'
        end as target_origin,
        case
            when period_target is not null and is_divided and is_additive and subject_type = 'employee' then own_target
            when period_target is not null and is_divided and is_additive
                then {{ decimal_divide('period_target * span_working_days', 'period_working_days', 6, 0) }}
            when period_target is not null then period_target
            when is_additive
                then {{ decimal_divide('reference_value * asked_working_days', 'period_working_days', 6, 0) }}
            else reference_value
        end as set_target,
        cast(
            case
                when is_additive and direction <> 'lower_is_better' and subject_type = 'employee'
                    then ramp_expectation_pct + (100 - ramp_expectation_pct) * ramp_share
                else 100
            end as decimal(9, 6)
        ) as expectation_pct
    from measured
),

asked as (
    select
        *,
        cast(set_target as decimal(28, 6)) as stated_target,
        cast(cast(set_target as decimal(28, 6)) * expectation_pct * cast('0.01' as decimal(3, 2)) as decimal(28, 6))
            as target,
        cast(weight_at_start + (full_weight - weight_at_start) * ramp_share as decimal(9, 4)) as weight
    from valued
),

{% set key = ['employee_id', 'period_type', 'period_start', 'part_number', 'metric'] %}
pointed as (
    {{ component_points('asked', key) }}
)

select
    employee_id,
    period_type,
    period_start,
    part_number,
    metric,
    standard_id,
    standard_version,
    subject,
    subject_type,
    subject_id,
    is_divided,
    weight,
    curve,
    cap,
    cast(numerator as decimal(28, 9)) as numerator,
    cast(denominator as decimal(28, 9)) as denominator,
    cast(raw_value as decimal(28, 9)) as raw_value,
    period_value,
    stated_target,
    expectation_pct,
    target,
    coalesce(period_target, reference_value) as period_target,
    case when target is not null then target_origin end as target_origin,
    cast(reached_pct as decimal(28, 9)) as reached_pct,
    component_status,
    points
from pointed
