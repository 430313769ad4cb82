{{ config(materialized='view') }}
-- Grain: one row per period and key account of an employee: days since somebody spoke to it.
with period as ({{ asked_periods('last_date') }}),

-- a period is asked about on the last day of a month or on the as-of date, so of a month only the last contact matters
contact as (
    select
        activity.customer_key,
        {{ month_of('activity.activity_date') }} as month_start,
        max(activity.activity_date) as last_contact_date
    from {{ ref('int_activity') }} as activity
    cross join {{ source('config', 'company') }} as company
    where
        activity.status = 'done'
        and activity.activity_type in ('call', 'visit', 'meeting', 'mail')
        and activity.customer_key is not null
        and activity.activity_date <= company.as_of_date
    group by activity.customer_key, {{ month_of('activity.activity_date') }}
),

spoken_since as (
    select
        *,
        lead(month_start, 1, date '9999-12-31') over (partition by customer_key order by month_start)
            as next_month_start
    from contact
),

spoken as (
    select
        period.period_type,
        period.period_start,
        period.last_date,
        account.employee_id,
        account.customer_key,
        spoken_since.last_contact_date
    from period
    inner join {{ ref('int_key_account') }} as account
        on period.last_date >= account.quarter_start and period.last_date < account.next_quarter_start
    left join spoken_since
        on
            account.customer_key = spoken_since.customer_key
            and period.last_date >= spoken_since.month_start
            and period.last_date < spoken_since.next_month_start
),

gap as (
    select
        *,
        -- a year is the longest gap: beyond it, or where nobody ever spoke to the customer, one counts as the other
        case
            when last_contact_date is null then 365
            else least({{ days_between('last_contact_date', 'last_date') }}, 365)
        end as gap_days,
        cast(null as varchar) as source_system,
        customer_key as source_key
    from spoken
)

{{ metric_period_event('key_account_contact_gap', 'gap', 'last_date', 'gap_days', 'activity', denominator='1') }}
