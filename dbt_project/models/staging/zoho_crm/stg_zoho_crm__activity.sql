-- Grain: one row per task, event and call; the latest version wins.
with activity as (
    select
        _source,
        _key,
        _load_id,
        case when is_mail then 'mail' else 'task' end as activity_type,
        subject,
        owner_id,
        what_id,
        coalesce(due_date, {{ company_date('closed_time') }}) as activity_date,
        case when is_cancelled then 'cancelled' when is_done then 'done' else 'planned' end as status,
        _deleted
    from {{ latest_version(source('zoho_crm', 'task')) }} as task

    union all

    -- An event has no status of its own: without the configured field or a check-in, what lies behind us took place.
    select
        _source,
        _key,
        _load_id,
        case when is_visit or check_in_time is not null then 'visit' else 'meeting' end as activity_type,
        event_title as subject,
        owner_id,
        what_id,
        event_date as activity_date,
        case
            when lower(event_status) in ('cancelled', 'canceled') then 'cancelled'
            when lower(event_status) in ('held', 'done', 'completed') or check_in_time is not null then 'done'
            when lower(event_status) = 'planned' then 'planned'
            when event_date <= (select min(as_of_date) from {{ source('config', 'company') }}) then 'done'
            else 'planned'
        end as status,
        _deleted
    from (
        select *, {{ company_date('start_date_time') }} as event_date
        from {{ latest_version(source('zoho_crm', 'event')) }} as version
    ) as event

    union all

    -- A logged call has no status; a call with one that is neither done nor planned was cancelled.
    select
        _source,
        _key,
        _load_id,
        'call' as activity_type,
        subject,
        owner_id,
        what_id,
        call_date as activity_date,
        case
            when is_done then 'done'
            when is_planned then 'planned'
            when is_done is not null then 'cancelled'
            when call_date <= (select min(as_of_date) from {{ source('config', 'company') }}) then 'done'
            else 'planned'
        end as status,
        _deleted
    from (
        select *, {{ company_date('call_start_time') }} as call_date
        from {{ latest_version(source('zoho_crm', 'call')) }} as version
    ) as call
),

-- Of a deleted deal nothing but its id arrives: whom it was for is in the version before.
deal as (
    select _source, _key, arg_max(account_name_id, _seq) as account_id
    from {{ source('zoho_crm', 'deal') }}
    where not _deleted
    group by _source, _key
)

select
    activity._source as source_system,
    activity._key as source_key,
    activity._load_id as load_id,
    activity.activity_type,
    activity.subject,
    activity.owner_id as employee_key,
    coalesce(account._key, deal.account_id) as customer_record_key,
    deal._key as opportunity_key,
    activity.activity_date,
    activity.status,
    cast(null as varchar) as outcome,
    activity._deleted as is_deleted
from activity
-- What_Id names a record of any module; ids are unique in the account.
left join {{ latest_version(source('zoho_crm', 'account')) }} as account
    on activity._source = account._source and activity.what_id = account._key
left join deal
    on activity._source = deal._source and activity.what_id = deal._key
