{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_periods() }}") }}
-- Grain: one row per org unit or company, complete period and period it is compared with, that sold in either.
-- A period that still runs is compared with nothing, as in `kpi_value`: it would look like a fall.
-- Price, volume and mix are taken apart for customers of both periods; each part is rounded to 6 decimals and mix takes the
-- remainder, so the parts add up to the change exactly.
-- Sales are taken to the units above and to periods more than once rather than kept: that relation is many times as large
-- as the sales themselves. Numbers stand for the names of subjects, customers, products and currencies meanwhile.
{% set key = ['subject_no', 'period_type', 'period_start', 'comparison'] %}
with subject as (
    select
        subject_type,
        subject_id,
        row_number() over (order by subject_type, subject_id) as subject_no
    from (
        select distinct 'org_unit' as subject_type, ancestor_id as subject_id from {{ ref('int_unit_ancestor') }}
        union all
        select 'company', 'company'
    ) as named
),

first_sale as (
    select min(booked_date) as booked_date from {{ ref('fct_sales_credit') }}
),

comparison as (
    -- what came before the period of the first sale known is unknown, not zero
    select
        period.period_type,
        period.period_start,
        period.period_end,
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
    where period.is_complete and {{ in_rebuilt_periods('period') }}
),

-- the periods there is anything to say about, and those they are compared with
looked_at as (
    select
        period.period_type,
        period.period_start,
        period.next_period_start
    from {{ ref('int_period') }} as period
    where
        exists (
            select 1
            from comparison
            where
                period.period_type = comparison.period_type
                and period.period_start in (comparison.period_start, comparison.reference_start)
        )
),

sold as (
    select sale.*
    from {{ ref('int_driver_sale') }} as sale
    inner join (
        select min(period_start) as first_start, max(next_period_start) as last_end
        from looked_at
    ) as bounds
        on sale.month_start >= bounds.first_start and sale.month_start < bounds.last_end
),

{% for column in ['customer_key', 'product', 'currency'] %}
{{ column }}_number as (
    select {{ column }}, row_number() over (order by {{ column }}) as number
    from (select distinct {{ column }} from sold) as named
),
{% endfor %}

sale as materialized (
    select
        sale.org_unit_id,
        sale.line_from,
        sale.month_start,
        sale.kind,
        customer_key_number.number as customer_no,
        product_number.number as product_no,
        currency_number.number as currency_no,
        sale.quantity,
        sale.document_amount,
        sale.amount
    from sold as sale
    {% for column in ['customer_key', 'product', 'currency'] %}
    inner join {{ column }}_number
        on sale.{{ column }} = {{ column }}_number.{{ column }}
    {% endfor %}
),

place as (
    select
        line.org_unit_id,
        line.valid_from,
        line.valid_to,
        subject.subject_no
    from {{ ref('int_unit_ancestor') }} as line
    inner join subject
        on subject.subject_type = 'org_unit' and line.ancestor_id = subject.subject_id

    union all

    select selling.org_unit_id, date '1900-01-01', date '9999-12-31', subject.subject_no
    from (select distinct org_unit_id from sold) as selling
    inner join subject
        on subject.subject_type = 'company'
),

placed as not materialized (
    select
        place.subject_no,
        period.period_type,
        period.period_start,
        sale.kind,
        sale.customer_no,
        sale.product_no,
        sale.currency_no,
        sale.quantity,
        sale.document_amount,
        sale.amount
    from sale
    inner join place
        on
            sale.org_unit_id = place.org_unit_id
            and sale.line_from >= place.valid_from
            and sale.line_from < place.valid_to
    inner join looked_at as period
        on sale.month_start >= period.period_start and sale.month_start < period.next_period_start
),

by_kind as materialized (
    select
        subject_no,
        period_type,
        period_start,
        sum(amount) as amount,
        sum(case when kind = 'return' then amount else 0 end) as returned,
        sum(case when kind = 'other' then amount else 0 end) as other
    from placed
    group by subject_no, period_type, period_start
),

bought as materialized (
    select
        subject_no,
        period_type,
        period_start,
        customer_no,
        sum(amount) as amount
    from placed
    where kind = 'customer'
    group by subject_no, period_type, period_start, customer_no
),

-- every customer of either period, with what was bought in each
customer as materialized (
    select
        coalesce(now.subject_no, before.subject_no) as subject_no,
        coalesce(now.period_type, before.period_type) as period_type,
        coalesce(now.period_start, before.period_start) as period_start,
        coalesce(now.comparison, before.comparison) as comparison,
        coalesce(now.reference_start, before.reference_start) as reference_start,
        coalesce(now.customer_no, before.customer_no) as customer_no,
        now.amount as amount_now,
        before.amount as amount_before
    from (
        select bought.*, comparison.comparison, comparison.reference_start
        from bought
        inner join comparison
            on bought.period_type = comparison.period_type and bought.period_start = comparison.period_start
    ) as now
    full outer join (
        select bought.* replace (comparison.period_start as period_start), comparison.comparison, comparison.reference_start
        from bought
        inner join comparison
            on bought.period_type = comparison.period_type and bought.period_start = comparison.reference_start
    ) as before
        on {{ same_key('now', 'before', key + ['customer_no']) }}
),

won_and_lost as (
    select
        {{ key | join(', ') }},
        cast(sum(case when amount_before is null then amount_now else 0 end) as decimal(28, 6)) as won,
        cast(sum(case when amount_now is null then amount_before else 0 end) as decimal(28, 6)) as lost
    from customer
    group by {{ key | join(', ') }}
),

total as (
    select
        coalesce(now.subject_no, before.subject_no) as subject_no,
        coalesce(now.period_type, before.period_type) as period_type,
        coalesce(now.period_start, before.period_start) as period_start,
        coalesce(now.comparison, before.comparison) as comparison,
        {% for name, side, column in [
            ('bookings', 'now', 'amount'), ('reference_bookings', 'before', 'amount'),
            ('returns_now', 'now', 'returned'), ('returns_before', 'before', 'returned'),
            ('other_now', 'now', 'other'), ('other_before', 'before', 'other'),
        ] %}
        cast(coalesce({{ side }}.{{ column }}, 0) as decimal(28, 6)) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from (
        select by_kind.*, comparison.comparison
        from by_kind
        inner join comparison
            on by_kind.period_type = comparison.period_type and by_kind.period_start = comparison.period_start
    ) as now
    full outer join (
        select by_kind.* replace (comparison.period_start as period_start), comparison.comparison
        from by_kind
        inner join comparison
            on by_kind.period_type = comparison.period_type and by_kind.period_start = comparison.reference_start
    ) as before
        on {{ same_key('now', 'before', key) }}
),

-- what customers of both periods bought
kept as (
    select
        {{ key | join(', ') }},
        product_no,
        currency_no,
        {% for suffix in ['1', '0'] %}
        {% for measure, type in [('quantity', 'decimal(28, 9)'), ('document_amount', 'decimal(28, 6)'), ('amount', 'decimal(28, 6)')] %}
        cast(sum({{ measure }}) filter (where side = {{ suffix }}) as {{ type }}) as {{ measure }}_{{ suffix }}
        {{- ',' if not (loop.last and suffix == '0') }}
        {% endfor %}
        {% endfor %}
    from (
        {% for side, start in [('1', 'period_start'), ('0', 'reference_start')] %}
        select
            customer.subject_no,
            customer.period_type,
            customer.period_start,
            customer.comparison,
            {{ side }} as side,
            placed.product_no,
            placed.currency_no,
            placed.quantity,
            placed.document_amount,
            placed.amount
        from placed
        inner join customer
            on
                placed.subject_no = customer.subject_no
                and placed.period_type = customer.period_type
                and placed.period_start = customer.{{ start }}
                and placed.customer_no = customer.customer_no
        where placed.kind = 'customer' and customer.amount_now is not null and customer.amount_before is not null
        {% if not loop.last %}union all{% endif %}
        {% endfor %}
    ) as sold
    group by {{ key | join(', ') }}, product_no, currency_no
),

kept_both as (
    select
        {{ key | join(', ') }},
        currency_no,
        {% for suffix in ['1', '0'] %}
        {% for measure in ['quantity', 'document_amount', 'amount'] %}
        coalesce({{ measure }}_{{ suffix }}, 0) as {{ measure }}_{{ suffix }}{{ ',' if not (loop.last and suffix == '0') }}
        {% endfor %}
        {% endfor %}
    from kept
),

-- what one unit of a currency was worth in what these customers bought before; null for a currency not used before
rate as (
    select
        {{ key | join(', ') }},
        currency_no,
        cast({{ decimal_divide('sum(amount_0)', 'sum(document_amount_0)', 6, 6) }} as decimal(18, 9)) as rate_0
    from kept_both
    group by {{ key | join(', ') }}, currency_no
),

at_old_rate as (
    select
        kept_both.*,
        coalesce(cast(kept_both.document_amount_1 * rate.rate_0 as decimal(28, 6)), kept_both.amount_1) as steady_amount_1,
        cast({{ decimal_divide('kept_both.amount_0', 'kept_both.quantity_0', 6) }} as decimal(28, 9)) as price_0
    from kept_both
    inner join rate
        on {{ same_key('kept_both', 'rate', key + ['currency_no']) }}
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
    subject.subject_type,
    subject.subject_id,
    total.period_type,
    total.period_start,
    comparison.period_end,
    total.comparison,
    comparison.reference_start,
    total.bookings,
    total.reference_bookings,
    cast(total.bookings - total.reference_bookings as decimal(28, 6)) as change,
    coalesce(part.price, 0) as price,
    coalesce(part.volume, 0) as volume,
    cast(coalesce(part.change - part.currency - part.price - part.volume, 0) as decimal(28, 6)) as mix,
    coalesce(part.currency, 0) as currency,
    coalesce(won_and_lost.won, 0) as customers_won,
    cast(-coalesce(won_and_lost.lost, 0) as decimal(28, 6)) as customers_lost,
    cast(total.returns_now - total.returns_before as decimal(28, 6)) as returns,
    cast(total.other_now - total.other_before as decimal(28, 6)) as other
from total
inner join subject
    on total.subject_no = subject.subject_no
inner join comparison
    on
        total.period_type = comparison.period_type
        and total.period_start = comparison.period_start
        and total.comparison = comparison.comparison
left join won_and_lost
    on {{ same_key('total', 'won_and_lost', key) }}
left join part
    on {{ same_key('total', 'part', key) }}
