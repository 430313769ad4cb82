-- Grain: one row per subject, period, org view and metric of the selling family that does not add up over people.
-- pipeline_coverage: open amounts at the end of the period by the bookings target of the next period of that type.
-- forecast_error: how far the amounts that were due when the period began missed those won in it, by those won.
with stock as (
    select
        employee_id,
        org_unit_id,
        org_day as event_date,
        period_type,
        period_start,
        numerator as amount
    from {{ ref('int_metric_period') }}
    where metric = 'pipeline_amount'
),

pipeline as (
    {{ by_subject('stock', ['period_type', 'period_start'], ['amount']) }}
),

coverage as (
    select
        target.subject_type,
        target.subject_id,
        period.period_type,
        period.period_start,
        org_view.org_view,
        coalesce(pipeline.amount, 0) as amount,
        target.target_value
    from {{ ref('int_target') }} as target
    inner join {{ ref('int_period') }} as period
        on target.period_type = period.period_type and target.period_start = period.next_period_start
    cross join (select 'as_was' as org_view union all select 'as_is') as org_view
    left join pipeline
        on
            target.subject_type = pipeline.subject_type
            and target.subject_id = pipeline.subject_id
            and period.period_type = pipeline.period_type
            and period.period_start = pipeline.period_start
            and org_view.org_view = pipeline.org_view
    where
        target.metric = 'bookings'
        and target.target_value > 0
        and exists (select 1 from stock)
),

moved as (
    select
        opportunity.owner_employee_id,
        period.period_type,
        period.period_start,
        period.period_start as event_date,
        opportunity.currency,
        opportunity.amount as due,
        0 as won
    from {{ ref('int_opportunity') }} as opportunity
    inner join {{ ref('int_period') }} as period
        on
            opportunity.expected_close_date >= period.period_start
            and opportunity.expected_close_date < period.next_period_start
            and opportunity.created_date < period.period_start
    where
        opportunity.closed_date >= period.period_start
        or (opportunity.closed_date is null and opportunity.status = 'open')

    union all

    select
        opportunity.owner_employee_id,
        period.period_type,
        period.period_start,
        opportunity.closed_date,
        opportunity.currency,
        0,
        opportunity.amount
    from {{ ref('int_opportunity') }} as opportunity
    cross join {{ source('config', 'company') }} as company
    inner join {{ ref('int_period') }} as period
        on
            opportunity.closed_date >= period.period_start
            and opportunity.closed_date < period.next_period_start
    where opportunity.status = 'won' and opportunity.closed_date <= company.as_of_date
),

converted as (
    select
        coalesce(moved.owner_employee_id, 'unassigned') as employee_id,
        coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
        moved.event_date,
        moved.period_type,
        moved.period_start,
        {{ amount_times('moved.due', 'rate.rate') }} as due,
        {{ amount_times('moved.won', 'rate.rate') }} as won
    from moved
    inner join {{ ref('int_exchange_rate') }} as rate
        on
            moved.currency = rate.currency
            and moved.event_date >= rate.valid_from
            and moved.event_date < rate.valid_to
    left join {{ ref('int_posting') }} as posting
        on
            moved.owner_employee_id = posting.employee_id
            and moved.event_date >= posting.valid_from
            and moved.event_date < posting.valid_to
    where moved.due is not null and moved.won is not null
),

forecast as (
    {{ by_subject('converted', ['period_type', 'period_start'], ['due', 'won']) }}
)

select
    subject_type,
    subject_id,
    period_type,
    period_start,
    'pipeline_coverage' as metric,
    org_view,
    cast(amount as decimal(38, 9)) as numerator,
    cast(target_value as decimal(38, 9)) as denominator
from coverage

union all

select
    subject_type,
    subject_id,
    period_type,
    period_start,
    'forecast_error',
    org_view,
    cast(abs(due - won) as decimal(38, 9)),
    cast(won as decimal(38, 9))
from forecast
where won > 0
