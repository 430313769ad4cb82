-- Grain: one row per record and column that refers to something no source knows.
-- What hangs on such a reference is not lost: a sale falls to the next credit rule, in the end to `unassigned`.
{% set by_key = [
    ('sales_order_line', 'returned_line_key', 'sales_order_line'),
    ('sales_order', 'customer_record_key', 'customer_record'),
    ('sales_order', 'opportunity_key', 'opportunity'),
    ('invoice', 'customer_record_key', 'customer_record'),
    ('invoice', 'reversed_invoice_key', 'invoice'),
    ('payment', 'customer_record_key', 'customer_record'),
    ('payment', 'invoice_key', 'invoice'),
    ('opportunity', 'customer_record_key', 'customer_record'),
    ('contract', 'customer_record_key', 'customer_record'),
    ('contract', 'opportunity_key', 'opportunity'),
    ('stage_event', 'opportunity_key', 'opportunity'),
    ('activity', 'customer_record_key', 'customer_record'),
    ('activity', 'opportunity_key', 'opportunity'),
    ('contact', 'customer_record_key', 'customer_record'),
    ('service_case', 'customer_record_key', 'customer_record'),
    ('survey_response', 'customer_record_key', 'customer_record'),
    ('lead', 'converted_opportunity_key', 'opportunity'),
] %}
{% set by_alias = [
    ('org_unit', 'parent_unit_key', 'int_unit_alias'),
    ('assignment', 'unit_key', 'int_unit_alias'),
    ('assignment', 'employee_key', 'int_employee_alias'),
    ('assignment', 'manager_employee_key', 'int_employee_alias'),
    ('customer_record', 'owner_employee_key', 'int_employee_alias'),
    ('opportunity', 'owner_employee_key', 'int_employee_alias'),
    ('contract', 'owner_employee_key', 'int_employee_alias'),
    ('stage_event', 'owner_employee_key', 'int_employee_alias'),
    ('activity', 'employee_key', 'int_employee_alias'),
    ('lead', 'owner_employee_key', 'int_employee_alias'),
    ('sales_order', 'owner_employee_key', 'int_employee_alias'),
    ('invoice', 'owner_employee_key', 'int_employee_alias'),
    ('payment', 'owner_employee_key', 'int_employee_alias'),
    ('service_case', 'owner_employee_key', 'int_employee_alias'),
    ('survey_response', 'employee_key', 'int_employee_alias'),
    ('credit_split', 'employee_key', 'int_employee_alias'),
    ('employment_event', 'employee_key', 'int_employee_alias'),
    ('training_record', 'employee_key', 'int_employee_alias'),
    ('appraisal_action', 'employee_key', 'int_employee_alias'),
    ('appraisal_action', 'actor_key', 'int_employee_alias'),
    ('dispute', 'employee_key', 'int_employee_alias'),
    ('dispute', 'owner_key', 'int_employee_alias'),
    ('dispute', 'decided_by_key', 'int_employee_alias'),
    ('review_rating', 'employee_key', 'int_employee_alias'),
    ('review_rating', 'rater_key', 'int_employee_alias'),
    ('headcount_plan', 'unit_key', 'int_unit_alias'),
    ('market_size', 'unit_key', 'int_unit_alias'),
    ('credit_split', 'order_key', 'int_order_alias'),
    ('invoice', 'order_key', 'int_order_alias'),
    ('target', 'owner_employee_key', 'int_employee_alias'),
    ('survey_response', 'case_key', 'int_case_alias'),
] %}
-- of lines the models that look up their documents know already: nothing is looked up twice among millions
with line_without_invoice as (
    select line.source_system, line.source_key, line.invoice_key, line.order_line_key
    from {{ ref('invoice_line') }} as line
    left join {{ ref('invoice') }} as meant
        on line.source_system = meant.source_system and line.invoice_key = meant.source_key
    where meant.source_key is null
)

select
    'invoice_line' as entity,
    source_system,
    source_key,
    'invoice_key' as column_name,
    invoice_key as reference
from line_without_invoice
where invoice_key is not null

union all

select 'invoice_line', line.source_system, line.source_key, 'order_line_key', line.order_line_key
from line_without_invoice as line
left join {{ ref('sales_order_line') }} as meant
    on line.source_system = meant.source_system and line.order_line_key = meant.source_key
where line.order_line_key is not null and meant.source_key is null

union all

select 'invoice_line', source_system, source_key, 'order_line_key', order_line_key
from {{ ref('int_invoice_line') }}
where order_line_key is not null and not bills_order_line

union all

select 'sales_order_line', line.source_system, line.source_key, 'order_key', line.order_key
from {{ ref('int_sales_order_line') }} as line
left join {{ ref('sales_order') }} as meant
    on line.source_system = meant.source_system and line.order_key = meant.source_key
where line.order_date is null and line.order_key is not null and meant.source_key is null

union all

{% for entity, column, target_entity in by_key %}
select
    '{{ entity }}' as entity,
    record.source_system,
    record.source_key,
    '{{ column }}' as column_name,
    record.{{ column }} as reference
from {{ ref(entity) }} as record
left join {{ ref(target_entity) }} as meant
    on record.source_system = meant.source_system and record.{{ column }} = meant.source_key
where record.{{ column }} is not null and meant.source_key is null

union all
{% endfor %}
{% for entity, column, alias in by_alias %}
select
    '{{ entity }}' as entity,
    record.source_system,
    record.source_key,
    '{{ column }}' as column_name,
    record.{{ column }} as reference
from {{ ref(entity) }} as record
{{ join_reference(ref(alias), 'record', column, 'meant') }}
where record.{{ column }} is not null and {{ resolved('meant', 'alias') }} is null

union all
{% endfor %}
select
    'target' as entity,
    record.source_system,
    record.source_key,
    'subject_ref' as column_name,
    record.subject_ref as reference
from {{ ref('target') }} as record
{{ join_reference(ref('int_unit_alias'), 'record', 'subject_ref', 'unit') }}
left join {{ ref('int_employee_alias') }} as employee
    on employee.source_system = '*' and lower(record.subject_ref) = employee.alias
where
    (record.subject_type = 'employee' and employee.alias is null)
    or (record.subject_type = 'org_unit' and {{ resolved('unit', 'alias') }} is null)
