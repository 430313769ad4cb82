{{ canonical_union('employee', [
    'stg_fxiaoke__employee',
    'stg_odoo__employee',
    'stg_salesforce__employee',
    'stg_zoho_crm__employee',
]) }}
