-- Grain: one row per employee, period and version that judges a part of it: what the raters that count say together.
-- Kinds that do not count drop out of the divisor.
select
    employee_id,
    period_type,
    period_start,
    standard_id,
    standard_version,
    case
        when sum(case when rating_status = 'ok' then raters end) is null then 'no_data'
        when sum(case when rating_status = 'ok' then raters end) < max(min_raters_in_all) then 'too_few_raters'
        else 'ok'
    end as rating_status,
    cast(sum(case when rating_status = 'ok' then weight * cast(average_points as decimal(28, 9)) end) as decimal(28, 9))
        as numerator,
    cast(sum(case when rating_status = 'ok' then weight end) as decimal(28, 9)) as denominator
from {{ ref('int_appraisal_rating') }}
group by employee_id, period_type, period_start, standard_id, standard_version
