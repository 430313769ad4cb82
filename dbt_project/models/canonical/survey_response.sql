{{ canonical_union('survey_response', [
    'stg_fxiaoke__survey_response',
    'stg_salesforce__survey_response',
    'stg_zoho_crm__survey_response',
]) }}
