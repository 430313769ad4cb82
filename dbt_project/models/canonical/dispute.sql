{{ canonical_union('dispute') }}
