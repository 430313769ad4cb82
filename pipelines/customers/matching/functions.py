"""SQL functions that the settings may use in features, keys and levels, defined for the connection's session only.

Each works on one record or one pair, so that its result depends on nothing else.
"""

import duckdb

RARITY_BITS = 8
"""A token and its rarity share one integer: the token's hash above, the rarity (1 to 255) in the lowest eight bits."""

_SOUND_CLASSES = ("bfpvcgjkqsxzdtlmnraeiouyhw", "111122222222334556")
"""Soundex (R. C. Russell, US patent 1,261,167): consonants by place of articulation; other letters drop out."""

_MACROS = (
    # Soundex without its first letter's privilege: that letter is mistyped as often as any other.
    f"""sound_code(word) as
        replace(replace(replace(replace(replace(replace(
            translate(word, '{_SOUND_CLASSES[0]}', '{_SOUND_CLASSES[1]}'),
        '11', '1'), '22', '2'), '33', '3'), '44', '4'), '55', '5'), '66', '6')""",
    # One word's sound: first letter by class of sound, then up to three consonants. Words not in Latin letters stay.
    """sound_key(word) as case
        when word is null or word = '' then null
        when not regexp_matches(word, '^[a-z]') then word
        when word like 'ph%' then 'f' || left(sound_code(substr(word, 3)), 3)
        else translate(left(word, 1), 'cqzyw', 'kksiv')
            || left(sound_code(substr(replace(word, 'ph', 'f'), 2)), 3) end""",
    # Cheap tests first: the last one takes ten times as long as the others together. A swap costs Levenshtein 2 edits.
    """within_edits(one, other, most) as abs(len(one) - len(other)) <= most
        and levenshtein(one, other) <= 2 * most and damerau_levenshtein(one, other) <= most""",
    # Letters that two words have in common from start or end. levenshtein counts bytes, three to a Chinese sign.
    """common_start(one, other) as len(list_filter(
        range(1, least(len(one), len(other)) + 1), lambda size: left(one, size) = left(other, size)))""",
    """common_end(one, other) as len(list_filter(
        range(1, least(len(one), len(other)) + 1), lambda size: right(one, size) = right(other, size)))""",
    # One sign of a Chinese word differs, is added or left out, or two neighbours are swapped.
    """one_sign_off(one, other) as abs(len(one) - len(other)) <= 1 and (one[1] = other[1] or one[-1] = other[-1])
        and levenshtein(one, other) <= 6 and (
            common_start(one, other) + common_end(one, other) >= greatest(len(one), len(other)) - 1
            or (len(one) = len(other) and common_start(one, other) + common_end(one, other) = len(one) - 2
            and one[common_start(one, other) + 1] = other[common_start(one, other) + 2]
            and one[common_start(one, other) + 2] = other[common_start(one, other) + 1]))""",
    # A date of eight digits with one wrong digit, two swapped neighbours, or day and month exchanged.
    """date_typo(one, other) as within_edits(one, other, 1)
        or (one[1:4] = other[1:4] and one[5:6] = other[7:8] and one[7:8] = other[5:6])""",
    """date_parts_same(one, other) as
        (one[1:4] = other[1:4])::int + (one[5:6] = other[5:6])::int + (one[7:8] = other[7:8])::int""",
    # Given and family name have changed places: both of them, or one of them beside an unlike other one.
    """names_swapped(given, family, other_given, other_family) as
        jaro_winkler_similarity(family, other_given) >= 0.85
        and jaro_winkler_similarity(given, other_family) >= 0.85""",
    "names_crossed(given, family, other_given, other_family) as family = other_given or given = other_family",
    # The shorter name's letters stand in the longer one in the same order, as in 中石化 and 中国石油化工.
    """letters_within(one, other) as
        len(one) <> len(other) and least(len(one), len(other)) between 2 and 6 and left(one, 1) = left(other, 1)
        and (case when len(one) > len(other) then one else other end) like
            array_to_string(string_split(case when len(one) > len(other) then other else one end, ''), '%') || '%'""",
    "sorted_letters(word) as array_to_string(list_sort(string_split(word, '')), '')",
    f"rarity_sum(tokens) as coalesce(list_sum(list_transform(tokens, lambda token: token & {2**RARITY_BITS - 1})), 0)",
    # Share of rarity (0 to 1) that two token lists have in common; `contained`: of the shorter one, `shared`: of both.
    # Rarities are only summed where a token is shared at all.
    """shared_rarity(one, other) as case when list_has_any(one, other) then
        2.0 * rarity_sum(list_intersect(one, other)) / greatest(rarity_sum(one) + rarity_sum(other), 1)
        else 0.0 end""",
    """contained_rarity(one, other) as case when list_has_any(one, other) then
        1.0 * rarity_sum(list_intersect(one, other)) / greatest(least(rarity_sum(one), rarity_sum(other)), 1)
        else 0.0 end""",
)


def define_functions(con: duckdb.DuckDBPyConnection) -> None:
    """Make the functions known to this session; defining them again changes nothing."""
    for macro in _MACROS:
        con.execute(f"create or replace temp macro {macro}")
