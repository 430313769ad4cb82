-- Grain: one row per kind of input and third of a month whose facts it decides, beside orders and invoices: how many rows, and one
-- number for what is in them. Payments count in the third of the payment. What holds for a stretch of days
-- counts in every third of it, cut to that third.
with dated as (
    select 'payment' as component, {{ third_of('record.payment_date') }} as first_day, {{ fingerprint('record, credit') }}
    from {{ ref('int_payment') }} as record
    left join {{ ref('int_invoice_credit') }} as credit
        on record.source_system = credit.source_system and record.invoice_key = credit.invoice_key
    group by {{ third_of('record.payment_date') }}
),

third as (
    select distinct first_day, {{ next_third('first_day') }} as next_first_day
    from (
        select first_day from dated
        union all
        select first_day from {{ ref('order_fingerprint') }}
        union all
        select first_day from {{ ref('invoice_fingerprint') }}
    ) as known
),

stretch as (
    select
        'posting' as component,
        {{ row_hash('employee_id, org_unit_id, manager_employee_id') }} as content,
        valid_from,
        valid_to
    from {{ ref('int_posting') }}

    union all

    select 'exchange_rate', {{ row_hash('currency, rate') }}, valid_from, valid_to
    from {{ ref('int_exchange_rate') }}

    union all

    select 'unit_line', {{ row_hash('org_unit_id, ancestor_id') }}, valid_from, valid_to
    from {{ ref('int_unit_ancestor') }}

    union all

    -- what else decides which credits are in conflict: regions, and who had left by then
    select 'unit', {{ row_hash('org_unit_id, unit_type, parent_org_unit_id') }}, valid_from, valid_to
    from {{ ref('dim_org_unit') }}

    union all

    select 'top_unit', {{ row_hash('org_unit_id') }}, date '0001-01-01', date '9999-12-31'
    from (
        select distinct org_unit_id from {{ ref('dim_org_unit') }} where parent_org_unit_id is null
        union distinct
        select 'regions are named' from {{ ref('dim_org_unit') }} where unit_type = 'region'
    ) as top

    union all

    select 'left', {{ row_hash('employee_id, left_date') }}, left_date, date '9999-12-31'
    from {{ ref('dim_employee') }}
    where left_date is not null

    union all

    -- the days there are: those after today do not count yet
    select 'days', 0, date '0001-01-01', {{ add_days('as_of_date', 1) }}
    from {{ source('config', 'company') }}
)

select component, first_day, row_count, content
from dated

union all

select
    stretch.component,
    third.first_day,
    {{ fingerprint(
        'stretch.content, greatest(stretch.valid_from, third.first_day), least(stretch.valid_to, third.next_first_day)'
    ) }}
from third
inner join stretch
    on stretch.valid_from < third.next_first_day and third.first_day < stretch.valid_to
group by stretch.component, third.first_day
