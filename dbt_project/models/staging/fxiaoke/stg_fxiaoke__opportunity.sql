-- Grain: one row per opportunity; the latest version wins. A closed deal closed when its last stage was entered.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    name as opportunity_name,
    account_id as customer_record_key,
    owner as owner_employee_key,
    coalesce(stage_label, stage) as stage,
    case when is_won then 'won' when is_lost then 'lost' else 'open' end as status,
    cast(amount as decimal(28, 6)) as amount,
    currency,
    cast(cast(probability as decimal(9, 4)) * cast(0.01 as decimal(3, 2)) as decimal(9, 6)) as probability,
    {{ company_date('created_at') }} as created_date,
    expected_close as expected_close_date,
    case
        when is_won or is_lost then coalesce({{ company_date('stage_changed_at') }}, expected_close)
    end as closed_date,
    _deleted as is_deleted
from {{ latest_version(source('fxiaoke', 'opportunity')) }} as opportunity
