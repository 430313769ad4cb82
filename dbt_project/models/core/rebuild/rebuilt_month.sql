-- Grain: one row per month whose facts are not what they were when the last complete build ended.
{{ changed_parts(ref('fact_fingerprint'), source('config', 'last_fact_fingerprint'), ['month_start']) }}

union distinct

select month_start from {{ ref('rebuilt_invoice_month') }}
