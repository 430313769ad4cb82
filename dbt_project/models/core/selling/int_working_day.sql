-- Grain: one row per working day from the company's first activity done to the day the candidate describes.
with digit as (
    select 0 as digit
    {% for number in range(1, 10) %}
    union all
    select {{ number }}
    {% endfor %}
),

bounds as (
    select
        min(activity.activity_date) as first_date,
        min(company.as_of_date) as last_date
    from {{ ref('int_activity') }} as activity
    cross join {{ source('config', 'company') }} as company
    where activity.status = 'done' and activity.activity_date <= company.as_of_date
),

-- ten thousand days reach back 27 years: what is older is no daily log
day as (
    select
        bounds.first_date,
        {{ add_days('bounds.last_date', '-(1000 * a.digit + 100 * b.digit + 10 * c.digit + d.digit)') }} as day
    from bounds
    cross join digit as a
    cross join digit as b
    cross join digit as c
    cross join digit as d
)

select day
from day
where day >= first_date and {{ is_working_day('day') }}
