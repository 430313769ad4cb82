{{ canonical_union('training_record') }}
