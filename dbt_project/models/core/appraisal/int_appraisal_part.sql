-- Grain: one row per employee, period and part of it: consecutive working days posted to one unit under one standard.
-- Every day of a period belongs to one part: days nobody is posted to the part before them, those before the first part
-- to it. So the parts of a period, judged or not, have all that was credited in it. Stretches without a working day and
-- parts that no standard judges have no rows; they count in `part_count` alone.
with period as (
    select
        period.*,
        {{ add_days('company.as_of_date', 1) }} as tomorrow,
        cast({{ working_days_between('period.period_start', 'period.next_period_start') }} as integer) as period_working_days
    from {{ ref('int_period') }} as period
    cross join {{ source('config', 'company') }} as company
),

posted as (
    select
        posting.employee_id,
        posting.org_unit_id,
        posting.role,
        greatest(posting.valid_from, period.period_start) as posted_from,
        least(posting.valid_to, period.next_period_start) as posted_to,
        period.*
    from period
    inner join {{ ref('int_posting') }} as posting
        on posting.valid_from < period.next_period_start and period.period_start < posting.valid_to
),

worked as (
    select
        posted.*,
        cast({{ working_days_between('posted.posted_from', 'posted.posted_to') }} as integer) as working_days,
        cast(
            {{ working_days_between(
                'posted.posted_from', 'greatest(posted.posted_from, least(posted.posted_to, posted.tomorrow))'
            ) }} as integer
        ) as elapsed_working_days
    from posted
),

-- who was hired again is as new as then
hired as (
    select
        worked.*,
        employment.hired_date,
        {% for day in ['period_start', 'period_end'] %}
        case
            when employment.hired_date is not null
                then greatest(cast({{ completed_months('employment.hired_date', 'worked.' ~ day) }} as integer), 0)
        end as months_on_{{ day }},
        {% endfor %}
        row_number() over (
            partition by worked.employee_id, worked.period_type, worked.period_start, worked.posted_from
            order by employment.employed_from desc
        ) as preference
    from worked
    left join {{ ref('int_employment') }} as employment
        on worked.employee_id = employment.employee_id and employment.employed_from < worked.posted_to
    where worked.working_days > 0
),

-- of whom nobody knows when the work began counts as one of the oldest
judged as (
    select
        hired.* exclude (preference, months_on_period_start, months_on_period_end),
        case standard.tenure_on when 'period_end' then hired.months_on_period_end else hired.months_on_period_start end
            as tenure_months,
        standard.standard_id,
        standard.standard_version
    from hired
    left join {{ source('config', 'appraisal_standard') }} as standard
        on
            hired.role = standard.role
            and hired.period_type = standard.period_type
            and hired.period_start >= standard.valid_from
            and hired.period_start < standard.valid_to
            and case
                when hired.hired_date is null then standard.tenure_below_months is null
                when standard.tenure_on = 'period_end'
                    then
                        hired.months_on_period_end >= standard.tenure_from_months
                        and hired.months_on_period_end < coalesce(standard.tenure_below_months, 100000)
                else
                    hired.months_on_period_start >= standard.tenure_from_months
                    and hired.months_on_period_start < coalesce(standard.tenure_below_months, 100000)
            end
    where hired.preference = 1
    qualify row_number() over (
        partition by hired.employee_id, hired.period_type, hired.period_start, hired.posted_from
        order by standard.valid_from desc, standard.standard_version desc, standard.standard_id
    ) = 1
),

marked as (
    select
        *,
        case
            when
                lag(org_unit_id) over whole is not distinct from org_unit_id
                and lag(standard_id) over whole is not distinct from standard_id
                and lag(standard_version) over whole is not distinct from standard_version
                then 0
            else 1
        end as begins
    from judged
    window whole as (partition by employee_id, period_type, period_start order by posted_from)
),

numbered as (
    select
        *,
        cast(sum(begins) over (
            partition by employee_id, period_type, period_start order by posted_from
        ) as integer) as part_number
    from marked
),

part as (
    select
        employee_id,
        period_type,
        period_start,
        period_end,
        next_period_start,
        tomorrow,
        is_complete,
        part_number,
        min(org_unit_id) as org_unit_id,
        min(standard_id) as standard_id,
        min(standard_version) as standard_version,
        max_by(role, posted_from) as role,
        max_by(hired_date, posted_from) as hired_date,
        max_by(tenure_months, posted_from) as tenure_months,
        min(posted_from) as posted_from,
        max(posted_to) as posted_to,
        cast(sum(working_days) as integer) as working_days,
        cast(sum(elapsed_working_days) as integer) as elapsed_working_days,
        period_working_days
    from numbered
    group by
        employee_id,
        period_type,
        period_start,
        period_end,
        next_period_start,
        tomorrow,
        is_complete,
        period_working_days,
        part_number
),

spread as (
    select
        *,
        case when part_number = 1 then period_start else posted_from end as days_from,
        lead(posted_from, 1, next_period_start) over whole as days_to,
        cast(sum(working_days) over (partition by employee_id, period_type, period_start) as integer)
            as posted_working_days,
        cast(count(*) over (partition by employee_id, period_type, period_start) as integer) as part_count
    from part
    window whole as (partition by employee_id, period_type, period_start order by part_number)
)

select
    employee_id,
    period_type,
    period_start,
    period_end,
    is_complete,
    part_number,
    part_count,
    org_unit_id,
    role,
    standard_id,
    standard_version,
    hired_date,
    tenure_months,
    posted_from,
    posted_to,
    days_from,
    days_to,
    working_days,
    elapsed_working_days,
    cast({{ working_days_between('days_from', 'days_to') }} as integer) as span_working_days,
    posted_working_days,
    period_working_days
from spread
where standard_id is not null and posted_from < tomorrow
