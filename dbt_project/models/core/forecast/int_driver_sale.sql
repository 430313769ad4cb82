-- Grain: one row per org unit with all below it (`as_was`) or company, period, kind of sale, customer, product and currency.
-- kind: return; customer (customer, product and a quantity above zero are known); other.
with sale as (
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
    where fact.booked_date <= company.as_of_date
),

placed as (
    select
        'org_unit' as subject_type,
        line.ancestor_id as subject_id,
        cast(date_trunc('month', sale.booked_date) as date) as month_start,
        sale.*
    from sale
    inner join {{ ref('int_unit_ancestor') }} as line
        on
            sale.org_unit_id = line.org_unit_id
            and sale.booked_date >= line.valid_from
            and sale.booked_date < line.valid_to

    union all

    select 'company', 'company', cast(date_trunc('month', sale.booked_date) as date), sale.*
    from sale
),

monthly as (
    select
        subject_type,
        subject_id,
        month_start,
        kind,
        -- what is not taken apart any further needs no detail
        case when kind = 'customer' then customer_key else '*' end as customer_key,
        case when kind = 'customer' then product else '*' end as product,
        case when kind = 'customer' then currency else '*' end as currency,
        sum(case when kind = 'customer' then quantity end) as quantity,
        sum(case when kind = 'customer' then document_amount end) as document_amount,
        sum(credited_amount) as amount
    from placed
    group by
        subject_type, subject_id, month_start, kind,
        case when kind = 'customer' then customer_key else '*' end,
        case when kind = 'customer' then product else '*' end,
        case when kind = 'customer' then currency else '*' end
)

select
    monthly.subject_type,
    monthly.subject_id,
    period.period_type,
    period.period_start,
    monthly.kind,
    monthly.customer_key,
    monthly.product,
    monthly.currency,
    cast(sum(monthly.quantity) as decimal(28, 9)) as quantity,
    cast(sum(monthly.document_amount) as decimal(28, 6)) as document_amount,
    cast(sum(monthly.amount) as decimal(28, 6)) as amount
from monthly
inner join {{ ref('int_period') }} as period
    on monthly.month_start >= period.period_start and monthly.month_start < period.next_period_start
group by
    monthly.subject_type, monthly.subject_id, period.period_type, period.period_start,
    monthly.kind, monthly.customer_key, monthly.product, monthly.currency
