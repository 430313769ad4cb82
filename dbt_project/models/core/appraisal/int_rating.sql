-- Grain: one row per employee rated, period, rater kind and rater: the last form handed in, in points of 100.
-- Who gives no name counts as a rater of their own with every form.
select
    review.employee_id,
    review.period_type,
    review.period_start,
    review.rater_kind,
    review.rater_employee_id,
    coalesce(review.rater_employee_id, 'form ' || review.source_system || ' ' || review.source_key) as rater,
    review.submitted_date,
    {{ decimal_divide('100 * review.score', 'coalesce(review.scale_max, 100)', 3, 3) }} as points,
    review.source_system,
    review.source_key,
    review.load_id
from {{ ref('int_review') }} as review
cross join {{ source('config', 'company') }} as company
where
    review.employee_id is not null
    and review.score is not null
    and review.submitted_date <= company.as_of_date
    and coalesce(review.scale_max, 100) > 0
qualify row_number() over (
    partition by review.employee_id, review.period_type, review.period_start, review.rater_kind, rater
    order by review.submitted_date desc, review.source_system, review.source_key desc
) = 1
