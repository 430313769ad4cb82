-- Grain: one row per dispute: what it is about, whose it is, how far it has come, and what the score would be if it is right.
-- What happens after the as-of date has not happened yet. A rating disputed names no form: a form would tell its rater.
with other as (
    {{ rescored(ref('int_dispute_claim'), ['source_system', 'source_key']) }}
),

component as (
    select
        employee_id,
        period_type,
        period_start,
        metric,
        bool_and(subject = 'unit') as is_of_unit,
        bool_and(denominator is not null) as is_ratio
    from {{ ref('appraisal_part_component') }}
    where is_applicable
    group by employee_id, period_type, period_start, metric
),

judged as (
    select
        dispute.*,
        coalesce(dispute.decided_date <= company.as_of_date, false) as is_decided,
        company.as_of_date
    from {{ ref('int_dispute') }} as dispute
    cross join {{ source('config', 'company') }} as company
)

select
    dispute.source_system,
    dispute.source_key,
    dispute.employee_id,
    dispute.period_type,
    dispute.period_start,
    dispute.dispute_kind,
    dispute.metric,
    {% for column in ['about_entity', 'about_system', 'about_key'] %}
    case when dispute.dispute_kind <> 'rating' then dispute.{{ column }} end as {{ column }},
    {% endfor %}
    dispute.claim,
    dispute.claimed_share,
    dispute.claimed_date,
    dispute.claimed_addition,
    dispute.raised_date,
    dispute.due_date,
    dispute.owner_employee_id,
    case
        when dispute.is_decided then 'decided'
        when dispute.due_date < dispute.as_of_date then 'overdue'
        else 'open'
    end as state,
    case when dispute.is_decided then dispute.decided_date end as decided_date,
    case when dispute.is_decided then dispute.decided_by_employee_id end as decided_by_employee_id,
    case when dispute.is_decided then dispute.outcome end as outcome,
    case when dispute.is_decided then dispute.decision end as decision,
    cast(
        greatest(
            0,
            {{ days_between(
                'dispute.raised_date', 'case when dispute.is_decided then dispute.decided_date else dispute.as_of_date end'
            ) }}
        )
        as integer
    ) as days_open,
    case
        when dispute.dispute_kind = 'rating' then 'rating'
        when dispute.metric is null or (dispute.claimed_amount is null and dispute.claimed_share is null)
            then 'nothing_claimed'
        when dispute.claimed_amount is null and dispute.metric <> 'bookings' then 'share_of_no_booking'
        when dispute.claimed_addition is null then 'line_unknown'
        when score.score is null then 'not_scored'
        when other.source_key is not null then 'computed'
        when component.is_of_unit then 'unit_component'
        when component.is_ratio then 'ratio'
        when component.metric is not null then 'day_unknown'
        else 'no_component'
    end as claim_status,
    case when other.source_key is not null then score.score end as score_computed,
    cast(other.other_score as decimal(9, 2)) as score_if_right,
    other.other_grade as grade_if_right,
    cast(other.score_change as decimal(9, 2)) as score_change
from judged as dispute
left join {{ ref('appraisal_score') }} as score
    on {{ same_key('dispute', 'score', ['employee_id', 'period_type', 'period_start']) }}
left join component
    on {{ same_key('dispute', 'component', ['employee_id', 'period_type', 'period_start', 'metric']) }}
left join other
    on {{ same_key('dispute', 'other', ['source_system', 'source_key']) }}
