{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_days('month_start', 'rebuilt_metric_month') }}") }}
-- Grain: one row per org unit (its own people), stretch in which the lines above it hold, month, kind of sale, customer,
-- product and currency. kind: return; customer (customer, product and a quantity above zero are known); other.
with unit_boundary as (
    select org_unit_id, valid_from as day from {{ ref('int_unit_ancestor') }}
    union distinct
    select org_unit_id, valid_to from {{ ref('int_unit_ancestor') }}
),

unit_stretch as (
    select
        org_unit_id,
        day as line_from,
        lead(day, 1, date '9999-12-31') over (partition by org_unit_id order by day) as line_to
    from unit_boundary
),

sale as (
    select
        fact.org_unit_id,
        fact.booked_date,
        fact.customer_key,
        coalesce(product.product_code, fact.source_system || ':' || fact.product_key) as product,
        fact.currency,
        case
            when fact.credit_rule = 'return' then 'return'
            when
                fact.customer_key is not null and fact.product_key is not null
                and line.quantity > 0 and fact.document_amount > 0 and fact.credited_amount > 0
                then 'customer'
            else 'other'
        end as kind,
        cast(line.quantity * fact.credit_share as decimal(28, 9)) as quantity,
        fact.document_amount,
        fact.credited_amount
    from {{ ref('fct_sales_credit') }} as fact
    cross join {{ source('config', 'company') }} as company
    left join {{ ref('sales_order_line') }} as line
        on fact.source_system = line.source_system and fact.source_key = line.source_key
    left join {{ ref('product') }} as product
        on fact.source_system = product.source_system and fact.product_key = product.source_key
    where fact.booked_date <= company.as_of_date and {{ on_rebuilt_days('fact.booked_date', 'rebuilt_metric_month') }}
)

select
    sale.org_unit_id,
    coalesce(unit_stretch.line_from, date '1900-01-01') as line_from,
    cast(date_trunc('month', sale.booked_date) as date) as month_start,
    sale.kind,
    -- what is not taken apart any further needs no detail
    case when sale.kind = 'customer' then sale.customer_key else '*' end as customer_key,
    case when sale.kind = 'customer' then sale.product else '*' end as product,
    case when sale.kind = 'customer' then sale.currency else '*' end as currency,
    cast(sum(case when sale.kind = 'customer' then sale.quantity end) as decimal(28, 9)) as quantity,
    cast(sum(case when sale.kind = 'customer' then sale.document_amount end) as decimal(28, 6)) as document_amount,
    cast(sum(sale.credited_amount) as decimal(28, 6)) as amount
from sale
left join unit_stretch
    on
        sale.org_unit_id = unit_stretch.org_unit_id
        and sale.booked_date >= unit_stretch.line_from
        and sale.booked_date < unit_stretch.line_to
group by all
