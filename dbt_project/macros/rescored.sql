{#-
    What score and grade would be with components changed: the whole way from numerator and denominator to the grade, by the
    macros that make the score. Targets, weights, gates as measured and everybody else's score stay as they are.

    changed: one row per case and component changed (employee, period, part_number, metric), with its numerator, denominator,
    raw_value and rating_status then. case: the columns that tell the cases of one score apart. Gives per case: score and grade
    as computed now, other_score and other_grade (null: too little is left to judge), score_change.
-#}
{% macro rescored(changed, case) -%}
{%- set period = ['employee_id', 'period_type', 'period_start'] -%}
{%- set case_columns %}{{ (period + case) | join(', ') }}{% endset -%}
with asked as (
    select
        changed.*,
        component.standard_id,
        component.standard_version,
        component.weight,
        component.points as points_now,
        component.target,
        component.curve,
        component.cap,
        weight.zero_at,
        weight.threshold,
        case component.metric when 'rating' then 'higher_is_better' else registry.direction end as direction
    from {{ changed }} as changed
    inner join {{ ref('appraisal_part_component') }} as component
        on {{ same_key('changed', 'component', period + ['part_number', 'metric']) }}
    inner join {{ source('config', 'appraisal_weight') }} as weight
        on {{ same_key('component', 'weight', ['standard_id', 'standard_version', 'metric']) }}
    left join {{ ref('metric_registry') }} as registry
        on component.metric = registry.metric
),

pointed as (
    {{ component_points('asked', period + ['part_number', 'metric'] + case) }}
),

change as (
    select
        {{ case_columns }},
        part_number,
        cast(sum(
            weight * (cast(coalesce(points, 0) as decimal(28, 9)) - cast(points_now as decimal(28, 9)))
        ) as decimal(38, 13)) as weighted,
        sum(case when points is null then weight else 0 end) as weight_gone,
        count(case when points is null then 1 end) as components_gone
    from pointed
    group by {{ case_columns }}, part_number
),

part as (
    select
        component.employee_id,
        component.period_type,
        component.period_start,
        component.part_number,
        judged.elapsed_working_days,
        judged.standard_id,
        judged.standard_version,
        count(*) as components,
        sum(component.weight) as weight,
        sum(component.weight * cast(component.points as decimal(28, 9))) as weighted
    from {{ ref('appraisal_part_component') }} as component
    inner join {{ ref('int_appraisal_part_score') }} as judged
        on {{ same_key('component', 'judged', period + ['part_number']) }}
    where component.is_applicable
    group by
        component.employee_id, component.period_type, component.period_start, component.part_number,
        judged.elapsed_working_days, judged.standard_id, judged.standard_version
),

other as (
    select distinct {{ case_columns }} from change
),

part_then as (
    select
        other.*,
        part.part_number,
        part.elapsed_working_days,
        part.standard_id,
        part.standard_version,
        part.components - coalesce(change.components_gone, 0) as components,
        part.weight - coalesce(change.weight_gone, 0) as weight,
        {{ part_average('part.weighted + coalesce(change.weighted, 0)', 'part.weight - coalesce(change.weight_gone, 0)') }}
            as average_points
    from other
    inner join part
        on {{ same_key('other', 'part', period) }}
    left join change
        on {{ same_key('other', 'change', period + case) }} and part.part_number = change.part_number
),

judged as (
    select
        part.*,
        {{ part_status('part.components', 'part.weight', 'part.average_points', 'part.elapsed_working_days', 'standard') }}
            as part_status
    from part_then as part
    inner join {{ source('config', 'appraisal_standard') }} as standard
        on {{ same_key('part', 'standard', ['standard_id', 'standard_version']) }}
),

scored as (
    select
        {{ case_columns }},
        {{ period_score(
            "sum(case when part_status = 'ok' then cast(average_points as decimal(28, 9)) * elapsed_working_days end)",
            "sum(case when part_status = 'ok' then elapsed_working_days end)"
        ) }} as uncapped_score
    from judged
    group by {{ case_columns }}
),

capped as (
    select
        scored.*,
        total.standard_id,
        total.standard_version,
        coalesce(total.cap_position, 0) as cap_position,
        total.score as score_now,
        standard.ties,
        {{ capped_score('scored.uncapped_score', 'total.cap_score') }} as score
    from scored
    inner join {{ ref('int_appraisal_total') }} as total
        on {{ same_key('scored', 'total', period) }}
    inner join {{ source('config', 'appraisal_standard') }} as standard
        on {{ same_key('total', 'standard', ['standard_id', 'standard_version']) }}
),

-- how many people have at least this score, of those of one standard and period
ladder as (
    select
        standard_id,
        standard_version,
        period_type,
        period_start,
        score,
        sum(count(*)) over (
            partition by standard_id, standard_version, period_type, period_start order by score desc
        ) as people
    from {{ ref('int_appraisal_total') }}
    where score is not null
    group by standard_id, standard_version, period_type, period_start, score
),

-- the place among everybody else, who keeps the score there is
placed as (
    select
        capped.*,
        1 + coalesce(above.people, 0) - case when capped.score_now > capped.score then 1 else 0 end as best_place,
        1 + coalesce(level.people, 0) - case when capped.score_now >= capped.score then 1 else 0 end as last_place,
        everybody.people
    from capped
    inner join (
        select standard_id, standard_version, period_type, period_start, max(people) as people
        from ladder
        group by standard_id, standard_version, period_type, period_start
    ) as everybody
        on {{ same_key('capped', 'everybody', ['standard_id', 'standard_version', 'period_type', 'period_start']) }}
    asof left join ladder as above
        on
            {{ same_key('capped', 'above', ['standard_id', 'standard_version', 'period_type', 'period_start']) }}
            and capped.score < above.score
    asof left join ladder as level
        on
            {{ same_key('capped', 'level', ['standard_id', 'standard_version', 'period_type', 'period_start']) }}
            and capped.score <= level.score
),

band as (
    {{ grade_bands() }}
),

earned as (
    select
        placed.*,
        case
            when band.position < least(placed.cap_position, band.last_position)
                then least(placed.cap_position, band.last_position)
            else band.position
        end as position
    from placed
    left join band
        on
            {{ same_key('placed', 'band', ['standard_id', 'standard_version']) }}
            and {{ earns_grade('placed', 'band') }}
    qualify row_number() over (
        partition by {% for column in period + case %}placed.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
        order by band.position
    ) = 1
)

select
    earned.employee_id,
    earned.period_type,
    earned.period_start,
    {% for column in case %}earned.{{ column }},{% endfor %}
    now.score,
    now.grade,
    earned.score as other_score,
    case when earned.score is not null then band.grade end as other_grade,
    earned.score - now.score as score_change
from earned
inner join {{ ref('appraisal_score') }} as now
    on {{ same_key('earned', 'now', period) }}
left join band
    on {{ same_key('earned', 'band', ['standard_id', 'standard_version', 'position']) }}
{%- endmacro %}
