-- Grain: one row per assignment record and version of it that landed, of all sources.
{{ record_versions(
    'assignment',
    [
        'stg_fxiaoke__assignment',
        'stg_odoo__assignment',
        'stg_salesforce__assignment',
        'stg_zoho_crm__assignment',
    ],
    ['employee_key', 'unit_key', 'role', 'manager_employee_key', 'is_primary', 'time_share']
) }}
