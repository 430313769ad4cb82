{{ config(materialized='view') }}
-- Grain: one row per opportunity and metric of the selling family.
with kept as (
    select
        source_system,
        item_key,
        bool_and(stage <> 'unmapped' and not is_skipped_ahead and not is_reopened) as is_standard
    from {{ ref('int_stage_stay') }}
    where process = 'opportunity'
    group by source_system, item_key
),

closed as (
    select
        opportunity.*,
        coalesce(opportunity.owner_employee_id, 'unassigned') as employee_id,
        {{ amount_times('opportunity.amount', 'rate.rate') }} as reporting_amount,
        kept.is_standard
    from {{ ref('int_opportunity') }} as opportunity
    left join {{ ref('int_exchange_rate') }} as rate
        on
            opportunity.currency = rate.currency
            and opportunity.closed_date >= rate.valid_from
            and opportunity.closed_date < rate.valid_to
    left join kept
        on opportunity.source_system = kept.source_system and opportunity.source_key = kept.item_key
    where opportunity.status in ('won', 'lost') and opportunity.closed_date is not null
)

{{ metric_event(
    'win_rate', 'closed', 'closed_date', "case when status = 'won' then 1 else 0 end", 'opportunity', denominator='1'
) }}
union all
{{ metric_event(
    'win_rate_by_amount', 'closed', 'closed_date', "case when status = 'won' then reporting_amount else 0 end",
    'opportunity', denominator='reporting_amount', where='reporting_amount is not null'
) }}
union all
{{ metric_event(
    'sales_cycle_days', 'closed', 'closed_date', days_between('created_date', 'closed_date'), 'opportunity',
    denominator='1', where="status = 'won' and created_date is not null"
) }}
union all
{{ metric_event(
    'standard_process_rate', 'closed', 'closed_date', 'case when is_standard then 1 else 0 end', 'opportunity',
    denominator='1', where='is_standard is not null'
) }}
