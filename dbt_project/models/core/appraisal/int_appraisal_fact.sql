{{ config(empty_unless='appraisal_part_component') }}
-- Grain: one row per component that counts in a part of an employee's period, and fact its value is made from.
-- A person's component lists records (facts without a record of their own are one row a customer); a unit's the people of the unit,
-- whose own records stand in the facts and metrics of these people; ratings list named forms, of anonymous kinds their sum.
with component as (
    select
        component.employee_id,
        component.period_type,
        component.period_start,
        component.part_number,
        component.metric,
        component.standard_id,
        component.standard_version,
        component.subject,
        component.subject_id,
        component.is_divided,
        part.days_from,
        part.days_to
    from {{ ref('appraisal_part_component') }} as component
    inner join {{ ref('int_appraisal_part') }} as part
        on {{ same_key('component', 'part', ['employee_id', 'period_type', 'period_start', 'part_number']) }}
    where component.is_applicable
),

-- an undivided component is about the whole period
spanned as (
    select
        component.* exclude (days_from, days_to),
        case when component.is_divided then component.days_from else period.period_start end as days_from,
        case when component.is_divided then component.days_to else period.next_period_start end as days_to
    from component
    inner join {{ ref('int_period') }} as period
        on component.period_type = period.period_type and component.period_start = period.period_start
),

{% set key = ['employee_id', 'period_type', 'period_start', 'part_number', 'metric'] %}
{% set key_columns %}{% for column in key %}spanned.{{ column }}{{ ', ' if not loop.last }}{% endfor %}{% endset %}

event as (
    select event.*
    from {{ ref('int_metric_event') }} as event
    cross join {{ source('config', 'company') }} as company
    where event.event_date <= company.as_of_date and event.metric in (select distinct metric from spanned)
),

period_event as (
    select event.*
    from {{ ref('int_metric_period_event') }} as event
    where event.metric in (select distinct metric from spanned)
),

own as (
    select
        {{ key_columns }},
        case when event.source_system is not null then event.source_entity end as source_entity,
        event.source_system,
        case when event.source_system is not null then event.source_key end as source_key,
        event.customer_key,
        event.event_date as fact_date,
        event.numerator,
        event.denominator
    from spanned
    inner join event
        on
            spanned.metric = event.metric
            and spanned.employee_id = event.employee_id
            and event.event_date >= spanned.days_from
            and event.event_date < spanned.days_to
    where spanned.subject = 'person'

    union all

    select
        {{ key_columns }},
        case when event.source_system is not null then event.source_entity end,
        event.source_system,
        case when event.source_system is not null then event.source_key end,
        event.customer_key,
        event.org_day,
        event.numerator,
        event.denominator
    from spanned
    inner join period_event as event
        on
            spanned.metric = event.metric
            and spanned.employee_id = event.employee_id
            and spanned.period_type = event.period_type
            and spanned.period_start = event.period_start
    where spanned.subject = 'person'
),

of_unit as (
    select
        {{ key_columns }},
        daily.employee_id as contributor_id,
        max(daily.event_date) as fact_date,
        sum(daily.numerator) as numerator,
        sum(daily.denominator) as denominator
    from spanned
    {{ join_unit_days('spanned') }}
    where spanned.subject = 'unit'
    group by {{ key_columns }}, daily.employee_id

    union all

    select
        {{ key_columns }},
        asked.employee_id,
        max(asked.org_day),
        sum(asked.numerator),
        sum(asked.denominator)
    from spanned
    inner join {{ ref('int_unit_ancestor') }} as ancestor
        on spanned.subject_id = ancestor.ancestor_id
    inner join {{ ref('int_metric_period') }} as asked
        on
            spanned.metric = asked.metric
            and spanned.period_type = asked.period_type
            and spanned.period_start = asked.period_start
            and ancestor.org_unit_id = asked.org_unit_id
            and asked.org_day >= ancestor.valid_from
            and asked.org_day < ancestor.valid_to
    where spanned.subject = 'unit'
    group by {{ key_columns }}, asked.employee_id
),

rated as (
    select
        {{ key_columns }},
        kind.is_anonymous,
        kind.rater_kind,
        rating.source_system,
        rating.source_key,
        rating.submitted_date as fact_date,
        kind.weight,
        kind.raters,
        {{ decimal_divide(
            'cast(kind.weight * cast(rating.points as decimal(28, 9)) as decimal(38, 9))', 'kind.raters', 9, 0
        ) }} as earned
    from spanned
    inner join {{ ref('int_appraisal_rating') }} as kind
        on {{ same_key('spanned', 'kind', ['employee_id', 'period_type', 'period_start', 'standard_id', 'standard_version']) }}
    inner join {{ ref('int_rating') }} as rating
        on {{ same_key('kind', 'rating', ['employee_id', 'period_type', 'period_start', 'rater_kind']) }}
    where spanned.metric = 'rating' and kind.rating_status = 'ok'
),

listed as (
    select
        {{ key_columns }},
        'record' as fact_kind,
        spanned.source_entity,
        spanned.source_system,
        spanned.source_key,
        max(spanned.customer_key) as customer_key,
        cast(null as varchar) as contributor_id,
        cast(null as varchar) as rater_kind,
        max(spanned.fact_date) as fact_date,
        sum(spanned.numerator) as numerator,
        sum(spanned.denominator) as denominator
    from own as spanned
    where spanned.source_system is not null
    group by {{ key_columns }}, spanned.source_entity, spanned.source_system, spanned.source_key

    union all

    select
        {{ key_columns }}, 'unrecorded', null, null, null, spanned.customer_key, null, null,
        max(spanned.fact_date), sum(spanned.numerator), sum(spanned.denominator)
    from own as spanned
    where spanned.source_system is null
    group by {{ key_columns }}, spanned.customer_key

    union all

    select
        {{ key_columns }}, 'person', case when person.source_system is not null then 'employee' end,
        person.source_system, person.source_key, null, spanned.contributor_id, null,
        spanned.fact_date, spanned.numerator, spanned.denominator
    from of_unit as spanned
    left join {{ ref('dim_employee') }} as person
        on spanned.contributor_id = person.employee_id

    union all

    select
        {{ key_columns }}, 'rating', 'review_rating', spanned.source_system, spanned.source_key, null, null, spanned.rater_kind,
        spanned.fact_date,
        spanned.earned,
        {{ decimal_divide('spanned.weight', 'spanned.raters', 4, 0) }}
    from rated as spanned
    where not spanned.is_anonymous

    union all

    select
        {{ key_columns }}, 'raters', null, null, null, null, null, spanned.rater_kind,
        null,
        sum(spanned.earned),
        max(spanned.weight)
    from rated as spanned
    where spanned.is_anonymous
    group by {{ key_columns }}, spanned.rater_kind
)

select
    employee_id,
    period_type,
    period_start,
    part_number,
    metric,
    fact_kind,
    source_entity,
    source_system,
    source_key,
    customer_key,
    contributor_id,
    rater_kind,
    fact_date,
    cast(numerator as decimal(28, 9)) as numerator,
    cast(denominator as decimal(28, 9)) as denominator
from listed
