-- Grain: one row per metric, employee, org unit and period: what became of those who were there when the period began.
-- A cohort of a month is not a part of one of the year, so these rows count in their own period only.
-- churn_rate: of the unified customers at the beginning (bought before, not lapsed), those who let the company's
-- churned_days pass inside the period. Each stands with the employees of its latest purchase before the period.
with cohort as (
    select
        period.period_type,
        period.period_start,
        purchase.source_system,
        purchase.source_key,
        case
            when
                {{ add_days('purchase.purchase_date', 'lifecycle.churned_days') }} < period.next_period_start
                and {{ add_days('purchase.purchase_date', 'lifecycle.churned_days') }} <= company.as_of_date
                and (
                    purchase.next_purchase_date is null
                    or purchase.next_purchase_date
                    > {{ add_days('purchase.purchase_date', 'lifecycle.churned_days') }}
                )
                then 1
            else 0
        end as lapsed
    from {{ ref('int_customer_purchase') }} as purchase
    cross join {{ source('config', 'customer_lifecycle') }} as lifecycle
    cross join {{ source('config', 'company') }} as company
    inner join {{ ref('int_period') }} as period
        on
            purchase.purchase_date < period.period_start
            and period.period_start <= {{ add_days('purchase.purchase_date', 'lifecycle.churned_days') }}
            and period.period_start <= coalesce(purchase.next_purchase_date, date '9999-12-31')
    where purchase.customer_key is not null
)

select
    'churn_rate' as metric,
    credit.employee_id,
    coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
    cohort.period_type,
    cohort.period_start,
    cast(sum(cohort.lapsed * credit.credit_share) as decimal(38, 9)) as numerator,
    cast(sum(credit.credit_share) as decimal(38, 9)) as denominator
from cohort
inner join {{ ref('int_order_credit') }} as credit
    on cohort.source_system = credit.source_system and cohort.source_key = credit.order_key
left join {{ ref('int_posting') }} as posting
    on
        credit.employee_id = posting.employee_id
        and cohort.period_start >= posting.valid_from
        and cohort.period_start < posting.valid_to
group by credit.employee_id, coalesce(posting.org_unit_id, 'unassigned'), cohort.period_type, cohort.period_start
