{{ config(materialized='view') }}
-- Grain: one row per addition to a metric: a credited line, an order's share, an opportunity, an activity, ...
with event as (
    {% for family in event_families() %}
    select * from {{ ref('int_metric_event_' ~ family) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    event.metric,
    event.employee_id,
    coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
    event.customer_key,
    event.event_date,
    event.numerator,
    event.denominator,
    event.grey_numerator,
    event.source_entity,
    event.source_system,
    event.source_key
from event
left join {{ ref('int_posting') }} as posting
    on
        event.employee_id = posting.employee_id
        and event.event_date >= posting.valid_from
        and event.event_date < posting.valid_to
