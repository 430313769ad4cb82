-- Grain: one row per part of an employee's period that a standard judges.
select
    employee_id,
    period_type,
    period_start,
    part_number,
    posted_from,
    posted_to,
    days_from,
    days_to,
    org_unit_id,
    role,
    standard_id,
    standard_version,
    hired_date,
    tenure_months,
    working_days,
    elapsed_working_days,
    cast({{ decimal_divide(
        "case when part_status = 'ok' then elapsed_working_days end", 'scored_working_days', 0, 0
    ) }} as decimal(10, 9)) as day_share,
    cast(components as integer) as components,
    cast(applicable_weight as decimal(9, 4)) as applicable_weight,
    part_score,
    part_status
from {{ ref('int_appraisal_part_score') }}
