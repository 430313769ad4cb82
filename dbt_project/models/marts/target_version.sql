-- Grain: one row per subject, metric, period and version of a target: the whole history of what was asked.
with found as (
    select
        *,
        version > 1 and nullif(trim(reason), '') is null as lacks_reason,
        version > 1 and nullif(trim(approved_by), '') is null as lacks_approver,
        effective_date >= next_period_start as comes_too_late,
        valid_from is null as is_overtaken
    from {{ ref('int_target_version') }}
)

select
    subject_type,
    subject_id,
    metric,
    period_type,
    period_start,
    version,
    target_value,
    effective_date,
    valid_from,
    valid_to,
    is_in_force,
    reason,
    approved_by,
    owner_employee_id,
    due_date,
    previous_version,
    previous_value,
    cast(target_value - previous_value as decimal(28, 6)) as change_amount,
    cast(
        {{ decimal_divide('target_value - previous_value', 'previous_value', 6, 6) }} as decimal(28, 9)
    ) as change_share,
    case
        when previous_version is not null then nullif(
            concat_ws(
                ', ',
                case when target_value <> previous_value then 'target_value' end,
                case when owner_employee_id is distinct from previous_owner_id then 'owner_employee_id' end,
                case when due_date is distinct from previous_due_date then 'due_date' end
            ),
            ''
        )
    end as changed,
    nullif(
        concat_ws(
            ', ',
            case when lacks_reason then 'reason_missing' end,
            case when lacks_approver then 'approver_missing' end,
            case when comes_too_late then 'effective_after_period' end,
            case when is_overtaken and not coalesce(comes_too_late, false) then 'never_in_force' end,
            case when is_contradicted then 'stated_twice' end
        ),
        ''
    ) as findings,
    nullif(
        concat_ws(
            '；',
            case when lacks_reason then '变更未说明原因' end,
            case when lacks_approver then '变更无批准人' end,
            case when comes_too_late then '生效日期在期间结束之后，不计入该期间' end,
            case when is_overtaken and not coalesce(comes_too_late, false) then '在生效之前已被更高版本取代' end,
            case when is_contradicted then '同一版本有不同的目标值' end
        ),
        ''
    ) as findings_zh,
    nullif(
        concat_ws(
            '; ',
            case when lacks_reason then 'nobody says why it was changed' end,
            case when lacks_approver then 'nobody approved the change' end,
            case when comes_too_late then 'takes effect after the period has ended and never counts' end,
            case
                when is_overtaken and not coalesce(comes_too_late, false)
                    then 'a higher version took its place before it took effect'
            end,
            case when is_contradicted then 'the same version is stated with different values' end
        ),
        ''
    ) as findings_en,
    source_system,
    source_key
from found
