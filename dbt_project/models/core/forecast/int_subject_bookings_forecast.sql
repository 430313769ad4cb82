-- Grain: one row per org unit (with all units below it on today's tree) or company, last month known and months ahead.
-- Bottom-up: a forecast is the sum of those of the units people are posted to, so levels always add up.
with living_line as (
    select line.org_unit_id, line.ancestor_id
    from {{ ref('int_unit_ancestor') }} as line
    cross join {{ source('config', 'company') }} as company
    where line.valid_from <= company.as_of_date and company.as_of_date < line.valid_to
),

place as (
    select 'org_unit' as subject_type, ancestor_id as subject_id, org_unit_id from living_line
    union all
    select 'company', 'company', org_unit_id from (select distinct org_unit_id from {{ ref('int_bookings_month') }}) as unit
),

-- a unit sells from its first month that is not zero
selling as (
    select place.subject_type, place.subject_id, booked.org_unit_id, min(booked.month_start) as first_month
    from {{ ref('int_bookings_month') }} as booked
    inner join place
        on booked.org_unit_id = place.org_unit_id
    where booked.amount <> 0
    group by place.subject_type, place.subject_id, booked.org_unit_id
),

told as (
    select
        place.subject_type,
        place.subject_id,
        forecast.origin_month,
        forecast.horizon,
        forecast.forecast_month,
        count(*) as units,
        max(forecast.history_months) as history_months,
        sum(forecast.value) as value,
        sum(forecast.naive_value) as naive_value,
        min(forecast.org_unit_id) as only_unit,
        min(forecast.method) as only_method,
        min(forecast.naive_method) as naive_method
    from {{ ref('int_unit_bookings_forecast') }} as forecast
    inner join place
        on forecast.org_unit_id = place.org_unit_id
    group by
        place.subject_type, place.subject_id, forecast.origin_month, forecast.horizon, forecast.forecast_month
),

expected as (
    select told.subject_type, told.subject_id, told.origin_month, told.horizon, count(*) as units
    from told
    inner join selling
        on
            told.subject_type = selling.subject_type
            and told.subject_id = selling.subject_id
            and selling.first_month <= told.origin_month
    group by told.subject_type, told.subject_id, told.origin_month, told.horizon
)

select
    told.subject_type,
    told.subject_id,
    told.origin_month,
    told.horizon,
    told.forecast_month,
    cast(told.history_months as integer) as history_months,
    case when expected.units = 1 and told.only_unit = told.subject_id then told.only_method else 'bottom_up' end as method,
    told.naive_method,
    cast(told.value as decimal(28, 6)) as value,
    cast(told.naive_value as decimal(28, 6)) as naive_value,
    actual.amount as actual,
    cast(expected.units - told.units as integer) as units_without_forecast
from told
inner join expected
    on
        told.subject_type = expected.subject_type
        and told.subject_id = expected.subject_id
        and told.origin_month = expected.origin_month
        and told.horizon = expected.horizon
left join {{ ref('int_subject_bookings_month') }} as actual
    on
        told.subject_type = actual.subject_type
        and told.subject_id = actual.subject_id
        and told.forecast_month = actual.month_start
