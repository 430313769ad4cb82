-- Grain: one row per stay of a deal in a stage; stays are contiguous from the creation of the deal on.
with deal as (
    select * from {{ latest_version(source('zoho_crm', 'deal')) }} as deal
),

change as (
    select * from {{ latest_version(source('zoho_crm', 'deal_history')) }} as history
    where not _deleted
),

stage_change as (
    select
        *,
        row_number() over (partition by _source, deal_id order by audited_time, _seq) as change_number
    from change
    where field = 'Stage'
),

-- The stage before the first known change; without any, the stage it is in today.
initial_stay as (
    select
        deal._source,
        deal._key || '|0' as source_key,
        deal._load_id,
        deal._key as deal_id,
        coalesce(stage_change.old_value, deal.stage) as stage,
        deal.created_time as entered_at,
        0 as change_number
    from deal
    left join stage_change
        on deal._source = stage_change._source and deal._key = stage_change.deal_id and stage_change.change_number = 1
),

stay as (
    select * from initial_stay
    union all
    select _source, _key as source_key, _load_id, deal_id, new_value as stage, audited_time as entered_at, change_number
    from stage_change
),

-- The timeline names users; a name that two users share says nothing.
person as (
    select _source, name, min(_key) as user_id
    from (
        select _source, _key, full_name as name from {{ latest_version(source('zoho_crm', 'user')) }} as named
        union all
        select _source, _key, _key as name from {{ latest_version(source('zoho_crm', 'user')) }} as numbered
    ) as known
    group by _source, name
    having count(distinct _key) = 1
),

-- Who owned the deal when a stay began: whom the next change of owner took it from, else who owns it today.
previous_owner as (
    select
        stay._source,
        stay.source_key,
        arg_min(coalesce(person.user_id, '?'), owner_change.audited_time) as user_id
    from stay
    inner join change as owner_change
        on stay._source = owner_change._source
        and stay.deal_id = owner_change.deal_id
        and owner_change.field = 'Owner'
        and owner_change.audited_time > stay.entered_at
    left join person
        on owner_change._source = person._source and owner_change.old_value = person.name
    group by stay._source, stay.source_key
)

select
    stay._source as source_system,
    stay.source_key,
    stay._load_id as load_id,
    stay.deal_id as opportunity_key,
    cast(null as varchar) as process,
    cast(null as varchar) as item_key,
    stay.stage,
    case when previous_owner.user_id is null then deal.owner_id else nullif(previous_owner.user_id, '?') end
        as owner_employee_key,
    {{ utc_timestamp('stay.entered_at') }} as entered_at,
    cast(null as timestamp) as due_at,
    {{ utc_timestamp(
        'lead(stay.entered_at) over (partition by stay._source, stay.deal_id order by stay.change_number)'
    ) }} as left_at,
    coalesce(deal._deleted, false) as is_deleted
from stay
left join deal
    on stay._source = deal._source and stay.deal_id = deal._key
left join previous_owner
    on stay._source = previous_owner._source and stay.source_key = previous_owner.source_key
