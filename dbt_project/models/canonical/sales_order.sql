{{ canonical_union('sales_order', ['stg_odoo__sales_order']) }}
