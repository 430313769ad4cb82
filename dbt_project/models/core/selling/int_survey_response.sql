-- Grain: one row per answer of a customer, its score as a share of the most it could be (0 to 1).
-- It counts for whom the answer is about: the employee it names, else the owner of the service case, else the account owner
-- of the customer, else nobody.
with resolved_response as (
    select
        response.source_system,
        response.source_key,
        response.metric,
        response.responded_date,
        {{ decimal_divide('response.score', 'response.scale_max') }} as score_share,
        coalesce(account.customer_key, service_case.customer_key) as customer_key,
        {{ resolved('meant', 'employee_id') }} as named_employee_id,
        service_case.owner_employee_id as case_employee_id,
        coalesce(account.account_owner_employee_id, service_case.account_owner_employee_id) as account_employee_id
    from {{ ref('survey_response') }} as response
    {{ join_reference(ref('int_employee_alias'), 'response', 'employee_key', 'meant') }}
    {{ join_reference(ref('int_case_alias'), 'response', 'case_key', 'asked') }}
    left join {{ ref('int_case_owner') }} as service_case
        on
            {{ resolved('asked', 'case_source') }} = service_case.source_system
            and {{ resolved('asked', 'case_key') }} = service_case.source_key
    left join {{ ref('int_account_owner') }} as account
        on response.source_system = account.source_system and response.customer_record_key = account.source_key
    where response.respondent_type = 'customer'
)

select
    source_system,
    source_key,
    metric,
    responded_date,
    score_share,
    customer_key,
    coalesce(named_employee_id, case_employee_id, account_employee_id, 'unassigned') as employee_id,
    case
        when named_employee_id is not null then 'named'
        when case_employee_id is not null then 'case_owner'
        when account_employee_id is not null then 'account_owner'
        else 'unassigned'
    end as credit_rule
from resolved_response
where score_share is not null and responded_date is not null
