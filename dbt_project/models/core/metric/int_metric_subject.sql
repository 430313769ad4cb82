-- Grain: one row per subject, metric, period and org view in which something happened: what `kpi_value` sums.
-- Units take what their people did: `as_was` in the unit and tree of the day, `as_is` in today's unit and tree.
{% set sums %}
    cast(sum(daily.numerator) as decimal(38, 9)) as numerator,
    cast(sum(daily.denominator) as decimal(38, 9)) as denominator,
    cast(sum(daily.grey_numerator) as decimal(38, 9)) as grey_numerator
{% endset %}
with counted as (
    select metric, employee_id, org_unit_id, event_date, cast(null as varchar) as period_type, numerator, denominator, grey_numerator
    from {{ ref('int_metric_daily') }}

    union all

    select metric, employee_id, org_unit_id, period_start, period_type, numerator, denominator, null
    from {{ ref('int_metric_cohort') }}
),

dated as (
    select
        *,
        cast(date_trunc('month', event_date) as date) as month_start
    from counted
),

employee_month as (
    select daily.metric, daily.employee_id, daily.month_start, daily.period_type, {{ sums }}
    from dated as daily
    group by daily.metric, daily.employee_id, daily.month_start, daily.period_type
),

living_line as (
    select ancestor.org_unit_id, ancestor.ancestor_id
    from {{ ref('int_unit_ancestor') }} as ancestor
    cross join {{ source('config', 'company') }} as company
    where ancestor.valid_from <= company.as_of_date and company.as_of_date < ancestor.valid_to
),

monthly as (
    {% for org_view in ['as_was', 'as_is'] %}
    select
        'employee' as subject_type,
        employee_id as subject_id,
        '{{ org_view }}' as org_view,
        metric,
        month_start,
        period_type,
        numerator,
        denominator,
        grey_numerator
    from employee_month
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

    union all

    select 'org_unit', ancestor.ancestor_id, 'as_was', daily.metric, daily.month_start, daily.period_type, {{ sums }}
    from dated as daily
    inner join {{ ref('int_unit_ancestor') }} as ancestor
        on
            daily.org_unit_id = ancestor.org_unit_id
            and daily.event_date >= ancestor.valid_from
            and daily.event_date < ancestor.valid_to
    group by ancestor.ancestor_id, daily.metric, daily.month_start, daily.period_type

    union all

    select 'org_unit', living_line.ancestor_id, 'as_is', daily.metric, daily.month_start, daily.period_type, {{ sums }}
    from employee_month as daily
    inner join {{ ref('int_employee_today') }} as today
        on daily.employee_id = today.employee_id
    inner join living_line
        on today.org_unit_id = living_line.org_unit_id
    group by living_line.ancestor_id, daily.metric, daily.month_start, daily.period_type

    {% for org_view in ['as_was', 'as_is'] %}
    union all

    select 'company', 'company', '{{ org_view }}', daily.metric, daily.month_start, daily.period_type, {{ sums }}
    from employee_month as daily
    group by daily.metric, daily.month_start, daily.period_type
    {% endfor %}
)

select
    daily.subject_type,
    daily.subject_id,
    period.period_type,
    period.period_start,
    daily.metric,
    daily.org_view,
    {{ sums }}
from monthly as daily
inner join {{ ref('int_period') }} as period
    on
        daily.month_start >= period.period_start
        and daily.month_start < period.next_period_start
        -- an event counts in the month, quarter and year of its day; what a cohort did counts in its own period alone
        and coalesce(daily.period_type, period.period_type) = period.period_type
group by daily.subject_type, daily.subject_id, period.period_type, period.period_start, daily.metric, daily.org_view
