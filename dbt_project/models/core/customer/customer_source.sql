-- Grain: one row per customer record of a source: the unified customer it belongs to, and why.
with counted as (
    select
        *,
        min(source_system || ':' || source_key) over (partition by cluster) as first_record,
        count(*) over (partition by cluster) as cluster_size,
        count(*) over (partition by cluster, tax_id_normalised) as same_tax_id
    from {{ ref('int_customer_cluster') }}
)

select
    source_system,
    source_key,
    -- from the content alone: the same records give the same key, in any order, in any run
    'C' || upper(left(md5(first_record), 16)) as customer_key,
    case
        when cluster_size = 1 then 'single'
        when tax_id_normalised is not null and same_tax_id > 1 then 'tax_id'
        else 'email_domain_and_name'
    end as match_reason,
    cast(1 as decimal(9, 6)) as match_probability
from counted
