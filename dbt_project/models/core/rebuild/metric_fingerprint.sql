-- Grain: one row per kind of input and month whose sums per subject it decides, beside the facts themselves.
with dated as (
    select 'daily' as component, {{ month_of('record.event_date') }} as month_start, {{ fingerprint('record') }}
    from {{ ref('int_metric_daily_other') }} as record
    group by {{ month_of('record.event_date') }}
),

-- today's tree decides the view `as_is` of every month
today as (
    select {{ fingerprint('employee_id, org_unit_id') }}
    from {{ ref('int_employee_today') }}

    union all

    select {{ fingerprint('ancestor.org_unit_id, ancestor.ancestor_id') }}
    from {{ ref('int_unit_ancestor') }} as ancestor
    cross join {{ source('config', 'company') }} as company
    where ancestor.valid_from <= company.as_of_date and company.as_of_date < ancestor.valid_to
),

stretch as (
    select
        {{ row_hash('org_unit_id, ancestor_id') }} as content,
        valid_from,
        valid_to
    from {{ ref('int_unit_ancestor') }}
),

month as (
    select distinct month_start, {{ add_months('month_start', 1) }} as next_month_start
    from (
        select month_start from dated
        union all
        select month_start from {{ ref('fact_fingerprint') }}
    ) as known
)

select component, month_start, row_count, content
from dated

union all

select 'today', month.month_start, {{ fingerprint('today') }}
from month
cross join today
group by month.month_start

union all

select
    'unit_line',
    month.month_start,
    {{ fingerprint(
        'stretch.content, greatest(stretch.valid_from, month.month_start), least(stretch.valid_to, month.next_month_start)'
    ) }}
from month
inner join stretch
    on stretch.valid_from < month.next_month_start and month.month_start < stretch.valid_to
group by month.month_start
