"""Whether a record without a party type is an organisation or a private person, by its own evidence alone."""

from functools import lru_cache

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from pipelines.customers.normalise.legal_forms import without_han_forms
from pipelines.customers.normalise.person import has_telling_title, surname_of
from pipelines.customers.normalise.text import HAN, even, words
from pipelines.customers.normalise.vocabulary import han_parts, is_trade, known_brand, public_short_names

ORGANISATION, PERSON = "organisation", "person"

_WRITTEN = {
    "organisation": ORGANISATION,
    "organization": ORGANISATION,
    "company": ORGANISATION,
    "business": ORGANISATION,
    "企业": ORGANISATION,
    "公司": ORGANISATION,
    "单位": ORGANISATION,
    "person": PERSON,
    "individual": PERSON,
    "个人": PERSON,
}
_SHORTEST, _LONGEST = 2, 3


@lru_cache(maxsize=200_000)
def is_chinese_person(name: str) -> bool:
    """A name of two or three characters after a common surname (four after a compound one) without words of firms."""
    text = words(even(name)).replace(" ", "")
    if not text or any(not HAN.match(letter) for letter in text):
        return False
    surname = surname_of(text, common_only=True)
    if surname is None or not _SHORTEST <= len(text) <= _LONGEST + (len(surname) > 1):
        return False
    firm = known_brand(text) or public_short_names(text) or without_han_forms(text).form
    return (
        not firm and not any(is_trade(part) for part in han_parts(text)) and not text.endswith(("记", "店", "厂", "行"))
    )


def _is_resident_id(number: str) -> bool:
    """公民身份号码: province, birth date, check character. python-stdnum breaks on codes without a county."""
    if len(number) != 18 or not number[:17].isdecimal() or number[0] not in "12345678":
        return False
    if number[17] != ric.calc_check_digit(number):
        return False
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return False
    return True


def party_type(
    written: str | None,
    name: str | None,
    given: str | None,
    family: str | None,
    born: str | None,
    firm_evidence: str | None,
    tax_id: str | None,
) -> str:
    """As written where understood; else a person if born, of two names, of a resident's id, titled, or named like one.

    `firm_evidence` is a website or register number: such a record is no person by the look of its name alone.
    """
    known = _WRITTEN.get(written.lower()) if written else None
    if known:
        return known
    if born or given or family or (tax_id and _is_resident_id(tax_id)):
        return PERSON
    if name is None or firm_evidence:
        return ORGANISATION
    return PERSON if has_telling_title(name) or is_chinese_person(name) else ORGANISATION
