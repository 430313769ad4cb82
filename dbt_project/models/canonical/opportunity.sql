{{ canonical_union('opportunity', [
    'stg_fxiaoke__opportunity',
    'stg_odoo__opportunity',
    'stg_salesforce__opportunity',
    'stg_zoho_crm__opportunity',
]) }}
