-- Grain: one row per landed record, as it stands, whose fate is not the most frequent one of its stream.
-- That one stands in `record_fate_total`, so that ten million credited lines are not written out a second time.
select
    fate.source_system,
    fate.stream,
    fate.record_key,
    min(fate.load_id) as load_id,
    min(fate.fate) as fate,
    min(fate.entity) as entity,
    min(fate.source_key) as source_key,
    min(fate.detail) as detail
from {{ ref('int_record_fate') }} as fate
inner join {{ ref('record_fate_total') }} as total
    on
        fate.source_system = total.source_system
        and fate.stream = total.stream
        and fate.fate = total.fate
        and coalesce(fate.entity, '') = total.entity
where total.is_listed
group by fate.source_system, fate.stream, fate.record_key
