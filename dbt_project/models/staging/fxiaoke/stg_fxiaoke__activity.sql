-- Grain: one row per sales record, visit and calendar entry; the latest version wins. A sales record took place.
with activity as (
    select
        _source, _key, _load_id, coalesce(activity_kind, 'task') as activity_type, subject, owner, account_id,
        opportunity_id, happened_at, 'done' as status, _deleted
    from {{ latest_version(source('fxiaoke', 'active_record')) }} as active_record

    union all

    select
        _source, _key, _load_id, 'visit' as activity_type, subject, owner, account_id, opportunity_id, happened_at,
        case when is_cancelled then 'cancelled' when is_done then 'done' else 'planned' end as status, _deleted
    from {{ latest_version(source('fxiaoke', 'checkin')) }} as checkin

    union all

    select
        _source, _key, _load_id, coalesce(activity_kind, 'task') as activity_type, subject, owner, account_id,
        opportunity_id, happened_at,
        case when is_cancelled then 'cancelled' when is_done then 'done' else 'planned' end as status, _deleted
    from {{ latest_version(source('fxiaoke', 'schedule')) }} as schedule
)

select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    activity_type,
    subject,
    owner as employee_key,
    account_id as customer_record_key,
    opportunity_id as opportunity_key,
    {{ company_date('happened_at') }} as activity_date,
    status,
    cast(null as varchar) as outcome,
    _deleted as is_deleted
from activity
