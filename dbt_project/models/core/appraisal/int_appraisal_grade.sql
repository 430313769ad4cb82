-- Grain: one row per employee and period with a score: place among those of the standard, and the grade.
-- By borders: the best grade whose least score is reached. By shares: a place belongs to the first grade whose shares, summed
-- from the best, hold it: 100 x place <= shares x people, so no grade goes to more than its share but for equal scores; they
-- all take the best (ties: better) or the last (worse) of their places. A gate lets nobody be better than its grade; that of
-- another standard than the grading one counts by its position.
with placed as (
    select
        total.employee_id,
        total.period_type,
        total.period_start,
        total.standard_id,
        total.standard_version,
        total.score,
        total.cap_position,
        standard.ties,
        count(*) over whole as people,
        rank() over (
            partition by total.standard_id, total.standard_version, total.period_type, total.period_start
            order by total.score desc
        ) as best_place,
        count(*) over (
            partition by total.standard_id, total.standard_version, total.period_type, total.period_start
            order by total.score desc range between unbounded preceding and current row
        ) as last_place
    from {{ ref('int_appraisal_total') }} as total
    inner join {{ source('config', 'appraisal_standard') }} as standard
        on total.standard_id = standard.standard_id and total.standard_version = standard.standard_version
    where total.score is not null
    window whole as (
        partition by total.standard_id, total.standard_version, total.period_type, total.period_start
    )
),

band as (
    {{ grade_bands() }}
),

earned as (
    select
        placed.*,
        band.last_position,
        band.position as earned_position
    from placed
    inner join band
        on
            placed.standard_id = band.standard_id
            and placed.standard_version = band.standard_version
            and {{ earns_grade('placed', 'band') }}
    qualify row_number() over (
        partition by placed.employee_id, placed.period_type, placed.period_start order by band.position
    ) = 1
),

limited as (
    select
        *,
        case
            when earned_position < least(cap_position, last_position) then least(cap_position, last_position)
            else earned_position
        end as position
    from (select * exclude (cap_position), coalesce(cap_position, 0) as cap_position from earned) as known
)

select
    limited.employee_id,
    limited.period_type,
    limited.period_start,
    cast(limited.people as integer) as people,
    cast(limited.best_place as integer) as place,
    earned.grade as earned_grade,
    band.grade
from limited
inner join band
    on
        limited.standard_id = band.standard_id
        and limited.standard_version = band.standard_version
        and limited.position = band.position
inner join band as earned
    on
        limited.standard_id = earned.standard_id
        and limited.standard_version = earned.standard_version
        and limited.earned_position = earned.position
