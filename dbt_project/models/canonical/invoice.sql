{{ canonical_union('invoice', [
    'stg_odoo__invoice',
    'stg_zoho_crm__invoice',
]) }}
