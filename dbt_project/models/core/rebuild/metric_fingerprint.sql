-- Grain: one row per kind of input and month whose sums per subject it decides, beside the facts themselves.
-- The events of the sales family are facts, fingerprinted already; all others are counted here as they come.
with dated as (
    select 'event' as component, {{ month_of('record.event_date') }} as first_day, {{ fingerprint('record') }}
    from ({{ events_of(event_families() | reject('equalto', 'sales') | list) }}) as record
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
        'unit_line' as component,
        {{ row_hash('org_unit_id, ancestor_id') }} as content,
        valid_from,
        valid_to
    from {{ ref('int_unit_ancestor') }}

    union all

    -- a month of events alone is none of facts
    select 'posting', {{ row_hash('employee_id, org_unit_id') }}, valid_from, valid_to
    from {{ ref('int_posting') }}

    union all

    select 'days', 0, date '0001-01-01', {{ add_days('as_of_date', 1) }}
    from {{ source('config', 'company') }}
),

month as (
    select distinct first_day, {{ add_months('first_day', 1) }} as next_first_day
    from (
        select first_day from dated
        union all
        select {{ month_of('first_day') }} from {{ ref('fact_fingerprint') }}
    ) as known
)

select component, first_day, row_count, content
from dated

union all

select 'today', month.first_day, {{ fingerprint('today') }}
from month
cross join today
group by month.first_day

union all

select
    stretch.component,
    month.first_day,
    {{ fingerprint(
        'stretch.content, greatest(stretch.valid_from, month.first_day), least(stretch.valid_to, month.next_first_day)'
    ) }}
from month
inner join stretch
    on stretch.valid_from < month.next_first_day and month.first_day < stretch.valid_to
group by stretch.component, month.first_day
