-- Grain: one row per item of a process that still goes on, with what is wrong with it.
with company as (
    select as_of_date from {{ source('config', 'company') }}
),

waiting as (
    select
        item.*,
        history.stage,
        history.entered_date,
        history.days,
        history.max_days,
        employee.left_date as owner_left_date,
        company.as_of_date
    from {{ ref('int_process_item') }} as item
    cross join company
    left join {{ ref('stage_history') }} as history
        on
            history.is_current
            and item.process = history.process
            and item.source_system = history.source_system
            and item.item_key = history.item_key
    left join {{ ref('dim_employee') }} as employee
        on item.owner_employee_id = employee.employee_id
    where item.is_open and (item.opened_date is null or item.opened_date <= company.as_of_date)
),

judged as (
    select
        waiting.process,
        waiting.source_system,
        waiting.item_key,
        waiting.item_name,
        waiting.customer_key,
        coalesce(waiting.owner_employee_id, 'unassigned') as employee_id,
        coalesce(waiting.stage, named.stage, 'unmapped') as stage,
        waiting.stage_name as source_stage,
        waiting.opened_date,
        waiting.entered_date as stage_entered_date,
        waiting.days as days_in_stage,
        coalesce(waiting.max_days, stage.max_days) as max_days,
        waiting.due_date,
        waiting.owner_employee_id is null as is_owner_missing,
        coalesce(waiting.owner_left_date <= waiting.as_of_date, false) as is_owner_gone,
        waiting.due_date is null as is_due_date_missing,
        coalesce(waiting.due_date < waiting.as_of_date, false) as is_overdue,
        coalesce(waiting.days > waiting.max_days, false) as is_stuck,
        waiting.as_of_date
    from waiting
    left join {{ ref('int_stage_name') }} as named
        on
            waiting.process = named.process
            and waiting.source_system = named.source_system
            and lower(trim(waiting.stage_name)) = named.stage_name
    left join {{ source('config', 'process_stage') }} as stage
        on named.process = stage.process and named.stage = stage.stage
)

select
    judged.process,
    judged.source_system,
    judged.item_key,
    judged.item_name,
    judged.customer_key,
    judged.employee_id,
    coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
    judged.stage,
    judged.source_stage,
    judged.opened_date,
    judged.stage_entered_date,
    judged.days_in_stage,
    judged.max_days,
    judged.due_date,
    judged.is_owner_missing,
    judged.is_owner_gone,
    judged.is_due_date_missing,
    judged.is_overdue,
    judged.is_stuck,
    judged.stage = 'unmapped' as is_stage_unknown,
    nullif(
        concat_ws(
            '；',
            case when judged.is_owner_missing then '没有负责人' end,
            case when judged.is_owner_gone then '负责人已离职' end,
            case when judged.is_due_date_missing then '没有到期日' end,
            case when judged.is_overdue then '已过到期日' end,
            case when judged.is_stuck then '停留超过 ' || judged.max_days || ' 天' end,
            case when judged.stage = 'unmapped' then '阶段未在 process.yaml 中登记' end
        ),
        ''
    ) as finding_zh,
    nullif(
        concat_ws(
            '; ',
            case when judged.is_owner_missing then 'has no owner' end,
            case when judged.is_owner_gone then 'its owner has left' end,
            case when judged.is_due_date_missing then 'has no due date' end,
            case when judged.is_overdue then 'is past its due date' end,
            case when judged.is_stuck then 'has stayed longer than ' || judged.max_days || ' days' end,
            case when judged.stage = 'unmapped' then 'its stage is not in process.yaml' end
        ),
        ''
    ) as finding_en
from judged
left join {{ ref('int_posting') }} as posting
    on
        judged.employee_id = posting.employee_id
        and judged.as_of_date >= posting.valid_from
        and judged.as_of_date < posting.valid_to
