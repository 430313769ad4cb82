{{ config(materialized='view') }}
-- Grain: one row per period and key account of an employee: days since somebody spoke to it.
with period as (
    select
        period.period_type,
        period.period_start,
        least(period.period_end, company.as_of_date) as last_date
    from {{ ref('int_period') }} as period
    cross join {{ source('config', 'company') }} as company
),

contact as (
    select distinct customer_key, activity_date
    from {{ ref('int_activity') }}
    where
        status = 'done'
        and activity_type in ('call', 'visit', 'meeting', 'mail')
        and customer_key is not null
),

spoken as (
    select
        period.period_type,
        period.period_start,
        period.last_date,
        account.employee_id,
        account.customer_key,
        max(contact.activity_date) as last_contact_date
    from period
    inner join {{ ref('int_key_account') }} as account
        on period.last_date >= account.quarter_start and period.last_date < account.next_quarter_start
    left join contact
        on account.customer_key = contact.customer_key and contact.activity_date <= period.last_date
    group by period.period_type, period.period_start, period.last_date, account.employee_id, account.customer_key
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
