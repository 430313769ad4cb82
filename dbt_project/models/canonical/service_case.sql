{{ canonical_union('service_case', [
    'stg_fxiaoke__service_case',
    'stg_salesforce__service_case',
    'stg_zoho_crm__service_case',
]) }}
