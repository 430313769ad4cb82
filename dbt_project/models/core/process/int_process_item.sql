-- Grain: one row per lead, opportunity, contract and service case: whose it is, and whether it still goes on.
with contract_stay as (
    select
        stage_event.source_system,
        stage_event.item_key,
        stage_event.stage,
        stage_event.entered_at,
        stage_event.left_at,
        stage_event.due_at,
        stage_event.source_key,
        {{ resolved('owner', 'employee_id') }} as owner_employee_id
    from {{ ref('stage_event') }} as stage_event
    {{ join_reference(ref('int_employee_alias'), 'stage_event', 'owner_employee_key', 'owner') }}
    where stage_event.process = 'contract' and stage_event.item_key is not null
),

latest_contract as (
    select * from contract_stay
    qualify row_number() over (partition by source_system, item_key order by entered_at desc, source_key desc) = 1
),

opportunity_due as (
    select
        source_system,
        opportunity_key,
        cast({{ company_time('max(due_at)') }} as date) as due_date
    from {{ ref('stage_event') }}
    where opportunity_key is not null and left_at is null
    group by source_system, opportunity_key
)

select
    'lead' as process,
    lead.source_system,
    lead.source_key as item_key,
    lead.lead_name as item_name,
    cast(null as varchar) as customer_key,
    lead.owner_employee_id,
    lead.status = 'open' as is_open,
    lead.status as outcome,
    lead.created_date as opened_date,
    lead.converted_date as closed_date,
    cast(null as date) as due_date,
    lead.status as stage_name
from {{ ref('int_lead') }} as lead

union all

select
    'opportunity',
    opportunity.source_system,
    opportunity.source_key,
    opportunity.opportunity_name,
    opportunity.customer_key,
    opportunity.owner_employee_id,
    opportunity.status = 'open',
    opportunity.status,
    opportunity.created_date,
    opportunity.closed_date,
    coalesce(opportunity_due.due_date, opportunity.expected_close_date),
    opportunity.stage
from {{ ref('int_opportunity') }} as opportunity
left join opportunity_due
    on
        opportunity.source_system = opportunity_due.source_system
        and opportunity.source_key = opportunity_due.opportunity_key

union all

select
    'contract',
    latest_contract.source_system,
    latest_contract.item_key,
    latest_contract.item_key,
    null,
    latest_contract.owner_employee_id,
    coalesce(stage.outcome is null, true),
    coalesce(stage.outcome, 'open'),
    (
        select cast(min({{ company_time('contract_stay.entered_at') }}) as date)
        from contract_stay
        where
            contract_stay.source_system = latest_contract.source_system
            and contract_stay.item_key = latest_contract.item_key
    ),
    case when stage.outcome is not null then cast({{ company_time('latest_contract.entered_at') }} as date) end,
    cast({{ company_time('latest_contract.due_at') }} as date),
    latest_contract.stage
from latest_contract
left join {{ ref('int_stage_name') }} as named
    on
        named.process = 'contract'
        and latest_contract.source_system = named.source_system
        and lower(trim(latest_contract.stage)) = named.stage_name
left join {{ source('config', 'process_stage') }} as stage
    on named.process = stage.process and named.stage = stage.stage

union all

select
    'after_sales',
    service_case.source_system,
    service_case.source_key,
    service_case.case_number,
    service_case.customer_key,
    service_case.owner_employee_id,
    service_case.status = 'open',
    case when service_case.status = 'open' then 'open' else 'won' end,
    service_case.opened_date,
    case when service_case.status = 'closed' then service_case.closed_date end,
    null,
    case
        when service_case.status = 'closed' then 'closed'
        when service_case.first_response_at is not null then 'working'
        else 'waiting'
    end
from {{ ref('int_service_case') }} as service_case
