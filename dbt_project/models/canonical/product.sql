{{ canonical_union('product', [
    'stg_fxiaoke__product',
    'stg_odoo__product',
    'stg_salesforce__product',
    'stg_zoho_crm__product',
]) }}
