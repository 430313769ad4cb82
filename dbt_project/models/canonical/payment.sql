{{ config(materialized='table_by_parts', part_by='source_key') }}
{{ canonical_union('payment', [
    'stg_fxiaoke__payment',
    'stg_odoo__payment',
]) }}
