-- Grain: one row per invoice and employee: the shares a payment of the invoice takes.
{{ blended_shares(ref('int_invoice_line_credit')) }}
