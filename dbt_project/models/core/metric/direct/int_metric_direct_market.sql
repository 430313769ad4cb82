-- Grain: one row per unit or company, period and org view for which the size of its market is loaded.
-- market_share: bookings / size of all markets of the unit (of rows without a unit: the company), converted at the rate of
-- the period's last day. Sizes of segments (an industry, a product category) are parts of a market and not added to it. A
-- period that still runs is left out: its sales are not those of a whole period.
with size as (
    select
        case when market.unit_key is null then 'company' else 'org_unit' end as subject_type,
        case when market.unit_key is null then 'company' else {{ resolved('unit', 'org_unit_id') }} end as subject_id,
        market.market_key,
        market.period_type,
        market.period_start,
        period.period_end,
        market.amount,
        market.currency
    from {{ ref('market_size') }} as market
    inner join {{ ref('int_period') }} as period
        on
            market.period_type = period.period_type
            and market.period_start = period.period_start
            and period.is_complete
    {{ join_reference(ref('int_unit_alias'), 'market', 'unit_key', 'unit') }}
    where
        market.industry is null
        and market.product_category is null
        and (market.unit_key is null or {{ resolved('unit', 'org_unit_id') }} is not null)
    qualify row_number() over (
        partition by subject_type, subject_id, market.market_key, market.period_type, market.period_start
        order by market.source_system, market.source_key
    ) = 1
),

-- without a rate for one of its markets the whole size is unknown
converted as (
    select
        size.subject_type,
        size.subject_id,
        size.period_type,
        size.period_start,
        sum({{ amount_times('size.amount', 'rate.rate') }}) as amount
    from size
    left join {{ ref('int_exchange_rate') }} as rate
        on
            size.currency = rate.currency
            and size.period_end >= rate.valid_from
            and size.period_end < rate.valid_to
    group by size.subject_type, size.subject_id, size.period_type, size.period_start
    having count(*) = count(rate.rate)
),

booked as (
    select subject_type, subject_id, period_type, period_start, org_view, numerator
    from {{ ref('int_metric_subject') }}
    where metric = 'bookings'
),

-- where no sales are recorded at all a share of 0 would be made up
org_view as (
    select distinct org_view from booked
)

select
    converted.subject_type,
    converted.subject_id,
    converted.period_type,
    converted.period_start,
    'market_share' as metric,
    org_view.org_view,
    cast(coalesce(booked.numerator, 0) as decimal(38, 9)) as numerator,
    cast(converted.amount as decimal(38, 9)) as denominator
from converted
cross join org_view
left join booked
    on
        converted.subject_type = booked.subject_type
        and converted.subject_id = booked.subject_id
        and converted.period_type = booked.period_type
        and converted.period_start = booked.period_start
        and org_view.org_view = booked.org_view
