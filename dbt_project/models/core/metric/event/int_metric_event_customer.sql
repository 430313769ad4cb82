{{ config(materialized='view') }}
-- Grain: one row per purchase (for csat and nps: answer of a customer), credited employee and metric of the customer family.
-- If all undecided pairs are one customer, a first purchase stays first only for the earliest of them, and none of them
-- has lapsed while another one buys.
with sale as (
    select
        purchase.*,
        {{ add_days('purchase.purchase_date', 'lifecycle.churned_days') }} as lapse_date,
        {{ add_days('purchase.previous_purchase_date', 'lifecycle.churned_days') }} as back_after,
        credit.employee_id,
        credit.credit_share
    from {{ ref('int_customer_purchase') }} as purchase
    inner join {{ ref('int_order_credit') }} as credit
        on purchase.source_system = credit.source_system and purchase.source_key = credit.order_key
    cross join {{ source('config', 'customer_lifecycle') }} as lifecycle
)

{{ metric_event('order_count', 'sale', 'purchase_date', 'credit_share', 'sales_order') }}
union all
{{ metric_event(
    'new_customers', 'sale', 'purchase_date', 'credit_share', 'sales_order',
    grey_numerator='case when twins_purchase_number = 1 then 0 else credit_share end',
    where='purchase_number = 1 and customer_key is not null'
) }}
union all
{{ metric_event(
    'churned_customers', 'sale', 'lapse_date', 'credit_share', 'sales_order',
    grey_numerator='case when twins_next_purchase_date <= lapse_date then credit_share else 0 end',
    where='(next_purchase_date is null or next_purchase_date > lapse_date) and customer_key is not null'
) }}
union all
{{ metric_event(
    'repeat_rate', 'sale', 'purchase_date', 'case when purchase_number = 1 then 0 else credit_share end', 'sales_order',
    denominator='credit_share', where='customer_key is not null'
) }}
union all
-- no range for undecided pairs: if two are one, a purchase after a lapse may fall away as well as appear
{{ metric_event(
    'won_back_customers', 'sale', 'purchase_date', 'credit_share', 'sales_order',
    where='purchase_date > back_after and customer_key is not null'
) }}
union all
{{ metric_event(
    'csat', ref('int_survey_response'), 'responded_date', 'score_share', 'survey_response', denominator='1',
    where="metric = 'csat'"
) }}
union all
{{ metric_event(
    'nps', ref('int_survey_response'), 'responded_date',
    'case when score_share >= 0.9 then 1 when score_share <= 0.6 then -1 else 0 end', 'survey_response',
    denominator='1', where="metric = 'nps'"
) }}
