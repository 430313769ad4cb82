-- Grain: one row per subject, metric and period: the target in force, as `kpi_value` counts it.
-- A sum that is asked of a person for a period counts by the working days posted in it where the company says so; rates
-- and what units and the company are asked for stay as set, and so do targets of people nobody knows a posting of.
with posted as (
    select
        employee_id,
        period_type,
        period_start,
        sum(working_days) as working_days
    from {{ ref('int_posting_days') }}
    group by employee_id, period_type, period_start
),

ever_posted as (
    select distinct employee_id from {{ ref('int_posting') }}
),

period as (
    select
        period_type,
        period_start,
        cast({{ working_days_between('period_start', 'next_period_start') }} as integer) as working_days
    from (
        select distinct period_type, period_start, next_period_start from {{ ref('int_target_version') }}
    ) as known
),

in_force as (
    select
        version.*,
        period.working_days as period_working_days,
        case
            when version.subject_type = 'employee' and ever_posted.employee_id is not null
                then coalesce(cast(posted.working_days as integer), 0)
        end as posted_working_days,
        coalesce(registry.aggregation, '') = 'additive' as is_additive
    from {{ ref('int_target_version') }} as version
    inner join period
        on version.period_type = period.period_type and version.period_start = period.period_start
    left join posted
        on
            version.subject_type = 'employee'
            and version.subject_id = posted.employee_id
            and version.period_type = posted.period_type
            and version.period_start = posted.period_start
    left join ever_posted
        on version.subject_type = 'employee' and version.subject_id = ever_posted.employee_id
    left join {{ ref('metric_registry') }} as registry
        on version.metric = registry.metric
    where version.is_in_force
),

counted as (
    select
        *,
        case
            when is_additive and posted_working_days < period_working_days
                then cast(
                    {{ decimal_divide('target_value * posted_working_days', 'period_working_days', 6, 0) }}
                    as decimal(28, 6)
                )
            else target_value
        end as pro_rated_value
    from in_force
)

select
    counted.subject_type,
    counted.subject_id,
    counted.metric,
    counted.period_type,
    counted.period_start,
    counted.next_period_start,
    counted.asked_on,
    counted.is_period,
    counted.is_additive,
    case when rule.pro_rata then counted.pro_rated_value else counted.target_value end as target_value,
    counted.target_value as stated_value,
    counted.pro_rated_value,
    counted.period_working_days,
    counted.posted_working_days,
    counted.version as target_version,
    counted.owner_employee_key,
    counted.owner_employee_id,
    counted.parent_subject_ref,
    counted.parent_subject_type,
    counted.parent_subject_id,
    counted.parent_metric,
    counted.due_date
from counted
cross join {{ source('config', 'target_rule') }} as rule
