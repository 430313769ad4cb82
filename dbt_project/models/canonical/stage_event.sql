{{ canonical_union('stage_event', [
    'stg_fxiaoke__stage_event',
    'stg_odoo__stage_event',
    'stg_salesforce__stage_event',
    'stg_zoho_crm__stage_event',
]) }}
