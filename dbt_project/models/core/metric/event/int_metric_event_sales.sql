{{ config(materialized='view') }}
-- Grain: one row per credited line or payment and metric of the sales family.
{{ metric_event('bookings', ref('fct_sales_credit'), 'booked_date', 'credited_amount', 'sales_order_line') }}
union all
{{ metric_event('billings', ref('fct_billing_credit'), 'billed_date', 'credited_amount', 'invoice_line') }}
union all
{{ metric_event('collections', ref('fct_collection_credit'), 'collected_date', 'credited_amount', 'payment') }}
