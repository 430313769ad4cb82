"""Private persons of the customer register, alone or in households, and every way their names get written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from random import Random

from connectors.sandbox.register import words
from connectors.sandbox.register.places import COUNTRIES, Place, chinese_city, chinese_place, foreign_place
from connectors.sandbox.register.truth import Care, Party, Phone, Written
from connectors.sandbox.register.words import fields
from connectors.sandbox.register.writing import chance, common, landline, mobile, pick, plain, slip, slip_han

_SURNAMES = fields(words.SURNAMES)
_GIVEN_SIGNS = fields(words.GIVEN_SIGNS)
_MEN, _WOMEN = fields(words.MEN), fields(words.WOMEN)
_FAMILY_NAMES = tuple(name.replace("_", " ") for name in words.FAMILY_NAMES.split(","))
_FIRST_BIRTH = date(1936, 1, 1)
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name. `given` holds the signs or the name with its short forms; `sounds` the pinyin of Chinese names.

    `maiden` is a family name carried before marriage, or empty.
    """

    family: str
    given: tuple[str, ...]
    family_sound: str = ""
    given_sound: str = ""
    middle: str = ""
    suffix: str = ""
    maiden: str = ""

    @property
    def is_chinese(self) -> bool:
        return bool(self.family_sound)


def _columns(family: str, given: str, chinese: bool, worth: float, script: str) -> Written:
    return Written(f"{family}{given}" if chinese else f"{given} {family}", worth, script, given, family)


# Chinese names as written


def _exact(rng: Random, name: PersonName) -> Written:
    return _columns(name.family, "".join(name.given), True, 2, "han")


def _typo(rng: Random, name: PersonName) -> Written:
    if rng.random() < 0.2:
        family = slip_han(rng, name.family + "".join(name.given))
        return Written(family, 1, "han", family[len(name.family) :], family[: len(name.family)])
    given = "".join(name.given)
    return _columns(name.family, slip_han(rng, given) if len(given) > 1 else _alike(rng, given), True, 1, "han")


def _alike(rng: Random, sign: str) -> str:
    return pick(rng, words.LOOK_ALIKE.get(sign, sign))


def _traditional(rng: Random, name: PersonName) -> Written:
    family, given = name.family.translate(words.TRADITIONAL), "".join(name.given).translate(words.TRADITIONAL)
    return _columns(family, given, True, 2, "han")


def _titled(rng: Random, name: PersonName) -> Written:
    written = _exact(rng, name)
    way = rng.random()
    if way < 0.3:
        return written._replace(name=f"{name.family} {''.join(name.given)}")
    return written._replace(name=written.name + pick(rng, ("先生", "女士", "（老客户）", "老师", " ")))


def _pinyin(rng: Random, name: PersonName) -> Written:
    family, given = name.family_sound.capitalize(), name.given_sound.capitalize()
    way = rng.random()
    written = _columns(family, given, False, 1, "pinyin")
    return (
        written
        if way < 0.5
        else written._replace(name=f"{family} {given}" if way < 0.85 else f"{given.upper()} {family.upper()}")
    )


_WRITE_CHINESE: dict[Care, tuple[tuple[float, Callable[[Random, PersonName], Written]], ...]] = {
    "formal": ((0.96, _exact), (0.98, _typo), (1.0, _traditional)),
    "careful": ((0.86, _exact), (0.91, _typo), (0.94, _traditional), (0.98, _titled), (1.0, _pinyin)),
    "free": ((0.74, _exact), (0.81, _typo), (0.84, _traditional), (0.93, _titled), (1.0, _pinyin)),
}


# foreign names as written


def _f_exact(rng: Random, name: PersonName) -> Written:
    given = f"{name.given[0]} {name.middle}" if name.middle and rng.random() < 0.5 else name.given[0]
    written = _columns(name.family, given, False, 2, "latin")
    return written._replace(name=f"{written.name} {name.suffix}") if name.suffix and rng.random() < 0.7 else written


def _f_typo(rng: Random, name: PersonName) -> Written:
    if rng.random() < 0.5:
        return _columns(slip(rng, name.family), name.given[0], False, 1, "latin")
    return _columns(name.family, slip(rng, name.given[0]), False, 1, "latin")


def _f_nickname(rng: Random, name: PersonName) -> Written:
    return _columns(name.family, pick(rng, name.given), False, 1, "latin")


def _f_plain(rng: Random, name: PersonName) -> Written:
    return _columns(plain(rng, name.family), plain(rng, name.given[0]), False, 2, "latin")


def _f_swapped(rng: Random, name: PersonName) -> Written:
    if rng.random() < 0.5:
        return _columns(name.given[0], name.family, False, 1, "latin")
    return _f_exact(rng, name)._replace(name=f"{name.family}, {name.given[0]}")


def _f_upper(rng: Random, name: PersonName) -> Written:
    change = pick(rng, (str.upper, str.lower))
    return _columns(change(name.family), change(name.given[0]), False, 2, "latin")


def _f_initial(rng: Random, name: PersonName) -> Written:
    return _columns(name.family, f"{name.given[0][0]}.", False, 0.5, "latin")


def _f_titled(rng: Random, name: PersonName) -> Written:
    written = _f_exact(rng, name)
    return written._replace(name=f"{pick(rng, ('Dr.', 'Mr', 'Mrs.', 'Prof. Dr.', 'Herr'))} {written.name}")


def _f_maiden(rng: Random, name: PersonName) -> Written:
    if not name.maiden:
        return _f_exact(rng, name)
    family = name.maiden if rng.random() < 0.6 else f"{name.maiden}-{name.family}"
    return _columns(family, name.given[0], False, 0.5, "latin")


_WRITE_FOREIGN: dict[Care, tuple[tuple[float, Callable[[Random, PersonName], Written]], ...]] = {
    "formal": ((0.88, _f_exact), (0.91, _f_plain), (0.94, _f_upper), (0.97, _f_typo), (1.0, _f_titled)),
    "careful": (
        (0.70, _f_exact), (0.76, _f_plain), (0.80, _f_upper), (0.86, _f_typo), (0.90, _f_titled), (0.94, _f_nickname),
        (0.97, _f_swapped), (0.99, _f_maiden), (1.0, _f_initial),
    ),
    "free": (
        (0.55, _f_exact), (0.62, _f_plain), (0.69, _f_upper), (0.78, _f_typo), (0.81, _f_titled), (0.89, _f_nickname),
        (0.94, _f_swapped), (0.97, _f_maiden), (1.0, _f_initial),
    ),
}  # fmt: skip


def _write(name: PersonName, rng: Random, care: Care) -> Written:
    table = _WRITE_CHINESE if name.is_chinese else _WRITE_FOREIGN
    return chance(rng, table[care])(rng, name)


# the people


def household(rng: Random) -> list[Party]:
    """One person (nine times of ten), or a couple or a parent with children who share home and landline.

    One household in fifty is a father and a son of one name; one person in six has moved.
    """
    chinese, alone = rng.random() < 0.6, rng.random() < 0.9
    places = _homes(rng, chinese)
    first = _name(rng, chinese, rng.random() < 0.5)
    # who has children of age among the customers is older than others
    born = _FIRST_BIRTH + timedelta(days=int(rng.random() * (25_500 if alone else 12_500)))
    if alone:
        return [_person(rng, first, born, places, ())]
    shared = (replace(_landline(rng, places[0]), worth=1.0),)
    rest = list(_relatives(rng, first, born, chinese))
    return [_person(rng, name, day, places, shared) for name, day in ((first, born), *rest)]


def _homes(rng: Random, chinese: bool) -> tuple[Place, ...]:
    here = chinese_place(rng, chinese_city(rng), home=True) if chinese else foreign_place(rng, home=True)
    if rng.random() >= 1 / 6:
        return (here,)
    if not chinese:
        return (here, foreign_place(rng, here.country, home=True))
    return (here, chinese_place(rng, chinese_city(rng), home=True))


def _relatives(rng: Random, first: PersonName, born: date, chinese: bool) -> Iterator[tuple[PersonName, date]]:
    if rng.random() < 0.02 and not chinese:
        yield replace(first, suffix="Jr."), born + timedelta(days=9000 + int(rng.random() * 3000))
        return
    if rng.random() < 0.7:
        spouse = _name(rng, chinese, rng.random() < 0.5)
        spouse = spouse if chinese else replace(spouse, family=first.family, maiden=spouse.family)
        yield spouse, born + timedelta(days=int(rng.random() * 3000) - 1500)
    age = 8500 + int(rng.random() * 4000)
    for _ in range(pick(rng, (0, 0, 1, 1, 2))):
        child = _name(rng, chinese, rng.random() < 0.5)
        if child.given[0] != first.given[0]:
            yield replace(child, family=first.family, family_sound=first.family_sound), born + timedelta(days=age)
        age += 500 + int(rng.random() * 1500)


def _name(rng: Random, chinese: bool, woman: bool) -> PersonName:
    draw = rng.random
    if chinese:
        family, sound = common(rng, _SURNAMES)
        signs = [common(rng, _GIVEN_SIGNS) for _ in range(1 if draw() < 0.25 else 2)]
        given_sound = "".join(sign[1] for sign in signs)
        return PersonName(family, tuple(sign[0] for sign in signs), sound, given_sound)
    given = common(rng, _WOMEN if woman else _MEN)
    middle = f"{'ABCDEFGHJKLMPRSTW'[int(draw() * 17)]}." if draw() < 0.3 else ""
    maiden = common(rng, _FAMILY_NAMES) if woman and draw() < 0.3 else ""
    return PersonName(common(rng, _FAMILY_NAMES), given, middle=middle, maiden=maiden)


def _person(rng: Random, name: PersonName, born: date, places: tuple[Place, ...], shared: tuple[Phone, ...]) -> Party:
    chinese = name.is_chinese
    own = tuple(_own_phone(rng, place) for place in places[: 1 if shared else None])
    phones = chance(rng, ((0.4, (*own, *shared)), (0.8, (*shared, *own)), (1.0, shared or own)))
    tax_id = _identity_number(rng, born) if chinese and rng.random() < 0.5 else None
    others = (f"{name.given_sound.capitalize()} {name.family_sound.capitalize()}",) if chinese else name.given[1:2]
    # one street for a whole household says less than an address of one's own
    return Party(
        "", None, True, partial(_write, name), places, phones, None, 0.0, _mailboxes(rng, name, born), tax_id, 4.0,
        None, others, born, 1.0, not chinese,
    )  # fmt: skip


def _own_phone(rng: Random, place: Place) -> Phone:
    return Phone("86", "", mobile(rng)) if place.country == "CN" else _landline(rng, place)


def _landline(rng: Random, place: Place) -> Phone:
    return Phone(COUNTRIES[place.country][0], place.dialling, landline(rng, place.country, place.dialling))


def _mailboxes(rng: Random, name: PersonName, born: date) -> tuple[str, ...]:
    """One mail address, a second one for one person in seven."""
    count = 2 if rng.random() < 1 / 7 else 1
    providers: tuple[str, ...] = words.FREE_MAIL
    if name.is_chinese:
        local, providers = f"{name.family_sound}{name.given_sound}", words.FREE_MAIL_CN
    else:
        local = plain(rng, f"{name.given[0]}.{name.family}").lower().replace(" ", "").replace("'", "")
    return tuple(
        f"{local}{born.year % 100 if rng.random() < 0.4 else int(rng.random() * 10_000)}@{pick(rng, providers)}"
        for _ in range(count)
    )


def _identity_number(rng: Random, born: date) -> str:
    """A Chinese identity number (GB 11643): area, birth date, sequence, check character (ISO 7064 mod 11-2)."""
    body = f"{chinese_city(rng).area[:4]}{1 + int(rng.random() * 20):02d}{born:%Y%m%d}{int(rng.random() * 1000):03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _IDENTITY_WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]
