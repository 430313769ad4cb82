{{ canonical_union('exchange_rate', ['stg_odoo__exchange_rate']) }}
