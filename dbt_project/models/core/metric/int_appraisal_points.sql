-- Grain: one row per employee, period and metric of the standard: the points reached, null where the metric drops out.
with measured as (
    select
        subject.employee_id,
        subject.period_type,
        subject.period_start,
        weight.metric,
        weight.weight,
        weight.cap,
        registry.direction,
        kpi.value as raw_value,
        coalesce(kpi.target, weight.reference_value) as target,
        case when kpi.target is not null then 'target' when weight.reference_value is not null then 'reference_value' end
            as target_origin,
        kpi.numerator,
        coalesce(kpi.denominator, 1) as denominator
    from {{ ref('int_appraisal_subject') }} as subject
    inner join {{ source('config', 'appraisal_weight') }} as weight
        on subject.standard_id = weight.standard_id and subject.standard_version = weight.standard_version
    left join {{ ref('metric_registry') }} as registry
        on weight.metric = registry.metric
    left join {{ ref('kpi_value') }} as kpi
        on
            kpi.subject_type = 'employee'
            and kpi.org_view = 'as_was'
            and subject.employee_id = kpi.subject_id
            and subject.period_type = kpi.period_type
            and subject.period_start = kpi.period_start
            and weight.metric = kpi.metric
),

reached as (
    select
        *,
        case
            when raw_value is null or target is null or target = 0 then cast(null as decimal(38, 9))
            -- nothing at all where less is better is the best there is
            when direction = 'lower_is_better' and raw_value <= 0 then cap
            when direction = 'lower_is_better'
                then {{ decimal_divide('100 * target * denominator', 'numerator') }}
            else {{ decimal_divide('100 * numerator', '(denominator * target)') }}
        end as reached_points
    from measured
)

select
    employee_id,
    period_type,
    period_start,
    metric,
    weight,
    raw_value,
    target,
    target_origin,
    case
        when raw_value is null then 'no_data'
        when target is null then 'no_target'
        when target = 0 then 'not_applicable'
        else 'ok'
    end as component_status,
    -- spelled out: `least` and `greatest` pass over nulls, and a metric that drops out must stay null
    cast(
        case when reached_points < 0 then 0 when reached_points > cap then cap else reached_points end as decimal(18, 9)
    ) as points
from reached
