-- Grain: one row per dispute and component that would have another value if the claim is right: numerator and value then.
-- A component of a part's own days takes what happened on them; without a day, the only part there is. A ratio has two sides,
-- and what is claimed is one; what a person claims changes no unit's value.
select
    dispute.source_system,
    dispute.source_key,
    dispute.employee_id,
    dispute.period_type,
    dispute.period_start,
    component.part_number,
    component.metric,
    cast(component.numerator + dispute.claimed_addition as decimal(38, 9)) as numerator,
    cast(null as decimal(38, 9)) as denominator,
    cast(component.numerator + dispute.claimed_addition as decimal(38, 9)) as raw_value,
    'ok' as rating_status
from {{ ref('int_dispute') }} as dispute
inner join {{ ref('appraisal_part_component') }} as component
    on {{ same_key('dispute', 'component', ['employee_id', 'period_type', 'period_start', 'metric']) }}
inner join {{ ref('appraisal_part') }} as part
    on {{ same_key('component', 'part', ['employee_id', 'period_type', 'period_start', 'part_number']) }}
inner join {{ ref('appraisal_score') }} as score
    on {{ same_key('component', 'score', ['employee_id', 'period_type', 'period_start']) }}
where
    dispute.claimed_addition is not null
    -- a share of a sales order line is a share of what was booked, not of what another metric measures
    and (dispute.claimed_amount is not null or dispute.metric = 'bookings')
    and component.is_applicable
    and component.denominator is null
    and component.subject = 'person'
    and (
        not component.is_divided
        or (dispute.claimed_date >= part.days_from and dispute.claimed_date < part.days_to)
        or (dispute.claimed_date is null and score.part_count = 1)
    )
