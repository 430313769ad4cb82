{{ config(materialized='view') }}
-- Grain: one row per period, purchase, credited employee and metric of the customer family.
-- churn_rate: of the unified customers at the beginning (bought before, not lapsed), those who let the company's
-- churned_days pass inside the period. Each stands with the employees of its latest purchase before the period.
-- customer_retention_rate: of the same customers those who do not: they bought again in time, or their days still run.
-- active_customers: unified customers with a purchase in the period, with the employees of the latest one in it.
with company as (
    select company.as_of_date, lifecycle.churned_days
    from {{ source('config', 'company') }} as company
    cross join {{ source('config', 'customer_lifecycle') }} as lifecycle
),

-- most purchases are followed by another of the customer in the same month: no period begins or ends between the two
boundary as (
    select
        purchase.*,
        {{ add_days('purchase.purchase_date', 'company.churned_days') }} as lapse_date
    from {{ ref('int_customer_purchase') }} as purchase
    cross join company
    where
        purchase.customer_key is not null
        and (
            purchase.next_purchase_date is null
            or {{ month_of('purchase.next_purchase_date') }} > {{ month_of('purchase.purchase_date') }}
            or purchase.next_purchase_date > company.as_of_date
        )
),

-- kept: DuckDB would credit every purchase twice, and with every period after it
purchase as materialized (
    select
        boundary.*,
        credit.employee_id,
        credit.credit_share
    from boundary
    inner join {{ ref('int_order_credit') }} as credit
        on boundary.source_system = credit.source_system and boundary.source_key = credit.order_key
),

cohort as (
    select
        period.period_type,
        period.period_start,
        purchase.source_system,
        purchase.source_key,
        purchase.customer_key,
        purchase.employee_id,
        purchase.credit_share,
        case
            when
                purchase.lapse_date < period.next_period_start
                and purchase.lapse_date <= company.as_of_date
                and (purchase.next_purchase_date is null or purchase.next_purchase_date > purchase.lapse_date)
                then 1
            else 0
        end as lapsed
    from purchase
    cross join company
    inner join {{ ref('int_period') }} as period
        on
            purchase.purchase_date < period.period_start
            and period.period_start <= purchase.lapse_date
            and period.period_start <= coalesce(purchase.next_purchase_date, date '9999-12-31')
),

known_period as (
    select
        period.period_type,
        period.period_start,
        least(period.next_period_start, {{ add_days('company.as_of_date', 1) }}) as known_until
    from {{ ref('int_period') }} as period
    cross join company
),

-- if all undecided pairs are one customer, only the latest purchase of all of them stands for it
latest as (
    select
        period.period_type,
        period.period_start,
        purchase.source_system,
        purchase.source_key,
        purchase.customer_key,
        purchase.purchase_date,
        purchase.employee_id,
        purchase.credit_share,
        case when purchase.twins_next_purchase_date < period.known_until then purchase.credit_share else 0 end
            as grey_share
    from purchase
    inner join known_period as period
        on
            purchase.purchase_date >= period.period_start
            and purchase.purchase_date < period.known_until
            and (purchase.next_purchase_date is null or purchase.next_purchase_date >= period.known_until)
)

{{ metric_period_event(
    'churn_rate', 'cohort', 'period_start', 'lapsed * credit_share', 'sales_order', denominator='credit_share'
) }}
union all
{{ metric_period_event(
    'customer_retention_rate', 'cohort', 'period_start', '(1 - lapsed) * credit_share', 'sales_order',
    denominator='credit_share'
) }}
union all
{{ metric_period_event(
    'active_customers', 'latest', 'purchase_date', 'credit_share', 'sales_order', grey_numerator='grey_share'
) }}
