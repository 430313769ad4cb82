-- Grain: one row per currency and stretch of days in which one rate to the reporting currency holds.
-- A rate holds until the next one, and no longer than the company lets it (`rate_max_age_days`) unless its rule for
-- missing rates is to take the last known.
with company as (
    select
        reporting_currency,
        case when coalesce(missing_rate, 'refuse') <> 'last_known' then rate_max_age_days end as max_age_days
    from {{ source('config', 'company') }}
),

quoted as (
    select
        exchange_rate.currency,
        exchange_rate.rate_date,
        exchange_rate.rate,
        1 as preference,
        exchange_rate.source_system,
        exchange_rate.source_key
    from {{ ref('exchange_rate') }} as exchange_rate
    inner join company
        on exchange_rate.quote_currency = company.reporting_currency
    where exchange_rate.currency <> company.reporting_currency

    union all

    -- the reverse quotation counts only for a currency that is never quoted directly
    select
        exchange_rate.quote_currency,
        exchange_rate.rate_date,
        cast({{ decimal_divide('1.0', 'exchange_rate.rate') }} as decimal(18, 9)) as rate,
        2 as preference,
        exchange_rate.source_system,
        exchange_rate.source_key
    from {{ ref('exchange_rate') }} as exchange_rate
    inner join company
        on exchange_rate.currency = company.reporting_currency
    where exchange_rate.quote_currency <> company.reporting_currency and exchange_rate.rate > 0
),

preferred as (
    select * from quoted
    qualify rank() over (partition by currency order by preference) = 1
),

daily as (
    select * from preferred
    qualify row_number() over (partition by currency, rate_date order by source_system, source_key) = 1
)

select
    daily.currency,
    daily.rate_date as valid_from,
    least(
        lead(daily.rate_date, 1, date '9999-12-31') over (partition by daily.currency order by daily.rate_date),
        coalesce({{ add_days('daily.rate_date', 'company.max_age_days + 1') }}, date '9999-12-31')
    ) as valid_to,
    daily.rate
from daily
cross join company

union all

select
    reporting_currency as currency,
    date '1900-01-01' as valid_from,
    date '9999-12-31' as valid_to,
    cast(1 as decimal(18, 9)) as rate
from company
