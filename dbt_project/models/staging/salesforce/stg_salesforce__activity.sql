-- Grain: one row per task, and per event that is not the copy an invited colleague gets; the latest version wins.
with activity as (
    select
        _source,
        _key,
        _load_id,
        case
            when task_subtype = 'Call' then 'call'
            when task_subtype in ('Email', 'ListEmail') then 'mail'
            else 'task'
        end as activity_type,
        subject,
        owner_id,
        account_id,
        what_id,
        coalesce(activity_date, {{ company_date('completed_date_time') }}) as activity_date,
        case when is_cancelled then 'cancelled' when is_closed then 'done' else 'planned' end as status,
        _deleted
    from {{ latest_version(source('salesforce', 'task')) }} as task

    union all

    -- An event has no status of its own: without the configured field, what lies behind the as-of date took place.
    select
        _source,
        _key,
        _load_id,
        case when is_visit then 'visit' else 'meeting' end as activity_type,
        subject,
        owner_id,
        account_id,
        what_id,
        event_date as activity_date,
        case
            when lower(event_status) in ('cancelled', 'canceled') then 'cancelled'
            when lower(event_status) in ('held', 'done', 'completed') then 'done'
            when lower(event_status) = 'planned' then 'planned'
            when event_date <= (select min(as_of_date) from {{ source('config', 'company') }}) then 'done'
            else 'planned'
        end as status,
        _deleted
    from (
        select
            *,
            case
                when coalesce(is_all_day_event, false) then activity_date
                else coalesce({{ company_date('start_date_time') }}, activity_date)
            end as event_date
        from {{ latest_version(source('salesforce', 'event')) }} as version
    ) as event
    where not coalesce(is_child, false)
)

select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    activity_type,
    subject,
    case when owner_id like '005%' then owner_id end as employee_key,
    account_id as customer_record_key,
    case when what_id like '006%' then what_id end as opportunity_key,
    activity_date,
    status,
    cast(null as varchar) as outcome,
    _deleted as is_deleted
from activity
