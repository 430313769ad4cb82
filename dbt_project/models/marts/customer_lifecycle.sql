-- Grain: one row per unified customer and stretch of days in one state, up to the company's as-of date. The limits in days
-- are the company's (`config.customer_lifecycle`). Valid in [valid_from, valid_to); the last stretch is open.
-- prospect: known and has never bought. new: from the first purchase for new_days. active: bought less than at_risk_days
-- ago. at_risk, churned: from at_risk_days (churned_days) after the latest purchase. won_back: from the purchase that ends
-- churned, for new_days.
-- Purchases that follow each other before at_risk begins change nothing, so they are one run: few rows, not millions.
with limits as (
    select
        lifecycle.*,
        least(lifecycle.at_risk_days, lifecycle.churned_days) as run_days,
        company.as_of_date
    from {{ source('config', 'customer_lifecycle') }} as lifecycle
    cross join {{ source('config', 'company') }} as company
),

purchase as (
    select purchase.customer_key, purchase.purchase_date, purchase.previous_purchase_date, limits.run_days
    from {{ ref('int_customer_purchase') }} as purchase
    cross join limits
    where purchase.customer_key is not null and purchase.purchase_date <= limits.as_of_date
),

latest as (
    select customer_key, max(purchase_date) as day
    from purchase
    group by customer_key
),

run_start as (
    select customer_key, purchase_date as day, previous_purchase_date as previous_day
    from purchase
    where
        previous_purchase_date is null
        or purchase_date > {{ add_days('previous_purchase_date', 'run_days') }}
),

run as (
    select
        run_start.customer_key,
        run_start.day,
        run_start.previous_day,
        coalesce(lead(run_start.previous_day) over of_customer, latest.day) as last_day,
        lead(run_start.day, 1, date '9999-12-31') over of_customer as until_day
    from run_start
    inner join latest
        on run_start.customer_key = latest.customer_key
    window of_customer as (partition by run_start.customer_key order by run_start.day)
),

-- a spell begins with the first purchase and with every purchase after the customer had churned
begun as (
    select
        run.*,
        limits.*,
        case
            when
                run.previous_day is null
                or run.day > {{ add_days('run.previous_day', 'limits.churned_days') }}
                then run.day
        end as begin_day
    from run
    cross join limits
),

spell as (
    select
        *,
        max(begin_day) over (partition by customer_key order by day) as spell_day,
        min(day) over (partition by customer_key) as first_day
    from begun
),

stage as (
    {% for state, from_day, to_day in [
        ("case when spell_day = first_day then 'new' else 'won_back' end", 'day', add_days('spell_day', 'new_days')),
        ("'active'", add_days('spell_day', 'new_days'), add_days('last_day', 'at_risk_days')),
        ("'at_risk'", add_days('last_day', 'at_risk_days'), add_days('last_day', 'churned_days')),
        ("'churned'", add_days('last_day', 'churned_days'), "date '9999-12-31'"),
    ] %}
    {% if not loop.first %}union all{% endif %}
    select
        customer_key,
        {{ state }} as state,
        greatest(day, {{ from_day }}) as valid_from,
        least(until_day, {{ to_day }}) as valid_to,
        as_of_date
    from spell
    {% endfor %}

    union all

    -- known before the first purchase; without a day of creation only those who never bought, from time immemorial
    select
        customer.customer_key,
        'prospect',
        least(coalesce(customer.created_date, date '1900-01-01'), limits.as_of_date),
        coalesce(min(run.day), date '9999-12-31'),
        limits.as_of_date
    from {{ ref('dim_customer') }} as customer
    cross join limits
    left join run
        on customer.customer_key = run.customer_key
    group by customer.customer_key, customer.created_date, limits.as_of_date
    having customer.created_date is not null or count(run.day) = 0
),

entered as (
    select
        customer_key,
        state,
        valid_from,
        lag(state) over (partition by customer_key order by valid_from) as state_before
    from stage
    where valid_from < valid_to and valid_from <= as_of_date
)

select
    customer_key,
    state,
    valid_from,
    lead(valid_from, 1, date '9999-12-31') over (partition by customer_key order by valid_from) as valid_to,
    lead(valid_from) over (partition by customer_key order by valid_from) is null as is_current
from entered
where state is distinct from state_before
