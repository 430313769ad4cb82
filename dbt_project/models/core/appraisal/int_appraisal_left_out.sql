-- Grain: one row per thing left out of a score (kind, system, key) and component that counts and has facts of it: numerator
-- and denominator without them. `nothing` leaves out nothing, of every component: the way to the score is tested by it.
-- customer: all facts about one customer. match: the facts whose document names a customer record that only the model
-- joined to its customer. rater: one named form. rater_kind: an anonymous kind as a whole. Facts of a unit's component are
-- people, so only components of the person have customers and matches.
{% set key = ['employee_id', 'period_type', 'period_start', 'part_number', 'metric'] %}
{% set names = 'employee_id, period_type, period_start, part_number, metric' %}
with uncertain as (
    select source_system, source_key
    from {{ ref('customer_source') }}
    where match_probability < 1
),

-- documents that name such a record, and what belongs to them
named as (
    {% for entity in [
        'sales_order', 'invoice', 'payment', 'opportunity', 'activity', 'service_case', 'survey_response',
    ] %}
    select
        '{{ entity }}' as source_entity,
        document.source_system,
        document.source_key,
        uncertain.source_key as record_key
    from {{ ref(entity) }} as document
    inner join uncertain
        on document.source_system = uncertain.source_system and document.customer_record_key = uncertain.source_key

    union all
    {% endfor %}
    {% for entity, document, column in [
        ('sales_order_line', 'sales_order', 'order_key'), ('invoice_line', 'invoice', 'invoice_key'),
        ('stage_event', 'opportunity', 'opportunity_key'),
    ] %}
    select
        '{{ entity }}',
        line.source_system,
        line.source_key,
        uncertain.source_key
    from {{ ref(entity) }} as line
    inner join {{ ref(document) }} as document
        on line.source_system = document.source_system and line.{{ column }} = document.source_key
    inner join uncertain
        on document.source_system = uncertain.source_system and document.customer_record_key = uncertain.source_key
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

taken as (
    select
        {{ names }},
        'customer' as left_out_kind,
        '' as left_out_system,
        customer_key as left_out_key,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from {{ ref('appraisal_contribution') }}
    where customer_key is not null and fact_kind in ('record', 'unrecorded')
    group by {{ names }}, customer_key

    union all

    select
        {% for column in key %}fact.{{ column }},{% endfor %}
        'match',
        named.source_system,
        named.record_key,
        sum(fact.numerator),
        sum(fact.denominator)
    from {{ ref('appraisal_contribution') }} as fact
    inner join (select distinct * from named) as named
        on {{ same_key('fact', 'named', ['source_entity', 'source_system', 'source_key']) }}
    where fact.fact_kind = 'record'
    group by {% for column in key %}fact.{{ column }},{% endfor %} named.source_system, named.record_key
),

component as (
    select
        {{ names }},
        numerator,
        denominator,
        raw_value,
        standard_id,
        standard_version
    from {{ ref('appraisal_part_component') }}
    where is_applicable
),

-- who rated, and what is left of the kind, and of all kinds, without one form or without the whole kind
form as (
    select
        kind.employee_id,
        kind.period_type,
        kind.period_start,
        kind.standard_id,
        kind.standard_version,
        kind.is_anonymous,
        kind.rater_kind,
        kind.weight,
        kind.raters,
        kind.average_points,
        kind.min_raters_in_all,
        configured.min_raters,
        rating.source_system,
        rating.source_key,
        rating.points,
        sum(rating.points) over (
            partition by
                kind.employee_id, kind.period_type, kind.period_start, kind.standard_id, kind.standard_version,
                kind.rater_kind
        ) as sum_of_points,
        count(*) over (
            partition by kind.employee_id, kind.period_type, kind.period_start, kind.standard_id, kind.standard_version
        ) as raters_in_all
    from {{ ref('int_appraisal_rating') }} as kind
    inner join {{ source('config', 'appraisal_rating_kind') }} as configured
        on {{ same_key('kind', 'configured', ['standard_id', 'standard_version', 'rater_kind']) }}
    inner join {{ ref('int_rating') }} as rating
        on {{ same_key('kind', 'rating', ['employee_id', 'period_type', 'period_start', 'rater_kind']) }}
    where kind.rating_status = 'ok'
),

without as (
    select
        *,
        'rater' as left_out_kind,
        source_system as left_out_system,
        source_key as left_out_key,
        raters > 1 and raters - 1 >= min_raters as stays,
        {{ decimal_divide('sum_of_points - points', 'raters - 1', 9, 0) }} as other_average
    from form
    where not is_anonymous

    union all

    select
        *,
        'rater_kind',
        '',
        rater_kind,
        false,
        null
    from form
    where is_anonymous
    qualify row_number() over (
        partition by employee_id, period_type, period_start, standard_id, standard_version, rater_kind
        order by source_system, source_key
    ) = 1
),

rated as (
    select
        component.employee_id,
        component.period_type,
        component.period_start,
        component.part_number,
        component.metric,
        without.left_out_kind,
        without.left_out_system,
        without.left_out_key,
        component.numerator - without.weight * cast(without.average_points as decimal(28, 9))
        + case when without.stays then without.weight * cast(without.other_average as decimal(28, 9)) else 0 end as numerator,
        component.denominator - case when without.stays then 0 else without.weight end as denominator,
        case
            when without.raters_in_all - case when without.stays then 1 else without.raters end
                < without.min_raters_in_all
                then 'too_few_raters'
            else 'ok'
        end as rating_status
    from component
    inner join without
        on
            component.metric = 'rating'
            and {{ same_key('component', 'without', ['employee_id', 'period_type', 'period_start', 'standard_id', 'standard_version']) }}
)

select
    {{ names }},
    'nothing' as left_out_kind,
    '' as left_out_system,
    '' as left_out_key,
    cast(numerator as decimal(38, 9)) as numerator,
    cast(denominator as decimal(38, 9)) as denominator,
    cast(raw_value as decimal(38, 9)) as raw_value,
    'ok' as rating_status
from component

union all

select
    {% for column in key %}component.{{ column }},{% endfor %}
    taken.left_out_kind,
    taken.left_out_system,
    taken.left_out_key,
    cast(component.numerator - taken.numerator as decimal(38, 9)),
    cast(component.denominator - coalesce(taken.denominator, 0) as decimal(38, 9)),
    case
        when component.denominator is null then cast(component.numerator - taken.numerator as decimal(38, 9))
        else {{ decimal_divide('component.numerator - taken.numerator', 'component.denominator - coalesce(taken.denominator, 0)') }}
    end,
    'ok'
from taken
inner join component
    on {{ same_key('taken', 'component', key) }}

union all

select
    {{ names }},
    left_out_kind,
    left_out_system,
    left_out_key,
    cast(numerator as decimal(38, 9)),
    cast(denominator as decimal(38, 9)),
    case when rating_status = 'ok' then {{ decimal_divide('numerator', 'denominator') }} end,
    rating_status
from rated
