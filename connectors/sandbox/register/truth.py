"""What the makers of the customer register hand over: parties as they truly are, and how one name was written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import NamedTuple

from connectors.sandbox.register.places import Place

Care = str
"""How carefully a system's clerks write names: 'formal', 'careful' or 'free'."""


class Written(NamedTuple):
    """A name as written. `worth` is how much it still says (see `systems`), `script` what it can be compared within."""

    name: str
    worth: float
    script: str = "own"
    given: str | None = None
    family: str | None = None


@dataclass(frozen=True, slots=True)
class Phone:
    """A number with country code and dialling code (empty: mobile); `worth` as a clue, 0 for an agent's number."""

    code: str
    dialling: str
    number: str
    worth: float = 2.0


@dataclass(slots=True)
class Party:
    """One real customer, or one branch of it, with everything that is true about it.

    `domain` is its own mail domain, `mailboxes` whole addresses at a free-mail provider; `places` and `phones` hold the
    present ones first, then those from before a move. `domain_worth` is 0 where several parties share it.
    """

    key: str
    parent: str | None
    person: bool
    write: Callable[[Random, Care], Written]
    places: tuple[Place, ...]
    phones: tuple[Phone, ...]
    domain: str | None = None
    domain_worth: float = 2.0
    mailboxes: tuple[str, ...] = ()
    tax_id: str | None = None
    tax_worth: float = 3.0
    registry_id: str | None = None
    other_names: tuple[str, ...] = ()
    birth_date: date | None = None
    place_worth: float = 2.0
    latin: bool = field(default=False)
