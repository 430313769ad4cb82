-- Grain: one row per org unit or company, period and period it is compared with, that sold in either.
-- Price, volume and mix are taken apart for customers of both periods; each part is rounded to 6 decimals and mix takes the
-- remainder, so the parts add up to the change exactly.
{% set key = ['subject_type', 'subject_id', 'period_type', 'period_start', 'comparison'] %}
with first_sale as (
    select min(booked_date) as booked_date from {{ ref('fct_sales_credit') }}
),

comparison as (
    -- what came before the period of the first sale known is unknown, not zero
    select
        period.period_type,
        period.period_start,
        period.period_end,
        period.is_complete,
        reference.comparison,
        reference.reference_start
    from {{ ref('int_period') }} as period
    inner join (
        {% for period_type, months in [('month', 1), ('quarter', 3), ('year', 12)] %}
        select period_type, period_start, 'previous' as comparison, {{ add_months('period_start', -months) }} as reference_start
        from {{ ref('int_period') }} where period_type = '{{ period_type }}'
        {% if period_type != 'year' %}
        union all
        select period_type, period_start, 'year_ago', {{ add_months('period_start', -12) }}
        from {{ ref('int_period') }} where period_type = '{{ period_type }}'
        union all
        {% endif %}
        {% endfor %}
    ) as reference
        on period.period_type = reference.period_type and period.period_start = reference.period_start
    inner join {{ ref('int_period') }} as known
        on reference.period_type = known.period_type and reference.reference_start = known.period_start
    inner join first_sale
        on first_sale.booked_date < known.next_period_start
),

side as (
    {% for side, start in [('now', 'period_start'), ('before', 'reference_start')] %}
    select
        sale.subject_type,
        sale.subject_id,
        comparison.period_type,
        comparison.period_start,
        comparison.comparison,
        '{{ side }}' as side,
        sale.kind,
        sale.customer_key,
        sale.product,
        sale.currency,
        sale.quantity,
        sale.document_amount,
        sale.amount
    from {{ ref('int_driver_sale') }} as sale
    inner join comparison
        on sale.period_type = comparison.period_type and sale.period_start = comparison.{{ start }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

customer as (
    select
        {{ key | join(', ') }},
        customer_key,
        count(distinct side) as sides
    from side
    where kind = 'customer'
    group by {{ key | join(', ') }}, customer_key
),

total as (
    select
        {% for column in key %}side.{{ column }}, {% endfor %}
        {% for name, condition in [
            ('bookings', "side = 'now'"),
            ('reference_bookings', "side = 'before'"),
            ('returns_now', "side = 'now' and kind = 'return'"),
            ('returns_before', "side = 'before' and kind = 'return'"),
            ('other_now', "side = 'now' and kind = 'other'"),
            ('other_before', "side = 'before' and kind = 'other'"),
            ('won', "side = 'now' and customer.sides = 1"),
            ('lost', "side = 'before' and customer.sides = 1"),
        ] %}
        cast(sum(case when {{ condition }} then side.amount else 0 end) as decimal(28, 6)) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from side
    left join customer
        on {{ same_key('side', 'customer', key) }} and side.customer_key = customer.customer_key
    group by {% for column in key %}side.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
),

-- customers of both periods
kept as (
    select
        {% for column in key %}side.{{ column }}, {% endfor %}
        side.product,
        side.currency,
        {% for side, suffix in [('now', '1'), ('before', '0')] %}
        {% for measure, type in [('quantity', 'decimal(28, 9)'), ('document_amount', 'decimal(28, 6)'), ('amount', 'decimal(28, 6)')] %}
        cast(sum(case when side.side = '{{ side }}' then side.{{ measure }} else 0 end) as {{ type }}) as {{ measure }}_{{ suffix }},
        {% endfor %}
        {% endfor %}
        count(*) as parts
    from side
    inner join customer
        on {{ same_key('side', 'customer', key) }} and side.customer_key = customer.customer_key
    where customer.sides = 2
    group by {% for column in key %}side.{{ column }}, {% endfor %}side.product, side.currency
),

-- what one unit of a currency was worth in what these customers bought before; null for a currency not used before
rate as (
    select
        {{ key | join(', ') }},
        currency,
        cast({{ decimal_divide('sum(amount_0)', 'sum(document_amount_0)', 6, 6) }} as decimal(18, 9)) as rate_0
    from kept
    group by {{ key | join(', ') }}, currency
),

at_old_rate as (
    select
        kept.*,
        coalesce(cast(kept.document_amount_1 * rate.rate_0 as decimal(28, 6)), kept.amount_1) as steady_amount_1,
        cast({{ decimal_divide('kept.amount_0', 'kept.quantity_0', 6) }} as decimal(28, 9)) as price_0
    from kept
    inner join rate
        on {{ same_key('kept', 'rate', key) }} and kept.currency = rate.currency
),

part as (
    select
        {{ key | join(', ') }},
        sum(amount_1) - sum(amount_0) as change,
        cast(sum(amount_1 - steady_amount_1) as decimal(28, 6)) as currency,
        cast(sum(
            case
                when quantity_0 > 0 and quantity_1 > 0
                    then steady_amount_1 - cast(quantity_1 * price_0 as decimal(28, 6))
                else 0
            end
        ) as decimal(28, 6)) as price,
        cast(
            cast(sum(quantity_1) - sum(quantity_0) as decimal(28, 9))
            * cast({{ decimal_divide('sum(amount_0)', 'sum(quantity_0)', 6) }} as decimal(28, 9))
            as decimal(28, 6)
        ) as volume
    from at_old_rate
    group by {{ key | join(', ') }}
)

select
    total.subject_type,
    total.subject_id,
    total.period_type,
    total.period_start,
    comparison.period_end,
    total.comparison,
    comparison.reference_start,
    comparison.is_complete,
    total.bookings,
    total.reference_bookings,
    cast(total.bookings - total.reference_bookings as decimal(28, 6)) as change,
    coalesce(part.price, 0) as price,
    coalesce(part.volume, 0) as volume,
    cast(coalesce(part.change - part.currency - part.price - part.volume, 0) as decimal(28, 6)) as mix,
    coalesce(part.currency, 0) as currency,
    total.won as customers_won,
    cast(-total.lost as decimal(28, 6)) as customers_lost,
    cast(total.returns_now - total.returns_before as decimal(28, 6)) as returns,
    cast(total.other_now - total.other_before as decimal(28, 6)) as other
from total
inner join comparison
    on
        total.period_type = comparison.period_type
        and total.period_start = comparison.period_start
        and total.comparison = comparison.comparison
left join part
    on {{ same_key('total', 'part', key) }}
