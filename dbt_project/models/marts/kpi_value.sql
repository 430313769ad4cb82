-- Grain: one row per subject, period, metric and org view.
-- Whoever is posted (a unit: stands) in a period has a row for every metric; others where something happened or a
-- target is set.
with org_view as (
    select 'as_was' as org_view
    union all
    select 'as_is' as org_view
),

present as (
    select distinct
        'employee' as subject_type,
        assignment.employee_id as subject_id,
        period.period_type,
        period.period_start
    from {{ ref('int_period') }} as period
    inner join {{ ref('dim_assignment') }} as assignment
        on assignment.valid_from < period.next_period_start and period.period_start < assignment.valid_to

    union all

    select distinct
        'org_unit',
        unit.org_unit_id,
        period.period_type,
        period.period_start
    from {{ ref('int_period') }} as period
    inner join {{ ref('dim_org_unit') }} as unit
        on unit.valid_from < period.next_period_start and period.period_start < unit.valid_to
    where unit.org_unit_id <> 'unassigned'

    union all

    select 'company', 'company', period_type, period_start
    from {{ ref('int_period') }}
),

grid as (
    select present.*, registry.metric, org_view.org_view
    from present
    cross join {{ ref('metric_registry') }} as registry
    cross join org_view

    union distinct

    select subject_type, subject_id, period_type, period_start, metric, org_view
    from {{ ref('int_metric_subject') }}

    union distinct

    select target.subject_type, target.subject_id, target.period_type, target.period_start, target.metric, org_view.org_view
    from {{ ref('int_target') }} as target
    inner join {{ ref('int_period') }} as period
        on target.period_type = period.period_type and target.period_start = period.period_start
    cross join org_view
),

-- whoever knows of purchases knows who did not come back, be it nobody
known_metric as (
    select distinct metric from {{ ref('int_metric_daily') }}
    {% for metric in ['churned_customers', 'churn_rate'] %}
    union distinct
    select '{{ metric }}' from {{ ref('int_metric_daily') }} where metric = 'order_count'
    {% endfor %}
),

measured as (
    select
        grid.*,
        period.period_end,
        registry.aggregation,
        registry.uncertainty,
        target.target_value as target,
        target.target_version,
        -- where the company has data for the metric, nothing done is 0 done
        case when known_metric.metric is not null then coalesce(done.numerator, 0) end as numerator,
        case
            when registry.aggregation = 'ratio' and known_metric.metric is not null then coalesce(done.denominator, 0)
        end as denominator,
        coalesce(done.grey_numerator, 0) as grey_numerator
    from grid
    inner join {{ ref('metric_registry') }} as registry
        on grid.metric = registry.metric
    inner join {{ ref('int_period') }} as period
        on grid.period_type = period.period_type and grid.period_start = period.period_start
    left join known_metric
        on grid.metric = known_metric.metric
    left join {{ ref('int_metric_subject') }} as done
        on
            grid.subject_type = done.subject_type
            and grid.subject_id = done.subject_id
            and grid.period_type = done.period_type
            and grid.period_start = done.period_start
            and grid.metric = done.metric
            and grid.org_view = done.org_view
    left join {{ ref('int_target') }} as target
        on
            grid.subject_type = target.subject_type
            and grid.subject_id = target.subject_id
            and grid.period_type = target.period_type
            and grid.period_start = target.period_start
            and grid.metric = target.metric
),

valued as (
    select
        *,
        case
            when aggregation = 'ratio' then {{ decimal_divide('numerator', 'denominator') }}
            else numerator
        end as value,
        -- from the unrounded quotient: value / target would round twice
        {{ decimal_divide('numerator', "(case when aggregation = 'ratio' then denominator else 1 end * target)") }}
            as attainment
    from measured
)

select
    subject_type,
    subject_id,
    period_type,
    period_start,
    period_end,
    metric,
    org_view,
    cast(value as decimal(28, 9)) as value,
    case when value is null then 'no_data' else 'ok' end as value_status,
    -- merging can only take counts away, so all grey pairs merged gives the least and none merged (the value) the most
    cast(case when uncertainty = 'identity' then value - grey_numerator end as decimal(28, 9)) as value_low,
    cast(case when uncertainty = 'identity' then value end as decimal(28, 9)) as value_high,
    cast(numerator as decimal(28, 9)) as numerator,
    cast(denominator as decimal(28, 9)) as denominator,
    target,
    target_version,
    cast(attainment as decimal(28, 9)) as attainment,
    case
        when target is null then 'no_target'
        when value is null then 'no_data'
        when target = 0 then 'not_applicable'
        else 'ok'
    end as attainment_status
from valued
