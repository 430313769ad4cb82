{{ config(materialized='table_by_parts', part_by='source_key') }}
{{ canonical_union('invoice', [
    'stg_odoo__invoice',
    'stg_zoho_crm__invoice',
]) }}
