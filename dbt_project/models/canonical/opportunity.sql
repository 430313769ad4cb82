{{ canonical_union('opportunity', [
    'stg_odoo__opportunity',
    'stg_salesforce__opportunity',
]) }}
