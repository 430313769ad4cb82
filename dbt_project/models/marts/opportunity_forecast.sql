-- Grain: one row per open opportunity.
with experience as (
    -- how long the slowest deal took that came to an end
    select max({{ days_between('created_date', 'closed_date') }}) as most_days
    from {{ ref('int_deal') }}
    where status in ('won', 'lost')
)

select
    deal.source_system,
    deal.source_key,
    deal.opportunity_name,
    deal.owner_employee_id,
    deal.org_unit_id,
    deal.customer_key,
    score.stage,
    deal.created_date,
    cast(score.age_days as integer) as age_days,
    cast(score.stage_days as integer) as stage_days,
    deal.amount,
    deal.currency,
    deal.reporting_amount,
    score.win_probability,
    deal.stated_probability,
    cast(deal.reporting_amount * score.win_probability as decimal(28, 6)) as expected_amount,
    case
        when score.status <> 'ok' then score.status
        when deal.amount is null then 'no_amount'
        when deal.reporting_amount is null then 'no_rate'
        else 'ok'
    end as status,
    deal.expected_close_date,
    deal.expected_close_date < company.as_of_date as is_overdue,
    score.age_days > experience.most_days as is_beyond_experience,
    score.reasons_en,
    score.reasons_zh,
    score.reasons,
    model.method,
    model.method_reason_en,
    model.method_reason_zh,
    model.model_id
from {{ ref('int_opportunity_score') }} as score
inner join {{ ref('int_deal') }} as deal
    on score.source_system = deal.source_system and score.source_key = deal.source_key
cross join {{ ref('int_win_model') }} as model
cross join {{ source('config', 'company') }} as company
cross join experience
