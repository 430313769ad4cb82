-- Grain: one row per booking, value of a closed period and cause.
-- The book as the last release holds it. What this build changes is booked once the build has shown it
-- (pipelines/restatement), because causes are found by building again with one class of inputs taken back.
select
    booking_no,
    table_name,
    period_type,
    period_start,
    subject,
    row_key,
    column_name,
    cause,
    cause_no,
    old_value,
    new_value,
    delta,
    booked_on,
    restatement_status,
    approval_id,
    approved_by,
    approved_on,
    approval_reason
from {{ source('config', 'restatement') }}
