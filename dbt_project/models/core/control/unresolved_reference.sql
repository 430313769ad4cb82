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
    ('invoice_line', 'invoice_key', 'invoice'),
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
{# What models before this one have looked up is looked up again only where they found nothing: (entity, column): where. #}
{% set looked_up = {('invoice', 'order_key'): ('int_invoice', 'billed_order_key')} %}
-- What nobody knows is looked for first, among references alone: there are few, and on most nights none, so that the
-- records that say so need not be read.
with {% for target in by_key | map(attribute=2) | unique -%}
unknown_{{ target }} as materialized (
    select distinct record.source_system, record.reference
    from {{ referring(by_key, target, looked_up) }} as record
    left join {{ ref(target) }} as meant
        on record.source_system = meant.source_system and record.reference = meant.source_key
    where meant.source_key is null
),

{% endfor %}
{%- for alias in by_alias | map(attribute=2) | unique -%}
unknown_{{ alias }} as materialized (
    select distinct record.source_system, record.reference
    from {{ referring(by_alias, alias, looked_up) }} as record
    {{ join_reference(ref(alias), 'record', 'reference', 'meant') }}
    where {{ resolved('meant', 'alias') }} is null
),

{% endfor %}
line_without_invoice as (
    select line.source_system, line.source_key, line.invoice_key, line.order_line_key
    from {{ ref('invoice_line') }} as line
    inner join unknown_invoice as unknown
        on line.source_system = unknown.source_system and line.invoice_key = unknown.reference

    union all

    select source_system, source_key, invoice_key, order_line_key
    from {{ ref('invoice_line') }}
    where invoice_key is null
)

select
    'invoice_line' as entity,
    line.source_system,
    line.source_key,
    'order_line_key' as column_name,
    line.order_line_key as reference
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

{% for entity, column, relation in by_key + by_alias %}
select
    '{{ entity }}',
    record.source_system,
    record.source_key,
    '{{ column }}',
    record.{{ column }}
from {{ ref(entity) }} as record
inner join unknown_{{ relation }} as unknown
    on record.source_system = unknown.source_system and record.{{ column }} = unknown.reference

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
