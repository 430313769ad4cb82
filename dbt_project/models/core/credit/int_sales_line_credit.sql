{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_days('booked_date') }}") }}
-- Grain: one row per confirmed order line and credited employee, with the employee's part of quantity, list value and cost.
-- A return is a line that returns another, or one of a negative quantity (of a negative amount where no quantity is known).
{% set key = 'source_system, source_key' %}
with credited as (
    select
        fact.source_system,
        fact.source_key,
        fact.order_key,
        fact.customer_key,
        fact.employee_id,
        fact.booked_date,
        fact.credit_share,
        fact.credited_amount,
        fact.credit_rule = 'return' or coalesce(value.quantity, fact.document_amount) < 0 as is_return,
        value.quantity,
        value.list_amount,
        value.cost_amount
    from {{ rows_of_rebuilt_days(ref('fct_sales_credit'), 'booked_date') }} as fact
    left join {{ ref('int_sales_line_value') }} as value
        on fact.source_system = value.source_system and fact.source_key = value.source_key
)

-- most lines have one employee: only the others are shared out
{% for shared in [false, true] %}
{% if shared %}union all{% endif %}
select
    source_system,
    source_key,
    order_key,
    customer_key,
    employee_id,
    booked_date,
    is_return,
    credited_amount,
    {% for measure in ['quantity', 'list_amount', 'cost_amount'] %}
    {{ part_of_amount(measure, 'credit_share', key, 'employee_id') if shared else measure }} as credited_{{ measure }}
    {{- ',' if not loop.last }}
    {% endfor %}
from credited
where credit_share {{ '<>' if shared else '=' }} 1
{% endfor %}
