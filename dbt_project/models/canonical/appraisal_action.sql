{{ canonical_union('appraisal_action') }}
