{{ canonical_union('invoice', ['stg_odoo__invoice']) }}
