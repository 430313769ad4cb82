-- Grain: one row per stay of an opportunity in a stage; stays are contiguous from the creation of the opportunity on.
with opportunity as (
    select * from {{ latest_version(source('fxiaoke', 'opportunity')) }} as opportunity
),

logged as (
    select * from {{ latest_version(source('fxiaoke', 'opportunity_change')) }} as change_log
    where not _deleted and old_value is distinct from new_value
),

-- Where nobody reads the change log, what landed versions show is all that is known.
seen as (
    select
        _source,
        _key || '|' || cast(_seq as varchar) as _key,
        _load_id,
        _seq,
        _key as opportunity_id,
        lag(coalesce(stage_label, stage)) over (partition by _source, _key order by _seq) as old_value,
        coalesce(stage_label, stage) as new_value,
        coalesce(stage_changed_at, last_modified_time) as changed_at
    from {{ source('fxiaoke', 'opportunity') }}
    where not _deleted
),

stage_change as (
    select
        *,
        row_number() over (partition by _source, opportunity_id order by changed_at, _seq) as change_number
    from (
        select _source, _key, _load_id, _seq, opportunity_id, old_value, new_value, changed_at
        from logged
        where field = 'stage' and new_value is not null
        union all
        select seen._source, seen._key, seen._load_id, seen._seq, seen.opportunity_id, seen.old_value, seen.new_value,
            seen.changed_at
        from seen
        left join (select distinct _source, opportunity_id from logged where field = 'stage') as known
            on seen._source = known._source and seen.opportunity_id = known.opportunity_id
        where known.opportunity_id is null and seen.old_value is not null and seen.new_value <> seen.old_value
    ) as change
),

-- The stage before the first known change; without any, the stage it is in today.
initial_stay as (
    select
        opportunity._source,
        opportunity._key || '|0' as source_key,
        opportunity._load_id,
        opportunity._key as opportunity_key,
        coalesce(stage_change.old_value, opportunity.stage_label, opportunity.stage) as stage,
        opportunity.created_at as entered_at,
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
        changed_at as entered_at, change_number
    from stage_change
),

owner_change as (
    select
        *,
        row_number() over (partition by _source, opportunity_id order by changed_at, _seq) as change_number,
        lead(changed_at) over (partition by _source, opportunity_id order by changed_at, _seq) as owned_until
    from logged
    where field = 'owner'
),

owned as (
    select _source, opportunity_id, new_value as owner, changed_at as owned_from, owned_until
    from owner_change
    union all
    select _source, opportunity_id, old_value as owner, cast(null as timestamptz) as owned_from, changed_at as owned_until
    from owner_change
    where change_number = 1
)

select
    stay._source as source_system,
    stay.source_key,
    stay._load_id as load_id,
    stay.opportunity_key,
    cast(null as varchar) as process,
    cast(null as varchar) as item_key,
    stay.stage,
    coalesce(owned.owner, opportunity.owner) as owner_employee_key,
    {{ utc_timestamp('stay.entered_at') }} as entered_at,
    cast(null as timestamp) as due_at,
    {{ utc_timestamp(
        'lead(stay.entered_at) over (partition by stay._source, stay.opportunity_key order by stay.change_number)'
    ) }} as left_at,
    coalesce(opportunity._deleted, false) as is_deleted
from stay
left join opportunity
    on stay._source = opportunity._source and stay.opportunity_key = opportunity._key
left join owned
    on stay._source = owned._source
    and stay.opportunity_key = owned.opportunity_id
    and (owned.owned_from is null or stay.entered_at >= owned.owned_from)
    and (owned.owned_until is null or stay.entered_at < owned.owned_until)
where stay.stage is not null
