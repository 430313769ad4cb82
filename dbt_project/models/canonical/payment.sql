{{ canonical_union('payment', ['stg_odoo__payment']) }}
