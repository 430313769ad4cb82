-- Grain: one row per target in force: is it specific, measurable, achievable, relevant and time-bound (SMART)?
-- Verdicts are met, not_met or unknown. They are reported and stop nothing.
with history as (
    select
        {{ target_key('target') }},
        count(*) as history_periods,
        max(kpi.value) as most,
        min(kpi.value) as least
    from {{ ref('int_target') }} as target
    cross join {{ source('config', 'target_rule') }} as rule
    inner join {{ ref('kpi_value') }} as kpi
        on
            target.subject_type = kpi.subject_type
            and target.subject_id = kpi.subject_id
            and target.metric = kpi.metric
            and target.period_type = kpi.period_type
            and kpi.org_view = 'as_was'
            and kpi.value is not null
            and kpi.period_start < target.period_start
            and kpi.period_start >= {{ add_months(
                'target.period_start',
                "-rule.reach_periods * case target.period_type when 'month' then 1 when 'quarter' then 3 else 12 end"
            ) }}
    inner join {{ ref('int_period') }} as period
        on
            kpi.period_type = period.period_type
            and kpi.period_start = period.period_start
            and period.is_complete
    group by {{ target_key('target') }}
),

-- a parent that was named must have the target itself, for the same period or one around it
named_parent as (
    select distinct {{ target_key('target') }}
    from {{ ref('int_target') }} as target
    inner join {{ ref('int_target') }} as above
        on
            target.parent_subject_type = above.subject_type
            and target.parent_subject_id = above.subject_id
            and target.parent_metric = above.metric
            and above.period_start <= target.period_start
            and target.next_period_start <= above.next_period_start
),

-- a month is a part of its own quarter and year
own_whole as (
    select
        {{ target_key('target') }},
        whole.period_type as whole_type
    from {{ ref('int_target') }} as target
    inner join {{ ref('int_target') }} as whole
        on
            target.subject_type = whole.subject_type
            and target.subject_id = whole.subject_id
            and target.metric = whole.metric
            and target.period_type <> whole.period_type
            and whole.period_start <= target.period_start
            and target.next_period_start <= whole.next_period_start
    qualify row_number() over (
        partition by {{ target_key('target') }} order by whole.next_period_start, whole.period_start desc
    ) = 1
),

known as (
    select
        {{ target_key('target') }},
        target.target_version,
        target.stated_value,
        target.asked_on,
        target.is_period,
        {{ add_days('target.next_period_start', -1) }} as period_end,
        coalesce(target.due_date, {{ add_days('target.next_period_start', -1) }}) as due_date,
        target.owner_employee_key,
        case
            when target.owner_employee_key is null and target.subject_type = 'employee' then target.subject_id
            else target.owner_employee_id
        end as owner_employee_id,
        registry.metric is not null as is_measured,
        coalesce(registry.name_zh, target.metric) as metric_zh,
        coalesce(registry.name_en, target.metric) as metric_en,
        coalesce(history.history_periods, 0) as history_periods,
        rule.max_reach,
        rule.reach_periods,
        case
            when registry.direction = 'lower_is_better' and target.stated_value > 0 and history.least > 0
                then {{ decimal_divide('history.least', 'target.stated_value') }}
            when registry.direction <> 'lower_is_better' and history.most > 0
                then {{ decimal_divide('target.stated_value', 'history.most') }}
        end as reach,
        target.parent_subject_ref,
        named_parent.metric is not null as has_named_parent,
        parent.parent_subject_type,
        parent.parent_subject_id,
        own_whole.whole_type
    from {{ ref('int_target') }} as target
    cross join {{ source('config', 'target_rule') }} as rule
    left join {{ ref('metric_registry') }} as registry
        on target.metric = registry.metric
    left join history
        on {{ same_target('target', 'history') }}
    left join named_parent
        on {{ same_target('target', 'named_parent') }}
    left join own_whole
        on {{ same_target('target', 'own_whole') }}
    left join {{ ref('int_target_parent') }} as parent
        on {{ same_target('target', 'parent') }}
),

judged as (
    select
        known.*,
        owner.left_date <= known.asked_on as has_owner_left,
        case
            when known.owner_employee_id is null or owner.left_date <= known.asked_on then 'not_met' else 'met'
        end as specific,
        case when known.is_measured then 'met' else 'not_met' end as measurable,
        case
            when known.reach is null then 'unknown'
            when known.reach > known.max_reach then 'not_met'
            else 'met'
        end as achievable,
        case
            when known.parent_subject_ref is not null and known.has_named_parent then 'met'
            when known.parent_subject_ref is not null then 'not_met'
            when known.subject_type = 'company' or known.parent_subject_id is not null then 'met'
            when known.whole_type is not null then 'met'
            else 'not_met'
        end as relevant,
        case
            when known.is_period and known.due_date between known.period_start and known.period_end then 'met'
            else 'not_met'
        end as time_bound
    from known
    left join {{ ref('dim_employee') }} as owner
        on known.owner_employee_id = owner.employee_id
)

select
    subject_type,
    subject_id,
    metric,
    period_type,
    period_start,
    target_version,
    specific,
    measurable,
    achievable,
    relevant,
    time_bound,
    case
        when 'not_met' in (specific, measurable, achievable, relevant, time_bound) then 'not_met'
        when 'unknown' in (specific, measurable, achievable, relevant, time_bound) then 'unknown'
        else 'met'
    end as verdict,
    owner_employee_id,
    due_date,
    cast(reach as decimal(28, 9)) as reach,
    cast(history_periods as integer) as history_periods,
    case
        when parent_subject_ref is not null then parent_subject_ref else parent_subject_id
    end as parent_subject,
    case
        when owner_employee_id is null and owner_employee_key is not null
            then '负责人“' || owner_employee_key || '”不是已知员工'
        when owner_employee_id is null then '未指定负责人'
        when has_owner_left then '负责人 ' || owner_employee_id || ' 已离职'
        else '由 ' || owner_employee_id || ' 负责'
    end as specific_zh,
    case
        when owner_employee_id is null and owner_employee_key is not null
            then 'the owner "' || owner_employee_key || '" is no employee anybody knows'
        when owner_employee_id is null then 'nobody is named who answers for it'
        when has_owner_left then 'its owner ' || owner_employee_id || ' has left'
        else owner_employee_id || ' answers for it'
    end as specific_en,
    case
        when is_measured then '以指标“' || metric_zh || '”衡量' else '指标登记表中没有“' || metric || '”'
    end as measurable_zh,
    case
        when is_measured then 'measured as ' || metric_en else 'the metric registry does not know ' || metric
    end as measurable_en,
    case
        when reach is null then '此前 ' || reach_periods || ' 个同类期间没有可比数值'
        else '相当于此前 ' || reach_periods || ' 个同类期间最好成绩的 ' || cast(cast(reach as decimal(18, 2)) as varchar)
            || ' 倍' || case when reach > max_reach then '，超过上限' else '' end
    end as achievable_zh,
    case
        when reach is null then 'nothing to compare with in the ' || reach_periods || ' periods before'
        else cast(cast(reach as decimal(18, 2)) as varchar) || ' times the best of the ' || reach_periods
            || ' periods before' || case when reach > max_reach then ', more than allowed' else '' end
    end as achievable_en,
    case
        when parent_subject_ref is not null and has_named_parent then '上级目标：' || parent_subject_ref
        when parent_subject_ref is not null then '所指上级“' || parent_subject_ref || '”没有该目标'
        when subject_type = 'company' then '公司目标，无需上级目标'
        when parent_subject_id is not null then '上级目标：' || parent_subject_id
        when whole_type is not null then '属于自身的' || case whole_type when 'quarter' then '季度' else '年度' end || '目标'
        else '上级组织没有同一指标和期间的目标'
    end as relevant_zh,
    case
        when parent_subject_ref is not null and has_named_parent then 'part of the target of ' || parent_subject_ref
        when parent_subject_ref is not null then 'the parent named, ' || parent_subject_ref || ', has no such target'
        when subject_type = 'company' then 'the company''s own: nothing is above it'
        when parent_subject_id is not null then 'part of the target of ' || parent_subject_id
        when whole_type is not null then 'part of its own target of the ' || whole_type
        else 'nobody above has a target of this metric and period'
    end as relevant_en,
    case
        when not is_period then '没有从 ' || cast(period_start as varchar) || ' 开始的此类期间'
        when time_bound = 'not_met' then '完成日期 ' || cast(due_date as varchar) || ' 不在期间内'
        else '须在 ' || cast(due_date as varchar) || ' 前完成'
    end as time_bound_zh,
    case
        when not is_period then 'no ' || period_type || ' begins on ' || cast(period_start as varchar)
        when time_bound = 'not_met' then 'due on ' || cast(due_date as varchar) || ', outside the period'
        else 'due on ' || cast(due_date as varchar)
    end as time_bound_en
from judged
