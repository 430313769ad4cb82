{{ canonical_union('invoice_line', [
    'stg_odoo__invoice_line',
    'stg_zoho_crm__invoice_line',
]) }}
