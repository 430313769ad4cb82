-- Grain: one row per item and stay in a stage, in their order; stays follow each other without gap or overlap.
-- A source that closes an item without a stage change (Odoo archives what is lost) gets a last stay in the stage of its
-- outcome. Leads and cases have stays from their own dates.
with recorded as (
    select
        coalesce(stage_event.process, 'opportunity') as process,
        stage_event.source_system,
        case
            when coalesce(stage_event.process, 'opportunity') = 'opportunity' then stage_event.opportunity_key
            else stage_event.item_key
        end as item_key,
        stage_event.source_key,
        stage_event.stage as stage_name,
        {{ resolved('owner', 'employee_id') }} as owner_employee_id,
        stage_event.entered_at,
        cast({{ company_time('stage_event.entered_at') }} as date) as entered_date,
        cast({{ company_time('stage_event.left_at') }} as date) as stated_left_date,
        cast({{ company_time('stage_event.due_at') }} as date) as due_date
    from {{ ref('stage_event') }} as stage_event
    {{ join_reference(ref('int_employee_alias'), 'stage_event', 'owner_employee_key', 'owner') }}

    union all

    select
        item.process,
        item.source_system,
        item.item_key,
        item.item_key || '|' || step.stage_name,
        step.stage_name,
        item.owner_employee_id,
        null,
        step.entered_date,
        null,
        null
    from {{ ref('int_process_item') }} as item
    inner join (
        select 'lead' as process, source_system, source_key, 'open' as stage_name, created_date as entered_date
        from {{ ref('int_lead') }}
        union all
        select 'after_sales', source_system, source_key, 'waiting', opened_date
        from {{ ref('int_service_case') }}
        union all
        select 'after_sales', source_system, source_key, 'working', first_response_date
        from {{ ref('int_service_case') }}
        where first_response_date is not null and (closed_at is null or first_response_at < closed_at)
    ) as step
        on
            item.process = step.process
            and item.source_system = step.source_system
            and item.item_key = step.source_key
),

mapped as (
    select
        recorded.*,
        named.stage
    from recorded
    left join {{ ref('int_stage_name') }} as named
        on
            recorded.process = named.process
            and recorded.source_system = named.source_system
            and lower(trim(recorded.stage_name)) = named.stage_name
    where recorded.item_key is not null and recorded.entered_date is not null
),

last_stay as (
    select
        mapped.process,
        mapped.source_system,
        mapped.item_key,
        stage.outcome
    from mapped
    left join {{ source('config', 'process_stage') }} as stage
        on mapped.process = stage.process and mapped.stage = stage.stage
    qualify row_number() over (
        partition by mapped.process, mapped.source_system, mapped.item_key
        order by mapped.entered_at desc nulls last, mapped.entered_date desc, mapped.source_key desc
    ) = 1
),

final_stage as (
    select process, outcome, min(stage) as stage
    from {{ source('config', 'process_stage') }}
    where outcome is not null
    group by process, outcome
),

closing as (
    select
        item.process,
        item.source_system,
        item.item_key,
        item.item_key || '|closed' as source_key,
        item.outcome as stage_name,
        item.owner_employee_id,
        cast(null as timestamp) as entered_at,
        item.closed_date as entered_date,
        cast(null as date) as stated_left_date,
        cast(null as date) as due_date,
        final_stage.stage
    from {{ ref('int_process_item') }} as item
    inner join last_stay
        on
            item.process = last_stay.process
            and item.source_system = last_stay.source_system
            and item.item_key = last_stay.item_key
    left join final_stage
        on
            item.process = final_stage.process
            and case item.outcome when 'converted' then 'won' else item.outcome end = final_stage.outcome
    where not item.is_open and item.closed_date is not null and last_stay.outcome is null
),

stay as (
    select *, 0 as is_closing from mapped
    union all
    select *, 1 from closing
),

numbered as (
    select
        stay.*,
        item.is_open,
        item.closed_date,
        stage.outcome,
        lead(stay.source_key) over of_item is null as is_last
    from stay
    inner join {{ ref('int_process_item') }} as item
        on
            stay.process = item.process
            and stay.source_system = item.source_system
            and stay.item_key = item.item_key
    left join {{ source('config', 'process_stage') }} as stage
        on stay.process = stage.process and stay.stage = stage.stage
    window of_item as (
        partition by stay.process, stay.source_system, stay.item_key
        order by stay.is_closing, stay.entered_at, stay.entered_date, stay.source_key
    )
),

-- an item ends on the day its source says it closed, whenever somebody typed that in
dated as (
    select
        * exclude (entered_date, closed_date, outcome),
        case
            when is_last and not is_open and outcome is not null then coalesce(closed_date, entered_date)
            else entered_date
        end as entered_date
    from numbered
),

ordered as (
    select
        * exclude (is_closing),
        row_number() over of_item as stay_number,
        lead(entered_date) over of_item as next_entered_date,
        lead(stage) over of_item as next_stage,
        lag(stage) over of_item as previous_stage,
        lag(source_key) over of_item is null as is_first
    from dated
    window of_item as (
        partition by process, source_system, item_key
        order by is_closing, entered_at, entered_date, source_key
    )
)

select
    ordered.process,
    ordered.source_system,
    ordered.item_key,
    ordered.stay_number,
    ordered.source_key,
    ordered.stage_name,
    coalesce(ordered.stage, 'unmapped') as stage,
    stage.position as stage_position,
    stage.outcome,
    stage.max_days,
    stage.win_share,
    ordered.owner_employee_id,
    ordered.entered_at,
    ordered.entered_date,
    case
        when coalesce(ordered.next_entered_date, ordered.stated_left_date) < ordered.entered_date then ordered.entered_date
        else coalesce(ordered.next_entered_date, ordered.stated_left_date)
    end as left_date,
    ordered.due_date,
    ordered.next_stage,
    following.position as next_position,
    following.outcome as next_outcome,
    ordered.is_last and ordered.is_open as is_current,
    -- a name no stage has can be neither jumped over nor gone back to
    coalesce(
        case
            when ordered.stage = ordered.previous_stage then false
            when ordered.is_first then stage.position > 1
            else
                stage.position > previous.position
                and step.next_stage is null
                and stage.outcome is distinct from 'lost'
        end,
        false
    ) as is_skipped_ahead,
    coalesce(
        ordered.stage <> ordered.previous_stage
        and (stage.position < previous.position or previous.outcome is not null),
        false
    ) as is_reopened
from ordered
left join {{ source('config', 'process_stage') }} as stage
    on ordered.process = stage.process and ordered.stage = stage.stage
left join {{ source('config', 'process_stage') }} as following
    on ordered.process = following.process and ordered.next_stage = following.stage
left join {{ source('config', 'process_stage') }} as previous
    on ordered.process = previous.process and ordered.previous_stage = previous.stage
left join {{ source('config', 'process_step') }} as step
    on
        ordered.process = step.process
        and ordered.previous_stage = step.stage
        and ordered.stage = step.next_stage
