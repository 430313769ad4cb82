-- Grain: one row per lead, owner resolved.
select
    lead.source_system,
    lead.source_key,
    lead.lead_name,
    lead.company_name,
    lead.status,
    lead.source_channel,
    lead.created_date,
    lead.converted_date,
    lead.converted_opportunity_key,
    {{ resolved('owner', 'employee_id') }} as owner_employee_id
from {{ ref('lead') }} as lead
{{ join_reference(ref('int_employee_alias'), 'lead', 'owner_employee_key', 'owner') }}
