{{ canonical_union('lead', [
    'stg_odoo__lead',
    'stg_salesforce__lead',
]) }}
