-- Grain: one row per org unit (with all units below it on today's tree) or company, and complete month.
with living_line as (
    select line.org_unit_id, line.ancestor_id
    from {{ ref('int_unit_ancestor') }} as line
    cross join {{ source('config', 'company') }} as company
    where line.valid_from <= company.as_of_date and company.as_of_date < line.valid_to
)

select
    'org_unit' as subject_type,
    living_line.ancestor_id as subject_id,
    booked.month_start,
    cast(sum(booked.amount) as decimal(28, 6)) as amount
from {{ ref('int_bookings_month') }} as booked
inner join living_line
    on booked.org_unit_id = living_line.org_unit_id
group by living_line.ancestor_id, booked.month_start

union all

select 'company' as subject_type, 'company' as subject_id, month_start, cast(sum(amount) as decimal(28, 6)) as amount
from {{ ref('int_bookings_month') }}
group by month_start
