-- Grain: one row per month whose orders and lines are not what they were when the last complete build ended.
{{ changed_parts(ref('order_fingerprint'), source('config', 'last_order_fingerprint'), ['month_start']) }}
