{{ canonical_union('invoice_line', ['stg_odoo__invoice_line']) }}
