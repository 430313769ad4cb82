-- Grain: one row per third of a month whose facts are not what they were when the last complete build ended.
{{ changed_parts(ref('fact_fingerprint'), source('config', 'last_fact_fingerprint'), ['first_day']) }}

union distinct

select first_day from {{ ref('rebuilt_invoice_third') }}
