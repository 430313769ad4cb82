"""What normalisation knows of one name, of an organisation or a person."""

from typing import NamedTuple


class Name(NamedTuple):
    """The name columns of `NORMALISED`, and the steps that led there as the inside of a JSON array."""

    text: str | None = None
    core: str | None = None
    compact: str | None = None
    tokens: tuple[str, ...] | None = None
    script: str | None = None
    brand: str | None = None
    latin: str | None = None
    brand_latin: str | None = None
    pinyin: str | None = None
    sound: str | None = None
    initials: str | None = None
    acronyms: tuple[str, ...] | None = None
    short_forms: tuple[str, ...] | None = None
    numbers: str | None = None
    region: str | None = None
    legal_form: str | None = None
    is_group: bool | None = None
    branch: str | None = None
    others: tuple[str, ...] | None = None
    given: str | None = None
    family: str | None = None
    steps: str = ""
