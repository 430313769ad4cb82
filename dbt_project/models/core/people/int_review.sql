-- Grain: one row per rater's form about an employee, employees resolved.
select
    review.source_system,
    review.source_key,
    review.load_id,
    review.review_key,
    {{ resolved('employee', 'employee_id') }} as employee_id,
    {{ resolved('rater', 'employee_id') }} as rater_employee_id,
    review.rater_kind,
    review.period_type,
    review.period_start,
    review.due_date,
    review.submitted_date,
    review.score,
    review.scale_max,
    review.is_complete
from {{ ref('review_rating') }} as review
{{ join_reference(ref('int_employee_alias'), 'review', 'employee_key', 'employee') }}
{{ join_reference(ref('int_employee_alias'), 'review', 'rater_key', 'rater') }}
