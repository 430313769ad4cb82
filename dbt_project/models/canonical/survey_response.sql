{{ canonical_union('survey_response', [
    'stg_fxiaoke__survey_response',
]) }}
