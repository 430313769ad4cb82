"""How a Latin name sounds, roughly: one key for spellings that are heard alike. For blocking, not for deciding."""

from functools import lru_cache

# letters heard as one sound, in this order; after Metaphone, cut down to what European names share
_HEARD_AS = (
    ("tsch", "x"),
    ("sch", "x"),
    ("sh", "x"),
    ("ch", "x"),
    ("ph", "f"),
    ("gh", "g"),
    ("th", "t"),
    ("dt", "t"),
    ("ck", "k"),
    ("ce", "se"),
    ("ci", "si"),
    ("cy", "si"),
)
_SILENT_STARTS = {"kn": "n", "gn": "n", "pn": "n", "wr": "r", "wh": "w"}
_LETTERS = str.maketrans({"c": "k", "q": "k", "z": "s", "w": "v", "d": "t", "b": "p"})
_VOWELS = frozenset("aeiouyh")  # y and h are heard at the start only


@lru_cache(maxsize=200_000)
def sound(word: str) -> str:
    """The key of one word: its consonants as heard, doubled ones once, a vowel only (as `a`) at the start.

    Empty for a word without Latin letters.
    """
    word = "".join(letter for letter in word if "a" <= letter <= "z")
    if not word:
        return ""
    word = _SILENT_STARTS.get(word[:2], word[:2]) + word[2:]
    for letters, heard in _HEARD_AS:
        word = word.replace(letters, heard)
    word = word.translate(_LETTERS)
    kept, before = ["a" if word[0] in "aeiou" else word[0]], word[0]
    for letter in word[1:]:
        if letter not in _VOWELS and letter != before:
            kept.append(letter)
        before = letter
    return "".join(kept)
