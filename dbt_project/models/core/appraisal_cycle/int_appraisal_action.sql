-- Grain: one row per talk, acknowledgement or improvement plan, employees resolved.
-- What people write about themselves is no talk: a review or plan counts when somebody else holds it.
with resolved_action as (
    select
        action.source_system,
        action.source_key,
        action.load_id,
        action.action_type,
        {{ resolved('employee', 'employee_id') }} as employee_id,
        {{ resolved('actor', 'employee_id') }} as actor_employee_id,
        action.period_type,
        action.period_start,
        action.due_date,
        action.done_date,
        action.outcome
    from {{ ref('appraisal_action') }} as action
    {{ join_reference(ref('int_employee_alias'), 'action', 'employee_key', 'employee') }}
    {{ join_reference(ref('int_employee_alias'), 'action', 'actor_key', 'actor') }}
)

select
    *,
    case
        when action_type = 'acknowledged' then coalesce(actor_employee_id, employee_id) = employee_id
        else actor_employee_id is distinct from employee_id
    end as counts
from resolved_action
