-- Grain: one row per unit (or company), process, stage and period: how long the stays that ended in it took, and beside
-- the speed what it cost: stages jumped over, items that came back.
with ended as (
    select
        history.process,
        history.stage,
        history.org_unit_id,
        history.left_date,
        history.days,
        case when history.is_overdue then 1 else 0 end as overdue,
        case when history.is_skipped_ahead then 1 else 0 end as skipped,
        case when history.is_reopened then 1 else 0 end as reopened
    from {{ ref('stage_history') }} as history
    cross join {{ source('config', 'company') }} as company
    where history.outcome is null and history.left_date <= company.as_of_date and history.days is not null
),

placed as (
    select 'company' as subject_type, 'company' as subject_id, ended.* exclude (org_unit_id)
    from ended

    union all

    -- the tree of the day the stage was left
    select 'org_unit', coalesce(ancestor.ancestor_id, 'unassigned'), ended.* exclude (org_unit_id)
    from ended
    left join {{ ref('int_unit_ancestor') }} as ancestor
        on
            ended.org_unit_id = ancestor.org_unit_id
            and ended.left_date >= ancestor.valid_from
            and ended.left_date < ancestor.valid_to
),

-- a period begins with a month
by_month as (
    select
        subject_type,
        subject_id,
        process,
        stage,
        cast(date_trunc('month', left_date) as date) as month_start,
        count(*) as stays,
        sum(days) as days,
        sum(overdue) as overdue,
        sum(skipped) as skipped,
        sum(reopened) as reopened
    from placed
    group by subject_type, subject_id, process, stage, cast(date_trunc('month', left_date) as date)
),

summed as (
    select
        by_month.subject_type,
        by_month.subject_id,
        by_month.process,
        by_month.stage,
        period.period_type,
        period.period_start,
        sum(by_month.stays) as stays,
        sum(by_month.days) as days,
        sum(by_month.overdue) as overdue,
        sum(by_month.skipped) as skipped,
        sum(by_month.reopened) as reopened
    from by_month
    inner join {{ ref('int_period') }} as period
        on by_month.month_start >= period.period_start and by_month.month_start < period.next_period_start
    group by
        by_month.subject_type,
        by_month.subject_id,
        by_month.process,
        by_month.stage,
        period.period_type,
        period.period_start
)

select
    summed.subject_type,
    summed.subject_id,
    summed.process,
    summed.stage,
    summed.period_type,
    summed.period_start,
    stage.name_zh as stage_name_zh,
    stage.name_en as stage_name_en,
    cast(summed.stays as integer) as stays,
    cast({{ decimal_divide('summed.days', 'summed.stays', 0, 0) }} as decimal(18, 9)) as average_days,
    cast({{ decimal_divide('summed.overdue', 'summed.stays', 0, 0) }} as decimal(18, 9)) as overdue_share,
    cast({{ decimal_divide('summed.skipped', 'summed.stays', 0, 0) }} as decimal(18, 9)) as skipped_share,
    cast({{ decimal_divide('summed.reopened', 'summed.stays', 0, 0) }} as decimal(18, 9)) as reopened_share
from summed
left join {{ source('config', 'process_stage') }} as stage
    on summed.process = stage.process and summed.stage = stage.stage
