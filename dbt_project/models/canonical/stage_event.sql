{{ config(materialized='table_by_parts', part_by='source_key') }}
{{ canonical_union('stage_event', [
    'stg_fxiaoke__stage_event',
    'stg_odoo__stage_event',
    'stg_salesforce__stage_event',
    'stg_zoho_crm__stage_event',
]) }}
