-- Grain: one row per open lead, the most promising first; the newer one of equals, then by source and key.
{% set best_first = 'score.score desc nulls last, lead.created_date desc, lead.source_system, lead.source_key' %}
select
    lead.source_system,
    lead.source_key,
    cast(row_number() over (order by {{ best_first }}) as integer) as lead_rank,
    cast(row_number() over (partition by lead.owner_employee_id order by {{ best_first }}) as integer) as owner_rank,
    lead.lead_name,
    lead.company_name,
    lead.owner_employee_id,
    coalesce(today.org_unit_id, 'unassigned') as org_unit_id,
    lead.source_channel,
    lead.created_date,
    cast(score.age_days as integer) as age_days,
    score.score,
    score.status,
    score.reasons_en,
    score.reasons_zh,
    score.reasons
from {{ ref('int_lead_score') }} as score
inner join {{ ref('int_lead') }} as lead
    on score.source_system = lead.source_system and score.source_key = lead.source_key
left join {{ ref('int_employee_today') }} as today
    on lead.owner_employee_id = today.employee_id
