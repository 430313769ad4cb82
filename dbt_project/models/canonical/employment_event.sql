{{ canonical_union('employment_event') }}
