{{ config(materialized='table_by_parts', part_by='order_key') }}
{{ canonical_union('sales_order_line', [
    'stg_fxiaoke__sales_order_line',
    'stg_odoo__sales_order_line',
    'stg_salesforce__sales_order_line',
    'stg_zoho_crm__sales_order_line',
]) }}
