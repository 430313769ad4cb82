{{ config(materialized='table_by_parts', part_by='source_key') }}
{{ canonical_union('sales_order', [
    'stg_fxiaoke__sales_order',
    'stg_odoo__sales_order',
    'stg_salesforce__sales_order',
    'stg_zoho_crm__sales_order',
]) }}
