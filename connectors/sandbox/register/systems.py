"""The five systems: which fields each fills how often, how its clerks write, and whether a person could still decide.

Every record carries a second, hidden list: its clues, which of the party's true facts it shows. A duplicate must share
clues worth `ENOUGH` with an earlier record of its party, or it is given some; so the truth can be decided by a person
who reads the records, but for the small share `UNDECIDABLE` that is left as it came.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from connectors.sandbox.register.places import COUNTRIES, Place, street
from connectors.sandbox.register.truth import Care, Party, Written
from connectors.sandbox.register.writing import (
    NO_BIRTH_DATE,
    NO_EMAIL,
    NO_NUMBER,
    NO_PHONE,
    NO_STREET,
    birth_date,
    birth_date_slip,
    chance,
    mailed,
    phone,
    pick,
    site,
    spaced,
    wrong_digit,
)

FIELDS = (
    "source_system", "source_key", "party_type", "customer_name", "given_name", "family_name", "other_names",
    "birth_date", "tax_id", "registry_id", "email", "phone", "website", "street", "postal_code", "district", "city",
    "province", "country", "parent_record_key",
)  # fmt: skip
UNDECIDABLE = 0.02
ENOUGH = {False: 3.0, True: 4.0}
"""What clues must be worth together, of organisations and of persons."""
_PLACEHOLDER = 0.025
_WRONG_DIGIT = 0.02
_BIRTH_SLIP = 0.03
_OTHER_TYPES = ("company", "B2B", "customer", "企业", "")
_MAILBOX_NAMES = ("info", "sales", "finance", "purchasing", "office", "contact", "li.ming", "wang", "hr", "service")


@dataclass(frozen=True, slots=True)
class System:
    """One system's habits. `fills` is the share of records in which a field known to the clerk is filled."""

    name: str
    key: str
    care: Care
    firms: float
    persons: float
    date_style: str
    types: float
    fills: dict[str, float]


def _fills(text: str) -> dict[str, float]:
    return {name: float(share) for name, share in (part.split("=") for part in text.split())}


SYSTEMS = (
    System("erp", "P{:07d}", "careful", 0.28, 0.12, "-", 1.0, _fills(
        "tax=.82 registry=.12 email=.45 phone=.70 website=.10 street=.78 postal=.62 district=.35 city=.90 province=.70 "
        "country=.92 other=.07 birth=.30 parts=.20 parent=.40")),
    System("crm", "001{:09d}", "free", 0.27, 0.24, "/", 1.0, _fills(
        "tax=.16 registry=.05 email=.76 phone=.82 website=.55 street=.45 postal=.35 district=.20 city=.82 province=.50 "
        "country=.80 other=.14 birth=.40 parts=.60 parent=.35")),
    System("service", "SV-{}", "free", 0.15, 0.20, "", 0.80, _fills(
        "tax=.03 registry=.0 email=.42 phone=.93 website=.05 street=.58 postal=.25 district=.25 city=.72 province=.40 "
        "country=.55 other=.02 birth=.20 parts=.40 parent=.05")),
    System("webshop", "{}", "free", 0.10, 0.34, "-", 0.75, _fills(
        "tax=.14 registry=.02 email=.96 phone=.88 website=.04 street=.92 postal=.85 district=.55 city=.96 province=.85 "
        "country=.95 other=.01 birth=.45 parts=.90 parent=.0")),
    System("finance", "D-{:06d}", "formal", 0.20, 0.10, "", 1.0, _fills(
        "tax=.93 registry=.28 email=.30 phone=.42 website=.02 street=.62 postal=.55 district=.20 city=.80 province=.60 "
        "country=.90 other=.03 birth=.55 parts=.30 parent=.45")),
)  # fmt: skip


_SHARES = {
    False: tuple(zip(accumulate(system.firms for system in SYSTEMS), SYSTEMS, strict=True)),
    True: tuple(zip(accumulate(system.persons for system in SYSTEMS), SYSTEMS, strict=True)),
}


@dataclass(slots=True)
class Record:
    """One record being written: its cells by field, and its clues: what each true fact shown is worth."""

    party: Party
    cells: dict[str, str | None]
    written: Written
    clues: dict[str, float] = field(default_factory=dict)


def plan(rng: Random, party: Party, count: int) -> list[System]:
    """The systems of `count` records: one each as long as there are others, one pair in eight in one system."""
    chosen: list[System] = []
    for _ in range(count):
        system = chance(rng, _SHARES[party.person])
        again = chosen and rng.random() < 0.12
        while not again and system in chosen and len(chosen) < len(SYSTEMS):
            system = chance(rng, _SHARES[party.person])
        chosen.append(pick(rng, chosen) if again else system)
    return chosen


def write(rng: Random, party: Party, system: System) -> Record:
    """One record of the party as that system holds it."""
    written = party.write(rng, system.care)
    record = Record(party, dict.fromkeys(FIELDS), written)
    record.cells["source_system"] = system.name
    _names(rng, record, system)
    _numbers(rng, record, system)
    _contact(rng, record, system)
    _place(rng, record, system)
    return record


def _names(rng: Random, record: Record, system: System) -> None:
    draw, cells, party, written, fills = rng.random, record.cells, record.party, record.written, system.fills
    cells["customer_name"] = written.name
    if party.person and draw() < fills["parts"]:
        cells["given_name"], cells["family_name"] = written.given, written.family
        if draw() < 0.25:
            cells["customer_name"] = None
    if draw() < system.types:
        cells["party_type"] = "person" if party.person else "organisation"
    elif not party.person and draw() < 0.3:
        cells["party_type"] = pick(rng, _OTHER_TYPES)
    if party.other_names and draw() < fills["other"]:
        cells["other_names"] = "; ".join(party.other_names[: 1 + int(draw() * 2)])
    if party.birth_date is not None and draw() < fills["birth"]:
        slipped = draw() < _BIRTH_SLIP
        cells["birth_date"] = (birth_date_slip if slipped else birth_date)(rng, party.birth_date, system.date_style)
        record.clues["birth"] = 1.0 if slipped else 2.0
    elif party.person and draw() < _PLACEHOLDER:
        cells["birth_date"] = pick(rng, NO_BIRTH_DATE)


def _numbers(rng: Random, record: Record, system: System) -> None:
    draw, party, fills = rng.random, record.party, system.fills
    # firms abroad and persons are rarely known by number
    known = fills["tax"] * (0.25 if party.person else 0.75 if party.latin else 1.0)
    if party.tax_id and draw() < known:
        write_tax_id(rng, record)
    elif draw() < _PLACEHOLDER * 2:
        record.cells["tax_id"] = pick(rng, NO_NUMBER)
    if party.registry_id and draw() < fills["registry"]:
        record.cells["registry_id"] = spaced(rng, party.registry_id)
        record.clues["tax" if party.registry_id == party.tax_id else "registry"] = party.tax_worth


def write_tax_id(rng: Random, record: Record) -> None:
    """The tax id, now and then with a wrong digit (which leaves a clue of little worth)."""
    number = record.party.tax_id or ""
    wrong = rng.random() < _WRONG_DIGIT
    record.cells["tax_id"] = spaced(rng, wrong_digit(rng, number) if wrong else number)
    if not wrong:
        record.clues["tax"] = record.party.tax_worth


def _contact(rng: Random, record: Record, system: System) -> None:
    draw, cells, party, fills = rng.random, record.cells, record.party, system.fills
    if draw() < fills["phone"]:
        write_phone(rng, record)
    elif draw() < _PLACEHOLDER:
        cells["phone"] = pick(rng, NO_PHONE)
    if (party.domain or party.mailboxes) and draw() < fills["email"]:
        write_email(rng, record)
    elif draw() < _PLACEHOLDER:
        cells["email"] = pick(rng, NO_EMAIL)
    if party.domain and not party.person and draw() < fills["website"]:
        cells["website"] = site(rng, party.domain)
        record.clues["domain"] = party.domain_worth


def write_phone(rng: Random, record: Record) -> None:
    """One of the party's phones, the first one most often."""
    phones = record.party.phones
    position = 0 if rng.random() < 0.7 else int(rng.random() * len(phones))
    number = phones[position]
    record.cells["phone"] = phone(rng, number.code, number.dialling, number.number)
    record.clues[f"phone{position}"] = number.worth


def write_email(rng: Random, record: Record) -> None:
    """A mailbox at the party's own domain, or one of its free-mail addresses."""
    party = record.party
    if party.domain:
        record.cells["email"] = mailed(rng, f"{pick(rng, _MAILBOX_NAMES)}@{party.domain}")
        record.clues["domain"] = party.domain_worth
    elif party.mailboxes:
        position = 0 if rng.random() < 0.8 else int(rng.random() * len(party.mailboxes))
        address = party.mailboxes[position]
        written = mailed(rng, address)
        record.cells["email"] = written
        record.clues[f"mail{position}"] = 2.0 if written.strip().lower() == address else 1.0


def _place(rng: Random, record: Record, system: System) -> None:
    """The present address, or for one record in two of a party that moved the earlier one."""
    draw, cells, party, fills = rng.random, record.cells, record.party, system.fills
    position = int(draw() * len(party.places))
    place = party.places[position]
    latin = place.country == "CN" and record.written.script in ("latin", "pinyin") and draw() < 0.7
    if draw() < fills["street"]:
        cells["street"] = street(rng, place, latin)
        record.clues[f"street{position}"] = party.place_worth
    elif draw() < _PLACEHOLDER:
        cells["street"] = pick(rng, NO_STREET)
    if draw() < fills["postal"]:
        cells["postal_code"] = place.postal
    if place.district and not latin and draw() < fills["district"]:
        cells["district"] = place.district
    if draw() < fills["city"]:
        cells["city"] = _city(draw(), place, latin)
        record.clues[f"city{place.city}"] = 0.5
    if not latin and draw() < fills["province"]:
        cells["province"] = place.province
    if draw() < fills["country"]:
        written_as = COUNTRIES[place.country][1]
        cells["country"] = written_as[int(draw() * 2)] if draw() < 0.85 else written_as[2]


def _city(way: float, place: Place, latin: bool) -> str:
    if latin:
        return place.city_latin
    if way < 0.25:
        return place.city.removesuffix("市")
    return place.city.upper() if way > 0.97 else place.city


def shared_worth(one: Record, other: Record) -> float:
    """What two records of one party say together for being one: their common clues, and what the names still say."""
    first, second = one.written, other.written
    worth = min(first.worth, second.worth) if first.script == second.script else 0.0
    for clue, value in one.clues.items():
        if clue in other.clues:
            worth += min(value, other.clues[clue])
    return worth


def make_decidable(rng: Random, record: Record, earlier: Sequence[Record]) -> None:
    """Shows more of the party's true facts, on this record and on the earlier one most like it, until it is enough."""
    enough = ENOUGH[record.party.person]
    nearest = max(earlier, key=lambda other: shared_worth(record, other))
    if shared_worth(record, nearest) >= enough or rng.random() < UNDECIDABLE:
        return
    for show in (_show_phone, _show_email, _show_place, _show_tax_id):
        show(rng, record, nearest)
        if shared_worth(record, nearest) >= enough:
            return
    _show_name(rng, record)


def _show_phone(rng: Random, record: Record, nearest: Record) -> None:
    """The phone of the earlier record, or the first one on both; an agent's phone would say nothing."""
    clue = next((clue for clue in nearest.clues if clue.startswith("phone")), "phone0")
    number = record.party.phones[int(clue.removeprefix("phone"))]
    for one in (record, nearest):
        if clue not in one.clues and number.worth:
            one.clues = {other: worth for other, worth in one.clues.items() if not other.startswith("phone")}
            one.cells["phone"] = phone(rng, number.code, number.dialling, number.number)
            one.clues[clue] = number.worth


def _show_email(rng: Random, record: Record, nearest: Record) -> None:
    party = record.party
    for one in (record, nearest):
        if party.domain and party.domain_worth and "domain" not in one.clues:
            write_email(rng, one)
        elif party.mailboxes and one.clues.get("mail0") != 2.0:
            one.cells["email"], one.clues["mail0"] = party.mailboxes[0], 2.0


def _show_place(rng: Random, record: Record, nearest: Record) -> None:
    """The address of the earlier record, or the present one on both, in full."""
    party = record.party
    shown = next((clue for clue in nearest.clues if clue.startswith("street")), "street0")
    place = party.places[int(shown.removeprefix("street"))]
    for one in (record, nearest):
        if shown not in one.clues:
            one.clues = {clue: worth for clue, worth in one.clues.items() if not clue.startswith(("street", "city"))}
            one.cells |= {"street": street(rng, place, False), "city": place.city, "postal_code": place.postal}
            one.cells |= {"province": place.province, "district": place.district or None}
            one.clues |= {shown: party.place_worth, f"city{place.city}": 0.5}


def _show_tax_id(rng: Random, record: Record, nearest: Record) -> None:
    party = record.party
    if party.tax_id and party.tax_worth:
        for one in (record, nearest):
            one.cells["tax_id"], one.clues["tax"] = party.tax_id, party.tax_worth


def _show_name(rng: Random, record: Record) -> None:
    """The full name, when nothing else of the party is its own."""
    written = record.party.write(rng, "formal")
    record.written, record.cells["customer_name"] = written, written.name
    if record.cells["given_name"] is not None:
        record.cells["given_name"], record.cells["family_name"] = written.given, written.family
