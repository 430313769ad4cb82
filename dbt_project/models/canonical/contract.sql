{{ canonical_union('contract', [
    'stg_fxiaoke__contract',
    'stg_salesforce__contract',
    'stg_zoho_crm__contract',
]) }}
