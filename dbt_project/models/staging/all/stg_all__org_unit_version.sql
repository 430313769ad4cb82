-- Grain: one row per unit record and version of it that landed, of all sources.
{{ record_versions(
    'org_unit',
    [
        'stg_fxiaoke__org_unit',
        'stg_odoo__org_unit',
        'stg_salesforce__org_unit',
        'stg_zoho_crm__org_unit',
    ],
    ['unit_code', 'unit_name', 'unit_name_en', 'unit_type', 'parent_unit_key']
) }}
