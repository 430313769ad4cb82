-- Grain: one row per period and addition to a metric about the staff of units and company, down to the record.
-- A stock is that of the evening of the last day: whoever had the last working day then is a leaver of that day and no
-- longer there. So headcount = headcount before + joiners - leavers, whatever the period.
with period as ({{ asked_periods('last_day') }}),

-- when dates or events are kept at all, nobody leaving is a fact
employment_known as (
    select
        max(case when hired_date is not null or left_date is not null then 1 end) as is_dated,
        max(case when is_voluntary is not null then 1 end) as is_voluntariness_told
    from {{ ref('int_employment') }}
),

employment as (
    select
        employment.*,
        {{ add_days('employment.left_date', '-1') }} as last_working_day,
        known.is_dated,
        known.is_voluntariness_told
    from {{ ref('int_employment') }} as employment
    cross join employment_known as known
),

there as (
    select
        employment.*,
        period.period_type,
        period.period_start,
        period.last_day as org_day
    from employment
    inner join period
        on
            employment.employed_from <= period.last_day
            and employment.employed_to > {{ add_days('period.last_day', '1') }}
),

there_before as (
    select
        employment.*,
        period.period_type,
        period.period_start,
        period.period_start as org_day
    from employment
    inner join period
        on employment.employed_from < period.period_start and employment.employed_to > period.period_start
),

joined as (
    select
        employment.*,
        period.period_type,
        period.period_start,
        employment.hired_date as org_day
    from employment
    inner join period
        on employment.hired_date >= period.period_start and employment.hired_date <= period.last_day
),

gone as (
    select
        employment.*,
        period.period_type,
        period.period_start,
        employment.last_working_day as org_day
    from employment
    inner join period
        on employment.last_working_day >= period.period_start and employment.last_working_day <= period.last_day
),

event as (
    {% set hired = 'hired_entity, hired_source_system, hired_source_key' %}
    {% set left = 'left_entity, left_source_system, left_source_key' %}
    {% for metric, relation, numerator, denominator, source, where in [
        ('headcount', 'there', '1', 'null', hired, 'true'),
        ('joiners', 'joined', '1', 'null', hired, 'true'),
        ('leavers', 'gone', '1', 'null', left, 'true'),
        ('leavers_voluntary', 'gone', '1', 'null', left, 'is_voluntary'),
        ('leavers_involuntary', 'gone', '1', 'null', left, 'not is_voluntary'),
        ('turnover_rate', 'gone', '1', '0', left, 'true'),
        ('turnover_rate', 'there_before', '0', '0.5', hired, 'is_dated = 1'),
        ('turnover_rate', 'there', '0', '0.5', hired, 'is_dated = 1'),
        ('voluntary_turnover_rate', 'gone', '1', '0', left, 'is_voluntary'),
        ('voluntary_turnover_rate', 'there_before', '0', '0.5', hired, 'is_voluntariness_told = 1'),
        ('voluntary_turnover_rate', 'there', '0', '0.5', hired, 'is_voluntariness_told = 1'),
    ] %}
    {% if not loop.first %}union all{% endif %}
    select
        '{{ metric }}' as metric,
        employee_id,
        period_type,
        period_start,
        org_day,
        cast({{ numerator }} as decimal(38, 9)) as numerator,
        cast({{ denominator }} as decimal(38, 9)) as denominator,
        {{ source }}
    from {{ relation }}
    where {{ where }}
    {% endfor %}
)

select
    event.metric,
    event.employee_id,
    coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
    event.period_type,
    event.period_start,
    event.org_day,
    event.numerator,
    event.denominator,
    event.hired_entity as source_entity,
    event.hired_source_system as source_system,
    event.hired_source_key as source_key
from event
left join {{ ref('int_posting') }} as posting
    on
        event.employee_id = posting.employee_id
        and event.org_day >= posting.valid_from
        and event.org_day < posting.valid_to
