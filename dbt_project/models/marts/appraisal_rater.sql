-- Grain: one row per rater, kind of rater and period: how mild the rater is, and how far from what others say.
-- Compared is with the average of all other raters of the same person and period; what people say of themselves is compared,
-- but no yardstick. Forms of an anonymous kind with fewer raters of a person than the floor stay out altogether, and an
-- anonymous rater of fewer people than it shows no numbers, so that nobody learns what one of them said.
with floor as (
    select
        kind.rater_kind,
        case
            when count(configured.rater_kind) = 0 then case when kind.is_anonymous then 3 else 0 end
            else coalesce(max(case when configured.is_anonymous then configured.anonymity_floor end), 0)
        end as anonymity_floor
    from (
        values ('manager', false), ('peer', true), ('customer', true), ('self', false), ('hr', false)
    ) as kind (rater_kind, is_anonymous)
    left join {{ source('config', 'appraisal_rating_kind') }} as configured
        on kind.rater_kind = configured.rater_kind
    group by kind.rater_kind, kind.is_anonymous
),

shown as (
    select
        rating.*,
        floor.anonymity_floor
    from {{ ref('int_rating') }} as rating
    inner join floor
        on rating.rater_kind = floor.rater_kind
    qualify count(*) over (
        partition by rating.employee_id, rating.period_type, rating.period_start, rating.rater_kind
    ) >= floor.anonymity_floor
),

yardstick as (
    select
        *,
        sum(case when rater_kind <> 'self' then points end) over person as all_points,
        count(case when rater_kind <> 'self' then points end) over person as all_ratings,
        coalesce(sum(case when rater_kind <> 'self' then points end) over (
            partition by employee_id, period_type, period_start, rater
        ), 0) as own_points,
        count(case when rater_kind <> 'self' then points end) over (
            partition by employee_id, period_type, period_start, rater
        ) as own_ratings
    from shown
    window person as (partition by employee_id, period_type, period_start)
),

compared as (
    select
        *,
        points - {{ decimal_divide('all_points - own_points', 'all_ratings - own_ratings', 9, 0) }} as difference
    from yardstick
),

summed as (
    select
        rater_employee_id,
        rater_kind,
        period_type,
        period_start,
        max(anonymity_floor) as anonymity_floor,
        count(*) as ratings,
        count(difference) as compared_ratings,
        {{ decimal_divide('sum(points)', 'count(*)', 9, 0) }} as average_points,
        {{ decimal_divide('sum(difference)', 'count(difference)', 9, 0) }} as leniency_points,
        {{ decimal_divide('sum(abs(difference))', 'count(difference)', 9, 0) }} as disagreement_points
    from compared
    where rater_employee_id is not null
    group by rater_employee_id, rater_kind, period_type, period_start
)

select
    rater_employee_id,
    rater_kind,
    period_type,
    period_start,
    case when ratings < anonymity_floor then 'below_anonymity_floor' when compared_ratings = 0 then 'no_comparison' else 'ok' end
        as rater_status,
    {% for column in ['ratings', 'compared_ratings'] %}
    cast(case when ratings >= anonymity_floor then {{ column }} end as integer) as {{ column }},
    {% endfor %}
    {% for column in ['average_points', 'leniency_points', 'disagreement_points'] %}
    cast(case when ratings >= anonymity_floor then {{ column }} end as decimal(18, 9)) as {{ column }},
    {% endfor %}
    cast(case when ratings >= anonymity_floor then 100 - disagreement_points end as decimal(18, 9)) as agreement_pct
from summed
