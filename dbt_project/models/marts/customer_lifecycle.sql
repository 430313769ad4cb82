-- Grain: one row per unified customer and stretch of days in one state, up to the company's as-of date. The limits in days
-- are the company's (`config.customer_lifecycle`). Valid in [valid_from, valid_to); the last stretch is open.
-- prospect: known and has never bought. new: from the first purchase for new_days. active: bought less than at_risk_days
-- ago. at_risk, churned: from at_risk_days (churned_days) after the latest purchase. won_back: from the purchase that ends
-- churned, for new_days.
with day_of_purchase as (
    select
        purchase.customer_key,
        purchase.purchase_date as day,
        lag(purchase.purchase_date) over (partition by purchase.customer_key order by purchase.purchase_date) as previous_day,
        lead(purchase.purchase_date) over (partition by purchase.customer_key order by purchase.purchase_date) as next_day
    from (select distinct customer_key, purchase_date from {{ ref('int_customer_purchase') }}) as purchase
    cross join {{ source('config', 'company') }} as company
    where purchase.customer_key is not null and purchase.purchase_date <= company.as_of_date
),

limits as (
    select lifecycle.*, company.as_of_date
    from {{ source('config', 'customer_lifecycle') }} as lifecycle
    cross join {{ source('config', 'company') }} as company
),

-- a spell begins with the first purchase and with every purchase after the customer had churned
begun as (
    select
        bought.*,
        limits.*,
        case
            when
                bought.previous_day is null
                or bought.day > {{ add_days('bought.previous_day', 'limits.churned_days') }}
                then bought.day
        end as begin_day
    from day_of_purchase as bought
    cross join limits
),

spell as (
    select
        *,
        max(begin_day) over (partition by customer_key order by day) as spell_day,
        min(day) over (partition by customer_key) as first_day,
        coalesce(next_day, date '9999-12-31') as until_day
    from begun
),

stage as (
    {% for state, from_day, to_day in [
        ("case when spell_day = first_day then 'new' else 'won_back' end", 'day', add_days('spell_day', 'new_days')),
        ("'active'", add_days('spell_day', 'new_days'), add_days('day', 'at_risk_days')),
        ("'at_risk'", add_days('day', 'at_risk_days'), add_days('day', 'churned_days')),
        ("'churned'", add_days('day', 'churned_days'), "date '9999-12-31'"),
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
        coalesce(min(bought.day), date '9999-12-31'),
        limits.as_of_date
    from {{ ref('dim_customer') }} as customer
    cross join limits
    left join day_of_purchase as bought
        on customer.customer_key = bought.customer_key
    group by customer.customer_key, customer.created_date, limits.as_of_date
    having customer.created_date is not null or count(bought.day) = 0
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
