{{ canonical_union('customer_record', [
    'stg_fxiaoke__customer_record',
    'stg_odoo__customer_record',
    'stg_salesforce__customer_record',
    'stg_zoho_crm__customer_record',
]) }}
