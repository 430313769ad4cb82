{{ canonical_union('market_size') }}
