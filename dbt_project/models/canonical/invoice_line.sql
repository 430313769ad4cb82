{{ config(materialized='table_by_parts', part_by='invoice_key') }}
{{ canonical_union('invoice_line', [
    'stg_odoo__invoice_line',
    'stg_zoho_crm__invoice_line',
]) }}
