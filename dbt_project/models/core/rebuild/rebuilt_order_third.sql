-- Grain: one row per third of a month whose orders and lines are not what they were when the last complete build ended.
{{ changed_parts(ref('order_fingerprint'), source('config', 'last_order_fingerprint'), ['first_day']) }}
