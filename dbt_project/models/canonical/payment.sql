{{ canonical_union('payment', [
    'stg_fxiaoke__payment',
    'stg_odoo__payment',
]) }}
