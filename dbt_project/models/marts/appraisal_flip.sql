-- Grain: one row per score and thing left out of it: what score and grade would be without it. Kept are those that change
-- the grade, the one of each kind that moves the score most, and `nothing`, whose score must be the one published.
-- Targets, weights, gates as measured and everybody else's score stay as they are.
with compared as (
    {{ rescored(ref('int_appraisal_left_out'), ['left_out_kind', 'left_out_system', 'left_out_key']) }}
)

select
    employee_id,
    period_type,
    period_start,
    left_out_kind,
    left_out_system,
    left_out_key,
    score,
    grade,
    cast(other_score as decimal(9, 2)) as score_without,
    other_grade as grade_without,
    cast(score_change as decimal(9, 2)) as score_change,
    other_grade is distinct from grade as changes_grade
from compared
where score is not null
qualify
    left_out_kind = 'nothing'
    or other_grade is distinct from grade
    or row_number() over (
        partition by employee_id, period_type, period_start, left_out_kind
        order by other_score is null desc, abs(score_change) desc, left_out_system, left_out_key
    ) = 1
