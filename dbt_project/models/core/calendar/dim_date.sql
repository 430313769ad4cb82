-- Grain: one row per calendar day.
with day as (
    select
        calendar_day.*,
        (extract(month from calendar_day.date_day) - company.fiscal_year_start_month + 12) % 12 as months_into_year,
        cast(date_trunc('month', calendar_day.date_day) as date) as month_start,
        case when calendar_day.is_working_day then 1 else 0 end as working_days,
        case
            when calendar_day.is_working_day then calendar_day.closing_minute - calendar_day.opening_minute else 0
        end as minutes
    from {{ source('config', 'calendar_day') }} as calendar_day
    cross join {{ source('config', 'company') }} as company
),

counted as (
    select
        *,
        {{ add_months('month_start', '-months_into_year') }} as fiscal_year_start,
        {{ add_months('month_start', '-(months_into_year % 3)') }} as fiscal_quarter_start,
        sum(working_days) over (order by date_day rows unbounded preceding) as working_day_number,
        sum(minutes) over (order by date_day rows unbounded preceding) as working_minutes
    from day
)

select
    date_day,
    is_working_day,
    holiday_name,
    holiday_name_en,
    cast(working_day_number as integer) as working_day_number,
    month_start,
    fiscal_quarter_start,
    fiscal_year_start,
    cast(floor(months_into_year / 3) + 1 as integer) as fiscal_quarter,
    cast(extract(year from {{ add_months('fiscal_year_start', 11) }}) as integer) as fiscal_year,
    opening_minute,
    closing_minute,
    cast(working_minutes - minutes as bigint) as working_minutes_before,
    cast(working_minutes as bigint) as working_minutes
from counted
