-- Grain: one row per period and opportunity that stood open when the period (or the day the candidate describes) ended:
-- created by then and not closed by then. A closed opportunity whose day of closing nobody knows stands open nowhere.
with period as ({{ asked_periods('stock_date') }})

select
    period.period_type,
    period.period_start,
    period.stock_date,
    opportunity.source_system,
    opportunity.source_key,
    opportunity.customer_key,
    coalesce(opportunity.owner_employee_id, 'unassigned') as employee_id,
    {{ amount_times('opportunity.amount', 'rate.rate') }} as reporting_amount,
    {{ days_between('opportunity.created_date', 'period.stock_date') }} as age_days,
    stay.stage,
    coalesce(stay.win_share, opportunity.probability) as win_share
from {{ ref('int_opportunity') }} as opportunity
inner join period
    on
        opportunity.created_date <= period.stock_date
        and (opportunity.closed_date > period.stock_date or (opportunity.closed_date is null and opportunity.status = 'open'))
left join {{ ref('int_exchange_rate') }} as rate
    on
        opportunity.currency = rate.currency
        and period.stock_date >= rate.valid_from
        and period.stock_date < rate.valid_to
left join {{ ref('int_stage_stay') }} as stay
    on
        stay.process = 'opportunity'
        and opportunity.source_system = stay.source_system
        and opportunity.source_key = stay.item_key
        and period.stock_date >= stay.entered_date
        and (stay.left_date is null or period.stock_date < stay.left_date)
