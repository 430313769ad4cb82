-- Grain: one row per target in force that has one above it: the nearest unit above with a target of the same metric and
-- period, else the company. People stand where they were last posted, units where they last stood, up to the day asked.
with place as (
    select
        {{ target_key('target') }},
        unit.org_unit_id,
        1 as least_depth,
        least(target.asked_on, {{ add_days('unit.valid_to', '-1') }}) as tree_day
    from {{ ref('int_target') }} as target
    inner join {{ ref('dim_org_unit') }} as unit
        on
            target.subject_type = 'org_unit'
            and target.subject_id = unit.org_unit_id
            and unit.valid_from <= target.asked_on
            and target.period_start < unit.valid_to
    qualify row_number() over (partition by {{ target_key('target') }} order by unit.valid_from desc) = 1

    union all

    select
        {{ target_key('target') }},
        posted.org_unit_id,
        0,
        least(target.asked_on, {{ add_days('posted.posted_to', '-1') }})
    from {{ ref('int_target') }} as target
    inner join {{ ref('int_posting_days') }} as posted
        on
            target.subject_type = 'employee'
            and target.subject_id = posted.employee_id
            and target.period_type = posted.period_type
            and target.period_start = posted.period_start
            and posted.posted_from <= target.asked_on
    qualify row_number() over (partition by {{ target_key('target') }} order by posted.posted_from desc) = 1
),

unit_above as (
    select
        {{ target_key('place') }},
        above.subject_id as parent_subject_id
    from place
    inner join {{ ref('int_unit_ancestor') }} as ancestor
        on
            place.org_unit_id = ancestor.org_unit_id
            and place.tree_day >= ancestor.valid_from
            and place.tree_day < ancestor.valid_to
            and place.least_depth <= ancestor.depth
    inner join {{ ref('int_target') }} as above
        on
            above.subject_type = 'org_unit'
            and ancestor.ancestor_id = above.subject_id
            and place.metric = above.metric
            and place.period_type = above.period_type
            and place.period_start = above.period_start
    qualify row_number() over (
        partition by {{ target_key('place') }} order by ancestor.depth, ancestor.ancestor_id
    ) = 1
)

select
    {{ target_key('target') }},
    target.target_value,
    target.is_additive,
    case when unit_above.parent_subject_id is not null then 'org_unit' else 'company' end as parent_subject_type,
    coalesce(unit_above.parent_subject_id, company.subject_id) as parent_subject_id
from {{ ref('int_target') }} as target
left join unit_above
    on {{ same_target('target', 'unit_above') }}
left join {{ ref('int_target') }} as company
    on
        company.subject_type = 'company'
        and target.metric = company.metric
        and target.period_type = company.period_type
        and target.period_start = company.period_start
where
    target.subject_type <> 'company'
    and (unit_above.parent_subject_id is not null or company.subject_id is not null)
