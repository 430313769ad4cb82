-- Grain: one row per calendar day, from 1990 to the end of the second year after the as-of date.
-- Monday to Friday are worked. 1 January 1990 was a Monday, so whole weeks since then count five days each.
with digit as (
    {% for number in range(10) %}
    select {{ number }} as n
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

since_then as (
    select one.n + 10 * ten.n + 100 * hundred.n + 1000 * thousand.n + 10000 * ten_thousand.n as days
    from digit as one
    cross join digit as ten
    cross join digit as hundred
    cross join digit as thousand
    cross join digit as ten_thousand
)

select
    {{ add_days("date '1990-01-01'", 'since_then.days') }} as date_day,
    cast(floor(since_then.days / 7) * 5 + least(since_then.days % 7, 5) as integer) as working_days_before
from since_then
cross join {{ source('config', 'company') }} as company
where
    extract(year from {{ add_days("date '1990-01-01'", 'since_then.days') }})
    <= extract(year from company.as_of_date) + 2
