-- Grain: one row per employee and period that a standard judges: the score before and after gates.
-- The standard of the last part gives the grade; gates of all parts that count hold.
with total as (
    select
        employee_id,
        period_type,
        period_start,
        max(period_end) as period_end,
        bool_and(is_complete) as is_complete,
        max_by(role, part_number) as role,
        max_by(standard_id, part_number) as standard_id,
        max_by(standard_version, part_number) as standard_version,
        cast(count(*) as integer) as judged_parts,
        max(part_count) as part_count,
        cast(sum(elapsed_working_days) as integer) as working_days,
        max(scored_working_days) as scored_working_days,
        bool_or(part_status in ('too_few_days', 'too_little_data')) as is_too_little,
        {{ period_score('sum(cast(part_score as decimal(28, 9)) * elapsed_working_days)', 'max(scored_working_days)') }}
            as uncapped_score
    from {{ ref('int_appraisal_part_score') }}
    group by employee_id, period_type, period_start
),

breached as (
    select
        employee_id,
        period_type,
        period_start,
        min(cap_score) as cap_score,
        max(cap_position) as cap_position,
        string_agg(reason_zh, '；' order by standard_id, standard_version, gate_id) as gate_reason_zh,
        string_agg(reason_en, '; ' order by standard_id, standard_version, gate_id) as gate_reason_en
    from {{ ref('appraisal_gate') }}
    where is_breached
    group by employee_id, period_type, period_start
)

select
    total.*,
    breached.cap_score,
    breached.cap_position,
    breached.gate_reason_zh,
    breached.gate_reason_en,
    {{ capped_score('total.uncapped_score', 'breached.cap_score') }} as score
from total
left join breached
    on {{ same_key('total', 'breached', ['employee_id', 'period_type', 'period_start']) }}
