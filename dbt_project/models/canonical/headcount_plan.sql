{{ canonical_union('headcount_plan') }}
