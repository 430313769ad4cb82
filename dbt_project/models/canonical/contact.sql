{{ canonical_union('contact', [
    'stg_fxiaoke__contact',
    'stg_odoo__contact',
    'stg_salesforce__contact',
    'stg_zoho_crm__contact',
]) }}
