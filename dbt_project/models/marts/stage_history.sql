-- Grain: one row per item of a process and stay in a stage, in their order.
with stay as (
    select
        stay.*,
        item.customer_key,
        coalesce(stay.owner_employee_id, item.owner_employee_id, 'unassigned') as employee_id,
        case when stay.left_date is not null then stay.left_date when stay.is_current then company.as_of_date end as end_date
    from {{ ref('int_stage_stay') }} as stay
    cross join {{ source('config', 'company') }} as company
    inner join {{ ref('int_process_item') }} as item
        on
            stay.process = item.process
            and stay.source_system = item.source_system
            and stay.item_key = item.item_key
    where stay.entered_date <= company.as_of_date
)

select
    stay.process,
    stay.source_system,
    stay.item_key,
    cast(stay.stay_number as integer) as stay_number,
    stay.stage,
    stage.name_zh as stage_name_zh,
    stage.name_en as stage_name_en,
    stay.stage_name as source_stage,
    stay.outcome,
    stay.customer_key,
    stay.employee_id,
    coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
    stay.entered_at,
    stay.entered_date,
    stay.left_date,
    -- where a process has ended nobody waits any more
    case when stay.outcome is null then cast({{ days_between('stay.entered_date', 'stay.end_date') }} as integer) end as days,
    stay.max_days,
    stay.due_date,
    nullif(stay.next_stage, stay.stage) as next_stage,
    stay.is_current,
    stay.is_skipped_ahead,
    stay.is_reopened,
    coalesce(
        stay.outcome is null
        and (
            {{ days_between('stay.entered_date', 'stay.end_date') }} > stay.max_days
            or stay.end_date > stay.due_date
        ),
        false
    ) as is_overdue
from stay
left join {{ source('config', 'process_stage') }} as stage
    on stay.process = stage.process and stay.stage = stage.stage
left join {{ ref('int_posting') }} as posting
    on
        stay.employee_id = posting.employee_id
        and stay.entered_date >= posting.valid_from
        and stay.entered_date < posting.valid_to
