{{ config(empty_unless='landing.record') }}
-- Grain: one row per landed version of a record: the one fate it met. A record that makes several entities has the fate of
-- the one that matters most; `records` is 2 where a file holds the same record twice.
{% set documents = {
    'sales_order_line': ('sales_order', 'order_key', 'order_date', 'confirmed', 'fct_sales_credit'),
    'invoice_line': ('invoice', 'invoice_key', 'invoice_date', 'posted', 'fct_billing_credit'),
} %}
{% set days = {
    'activity': 'activity_date', 'lead': 'created_date', 'service_case': 'cast(opened_at as date)',
    'survey_response': 'responded_date',
} %}
{% set ranks = [
    'superseded', 'deleted', 'quarantined', 'refunded', 'credited', 'unassigned', 'outside_period', 'not_counted', 'matched',
    'used', 'left_out', 'outside_mapping', 'reference', 'not_read', 'lost',
] %}
with window_of_kpi as (
    select
        min(period.period_start) as first_day,
        max(company.as_of_date) as last_day
    from {{ ref('int_period') }} as period
    cross join {{ source('config', 'company') }} as company
),

returned as (
    select
        source_system,
        returned_line_key as source_key,
        string_agg(source_key, ', ' order by source_key) as undone_by
    from {{ ref('sales_order_line') }}
    where returned_line_key is not null
    group by source_system, returned_line_key
),

reversed as (
    select
        source_system,
        reversed_invoice_key as source_key,
        string_agg(source_key, ', ' order by source_key) as undone_by
    from {{ ref('invoice') }}
    where reversed_invoice_key is not null
    group by source_system, reversed_invoice_key
),

{% for entity, (document, key, day, counted, fact) in documents.items() %}
credited_{{ entity }} as (
    {{ credited_documents(ref(fact)) }}
),

known_{{ entity }} as (
    select
        line.source_system,
        line.source_key,
        case
            when document.status is distinct from '{{ counted }}' then 'not_counted'
            when document.{{ day }} > window_of_kpi.last_day or document.{{ day }} < window_of_kpi.first_day
                then 'outside_period'
            when undone.source_key is not null then 'refunded'
            when credited.is_unassigned then 'unassigned'
            when credited.source_key is not null then 'credited'
            else 'lost'
        end as fate,
        case
            when document.source_key is null then 'no {{ document }}'
            when document.status is distinct from '{{ counted }}' then '{{ document }} ' || coalesce(document.status, '?')
            when document.{{ day }} > window_of_kpi.last_day or document.{{ day }} < window_of_kpi.first_day
                then cast(document.{{ day }} as varchar)
            else undone.undone_by
        end as detail
    from {{ ref(entity) }} as line
    cross join window_of_kpi
    left join {{ ref(document) }} as document
        on line.source_system = document.source_system and line.{{ key }} = document.source_key
    left join {{ 'returned' if entity == 'sales_order_line' else 'reversed' }} as undone
        on
            line.source_system = undone.source_system
            and line.{{ 'source_key' if entity == 'sales_order_line' else 'invoice_key' }} = undone.source_key
    left join credited_{{ entity }} as credited
        on line.source_system = credited.source_system and line.source_key = credited.source_key
),

known_{{ document }} as (
    select
        document.source_system,
        document.source_key,
        case
            when document.status is distinct from '{{ counted }}' then 'not_counted'
            when document.{{ day }} > window_of_kpi.last_day or document.{{ day }} < window_of_kpi.first_day
                then 'outside_period'
            {% if document == 'invoice' %}
            when undone.source_key is not null then 'refunded'
            {% endif %}
            else 'used'
        end as fate,
        case
            when document.status is distinct from '{{ counted }}' then coalesce(document.status, '?')
            when document.{{ day }} > window_of_kpi.last_day or document.{{ day }} < window_of_kpi.first_day
                then cast(document.{{ day }} as varchar)
            {% if document == 'invoice' %}
            else undone.undone_by
            {% endif %}
        end as detail
    from {{ ref(document) }} as document
    cross join window_of_kpi
    {% if document == 'invoice' %}
    left join reversed as undone
        on document.source_system = undone.source_system and document.source_key = undone.source_key
    {% endif %}
),
{% endfor %}

credited_payment as (
    {{ credited_documents(ref('fct_collection_credit')) }}
),

known_payment as (
    select
        payment.source_system,
        payment.source_key,
        case
            when payment.status is distinct from 'posted' then 'not_counted'
            when payment.payment_date > window_of_kpi.last_day or payment.payment_date < window_of_kpi.first_day
                then 'outside_period'
            when credited.is_unassigned then 'unassigned'
            when credited.source_key is not null then 'credited'
            else 'lost'
        end as fate,
        case
            when payment.status is distinct from 'posted' then coalesce(payment.status, '?')
            when payment.payment_date > window_of_kpi.last_day or payment.payment_date < window_of_kpi.first_day
                then cast(payment.payment_date as varchar)
        end as detail
    from {{ ref('payment') }} as payment
    cross join window_of_kpi
    left join credited_payment as credited
        on payment.source_system = credited.source_system and payment.source_key = credited.source_key
),

known_customer_record as (
    select source_system, source_key, 'matched' as fate, customer_key as detail from {{ ref('customer_source') }}
),

{% for entity in canonical_entities() if entity in days %}
known_{{ entity }} as (
    select
        entity.source_system,
        entity.source_key,
        case
            when entity.day > window_of_kpi.last_day or entity.day < window_of_kpi.first_day then 'outside_period'
            else 'used'
        end as fate,
        case
            when entity.day > window_of_kpi.last_day or entity.day < window_of_kpi.first_day
                then cast(entity.day as varchar)
        end as detail
    from (select source_system, source_key, {{ days[entity] }} as day from {{ ref(entity) }}) as entity
    cross join window_of_kpi
),
{% endfor %}

-- a key stands once in each entity (the gate holds it), but for units, which have a row for each of their periods
known as (
    {% set decided = ['sales_order', 'sales_order_line', 'invoice', 'invoice_line', 'payment', 'customer_record'] + days.keys() | list %}
    {% for entity in canonical_entities() %}
    select
        '{{ entity }}' as entity,
        source_system,
        source_key,
        {% if entity in decided %}
        fate,
        detail
    from known_{{ entity }}
        {% else %}
        'used' as fate,
        cast(null as varchar) as detail
    from {{ ref(entity) }}
    {{ 'group by source_system, source_key' if entity == 'org_unit' }}
        {% endif %}

    union all
    {% endfor %}

    -- what goes with a document or deal that was deleted at its source
    {% for entity in ['sales_order_line', 'invoice_line', 'stage_event'] %}
    {%- do ref(entity) -%}
    {% set outer = loop %}
    {% for relation in entity_inputs(entity) %}
    select '{{ entity }}', source_system, source_key, 'deleted', null
    from {{ relation }}
    where is_deleted
    group by source_system, source_key
    {{ 'union all' if not (outer.last and loop.last) }}
    {% else %}
    select null, null, null, null, null where false
    {{ 'union all' if not outer.last }}
    {% endfor %}
    {% endfor %}
),

bad as (
    select
        source_system,
        entity,
        source_key,
        string_agg(
            column_name || ': ' || coalesce(raw_value, 'null') || ', ' || expected || ' expected', '; ' order by column_name
        ) as detail
    from {{ source('mapped', 'quarantine') }}
    group by source_system, entity, source_key
),

judged as (
    select
        record.*,
        case
            when not record.is_latest then 'superseded'
            when record.is_deleted then 'deleted'
            when record.mapping_fate = 'quarantined' then 'quarantined'
            when known.fate is not null then known.fate
            when record.mapping_fate = 'outside' then 'outside_mapping'
            when not record.is_read then 'not_read'
            when record.entity is null then 'reference'
            when record.left_out_en is not null then 'left_out'
            else 'lost'
        end as fate,
        known.detail as known_detail
    from {{ source('landing', 'record') }} as record
    left join known
        on
            record.entity = known.entity
            and record.source_system = known.source_system
            and record.source_key = known.source_key
            and record.is_latest
),

ranked as (
    select
        judged.* exclude (is_deleted, is_latest, mapping_fate, is_read, left_out_en, left_out_zh, known_detail),
        case judged.fate
            when 'quarantined' then bad.detail
            when 'left_out' then judged.left_out_en || ' / ' || judged.left_out_zh
            when 'superseded' then null
            when 'deleted' then null
            else judged.known_detail
        end as detail,
        case judged.fate
            {% for fate in ranks %}
            when '{{ fate }}' then {{ loop.index }}
            {% endfor %}
        end as fate_rank
    from judged
    left join bad
        on
            judged.fate = 'quarantined'
            and judged.source_system = bad.source_system
            and judged.entity = bad.entity
            and coalesce(judged.source_key, judged.record_key) = bad.source_key
)

-- only what makes several entities has to be put together again
select
    source_system,
    stream,
    record_key,
    version_seq,
    load_id,
    fate,
    entity,
    source_key,
    detail,
    records
from ranked
where not is_shared

union all

{% set version = 'source_system, stream, record_key, version_seq, load_id' %}
select
    source_system,
    stream,
    record_key,
    version_seq,
    load_id,
    fate,
    entity,
    source_key,
    detail,
    cast(sum(records) over (partition by {{ version }}) as integer) as records
from ranked
where is_shared
qualify row_number() over (partition by {{ version }} order by fate_rank, entity, source_key) = 1
