{{ canonical_union('activity', [
    'stg_fxiaoke__activity',
    'stg_odoo__activity',
    'stg_salesforce__activity',
    'stg_zoho_crm__activity',
]) }}
