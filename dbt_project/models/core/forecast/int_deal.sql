-- Grain: one row per opportunity, with what a forecast may know of it.
with company as (
    select as_of_date from {{ source('config', 'company') }}
),

first_purchase as (
    select customer_key, min(purchase_date) as purchase_date
    from {{ ref('int_customer_purchase') }}
    where customer_key is not null
    group by customer_key
)

select
    deal.source_system,
    deal.source_key,
    deal.status,
    deal.created_date,
    deal.closed_date,
    deal.amount,
    deal.currency,
    -- at the rate of the day it was opened: to compare deals; at that of the as-of date: what it is worth today
    {{ amount_times('deal.amount', 'opening_rate.rate') }} as opening_amount,
    {{ amount_times('deal.amount', 'today_rate.rate') }} as reporting_amount,
    deal.owner_employee_id,
    coalesce(today.org_unit_id, 'unassigned') as org_unit_id,
    deal.customer_key,
    first_purchase.purchase_date as first_purchase_date,
    opportunity.stage,
    opportunity.opportunity_name,
    opportunity.expected_close_date,
    opportunity.probability as stated_probability
from {{ ref('int_opportunity') }} as deal
cross join company
inner join {{ ref('opportunity') }} as opportunity
    on deal.source_system = opportunity.source_system and deal.source_key = opportunity.source_key
left join {{ ref('int_exchange_rate') }} as opening_rate
    on
        deal.currency = opening_rate.currency
        and deal.created_date >= opening_rate.valid_from
        and deal.created_date < opening_rate.valid_to
left join {{ ref('int_exchange_rate') }} as today_rate
    on
        deal.currency = today_rate.currency
        and company.as_of_date >= today_rate.valid_from
        and company.as_of_date < today_rate.valid_to
left join {{ ref('int_employee_today') }} as today
    on deal.owner_employee_id = today.employee_id
left join first_purchase
    on deal.customer_key = first_purchase.customer_key
