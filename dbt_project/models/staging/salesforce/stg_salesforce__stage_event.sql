-- Grain: one row per stay of an opportunity in a stage; stays are contiguous from the creation of the opportunity on.
with opportunity as (
    select * from {{ latest_version(source('salesforce', 'opportunity')) }} as opportunity
),

stage_change as (
    select
        *,
        row_number() over (partition by _source, opportunity_id order by created_date, _seq) as change_number
    from {{ latest_version(source('salesforce', 'opportunity_field_history')) }} as history
    where field = 'StageName' and not _deleted
),

-- The stage before the first known change; without any, the stage it is in today.
initial_stay as (
    select
        opportunity._source,
        opportunity._key || '|0' as source_key,
        opportunity._load_id,
        opportunity._key as opportunity_key,
        coalesce(stage_change.old_value, opportunity.stage_name) as stage,
        opportunity.created_date as entered_at,
        0 as change_number
    from opportunity
    left join stage_change
        on opportunity._source = stage_change._source
        and opportunity._key = stage_change.opportunity_id
        and stage_change.change_number = 1
),

stay as (
    select * from initial_stay
    union all
    select
        _source, _key as source_key, _load_id, opportunity_id as opportunity_key, new_value as stage,
        created_date as entered_at, change_number
    from stage_change
),

-- Who owned the deal when a stay began: whom the next change of owner took it from, else who owns it today. History
-- tells a change of owner twice, once by ids and once by names.
previous_owner as (
    select
        stay._source,
        stay.source_key,
        arg_min(owner_change.old_value, owner_change.created_date) as user_id
    from stay
    inner join {{ latest_version(source('salesforce', 'opportunity_field_history')) }} as owner_change
        on stay._source = owner_change._source
        and stay.opportunity_key = owner_change.opportunity_id
        and owner_change.field = 'Owner'
        and owner_change.old_value like '005%'
        and not owner_change._deleted
        and owner_change.created_date > stay.entered_at
    group by stay._source, stay.source_key
)

select
    stay._source as source_system,
    stay.source_key,
    stay._load_id as load_id,
    stay.opportunity_key,
    cast(null as varchar) as process,
    cast(null as varchar) as item_key,
    stay.stage,
    coalesce(previous_owner.user_id, opportunity.owner_id) as owner_employee_key,
    {{ utc_timestamp('stay.entered_at') }} as entered_at,
    cast(null as timestamp) as due_at,
    {{ utc_timestamp(
        'lead(stay.entered_at) over (partition by stay._source, stay.opportunity_key order by stay.change_number)'
    ) }} as left_at,
    coalesce(opportunity._deleted, false) as is_deleted
from stay
left join opportunity
    on stay._source = opportunity._source and stay.opportunity_key = opportunity._key
left join previous_owner
    on stay._source = previous_owner._source and stay.source_key = previous_owner.source_key
