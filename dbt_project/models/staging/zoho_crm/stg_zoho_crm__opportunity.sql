-- Grain: one row per deal; the latest version wins. Closing_Date is a plain date: no time zone shift.
-- A deal names its stage by the value shown or by the value kept; where both name stages, the value kept wins.
with stage as (
    select _source, stage_name, arg_min(outcome, place) as outcome
    from (
        select _source, actual_value as stage_name, outcome, 1 as place
        from {{ latest_version(source('zoho_crm', 'deal_stage')) }} as kept
        where not _deleted
        union all
        select _source, display_value as stage_name, outcome, 2 as place
        from {{ latest_version(source('zoho_crm', 'deal_stage')) }} as shown
        where not _deleted
    ) as named
    group by _source, stage_name
)

select
    deal._source as source_system,
    deal._key as source_key,
    deal._load_id as load_id,
    deal.deal_name as opportunity_name,
    deal.account_name_id as customer_record_key,
    deal.owner_id as owner_employee_key,
    deal.stage,
    coalesce(stage.outcome, 'open') as status,
    cast(deal.amount as decimal(28, 6)) as amount,
    deal.currency,
    cast(
        cast(deal.probability as decimal(9, 4)) * cast(0.01 as decimal(3, 2)) as decimal(9, 6)
    ) as probability,
    {{ company_date('deal.created_time') }} as created_date,
    deal.closing_date as expected_close_date,
    case when stage.outcome in ('won', 'lost') then deal.closing_date end as closed_date,
    deal._deleted as is_deleted
from {{ latest_version(source('zoho_crm', 'deal')) }} as deal
left join stage
    on deal._source = stage._source and deal.stage = stage.stage_name
