-- Grain: one row per fact table, currency and day whose amounts could not be converted.
with unconverted as (
    select 'fct_sales_credit' as fact, currency, booked_date as event_date, document_amount
    from {{ ref('fct_sales_credit') }}
    where exchange_rate is null
    union all
    select 'fct_billing_credit', currency, billed_date, document_amount
    from {{ ref('fct_billing_credit') }}
    where exchange_rate is null
    union all
    select 'fct_collection_credit', currency, collected_date, document_amount
    from {{ ref('fct_collection_credit') }}
    where exchange_rate is null
    union all
    select 'sales_line_cost', cost_currency, booked_date, document_cost_amount
    from {{ ref('int_sales_line_value') }}
    where document_cost_amount is not null and cost_amount is null
)

select
    fact,
    currency,
    event_date,
    count(*) as row_count,
    cast(sum(document_amount) as decimal(28, 6)) as document_amount
from unconverted
group by fact, currency, event_date
