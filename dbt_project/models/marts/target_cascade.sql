-- Grain: one row per target in force that adds up and level below it: what the parts are asked for beside the whole.
-- level org_unit: the nearest units below that have a target; employee: everybody posted in the unit or below it, for
-- the working days posted there; quarter and month: the same subject's targets for the parts of the period.
with part as (
    select
        parent_subject_type as subject_type,
        parent_subject_id as subject_id,
        metric,
        period_type,
        period_start,
        'org_unit' as level,
        subject_id as part_id,
        target_value as part_value
    from {{ ref('int_target_parent') }}
    where subject_type = 'org_unit' and is_additive

    union all

    select
        'org_unit',
        ancestor.ancestor_id,
        share.metric,
        share.period_type,
        share.period_start,
        'employee',
        share.employee_id,
        share.amount
    from {{ ref('target_share') }} as share
    inner join {{ ref('int_unit_ancestor') }} as ancestor
        on
            share.org_unit_id = ancestor.org_unit_id
            and {{ add_days('share.posted_to', '-1') }} >= ancestor.valid_from
            and {{ add_days('share.posted_to', '-1') }} < ancestor.valid_to

    union all

    select 'company', 'company', metric, period_type, period_start, 'employee', subject_id, target_value
    from {{ ref('int_target') }}
    where subject_type = 'employee' and is_additive

    union all

    select
        {{ target_key('whole') }},
        piece.period_type,
        cast(piece.period_start as varchar),
        piece.target_value
    from {{ ref('int_target') }} as whole
    inner join {{ ref('int_target') }} as piece
        on
            whole.subject_type = piece.subject_type
            and whole.subject_id = piece.subject_id
            and whole.metric = piece.metric
            and whole.period_type <> piece.period_type
            and whole.period_start <= piece.period_start
            and piece.next_period_start <= whole.next_period_start
    where whole.is_additive
),

summed as (
    select
        subject_type,
        subject_id,
        metric,
        period_type,
        period_start,
        level,
        count(distinct part_id) as part_count,
        cast(sum(part_value) as decimal(28, 6)) as parts_value
    from part
    group by subject_type, subject_id, metric, period_type, period_start, level
),

-- sub-units that stand on the day asked, and whether somebody at or below them has the target
asked_day as (
    select distinct period_type, period_start, asked_on
    from {{ ref('int_target') }}
    where is_additive and subject_type <> 'employee'
),

sub_unit as (
    select
        case when unit.parent_org_unit_id is null then 'company' else 'org_unit' end as subject_type,
        coalesce(unit.parent_org_unit_id, 'company') as subject_id,
        asked_day.period_type,
        asked_day.period_start,
        unit.org_unit_id
    from asked_day
    inner join {{ ref('dim_org_unit') }} as unit
        on unit.valid_from <= asked_day.asked_on and asked_day.asked_on < unit.valid_to
    where unit.org_unit_id <> 'unassigned'
),

covered as (
    select distinct
        ancestor.ancestor_id as org_unit_id,
        target.metric,
        target.period_type,
        target.period_start
    from {{ ref('int_target') }} as target
    inner join {{ ref('int_unit_ancestor') }} as ancestor
        on
            target.subject_type = 'org_unit'
            and target.subject_id = ancestor.org_unit_id
            and ancestor.valid_from <= target.asked_on
            and target.asked_on < ancestor.valid_to
    where target.is_additive
),

sub_units as (
    select
        {{ target_key('target') }},
        count(*) as sub_unit_count,
        count(*) - count(covered.org_unit_id) as missing_parts
    from {{ ref('int_target') }} as target
    inner join sub_unit
        on
            target.subject_type = sub_unit.subject_type
            and target.subject_id = sub_unit.subject_id
            and target.period_type = sub_unit.period_type
            and target.period_start = sub_unit.period_start
    left join covered
        on
            sub_unit.org_unit_id = covered.org_unit_id
            and target.metric = covered.metric
            and target.period_type = covered.period_type
            and target.period_start = covered.period_start
    where target.is_additive
    group by {{ target_key('target') }}
),

level as (
    select 'org_unit' as level, cast(null as varchar) as period_type, cast(null as integer) as expected_parts
    union all
    select 'employee', null, null
    union all
    select 'quarter', 'year', 4
    union all
    select 'month', 'year', 12
    union all
    select 'month', 'quarter', 3
),

compared as (
    select
        {{ target_key('target') }},
        level.level,
        target.target_value,
        coalesce(summed.part_count, 0) as part_count,
        summed.parts_value,
        case
            when level.level = 'org_unit' then coalesce(sub_units.missing_parts, 0)
            else level.expected_parts - coalesce(summed.part_count, 0)
        end as missing_parts,
        sub_units.sub_unit_count
    from {{ ref('int_target') }} as target
    inner join level
        on
            target.period_type = level.period_type
            or (level.period_type is null and target.subject_type <> 'employee')
    left join summed
        on {{ same_target('target', 'summed') }} and level.level = summed.level
    left join sub_units
        on {{ same_target('target', 'sub_units') }}
    where target.is_additive
)

select
    subject_type,
    subject_id,
    metric,
    period_type,
    period_start,
    level,
    target_value,
    parts_value,
    cast(part_count as integer) as part_count,
    cast(missing_parts as integer) as missing_parts,
    cast(target_value - parts_value as decimal(28, 6)) as gap,
    cast({{ decimal_divide('target_value - parts_value', 'target_value', 6, 6) }} as decimal(28, 9)) as gap_share,
    case
        when part_count = 0 then 'no_parts'
        when missing_parts > 0 then 'incomplete'
        else 'ok'
    end as status
from compared
-- who has nobody below has nothing to break down
where part_count > 0 or level in ('quarter', 'month') or (level = 'org_unit' and sub_unit_count > 0)
