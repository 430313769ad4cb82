-- Grain: one row per metric, employee, org unit (as was) and day up to the day the candidate describes.
select
    event.metric,
    event.employee_id,
    event.org_unit_id,
    event.event_date,
    cast(sum(event.numerator) as decimal(38, 9)) as numerator,
    cast(sum(event.denominator) as decimal(38, 9)) as denominator,
    cast(sum(event.grey_numerator) as decimal(38, 9)) as grey_numerator
from {{ ref('int_metric_event') }} as event
cross join {{ source('config', 'company') }} as company
where event.event_date <= company.as_of_date
group by event.metric, event.employee_id, event.org_unit_id, event.event_date
