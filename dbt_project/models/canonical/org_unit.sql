{{ canonical_union('org_unit', [
    'stg_fxiaoke__org_unit',
    'stg_odoo__org_unit',
    'stg_salesforce__org_unit',
    'stg_zoho_crm__org_unit',
]) }}
