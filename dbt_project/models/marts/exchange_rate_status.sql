-- Grain: one row per currency the sales, invoices and payments are in: its latest rate and how old that is.
with used as (
    {% for fact, event_date in [
        ('fct_sales_credit', 'booked_date'),
        ('fct_billing_credit', 'billed_date'),
        ('fct_collection_credit', 'collected_date'),
    ] %}
    select
        currency,
        max({{ event_date }}) as last_event_date,
        count(distinct case when exchange_rate is null then {{ event_date }} end) as days_without_rate
    from {{ ref(fact) }}
    where currency is not null
    group by currency
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

latest as (
    select rate.currency, rate.valid_from as rate_date, rate.rate
    from {{ ref('int_exchange_rate') }} as rate
    cross join {{ source('config', 'company') }} as company
    where rate.valid_from <= company.as_of_date and rate.currency <> company.reporting_currency
    qualify row_number() over (partition by rate.currency order by rate.valid_from desc) = 1
)

select
    used.currency,
    latest.rate_date,
    latest.rate,
    cast({{ days_between('latest.rate_date', 'company.as_of_date') }} as integer) as days_old,
    max(used.last_event_date) as last_event_date,
    cast(sum(used.days_without_rate) as integer) as days_without_rate,
    coalesce(company.missing_rate, 'refuse') as missing_rate_rule,
    company.rate_max_age_days
from used
cross join {{ source('config', 'company') }} as company
left join latest
    on used.currency = latest.currency
where used.currency <> company.reporting_currency
group by
    used.currency, latest.rate_date, latest.rate, company.as_of_date, company.missing_rate, company.rate_max_age_days
