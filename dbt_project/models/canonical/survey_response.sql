{{ canonical_union('survey_response') }}
