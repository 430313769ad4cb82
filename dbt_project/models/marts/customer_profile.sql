-- Grain: one row per unified customer, as it stands on the company's as-of date; nothing later counts.
{% set scores = [('recency', 'last_purchase_date'), ('frequency', 'order_count'), ('monetary', 'net_amount')] %}
with company as (
    select * from {{ source('config', 'company') }}
),

bought as (
    select
        purchase.customer_key,
        min(purchase.purchase_date) as first_purchase_date,
        max(purchase.purchase_date) as last_purchase_date,
        count(*) as order_count,
        -- in the order of purchases the days of a customer follow each other
        count(*) filter (where purchase.purchase_date is distinct from purchase.previous_purchase_date) as purchase_days
    from {{ ref('int_customer_purchase') }} as purchase
    cross join company
    where purchase.customer_key is not null and purchase.purchase_date <= company.as_of_date
    group by purchase.customer_key
),

-- read several times rather than kept: that would be as large as the sales themselves
sold as not materialized (
    select
        fact.customer_key,
        fact.source_system,
        fact.product_key,
        fact.credited_amount,
        case when fact.credit_rule = 'return' then fact.credited_amount end as returned_amount
    from {{ ref('fct_sales_credit') }} as fact
    cross join company
    where fact.customer_key is not null and fact.booked_date <= company.as_of_date
),

money as materialized (
    select
        customer_key,
        cast(row_number() over (order by customer_key) as integer) as customer_no,
        sum(credited_amount) as net_amount,
        coalesce(sum(returned_amount), 0) as returned_amount
    from sold
    group by customer_key
),

-- Numbers stand for the names of customers, products and categories meanwhile, in the order of the names: there may be
-- nearly as many pairs of customer and product as there are sales.
{% set kinds = [('product', 'product_code'), ('category', 'category')] %}
product_sold as materialized (
    select
        *,
        {% for kind, column in kinds %}
        case when {{ column }} is not null then cast(dense_rank() over (order by {{ column }}) as integer) end as {{ kind }}_no
        {{- ',' if not loop.last }}
        {% endfor %}
    from (
        select
            found.source_system,
            found.product_key,
            coalesce(product.product_code, found.source_system || ':' || found.product_key) as product_code,
            product.category
        from (select distinct source_system, product_key from sold) as found
        left join {{ ref('product') }} as product
            on found.source_system = product.source_system and found.product_key = product.source_key
    ) as named
),

sale as materialized (
    select
        money.customer_no,
        product_sold.product_no,
        product_sold.category_no,
        sold.credited_amount
    from sold
    inner join money
        on sold.customer_key = money.customer_key
    inner join product_sold
        on sold.source_system = product_sold.source_system and sold.product_key = product_sold.product_key
),

-- what a customer kept: returns taken off; the largest amount first, the least code among equals
{% for kind, column in kinds %}
{{ kind }}_amount as (
    select
        customer_no,
        {{ kind }}_no,
        sum(credited_amount) as amount
    from sale
    where {{ kind }}_no is not null
    group by customer_no, {{ kind }}_no
    having sum(credited_amount) > 0
),

{{ kind }}_most as (
    select customer_no, max(amount) as amount, count(*) as number_kept
    from {{ kind }}_amount
    group by customer_no
),

{{ kind }}_chosen as (
    select
        most.customer_no,
        most.amount,
        most.number_kept,
        min(kept.{{ kind }}_no) as {{ kind }}_no
    from {{ kind }}_most as most
    inner join {{ kind }}_amount as kept
        on most.customer_no = kept.customer_no and most.amount = kept.amount
    group by most.customer_no, most.amount, most.number_kept
),

{{ kind }}_kept as (
    select
        money.customer_key,
        named.{{ column }},
        chosen.amount,
        chosen.number_kept
    from {{ kind }}_chosen as chosen
    inner join money
        on chosen.customer_no = money.customer_no
    inner join (select distinct {{ kind }}_no, {{ column }} from product_sold) as named
        on chosen.{{ kind }}_no = named.{{ kind }}_no
),
{% endfor %}

-- sources may call one product by several names
product_name as (
    select named.customer_key, min(named.product_name) as product_name
    from (
        select product_kept.customer_key, product.source_system, product.source_key, product.product_name
        from product_kept
        inner join {{ ref('product') }} as product
            on product_kept.product_code = product.product_code
    ) as named
    where (named.customer_key, named.source_system, named.source_key) in (
        select (customer_key, source_system, product_key) from sold
    )
    group by named.customer_key
),

-- five parts of those who ever bought, best 5. The part follows from how many customers are worse, so equals share it
-- and no order among them decides.
scored as (
    select
        bought.customer_key,
        {% for score, measure in scores %}
        cast(
            1 + floor(5 * (rank() over (order by {{ measure }} nulls first) - 1) / count(*) over ()) as integer
        ) as {{ score }}_score{{ ',' if not loop.last }}
        {% endfor %}
    from bought
    inner join money
        on bought.customer_key = money.customer_key
),

deal as (
    select
        opportunity.customer_key,
        count(*) as open_count,
        sum({{ amount_times('opportunity.amount', 'rate.rate') }}) as amount
    from {{ ref('int_opportunity') }} as opportunity
    cross join company
    left join {{ ref('int_exchange_rate') }} as rate
        on
            opportunity.currency = rate.currency
            and company.as_of_date >= rate.valid_from
            and company.as_of_date < rate.valid_to
    where opportunity.status = 'open' and opportunity.customer_key is not null
    group by opportunity.customer_key
),

open_case as (
    select
        customer_source.customer_key,
        count(*) as open_count
    from {{ ref('service_case') }} as service_case
    inner join {{ ref('customer_source') }} as customer_source
        on
            service_case.source_system = customer_source.source_system
            and service_case.customer_record_key = customer_source.source_key
    where service_case.status = 'open'
    group by customer_source.customer_key
),

answered as (
    select
        customer_source.customer_key,
        count(*) as responses,
        {{ decimal_divide('sum(' ~ decimal_divide('response.score', 'response.scale_max') ~ ')', 'count(*)') }} as share
    from {{ ref('survey_response') }} as response
    cross join company
    inner join {{ ref('customer_source') }} as customer_source
        on
            response.source_system = customer_source.source_system
            and response.customer_record_key = customer_source.source_key
    where
        response.respondent_type = 'customer'
        and response.metric = 'csat'
        and response.responded_date <= company.as_of_date
        and response.responded_date > {{ add_months('company.as_of_date', -12) }}
    group by customer_source.customer_key
)

select
    customer.customer_key,
    company.as_of_date,
    state.state as lifecycle_state,
    state.valid_from as lifecycle_since,
    bought.first_purchase_date as new_date,
    bought.first_purchase_date,
    bought.last_purchase_date,
    cast(coalesce(bought.order_count, 0) as integer) as order_count,
    coalesce(bought.order_count, 0) > 1 as is_repeat,
    cast(coalesce(money.net_amount, 0) as decimal(28, 6)) as net_amount,
    cast(coalesce(money.returned_amount, 0) as decimal(28, 6)) as returned_amount,
    cast({{ days_between('bought.last_purchase_date', 'company.as_of_date') }} as integer) as recency_days,
    cast(
        {{ decimal_divide(days_between('bought.first_purchase_date', 'bought.last_purchase_date'), 'bought.purchase_days - 1') }}
        as decimal(28, 9)
    ) as average_gap_days,
    {%- for score, _ in scores %}
    scored.{{ score }}_score,
    {%- endfor %}
    {% for score, _ in scores %}{{ '|| ' if not loop.first }}cast(scored.{{ score }}_score as varchar) {% endfor %}as rfm,
    cast(coalesce(product_kept.number_kept, 0) as integer) as product_count,
    product_kept.product_code as top_product_code,
    product_name.product_name as top_product_name,
    cast(product_kept.amount as decimal(28, 6)) as top_product_amount,
    category_kept.category as top_category,
    cast(category_kept.amount as decimal(28, 6)) as top_category_amount,
    cast(coalesce(deal.open_count, 0) as integer) as open_opportunity_count,
    cast(case when deal.open_count is null then 0 else deal.amount end as decimal(28, 6)) as open_opportunity_amount,
    cast(coalesce(open_case.open_count, 0) as integer) as open_case_count,
    cast(answered.share as decimal(28, 9)) as satisfaction,
    case when answered.share is null then 'no_data' else 'ok' end as satisfaction_status,
    cast(coalesce(answered.responses, 0) as integer) as satisfaction_responses,
    customer.owner_employee_id,
    today.org_unit_id as owner_org_unit_id,
    cast(coalesce(twin.grey_pair_count, 0) as integer) as grey_pair_count,
    twin.twin_customer_keys
from {{ ref('dim_customer') }} as customer
cross join company
left join {{ ref('customer_lifecycle') }} as state
    on customer.customer_key = state.customer_key and state.is_current
{% for part in ['bought', 'money', 'scored', 'product_kept', 'product_name', 'category_kept', 'deal', 'open_case', 'answered'] %}
left join {{ part }}
    on customer.customer_key = {{ part }}.customer_key
{% endfor %}
left join {{ ref('int_employee_today') }} as today
    on customer.owner_employee_id = today.employee_id
left join {{ ref('int_customer_twin') }} as twin
    on customer.customer_key = twin.customer_key
