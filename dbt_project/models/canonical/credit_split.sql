{{ canonical_union('credit_split') }}
