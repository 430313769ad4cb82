{{ canonical_union('assignment', [
    'stg_fxiaoke__assignment',
    'stg_odoo__assignment',
    'stg_salesforce__assignment',
    'stg_zoho_crm__assignment',
]) }}
