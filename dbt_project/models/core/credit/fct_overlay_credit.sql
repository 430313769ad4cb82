{{ config(empty_unless='int_line_territory') }}
-- Grain: one row per confirmed order line, overlay and employee it is paid to. Overlays count double on purpose, no
-- part of bookings; a returned line gives back what its original was paid.
with credited as (
    select
        line.source_system,
        line.source_key,
        line.load_id,
        line.order_key,
        sales_order.order_number,
        line.line_number,
        line.product_key,
        sales_order.customer_key,
        overlay.territory_id as overlay_id,
        overlay.employee_id,
        overlay.credit_share,
        case when line.is_return then 'return' else overlay.credit_rule end as credit_rule,
        sales_order.order_date as booked_date,
        sales_order.currency,
        line.net_amount,
        rate.rate as exchange_rate,
        {{ amount_times('line.net_amount', 'rate.rate') }} as reporting_amount
    from {{ ref('int_sales_order_line') }} as line
    inner join {{ ref('int_sales_order') }} as sales_order
        on line.source_system = sales_order.source_system and line.order_key = sales_order.source_key
    inner join {{ ref('int_line_territory') }} as overlay
        on
            line.source_system = overlay.source_system
            and line.credit_line_key = overlay.line_key
            and overlay.kind = 'overlay'
    left join {{ ref('int_exchange_rate') }} as rate
        on
            sales_order.currency = rate.currency
            and sales_order.order_date >= rate.valid_from
            and sales_order.order_date < rate.valid_to
    where sales_order.status = 'confirmed'
)

select
    credited.source_system,
    credited.source_key,
    credited.overlay_id,
    credited.order_key,
    credited.order_number,
    credited.line_number,
    credited.product_key,
    credited.customer_key,
    credited.employee_id,
    coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
    posting.manager_employee_id,
    credited.booked_date,
    credited.currency,
    {{ amount_times('credited.net_amount', 'credited.credit_share') }} as document_amount,
    credited.exchange_rate,
    {{ amount_times('credited.reporting_amount', 'credited.credit_share') }} as credited_amount,
    credited.credit_share,
    credited.credit_rule,
    credited.load_id
from credited
left join {{ ref('int_posting') }} as posting
    on
        credited.employee_id = posting.employee_id
        and credited.booked_date >= posting.valid_from
        and credited.booked_date < posting.valid_to
