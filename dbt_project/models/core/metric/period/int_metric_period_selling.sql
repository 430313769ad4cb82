{{ config(materialized='view') }}
-- Grain: one row per period, lead, stay in a stage or opportunity, and metric of the selling family.
-- Leads and stages may be older than the first sale, so they are counted in the periods there are and open no others.
with period as ({{ asked_periods('last_date') }}),

created as (
    select
        period.period_type,
        period.period_start,
        lead.source_system,
        lead.source_key,
        lead.created_date,
        cast(null as varchar) as customer_key,
        coalesce(lead.owner_employee_id, 'unassigned') as employee_id,
        case when lead.status = 'converted' then 1 else 0 end as converted
    from {{ ref('int_lead') }} as lead
    inner join period
        on lead.created_date >= period.period_start and lead.created_date <= period.last_date
),

passed as (
    select
        period.period_type,
        period.period_start,
        stay.source_system,
        stay.source_key,
        stay.stage,
        stay.left_date,
        item.customer_key,
        coalesce(stay.owner_employee_id, item.owner_employee_id, 'unassigned') as employee_id,
        case
            when stay.next_outcome is distinct from 'lost' and stay.next_position > stay.stage_position then 1 else 0
        end as forward
    from {{ ref('int_stage_stay') }} as stay
    inner join {{ ref('int_process_item') }} as item
        on
            stay.process = item.process
            and stay.source_system = item.source_system
            and stay.item_key = item.item_key
    inner join period
        on stay.left_date >= period.period_start and stay.left_date <= period.last_date
    where stay.process = 'opportunity' and stay.next_stage <> stay.stage
),

due as (
    select
        period.period_type,
        period.period_start,
        period.last_date,
        opportunity.source_system,
        opportunity.source_key,
        opportunity.customer_key,
        coalesce(opportunity.owner_employee_id, 'unassigned') as employee_id,
        case
            when opportunity.closed_date > period.last_date then 1
            when opportunity.closed_date is null and opportunity.status = 'open' then 1
            else 0
        end as slipped
    from {{ ref('int_opportunity') }} as opportunity
    inner join period
        on
            opportunity.expected_close_date >= period.period_start
            and opportunity.expected_close_date <= period.last_date
)

{{ metric_period_event('leads', 'created', 'created_date', '1', 'lead') }}
union all
{{ metric_period_event('lead_conversion_rate', 'created', 'created_date', 'converted', 'lead', denominator='1') }}
{% for stage in ['qualification', 'proposal', 'negotiation'] %}
union all
{{ metric_period_event(
    stage ~ '_conversion', 'passed', 'left_date', 'forward', 'stage_event', denominator='1',
    where="stage = '" ~ stage ~ "'"
) }}
{% endfor %}
union all
{{ metric_period_event('slipped_deals', 'due', 'last_date', 'slipped', 'opportunity') }}
union all
{{ metric_period_event('open_opportunities', ref('int_open_opportunity'), 'stock_date', '1', 'opportunity') }}
union all
{{ metric_period_event(
    'weighted_open_opportunities', ref('int_open_opportunity'), 'stock_date', 'win_share', 'opportunity',
    where='win_share is not null'
) }}
union all
{{ metric_period_event(
    'pipeline_amount', ref('int_open_opportunity'), 'stock_date', 'reporting_amount', 'opportunity',
    where='reporting_amount is not null'
) }}
union all
{{ metric_period_event(
    'pipeline_age_days', ref('int_open_opportunity'), 'stock_date', 'age_days', 'opportunity', denominator='1'
) }}
