"""Tax and registry ids: upper alphanumerics, kind and check digit. The check digits are python-stdnum's."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any, NamedTuple

from stdnum import get_cc_module, lei
from stdnum.cn import uscc
from stdnum.eu import vat
from stdnum.exceptions import InvalidChecksum, ValidationError

from pipelines.customers.normalise.text import Trail

_NOT_ALNUM = re.compile(r"[^0-9A-Z]")
_USCC_SHAPE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
_LEI_SHAPE = re.compile(r"[0-9A-Z]{18}\d{2}")
_VAT_SHAPE = re.compile(r"([A-Z]{2})[0-9A-Z]{2,13}")
_SHORTEST = 5
# written where a form insists on a value
_PLACEHOLDERS = frozenset({"UNKNOWN", "NOTAPPLICABLE", "PENDING", "123456", "1234567", "12345678", "123456789"})


class Identifier(NamedTuple):
    """An id as compared. `valid` is None where the kind has no check digit."""

    value: str | None = None
    kind: str | None = None
    valid: bool | None = None
    steps: str = ""


@cache
def _vat_module(country: str) -> Any:
    """Check of a VAT number with its country prefix: EU members (Greece writes EL), Norway, Switzerland, the UK."""
    if country == "EL" or country.lower() in vat.MEMBER_STATES:
        return vat
    if country in ("NO", "CH", "GB"):
        return get_cc_module(country, "vat")
    return None


def _is_placeholder(value: str) -> bool:
    return len(value) < _SHORTEST or len(set(value)) == 1 or value in _PLACEHOLDERS


def _kind_and_validity(value: str) -> tuple[str, bool | None]:
    if len(value) == 18 and _USCC_SHAPE.fullmatch(value):
        return "uscc", uscc.is_valid(value)
    if len(value) == 20 and _LEI_SHAPE.fullmatch(value):
        return "lei", lei.is_valid(value)
    prefix = _VAT_SHAPE.fullmatch(value)
    module = _vat_module(prefix.group(1)) if prefix else None
    return _vat(module, value) if module is not None else ("other", None)


def _vat(module: Any, value: str) -> tuple[str, bool | None]:
    """A number of the country's shape is a VAT number, right or wrong; any other is something else (HRB 123)."""
    try:
        module.validate(value)
    except InvalidChecksum:
        return "vat", False
    except ValidationError:
        return "other", None
    return "vat", True


@lru_cache(maxsize=200_000)
def identifier(written: str | None, field: str) -> Identifier:
    """Upper letters and digits; kind 'uscc' (GB 32100), 'lei' (ISO 17442), 'vat', 'other'. A placeholder is nothing."""
    if not written:
        return Identifier()
    trail = Trail(field)
    value = _NOT_ALNUM.sub("", unicodedata.normalize("NFKC", written).upper())
    trail.note("alphanumeric", written, value)
    if _is_placeholder(value):
        trail.note("placeholder", value, None)
        return Identifier(steps=trail.json())
    kind, valid = _kind_and_validity(value)
    return Identifier(value, kind, valid, trail.json())


def vat_country(number: Identifier) -> str | None:
    """ISO 3166 alpha-2 of the country whose VAT number it is; a USCC is Chinese; None for other numbers."""
    if number.kind == "uscc":
        return "CN"
    if number.kind != "vat" or not number.value:
        return None
    return "GR" if number.value.startswith("EL") else number.value[:2]
