{{ canonical_union('activity', [
    'stg_odoo__activity',
    'stg_salesforce__activity',
]) }}
