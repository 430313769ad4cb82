{{ canonical_union('lead', [
    'stg_fxiaoke__lead',
    'stg_odoo__lead',
    'stg_salesforce__lead',
    'stg_zoho_crm__lead',
]) }}
