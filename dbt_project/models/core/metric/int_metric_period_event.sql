{{ config(materialized='view') }}
-- Grain: one row per period and addition to a metric that is asked of a whole period.
{% for family in period_families() %}
select * from {{ ref('int_metric_period_' ~ family) }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
