-- Grain: one row per unit, company or HR employee, period, org view and metric of the appraisal process.
-- Units: by the unit of the employee appraised (asked). HR answers for the process of all, so whoever is posted as HR in
-- a period has the company's value; the rest of the employees have none of their own.
with counted as (
    select
        'reviews_on_time' as metric,
        employee_id,
        due_date as event_date,
        case when submitted_date <= due_date then 1 else 0 end as numerator
    from {{ ref('int_review') }}
    where due_date is not null

    union all

    -- talks and acknowledgements that the appraisal cycle dates
    select
        'reviews_on_time',
        employee_id,
        due_date,
        case when done_date <= due_date then 1 else 0 end
    from {{ ref('int_appraisal_step') }}
    where step <> 'ratings'

    union all

    select 'forms_complete', employee_id, submitted_date, case when is_complete then 1 else 0 end
    from {{ ref('int_review') }}
    where submitted_date is not null and is_complete is not null

    union all

    select
        'appraisal_satisfaction',
        {{ resolved('employee', 'employee_id') }},
        answer.responded_date,
        {{ decimal_divide('answer.score', 'answer.scale_max', 3, 3) }}
    from {{ ref('survey_response') }} as answer
    {{ join_reference(ref('int_employee_alias'), 'answer', 'employee_key', 'employee') }}
    where answer.respondent_type = 'employee' and answer.metric = 'appraisal' and answer.scale_max > 0
),

dated as (
    select
        counted.metric,
        coalesce(counted.employee_id, 'unassigned') as employee_id,
        coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
        counted.event_date,
        cast(date_trunc('month', counted.event_date) as date) as month_start,
        cast(counted.numerator as decimal(38, 9)) as numerator,
        cast(1 as decimal(38, 9)) as denominator
    from counted
    cross join {{ source('config', 'company') }} as company
    left join {{ ref('int_posting') }} as posting
        on
            counted.employee_id = posting.employee_id
            and counted.event_date >= posting.valid_from
            and counted.event_date < posting.valid_to
    where counted.event_date <= company.as_of_date
),

monthly as (
    {{ by_subject('dated', ['metric', 'month_start'], ['numerator', 'denominator']) }}
),

summed as (
    select
        monthly.subject_type,
        monthly.subject_id,
        period.period_type,
        period.period_start,
        monthly.metric,
        monthly.org_view,
        cast(sum(monthly.numerator) as decimal(38, 9)) as numerator,
        cast(sum(monthly.denominator) as decimal(38, 9)) as denominator
    from monthly
    inner join {{ ref('int_period') }} as period
        on monthly.month_start >= period.period_start and monthly.month_start < period.next_period_start
    where monthly.subject_type <> 'employee'
    group by
        monthly.subject_type,
        monthly.subject_id,
        period.period_type,
        period.period_start,
        monthly.metric,
        monthly.org_view
),

hr as (
    select distinct
        assignment.employee_id,
        period.period_type,
        period.period_start
    from {{ ref('dim_assignment') }} as assignment
    inner join {{ ref('int_period') }} as period
        on assignment.valid_from < period.next_period_start and period.period_start < assignment.valid_to
    where assignment.role = 'hr'
)

select * from summed

union all

select
    'employee',
    hr.employee_id,
    summed.period_type,
    summed.period_start,
    summed.metric,
    summed.org_view,
    summed.numerator,
    summed.denominator
from hr
inner join summed
    on
        hr.period_type = summed.period_type
        and hr.period_start = summed.period_start
        and summed.subject_type = 'company'
