-- Grain: one row per finding about a person's postings: gaps, two primary posts, absent units, shares of time.
with posting as (
    select * from {{ ref('dim_assignment') }}
),

-- a posting's own key, so that stretches find back to it; the same record landed twice counts once
numbered as (
    select
        *,
        row_number() over (order by employee_id, org_unit_id, valid_from, source_system, source_key, valid_to) as period_id
    from posting
),

walked as (
    select
        *,
        max(valid_to) over (
            partition by employee_id order by valid_from, valid_to, source_system, source_key
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from posting
    where is_primary
),

-- where several postings end on that day, the first by source and key stands for them
gap as (
    select
        after_gap.*,
        before_gap.org_unit_id as unit_before,
        before_gap.source_system as system_before,
        before_gap.source_key as key_before
    from walked as after_gap
    inner join posting as before_gap
        on
            after_gap.employee_id = before_gap.employee_id
            and after_gap.covered_until = before_gap.valid_to
            and before_gap.is_primary
    where after_gap.valid_from > after_gap.covered_until
    qualify row_number() over (
        partition by after_gap.employee_id, after_gap.valid_from
        order by after_gap.source_system, after_gap.source_key, before_gap.source_system, before_gap.source_key
    ) = 1
),

last_posting as (
    select *
    from posting
    where is_primary
    qualify row_number() over (partition by employee_id order by valid_to desc, source_system, source_key) = 1
),

absent as (
    {{ uncovered_stretches(
        'numbered',
        '(select n.period_id, u.valid_from, u.valid_to from numbered as n inner join '
        ~ ref('dim_org_unit') ~ ' as u on n.org_unit_id = u.org_unit_id)'
    ) }}
),

top_source as (
    select employee_id, min(org_rank) as org_rank
    from {{ ref('int_assignment') }}
    group by employee_id
),

-- a source that says nothing of time leaves the person at 1 a posting; only where shares are stated do they have to add up
share as (
    select * from {{ ref('int_assignment') }} where is_used
),

share_day as (
    select employee_id, valid_from as day from share
    union distinct
    select employee_id, valid_to from share
),

share_stretch as (
    select
        employee_id,
        day as valid_from,
        lead(day) over (partition by employee_id order by day) as valid_to
    from share_day
),

crowded as (
    select
        stretch.employee_id,
        stretch.valid_from,
        stretch.valid_to,
        sum(coalesce(share.time_share, 1)) as total,
        min_by(share.source_system, share.source_system || ':' || share.source_key) as first_system,
        min_by(share.source_key, share.source_system || ':' || share.source_key) as first_key,
        max_by(share.source_system, share.source_system || ':' || share.source_key) as last_system,
        max_by(share.source_key, share.source_system || ':' || share.source_key) as last_key
    from share_stretch as stretch
    inner join share
        on
            stretch.employee_id = share.employee_id
            and share.valid_from <= stretch.valid_from
            and stretch.valid_to <= share.valid_to
    group by stretch.employee_id, stretch.valid_from, stretch.valid_to
    having count(share.time_share) > 0 and sum(coalesce(share.time_share, 1)) > 1
)

select
    'posting_gap' as finding_type,
    employee_id as subject_id,
    covered_until as valid_from,
    valid_from as valid_to,
    unit_before as own_value,
    org_unit_id as other_value,
    system_before as source_system,
    key_before as source_key,
    source_system as other_source_system,
    source_key as other_source_key
from gap

union all

select
    'posting_ended',
    ended.employee_id,
    ended.valid_to,
    coalesce(employee.left_date, date '9999-12-31'),
    ended.org_unit_id,
    null,
    ended.source_system,
    ended.source_key,
    null,
    null
from last_posting as ended
inner join {{ ref('dim_employee') }} as employee
    on ended.employee_id = employee.employee_id
cross join {{ source('config', 'company') }} as company
where
    ended.valid_to <= company.as_of_date
    and ended.valid_to < coalesce(employee.left_date, date '9999-12-31')

union all

-- the one begun last counts, as in int_posting
select
    'two_primary_posts',
    counts.employee_id,
    counts.valid_from,
    least(counts.valid_to, other.valid_to),
    counts.org_unit_id,
    other.org_unit_id,
    counts.source_system,
    counts.source_key,
    other.source_system,
    other.source_key
from posting as counts
inner join posting as other
    on
        counts.employee_id = other.employee_id
        and {{ periods_meet('counts', 'other') }}
        and (
            other.valid_from < counts.valid_from
            or (
                other.valid_from = counts.valid_from
                and (
                    counts.source_system < other.source_system
                    or (counts.source_system = other.source_system and counts.source_key < other.source_key)
                )
            )
        )
where counts.is_primary and other.is_primary

union all

select
    'posting_to_absent_unit',
    numbered.employee_id,
    absent.valid_from,
    absent.valid_to,
    numbered.org_unit_id,
    null,
    numbered.source_system,
    numbered.source_key,
    null,
    null
from absent
inner join numbered
    on absent.period_id = numbered.period_id

union all

-- what a source of lower precedence says of units nobody knows is not used and hurts nobody
select
    'posting_to_unknown_unit',
    assignment.employee_id,
    assignment.valid_from,
    assignment.valid_to,
    assignment.unit_key,
    null,
    assignment.source_system,
    assignment.source_key,
    null,
    null
from {{ ref('int_assignment') }} as assignment
inner join top_source
    on assignment.employee_id = top_source.employee_id and assignment.org_rank = top_source.org_rank
left join {{ ref('dim_org_unit') }} as unit
    on assignment.org_unit_id = unit.org_unit_id
where unit.org_unit_id is null

union all

select
    'no_posting',
    employee.employee_id,
    coalesce(employee.hired_date, employee.valid_from),
    coalesce(employee.left_date, date '9999-12-31'),
    null,
    null,
    employee.source_system,
    employee.source_key,
    null,
    null
from {{ ref('dim_employee') }} as employee
cross join {{ source('config', 'company') }} as company
left join posting
    on employee.employee_id = posting.employee_id
where
    posting.employee_id is null
    and employee.employee_id <> 'unassigned'
    and coalesce(employee.left_date, date '9999-12-31') > company.as_of_date

union all

select
    'time_share_over_one',
    employee_id,
    valid_from,
    valid_to,
    cast(total as varchar),
    null,
    first_system,
    first_key,
    last_system,
    last_key
from crowded
