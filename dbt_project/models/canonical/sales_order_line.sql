{{ canonical_union('sales_order_line', [
    'stg_odoo__sales_order_line',
    'stg_zoho_crm__sales_order_line',
]) }}
