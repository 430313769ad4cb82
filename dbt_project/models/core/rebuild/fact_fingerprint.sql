-- Grain: one row per kind of input and month whose facts it decides: how many rows, and one number for what is in them.
-- Orders and all that hangs on them count in the month of the order, invoices of the invoice, payments of the payment.
-- What holds for a stretch of days counts in every month of it, cut to that month.
{% set order_of_line %}
inner join {{ ref('int_sales_order') }} as sales_order
    on record.source_system = sales_order.source_system and record.order_key = sales_order.source_key
{% endset %}
{% set order_month = month_of('sales_order.order_date') %}
{% set invoice_of_line %}
inner join {{ ref('int_invoice') }} as invoice
    on record.source_system = invoice.source_system and record.invoice_key = invoice.source_key
{% endset %}
{% set invoice_month = month_of('invoice.invoice_date') %}
with dated as (
    select 'sales_order' as component, {{ month_of('record.order_date') }} as month_start, {{ fingerprint('record') }}
    from {{ ref('int_sales_order') }} as record
    group by {{ month_of('record.order_date') }}

    union all

    select 'order_credit', {{ order_month }}, {{ fingerprint('record') }}
    from {{ ref('int_order_rule_credit') }} as record
    {{ order_of_line }}
    group by {{ order_month }}

    union all

    select
        'order_line',
        {{ order_month }},
        {{ fingerprint('record, product.product_code, product.category, cost.unit_cost, cost.currency') }}
    from {{ ref('sales_order_line') }} as record
    {{ order_of_line }}
    left join {{ ref('product') }} as product
        on record.source_system = product.source_system and record.product_key = product.source_key
    left join {{ ref('int_product_cost') }} as cost
        on record.source_system = cost.source_system and record.product_key = cost.source_key
    group by {{ order_month }}

    union all

    -- a return takes the shares of an order that may lie in another month
    select 'return', {{ order_month }}, {{ fingerprint('record, credit, territory') }}
    from {{ ref('int_sales_order_line') }} as record
    {{ order_of_line }}
    left join {{ ref('int_order_rule_credit') }} as credit
        on record.source_system = credit.source_system and record.credit_order_key = credit.order_key
    left join {{ ref('int_line_territory') }} as territory
        on record.source_system = territory.source_system and record.credit_line_key = territory.line_key
    where record.is_return
    group by {{ order_month }}

    union all

    select 'territory', {{ order_month }}, {{ fingerprint('record') }}
    from {{ ref('int_line_territory') }} as record
    {{ order_of_line }}
    group by {{ order_month }}

    union all

    select 'invoice', {{ month_of('record.invoice_date') }}, {{ fingerprint('record') }}
    from {{ ref('int_invoice') }} as record
    group by {{ month_of('record.invoice_date') }}

    union all

    select 'invoice_line', {{ invoice_month }}, {{ fingerprint('record') }}
    from {{ ref('int_invoice_line') }} as record
    {{ invoice_of_line }}
    group by {{ invoice_month }}

    union all

    select 'invoice_credit', {{ invoice_month }}, {{ fingerprint('record') }}
    from {{ ref('int_invoice_line_credit') }} as record
    {{ invoice_of_line }}
    group by {{ invoice_month }}

    union all

    select 'payment', {{ month_of('record.payment_date') }}, {{ fingerprint('record, credit') }}
    from {{ ref('int_payment') }} as record
    left join {{ ref('int_invoice_credit') }} as credit
        on record.source_system = credit.source_system and record.invoice_key = credit.invoice_key
    group by {{ month_of('record.payment_date') }}
),

month as (
    select distinct month_start, {{ add_months('month_start', 1) }} as next_month_start from dated
),

stretch as (
    select
        'posting' as component,
        {{ row_hash('employee_id, org_unit_id, manager_employee_id') }} as content,
        valid_from,
        valid_to
    from {{ ref('int_posting') }}

    union all

    select 'exchange_rate', {{ row_hash('currency, rate') }}, valid_from, valid_to
    from {{ ref('int_exchange_rate') }}

    union all

    select 'unit_line', {{ row_hash('org_unit_id, ancestor_id') }}, valid_from, valid_to
    from {{ ref('int_unit_ancestor') }}

    union all

    -- what else decides which credits are in conflict: regions, and who had left by then
    select 'unit', {{ row_hash('org_unit_id, unit_type, parent_org_unit_id') }}, valid_from, valid_to
    from {{ ref('dim_org_unit') }}

    union all

    select 'top_unit', {{ row_hash('org_unit_id') }}, date '0001-01-01', date '9999-12-31'
    from (
        select distinct org_unit_id from {{ ref('dim_org_unit') }} where parent_org_unit_id is null
        union distinct
        select 'regions are named' from {{ ref('dim_org_unit') }} where unit_type = 'region'
    ) as top

    union all

    select 'left', {{ row_hash('employee_id, left_date') }}, left_date, date '9999-12-31'
    from {{ ref('dim_employee') }}
    where left_date is not null

    union all

    -- the days there are: those after today do not count yet
    select 'days', 0, date '0001-01-01', {{ add_days('as_of_date', 1) }}
    from {{ source('config', 'company') }}
)

select component, month_start, row_count, content
from dated

union all

select
    stretch.component,
    month.month_start,
    {{ fingerprint(
        'stretch.content, greatest(stretch.valid_from, month.month_start), least(stretch.valid_to, month.next_month_start)'
    ) }}
from month
inner join stretch
    on stretch.valid_from < month.next_month_start and month.month_start < stretch.valid_to
group by stretch.component, month.month_start
