{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_periods() }}") }}
-- Grain: one row per subject, period, org view, speed metric and quality metric: no speed without its quality twin.
with quality as (
    select *
    from {{ ref('kpi_value') }} as quality
    where
        metric in (select quality_metric from {{ ref('quality_twin') }})
        and {{ in_rebuilt_periods('quality') }}
)

select
    speed.subject_type,
    speed.subject_id,
    speed.period_type,
    speed.period_start,
    speed.org_view,
    twin.speed_metric,
    twin.quality_metric,
    speed_words.name_zh as speed_name_zh,
    speed_words.name_en as speed_name_en,
    speed_words.unit as speed_unit,
    speed_words.direction as speed_direction,
    speed.value as speed_value,
    speed.value_status as speed_status,
    speed.previous_value as speed_previous_value,
    quality_words.name_zh as quality_name_zh,
    quality_words.name_en as quality_name_en,
    quality_words.unit as quality_unit,
    quality_words.direction as quality_direction,
    quality.value as quality_value,
    coalesce(quality.value_status, 'not_applicable') as quality_status,
    quality.previous_value as quality_previous_value
from {{ ref('quality_twin') }} as twin
inner join {{ ref('kpi_value') }} as speed
    on twin.speed_metric = speed.metric
inner join {{ ref('metric_registry') }} as speed_words
    on twin.speed_metric = speed_words.metric
inner join {{ ref('metric_registry') }} as quality_words
    on twin.quality_metric = quality_words.metric
left join quality
    on
        twin.quality_metric = quality.metric
        and speed.subject_type = quality.subject_type
        and speed.subject_id = quality.subject_id
        and speed.period_type = quality.period_type
        and speed.period_start = quality.period_start
        and speed.org_view = quality.org_view
where {{ in_rebuilt_periods('speed') }}
