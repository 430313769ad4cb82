-- Grain: one row per employee and stretch of employment, [employed_from, employed_to).
-- Employment events say who was hired and who left; for a person without an event of a kind the employee record does.
-- Whoever has neither is employed from the first to the last day posted, and joins and leaves nothing.
with event as (
    select
        {{ resolved('employee', 'employee_id') }} as employee_id,
        event.event_type,
        event.event_date,
        event.is_voluntary,
        event.source_system,
        event.source_key
    from {{ ref('employment_event') }} as event
    {{ join_reference(ref('int_employee_alias'), 'event', 'employee_key', 'employee') }}
    where event.event_type in ('hired', 'left')
),

record as (
    select employee_id, 'hired' as event_type, hired_date as event_date, source_system, source_key
    from {{ ref('dim_employee') }}
    where hired_date is not null

    union all

    select employee_id, 'left', left_date, source_system, source_key
    from {{ ref('dim_employee') }}
    where left_date is not null
),

happened as (
    select employee_id, event_type, event_date, is_voluntary, 'employment_event' as source_entity, source_system, source_key
    from event
    where employee_id is not null

    union all

    select record.employee_id, record.event_type, record.event_date, null, 'employee', record.source_system, record.source_key
    from record
    left join (select distinct employee_id, event_type from event) as told
        on record.employee_id = told.employee_id and record.event_type = told.event_type
    where told.employee_id is null
),

ranked as (
    select
        *,
        row_number() over (
            partition by employee_id, event_type, event_date order by source_system, source_key
        ) as preference
    from happened
),

-- two sources may tell of the same day
dated as (
    select
        employee_id,
        event_type,
        event_date,
        {{ first_known('is_voluntary', 'preference') }} as is_voluntary,
        min_by(source_entity, preference) as source_entity,
        min_by(source_system, preference) as source_system,
        min_by(source_key, preference) as source_key
    from ranked
    group by employee_id, event_type, event_date
),

ended as (
    select
        employee_id,
        event_date as left_date,
        lag(event_date, 1, date '1900-01-01') over (partition by employee_id order by event_date) as not_before,
        is_voluntary,
        source_entity,
        source_system,
        source_key
    from dated
    where event_type = 'left'

    union all

    select
        employee_id,
        null,
        coalesce(max(event_date) filter (where event_type = 'left'), date '1900-01-01'),
        null,
        null,
        null,
        null
    from dated
    group by employee_id
),

-- of several hirings before one end the first counts
stretch as (
    select
        ended.*,
        hired.event_date as hired_date,
        hired.source_entity as hired_entity,
        hired.source_system as hired_source_system,
        hired.source_key as hired_source_key
    from ended
    left join dated as hired
        on
            ended.employee_id = hired.employee_id
            and hired.event_type = 'hired'
            and hired.event_date >= ended.not_before
            and (ended.left_date is null or hired.event_date < ended.left_date)
    qualify row_number() over (
        partition by ended.employee_id, ended.left_date order by hired.event_date
    ) = 1
)

select
    employee_id,
    coalesce(hired_date, date '1900-01-01') as employed_from,
    coalesce(left_date, date '9999-12-31') as employed_to,
    hired_date,
    hired_entity,
    hired_source_system,
    hired_source_key,
    left_date,
    is_voluntary,
    source_entity as left_entity,
    source_system as left_source_system,
    source_key as left_source_key
from stretch
where
    hired_date is not null
    -- somebody left of whom nobody wrote down when the work began
    or (left_date is not null and not_before = date '1900-01-01')

union all

select
    posting.employee_id,
    min(posting.valid_from),
    max(posting.valid_to),
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null
from {{ ref('int_posting') }} as posting
left join dated
    on posting.employee_id = dated.employee_id
where dated.employee_id is null
group by posting.employee_id
