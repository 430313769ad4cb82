-- Grain: one row per line of an invoice as its latest version has them.
with line as (
    select _source, _key, _load_id, unnest(cast(lines as json[])) as item
    from {{ latest_version(source('zoho_crm', 'invoice_lines')) }} as document
    where not _deleted
)

select
    line._source as source_system,
    line.item ->> 'id' as source_key,
    line._load_id as load_id,
    line._key as invoice_key,
    cast(null as varchar) as order_line_key,
    line.item -> 'Product_Name' ->> 'id' as product_key,
    cast(line.item ->> 'Quantity' as decimal(28, 6)) as quantity,
    {{ zoho_crm_line_amount('line.item') }} as net_amount,
    coalesce(invoice._deleted, false) as is_deleted
from line
left join {{ latest_version(source('zoho_crm', 'invoice')) }} as invoice
    on line._source = invoice._source and line._key = invoice._key
