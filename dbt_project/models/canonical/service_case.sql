{{ canonical_union('service_case', [
    'stg_salesforce__service_case',
]) }}
