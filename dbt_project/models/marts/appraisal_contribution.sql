-- Grain: one row per score, part, component that counts in it, and fact: the fact's share of the value and of the points.
-- A component's points are shared out by what the facts add to its value (to the numerator of a ratio), 6 decimals, the
-- biggest fact taking the remainder; so the rows add up to component and score exactly. What cannot be shared out (a value of
-- zero, a metric worked out for a subject as a whole) and what a gate takes away are rows of their own.
{% set key = ['employee_id', 'period_type', 'period_start', 'part_number', 'metric'] %}
with lineage as (
    {% for entity in fact_entities() %}
    {% if not loop.first %}union all{% endif %}
    select distinct '{{ entity }}' as source_entity, source_system, source_key, load_id
    from {{ ref(entity) }}
    where source_key in (select source_key from {{ ref('int_appraisal_fact') }} where source_entity = '{{ entity }}')
    {% endfor %}
),

traced as (
    select
        fact.* exclude (fact_kind, source_entity, source_system, source_key),
        -- a stay that the models themselves made of an opportunity's dates is no record
        case when fact.fact_kind = 'record' and lineage.load_id is null then 'unrecorded' else fact.fact_kind end as fact_kind,
        lineage.source_entity,
        lineage.source_system,
        lineage.source_key,
        lineage.load_id
    from {{ ref('int_appraisal_fact') }} as fact
    left join lineage
        on {{ same_key('fact', 'lineage', ['source_entity', 'source_system', 'source_key']) }}
    -- a record that came twice is listed once; the gate sees that it came twice
    qualify row_number() over (
        partition by
            fact.employee_id, fact.period_type, fact.period_start, fact.part_number, fact.metric, fact.fact_kind,
            fact.source_entity, fact.source_system, fact.source_key, fact.customer_key, fact.contributor_id, fact.rater_kind
        order by lineage.load_id
    ) = 1
),

component as (
    select
        {% for column in key %}component.{{ column }},{% endfor %}
        component.numerator,
        component.denominator,
        component.weighted_points,
        coalesce(sum(traced.numerator), 0) as facts_numerator
    from {{ ref('appraisal_part_component') }} as component
    left join traced
        on {{ same_key('component', 'traced', key) }}
    where component.is_applicable
    group by
        {% for column in key %}component.{{ column }},{% endfor %}
        component.numerator, component.denominator, component.weighted_points
),

shared as (
    select
        traced.*,
        component.weighted_points,
        {{ decimal_divide('traced.numerator', 'component.facts_numerator') }} as share,
        cast({{ decimal_divide(
            'cast(component.weighted_points as decimal(28, 2)) * traced.numerator', 'component.facts_numerator', 11, 9
        ) }} as decimal(28, 6)) as points,
        row_number() over (
            partition by {% for column in key %}traced.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
            order by
                abs(traced.numerator) desc, traced.fact_kind, traced.source_entity, traced.source_system, traced.source_key,
                traced.customer_key, traced.contributor_id, traced.rater_kind, traced.fact_date
        ) as fact_number
    from traced
    inner join component
        on {{ same_key('traced', 'component', key) }}
),

listed as (
    select
        {% for column in key %}{{ column }},{% endfor %}
        fact_number,
        fact_kind,
        source_entity,
        source_system,
        source_key,
        load_id,
        customer_key,
        contributor_id,
        rater_kind,
        fact_date,
        numerator,
        denominator,
        share,
        case
            when share is null then 0
            when fact_number = 1
                then weighted_points - (
                    sum(points) over (
                        partition by {% for column in key %}{{ column }}{{ ', ' if not loop.last }}{% endfor %}
                    ) - points
                )
            else points
        end as points
    from shared

    union all

    -- no fact carries these points
    select
        {% for column in key %}{{ column }},{% endfor %}
        0, 'whole', null, null, null, null, null, null, null, null,
        numerator - facts_numerator, null, null, weighted_points
    from component
    where facts_numerator = 0

    union all

    select
        employee_id, period_type, period_start, 0, 'gate', 0, 'gate', null, null, null, null, null, null, null, null,
        null, null, null, score - uncapped_score
    from {{ ref('int_appraisal_total') }}
    where score < uncapped_score
)

select
    {% for column in key %}{{ column }},{% endfor %}
    cast(fact_number as integer) as fact_number,
    fact_kind,
    source_entity,
    source_system,
    source_key,
    load_id,
    customer_key,
    contributor_id,
    rater_kind,
    fact_date,
    cast(numerator as decimal(28, 9)) as numerator,
    cast(denominator as decimal(28, 9)) as denominator,
    cast(share as decimal(38, 9)) as share,
    cast(points as decimal(28, 6)) as points
from listed
