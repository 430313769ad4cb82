-- Grain: one row per unit or company, period, org view and metric about its staff.
-- A row for each employee would say nothing: nobody's own headcount is looked up. Posts belong to units, not to people,
-- so a vacancy is counted in the unit on the day and its unit stands in the tree of the day or, `as_is`, in today's.
with staff as (
    select
        metric,
        employee_id,
        org_unit_id,
        org_day as event_date,
        period_type,
        period_start,
        numerator,
        denominator
    from {{ ref('int_staff_event') }}
),

summed as (
    {{ by_subject('staff', ['metric', 'period_type', 'period_start'], ['numerator', 'denominator']) }}
),

period as (
    select
        period.period_type,
        period.period_start,
        least(period.period_end, company.as_of_date) as last_day,
        company.as_of_date
    from {{ ref('int_period') }} as period
    cross join {{ source('config', 'company') }} as company
),

plan as (
    select
        {{ resolved('unit', 'org_unit_id') }} as org_unit_id,
        plan.planned_headcount,
        plan.valid_from,
        plan.valid_to,
        plan.source_system,
        plan.source_key
    from {{ ref('headcount_plan') }} as plan
    {{ join_reference(ref('int_unit_alias'), 'plan', 'unit_key', 'unit') }}
),

-- the plan of a unit that is not there on the day has no posts
planned as (
    select
        period.*,
        plan.org_unit_id,
        plan.planned_headcount
    from period
    inner join plan
        on plan.valid_from <= period.last_day and period.last_day < plan.valid_to
    inner join {{ ref('dim_org_unit') }} as unit
        on
            plan.org_unit_id = unit.org_unit_id
            and unit.valid_from <= period.last_day
            and period.last_day < unit.valid_to
    qualify row_number() over (
        partition by period.period_type, period.period_start, plan.org_unit_id
        order by plan.valid_from desc, plan.source_system, plan.source_key
    ) = 1
),

filled as (
    select
        period_type,
        period_start,
        org_unit_id,
        count(*) as headcount
    from staff
    where metric = 'headcount'
    group by period_type, period_start, org_unit_id
),

-- one person too many in a unit fills no post of another
post as (
    select
        planned.*,
        greatest(planned.planned_headcount - coalesce(filled.headcount, 0), 0) as open_posts
    from planned
    left join filled
        on
            planned.period_type = filled.period_type
            and planned.period_start = filled.period_start
            and planned.org_unit_id = filled.org_unit_id
),

placed as (
    select 'org_unit' as subject_type, ancestor.ancestor_id as subject_id, 'as_was' as org_view, post.*
    from post
    inner join {{ ref('int_unit_ancestor') }} as ancestor
        on
            post.org_unit_id = ancestor.org_unit_id
            and ancestor.valid_from <= post.last_day
            and post.last_day < ancestor.valid_to

    union all

    select 'org_unit', coalesce(ancestor.ancestor_id, 'unassigned'), 'as_is', post.*
    from post
    left join {{ ref('int_unit_ancestor') }} as ancestor
        on
            post.org_unit_id = ancestor.org_unit_id
            and ancestor.valid_from <= post.as_of_date
            and post.as_of_date < ancestor.valid_to

    union all

    select 'company', 'company', org_view.org_view, post.*
    from post
    cross join (select 'as_was' as org_view union all select 'as_is') as org_view
)

select
    subject_type,
    subject_id,
    period_type,
    period_start,
    metric,
    org_view,
    numerator,
    denominator
from summed
where subject_type <> 'employee'

union all

select
    subject_type,
    subject_id,
    period_type,
    period_start,
    'vacancy_rate',
    org_view,
    cast(sum(open_posts) as decimal(38, 9)),
    cast(sum(planned_headcount) as decimal(38, 9))
from placed
group by subject_type, subject_id, period_type, period_start, org_view
