{{ canonical_union('target') }}
