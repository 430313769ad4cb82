{{ config(materialized='view') }}
-- Grain: one row per subject, period, metric and org view: what is worked out for each subject on its own.
{% for family in direct_families() %}
select * from {{ ref('int_metric_direct_' ~ family) }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
