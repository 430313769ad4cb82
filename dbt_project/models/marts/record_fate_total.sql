-- Grain: one row per stream, entity and fate: how many landed versions met it. Over all fates of a stream they are what landed.
select
    fate.source_system,
    fate.stream,
    fate.fate,
    coalesce(fate.entity, '') as entity,
    cast(sum(fate.records) as bigint) as records,
    -- the most frequent fate of the records as they stand is not written out record by record
    fate.fate <> 'superseded' and row_number() over (
        partition by fate.source_system, fate.stream
        order by fate.fate = 'superseded', sum(fate.records) desc, fate.fate, coalesce(fate.entity, '')
    ) > 1 as is_listed
from {{ ref('int_record_fate') }} as fate
group by fate.source_system, fate.stream, fate.fate, coalesce(fate.entity, '')
