{{ canonical_union('review_rating') }}
