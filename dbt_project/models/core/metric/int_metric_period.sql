-- Grain: one row per metric, employee, org unit (as was on org_day) and period: what is asked of a whole period.
-- A cohort or a stock of a month is not a part of one of the year, so these rows count in their own period only.
{% set measures = 'metric, employee_id, period_type, period_start, org_day, numerator, denominator, grey_numerator' %}
with receivable_day as (
    select
        receivable.employee_id,
        receivable.is_open,
        {{ asked_day('receivable.valid_from', 'company.as_of_date') }} as valid_from,
        {{ asked_day('receivable.valid_to', 'company.as_of_date') }} as valid_to,
        -- when it fell due matters for what is settled, and periods begin with a month
        case when receivable.is_open then null else cast(date_trunc('month', receivable.due_date) as date) end as due_date,
        receivable.credited_amount
    from {{ ref('int_receivable_credit') }} as receivable
    cross join {{ source('config', 'company') }} as company
),

-- an invoice stands in many periods: what no period tells apart is summed before
receivable as (
    select
        employee_id,
        is_open,
        valid_from,
        valid_to,
        due_date,
        cast(null as varchar) as customer_key,
        cast(null as varchar) as source_system,
        cast(null as varchar) as source_key,
        sum(credited_amount) as credited_amount
    from receivable_day
    where valid_from < valid_to
    group by employee_id, is_open, valid_from, valid_to, due_date
),

addition as (
    {% for family in period_families() | reject('equalto', 'sales') %}
    select {{ measures }} from {{ ref('int_metric_period_' ~ family) }}
    union all
    {% endfor %}
    select {{ measures }} from ({{ sales_asked_of_periods('receivable') }}) as asked
),

summed as (
    select
        metric,
        employee_id,
        period_type,
        period_start,
        org_day,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(grey_numerator) as grey_numerator
    from addition
    group by metric, employee_id, period_type, period_start, org_day
)

select
    summed.metric,
    summed.employee_id,
    coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
    summed.period_type,
    summed.period_start,
    summed.org_day,
    cast(summed.numerator as decimal(38, 9)) as numerator,
    cast(summed.denominator as decimal(38, 9)) as denominator,
    cast(summed.grey_numerator as decimal(38, 9)) as grey_numerator
from summed
{{ join_posting('summed', 'org_day') }}
