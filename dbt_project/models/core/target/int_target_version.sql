-- Grain: one row per subject, metric, period and version of a target, be it in force or not.
-- A version holds from its effective date (none: from the first day of the period) until a higher version takes effect.
-- The target of a period is the version that holds on its last day (while it runs: on the as-of date, before it begins:
-- on its first day), and counts for the whole period: a change in mid-period is not spread over days.
with resolved_target as (
    select
        target.subject_type,
        case target.subject_type
            when 'employee' then employee.employee_id
            when 'org_unit' then {{ resolved('unit', 'org_unit_id') }}
            else 'company'
        end as subject_id,
        target.metric,
        target.period_type,
        target.period_start,
        target.version,
        target.target_value,
        target.effective_date,
        target.reason,
        target.approved_by,
        target.owner_employee_key,
        {{ resolved('owner', 'employee_id') }} as owner_employee_id,
        target.parent_subject_ref,
        case
            when lower(target.parent_subject_ref) = 'company' then 'company'
            when {{ resolved('parent_unit', 'org_unit_id') }} is not null then 'org_unit'
            when parent_employee.employee_id is not null then 'employee'
        end as parent_subject_type,
        case
            when lower(target.parent_subject_ref) = 'company' then 'company'
            else coalesce({{ resolved('parent_unit', 'org_unit_id') }}, parent_employee.employee_id)
        end as parent_subject_id,
        case
            when target.parent_subject_ref is not null then coalesce(target.parent_metric, target.metric)
        end as parent_metric,
        target.due_date,
        target.source_system,
        target.source_key,
        {{ add_months(
            'target.period_start',
            "case target.period_type when 'month' then 1 when 'quarter' then 3 else 12 end"
        ) }} as next_period_start
    from {{ ref('target') }} as target
    left join {{ ref('int_employee_alias') }} as employee
        on employee.source_system = '*' and lower(target.subject_ref) = employee.alias
    {{ join_reference(ref('int_unit_alias'), 'target', 'subject_ref', 'unit') }}
    {{ join_reference(ref('int_employee_alias'), 'target', 'owner_employee_key', 'owner') }}
    {{ join_reference(ref('int_unit_alias'), 'target', 'parent_subject_ref', 'parent_unit') }}
    left join {{ ref('int_employee_alias') }} as parent_employee
        on parent_employee.source_system = '*' and lower(target.parent_subject_ref) = parent_employee.alias
),

-- a version stated twice counts once, the same one in whatever order the rows come
single as (
    select
        *,
        min(target_value) over (partition by {{ target_key('resolved_target') }}, version)
        <> max(target_value) over (partition by {{ target_key('resolved_target') }}, version) as is_contradicted
    from resolved_target
    where subject_id is not null
    qualify row_number() over (
        partition by {{ target_key('resolved_target') }}, version order by source_system, source_key
    ) = 1
),

begun as (
    select
        single.*,
        greatest(coalesce(single.effective_date, single.period_start), single.period_start) as valid_from,
        greatest(
            single.period_start, least({{ add_days('single.next_period_start', '-1') }}, company.as_of_date)
        ) as asked_on,
        (extract(month from single.period_start) - company.fiscal_year_start_month + 12) % 12 as months_into_year
    from single
    cross join {{ source('config', 'company') }} as company
),

ended as (
    select
        *,
        coalesce(
            least(
                min(valid_from) over (
                    partition by {{ target_key('begun') }} order by version desc
                    rows between unbounded preceding and 1 preceding
                ),
                next_period_start
            ),
            next_period_start
        ) as valid_to,
        lag(version) over (partition by {{ target_key('begun') }} order by version) as previous_version,
        lag(target_value) over (partition by {{ target_key('begun') }} order by version) as previous_value,
        lag(owner_employee_id) over (partition by {{ target_key('begun') }} order by version) as previous_owner_id,
        lag(due_date) over (partition by {{ target_key('begun') }} order by version) as previous_due_date
    from begun
)

select
    subject_type,
    subject_id,
    metric,
    period_type,
    period_start,
    next_period_start,
    version,
    target_value,
    effective_date,
    -- a version that a higher one overtakes before it takes effect holds on no day
    case when valid_from < valid_to then valid_from end as valid_from,
    case when valid_from < valid_to then valid_to end as valid_to,
    valid_from <= asked_on and asked_on < valid_to as is_in_force,
    asked_on,
    extract(day from period_start) = 1
    and case period_type
        when 'month' then true
        when 'quarter' then months_into_year % 3 = 0
        when 'year' then months_into_year = 0
        else false
    end as is_period,
    reason,
    approved_by,
    owner_employee_key,
    owner_employee_id,
    parent_subject_ref,
    parent_subject_type,
    parent_subject_id,
    parent_metric,
    due_date,
    is_contradicted,
    previous_version,
    previous_value,
    previous_owner_id,
    previous_due_date,
    source_system,
    source_key
from ended
