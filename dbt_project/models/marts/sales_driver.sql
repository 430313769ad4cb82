{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_periods() }}") }}
-- Grain: one row per org unit or company, complete period and period it is compared with, that sold in either.
-- A period that still runs is compared with nothing, as in `kpi_value`: it would look like a fall.
-- Price, volume and mix are taken apart for customers of both periods; each part is rounded to 6 decimals and mix takes the
-- remainder, so the parts add up to the change exactly.
-- Sales are taken to the units above and to periods more than once rather than kept: that relation is many times as large
-- as the sales themselves. Numbers stand for the names of subjects, periods, comparisons, customers, products and
-- currencies meanwhile: what must be held at once is then a fraction.
-- It waits for `kpi_value`, which it does not read: at ten million lines each of the two takes all memory there is.
-- depends_on: {{ ref('kpi_value') }}
{% set key = ['subject_no', 'comparison_no'] %}
with subject as (
    select
        subject_type,
        subject_id,
        cast(row_number() over (order by subject_type, subject_id) as integer) as subject_no
    from (
        select distinct 'org_unit' as subject_type, ancestor_id as subject_id from {{ ref('int_unit_ancestor') }}
        union all
        select 'company', 'company'
    ) as named
),

first_sale as (
    select min(booked_date) as booked_date from {{ ref('fct_sales_credit') }}
),

compared as (
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
        period.next_period_start,
        cast(row_number() over (order by period.period_type, period.period_start) as integer) as period_no
    from {{ ref('int_period') }} as period
    where
        exists (
            select 1
            from compared
            where
                period.period_type = compared.period_type
                and period.period_start in (compared.period_start, compared.reference_start)
        )
),

comparison as (
    select
        compared.*,
        cast(row_number() over (order by now.period_no, compared.comparison) as integer) as comparison_no,
        now.period_no,
        before.period_no as reference_no
    from compared
    inner join looked_at as now
        on compared.period_type = now.period_type and compared.period_start = now.period_start
    inner join looked_at as before
        on compared.period_type = before.period_type and compared.reference_start = before.period_start
),

month_looked_at as (
    select month.month_start, period.period_no
    from (select distinct month_start from {{ ref('int_driver_sale') }}) as month
    inner join looked_at as period
        on month.month_start >= period.period_start and month.month_start < period.next_period_start
),

sold as (
    select * from {{ ref('int_driver_sale') }}
    where month_start in (select month_start from month_looked_at)
),

{% for column in ['customer_key', 'product', 'currency'] %}
{{ column }}_number as (
    select {{ column }}, cast(row_number() over (order by {{ column }}) as integer) as number
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
        period.period_no,
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
    inner join month_looked_at as period
        on sale.month_start = period.month_start
),

by_kind as materialized (
    select
        subject_no,
        period_no,
        sum(amount) as amount,
        sum(case when kind = 'customer' then amount else 0 end) as known,
        sum(case when kind = 'return' then amount else 0 end) as returned,
        sum(case when kind = 'other' then amount else 0 end) as other
    from placed
    group by subject_no, period_no
),

bought as materialized (
    select
        subject_no,
        period_no,
        customer_no,
        sum(amount) as amount
    from placed
    where kind = 'customer'
    group by subject_no, period_no, customer_no
),

-- customers of both periods, with what was bought in each
loyal as materialized (
    select
        now.subject_no,
        comparison.comparison_no,
        comparison.period_no,
        comparison.reference_no,
        now.customer_no,
        now.amount as amount_now,
        before.amount as amount_before
    from bought as now
    inner join comparison
        on now.period_no = comparison.period_no
    inner join bought as before
        on
            now.subject_no = before.subject_no
            and now.customer_no = before.customer_no
            and comparison.reference_no = before.period_no
),

loyal_total as (
    select
        {{ key | join(', ') }},
        sum(amount_now) as amount_now,
        sum(amount_before) as amount_before
    from loyal
    group by {{ key | join(', ') }}
),

total as (
    select
        coalesce(now.subject_no, before.subject_no) as subject_no,
        coalesce(now.comparison_no, before.comparison_no) as comparison_no,
        {% for name, side, column in [
            ('bookings', 'now', 'amount'), ('reference_bookings', 'before', 'amount'),
            ('known_now', 'now', 'known'), ('known_before', 'before', 'known'),
            ('returns_now', 'now', 'returned'), ('returns_before', 'before', 'returned'),
            ('other_now', 'now', 'other'), ('other_before', 'before', 'other'),
        ] %}
        cast(coalesce({{ side }}.{{ column }}, 0) as decimal(28, 6)) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from (
        select by_kind.*, comparison.comparison_no
        from by_kind
        inner join comparison
            on by_kind.period_no = comparison.period_no
    ) as now
    full outer join (
        select by_kind.*, comparison.comparison_no
        from by_kind
        inner join comparison
            on by_kind.period_no = comparison.reference_no
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
        {% for side, period in [('1', 'period_no'), ('0', 'reference_no')] %}
        select
            loyal.subject_no,
            loyal.comparison_no,
            {{ side }} as side,
            placed.product_no,
            placed.currency_no,
            placed.quantity,
            placed.document_amount,
            placed.amount
        from placed
        inner join loyal
            on
                placed.subject_no = loyal.subject_no
                and placed.period_no = loyal.{{ period }}
                and placed.customer_no = loyal.customer_no
        where placed.kind = 'customer'
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
        coalesce({{ amount_times('kept_both.document_amount_1', 'rate.rate_0') }}, kept_both.amount_1) as steady_amount_1,
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
    comparison.period_type,
    comparison.period_start,
    comparison.period_end,
    comparison.comparison,
    comparison.reference_start,
    total.bookings,
    total.reference_bookings,
    cast(total.bookings - total.reference_bookings as decimal(28, 6)) as change,
    coalesce(part.price, 0) as price,
    coalesce(part.volume, 0) as volume,
    cast(coalesce(part.change - part.currency - part.price - part.volume, 0) as decimal(28, 6)) as mix,
    coalesce(part.currency, 0) as currency,
    -- who bought in one of the periods alone
    cast(total.known_now - coalesce(loyal_total.amount_now, 0) as decimal(28, 6)) as customers_won,
    cast(coalesce(loyal_total.amount_before, 0) - total.known_before as decimal(28, 6)) as customers_lost,
    cast(total.returns_now - total.returns_before as decimal(28, 6)) as returns,
    cast(total.other_now - total.other_before as decimal(28, 6)) as other
from total
inner join subject
    on total.subject_no = subject.subject_no
inner join comparison
    on total.comparison_no = comparison.comparison_no
left join loyal_total
    on {{ same_key('total', 'loyal_total', key) }}
left join part
    on {{ same_key('total', 'part', key) }}
