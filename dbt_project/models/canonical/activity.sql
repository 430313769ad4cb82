{{ config(materialized='table_by_parts', part_by='source_key') }}
{{ canonical_union('activity', [
    'stg_fxiaoke__activity',
    'stg_odoo__activity',
    'stg_salesforce__activity',
    'stg_zoho_crm__activity',
]) }}
