"""Firms of the customer register: single ones, with branches, in groups, banks; and every way their names get written.

A family is what belongs together: one firm, a firm with its branches, the companies of a group. Families are made one
after the other from generators of their own, so the first ones are the same for every size of the register.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from random import Random

from connectors.sandbox import names
from connectors.sandbox.register import words
from connectors.sandbox.register.places import (
    CITIES,
    COUNTRIES,
    City,
    Place,
    chinese_city,
    chinese_place,
    foreign_place,
)
from connectors.sandbox.register.truth import Care, Party, Phone, Written
from connectors.sandbox.register.words import fields
from connectors.sandbox.register.writing import (
    WIDE,
    chance,
    common,
    landline,
    mobile,
    pick,
    plain,
    slip,
    slip_han,
)

_BRANDS = fields(words.BRANDS)
_TRADES = fields(words.TRADES)
_FOREIGN_BRANDS = fields(words.FOREIGN_BRANDS)
_FOREIGN_TRADES = tuple(trade.replace("_", " ") for trade in words.FOREIGN_TRADES.split(","))
_PLACES = words.FOREIGN_PLACES.split(",")
_BEGINNINGS, _MIDDLES, _ENDINGS = (listing.split(",") for listing in words.INVENTED)
_GROUP = ("集团", "集团", "Group", "jt")
_FOREIGN_COUNTRIES = ("DE", "US", "GB", "FR", "IT", "ES", "NL", "SE", "JP", "DE", "US", "GB", "US", "DE")
_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_FAMILIES_PER_AGENT = 5000


@dataclass(frozen=True, slots=True)
class ChineseName:
    """The parts of a Chinese firm's registered name; `branch` is the marker behind it (上海分公司) or empty.

    `style`: where the city stands: 'front', 'bracket' (behind the trade), 'middle' (behind the brand), 'none'.
    """

    city: City
    style: str
    brand: str
    sound: str
    trade: tuple[str, ...]
    form: str
    alias: str
    former: str
    grouped: bool = False
    branch: str = ""
    branch_latin: str = ""

    def full(self, style: str | None = None, form: str | None = None) -> str:
        """The name with the city where `style` puts it and that legal form."""
        city, end = self.city.name, (self.form if form is None else form)
        style = style or self.style
        if style == "front":
            return f"{city}{self.brand}{self.trade[0]}{end}{self.branch}"
        if style == "bracket":
            return f"{self.brand}{self.trade[0]}（{city}）{end}{self.branch}"
        if style == "middle":
            return f"{self.brand}（{city}）{self.trade[0]}{end}{self.branch}"
        return f"{self.brand}{self.trade[0]}{end}{self.branch}"

    def english(self) -> str:
        """The name a Chinese firm gives itself abroad."""
        brand = self.alias or self.sound.capitalize()
        return f"{self.city.pinyin} {brand} {self.trade[2]} Co., Ltd.{self.branch_latin}"

    def short(self) -> str:
        """简称: brand and short trade, with city for one in three."""
        return f"{self.brand}{self.trade[1]}{self.branch}"


@dataclass(frozen=True, slots=True)
class ForeignName:
    """The parts of a foreign firm's name."""

    brands: tuple[tuple[str, ...], ...]
    trade: str
    place: str
    form: str
    country: str
    grouped: bool = False
    branch: str = ""

    def full(self, form: str | None = None, trade: str | None = None) -> str:
        """The name with that legal form ('' for none)."""
        brands = " & ".join(brand[0] for brand in self.brands)
        end = self.form if form is None else form
        return " ".join(part for part in (brands, trade or self.trade, self.place, end) if part) + self.branch


# Chinese names as written


def _dropped(rng: Random, name: ChineseName) -> Written:
    return Written(name.full(form=""), 2.5)


def _other_form(rng: Random, name: ChineseName) -> Written:
    return Written(name.full(form=pick(rng, words.OTHER_FORMS[name.form])), 2.5)


def _moved_city(rng: Random, name: ChineseName) -> Written:
    style = pick(rng, tuple(style for style in ("front", "bracket", "middle") if style != name.style))
    return Written(name.full(style=style), 2.5)


def _half_brackets(rng: Random, name: ChineseName) -> Written:
    return Written(name.full().replace("（", "(").replace("）", ")"), 3)


def _without_city(rng: Random, name: ChineseName) -> Written:
    return Written(name.full(style="none"), 2)


def _with_province(rng: Random, name: ChineseName) -> Written:
    province = name.city.province
    prefix = (
        f"{name.city.name}市" if province == f"{name.city.name}市" else province.removesuffix("省") + name.city.name
    )
    return Written(prefix + name.full(style="none"), 2.5)


def _short(rng: Random, name: ChineseName) -> Written:
    if name.grouped or name.branch:
        return _dropped(rng, name)
    way = rng.random()
    if way < 0.45:
        return Written(name.short(), 1)
    if way < 0.70:
        return Written(f"{name.city.name}{name.brand}", 1)
    return Written(name.brand + name.trade[0][:2] if way < 0.9 else name.brand, 1)


def _typo(rng: Random, name: ChineseName) -> Written:
    brand = slip_han(rng, name.brand) if rng.random() < 0.7 else name.brand
    trade = name.trade[0] if brand != name.brand else slip_han(rng, name.trade[0])
    return Written(replace(name, brand=brand, trade=(trade, *name.trade[1:])).full(), 2)


def _traditional(rng: Random, name: ChineseName) -> Written:
    return Written(name.full().translate(words.TRADITIONAL), 2.5)


def _blanks(rng: Random, name: ChineseName) -> Written:
    full = name.full()
    position = 2 + int(rng.random() * (len(full) - 4))
    return Written(f"{full[:position]} {full[position:]}" if rng.random() < 0.6 else f" {full}　", 3)


def _noted(rng: Random, name: ChineseName) -> Written:
    return Written(name.full() + pick(rng, ("（新）", "(已停用)", "-老客户", "（张经理）", "*", "（月结）")), 2.5)


def _english(rng: Random, name: ChineseName) -> Written:
    text = name.english()
    way = rng.random()
    if way < 0.25:
        text = text.replace("Co., Ltd.", pick(rng, ("Co.,Ltd", "Co Ltd", "Company Limited", "LTD.")))
    return Written(text.upper() if way > 0.85 else text, 0, "latin")


def _pinyin(rng: Random, name: ChineseName) -> Written:
    return Written(
        f"{name.city.pinyin} {name.sound.capitalize()} {name.trade[2].split()[0]}{name.branch_latin}", 0, "latin"
    )


def _initials(rng: Random, name: ChineseName) -> Written:
    if name.grouped or name.branch:
        return _dropped(rng, name)
    return Written(f"{name.city.name[0]}{name.brand[0]}{name.trade[0][0]}", 0, "initials")


def _former(rng: Random, name: ChineseName) -> Written:
    return Written(name.former, 0, "former") if name.former else Written(name.full(), 3)


def _exact(rng: Random, name: ChineseName) -> Written:
    return Written(name.full(), 3 if name.style != "none" else 2.5)


_WRITE_CHINESE: dict[Care, tuple[tuple[float, Callable[[Random, ChineseName], Written]], ...]] = {
    "formal": (
        (0.86, _exact), (0.90, _half_brackets), (0.92, _typo), (0.94, _other_form), (0.96, _blanks),
        (0.97, _traditional), (0.98, _english), (0.99, _former), (1.0, _dropped),
    ),
    "careful": (
        (0.62, _exact), (0.70, _half_brackets), (0.75, _typo), (0.80, _other_form), (0.84, _blanks),
        (0.86, _traditional), (0.88, _english), (0.89, _former), (0.94, _dropped), (0.96, _moved_city),
        (0.98, _with_province), (0.99, _noted), (1.0, _short),
    ),
    "free": (
        (0.38, _exact), (0.44, _half_brackets), (0.52, _typo), (0.57, _other_form), (0.61, _blanks),
        (0.64, _traditional), (0.69, _english), (0.705, _pinyin), (0.715, _former), (0.81, _dropped),
        (0.84, _moved_city), (0.87, _with_province), (0.89, _noted), (0.98, _short), (0.99, _without_city),
        (1.0, _initials),
    ),
}  # fmt: skip


def _write_chinese(name: ChineseName, rng: Random, care: Care) -> Written:
    return chance(rng, _WRITE_CHINESE[care])(rng, name)


# foreign names as written


def _f_exact(rng: Random, name: ForeignName) -> Written:
    return Written(name.full(), 2.5, "latin")


def _f_upper(rng: Random, name: ForeignName) -> Written:
    full = name.full()
    return Written(full.upper() if rng.random() < 0.8 else full.lower(), 2.5, "latin")


def _f_dropped(rng: Random, name: ForeignName) -> Written:
    return Written(name.full(form=""), 2, "latin")


def _f_other_form(rng: Random, name: ForeignName) -> Written:
    return Written(name.full(form=pick(rng, words.FORM_SPELLINGS[name.form])), 2.5, "latin")


def _f_plain(rng: Random, name: ForeignName) -> Written:
    return Written(plain(rng, name.full()), 2.5, "latin")


def _f_abbreviated(rng: Random, name: ForeignName) -> Written:
    shorter = words.SHORTER_WORDS.get(name.trade)
    return Written(name.full(trade=shorter), 2 if shorter else 2.5, "latin")


def _f_order(rng: Random, name: ForeignName) -> Written:
    if len(name.brands) == 2 and rng.random() < 0.6:
        return Written(replace(name, brands=name.brands[::-1]).full(), 2, "latin")
    brands = " & ".join(brand[0] for brand in name.brands)
    return Written(f"{name.trade} {brands} {name.place}".strip() + f", {name.form}{name.branch}", 2, "latin")


def _f_typo(rng: Random, name: ForeignName) -> Written:
    parts = name.full().split(" ")
    position = max(range(min(2, len(parts))), key=lambda place: len(parts[place]))
    parts[position] = slip(rng, parts[position])
    return Written(" ".join(parts), 2, "latin")


def _f_short(rng: Random, name: ForeignName) -> Written:
    if name.grouped or name.branch:
        return _f_dropped(rng, name)
    brand = " & ".join(brand[0] for brand in name.brands)
    return Written(brand if rng.random() < 0.5 else f"{name.brands[0][0]} {name.trade}", 1, "latin")


def _f_initials(rng: Random, name: ForeignName) -> Written:
    parts = [part for part in name.full(form="").split() if part[0].isalpha()]
    if name.grouped or name.branch or len(parts) < 3:
        return _f_dropped(rng, name)
    letters = "".join(part[0] for part in parts).upper()
    return Written(f"{letters} {name.form}" if rng.random() < 0.5 else letters, 0, "initials")


def _f_joined(rng: Random, name: ForeignName) -> Written:
    full = name.full()
    if " & " in full:
        return Written(full.replace(" & ", pick(rng, (" and ", " und ", " + ", "&"))), 2.5, "latin")
    return Written(full.replace(f" {name.form}", f", {name.form}"), 2.5, "latin")


def _f_chinese(rng: Random, name: ForeignName) -> Written:
    trade = words.TRADE_IN_CHINESE.get(name.trade)
    if trade is None or len(name.brands[0]) < 2 or name.grouped:
        return _f_exact(rng, name)
    return Written(f"{COUNTRIES[name.country][1][3]}{name.brands[0][1]}{trade}公司", 0, "han")


_WRITE_FOREIGN: dict[Care, tuple[tuple[float, Callable[[Random, ForeignName], Written]], ...]] = {
    "formal": (
        (0.80, _f_exact), (0.86, _f_upper), (0.92, _f_other_form), (0.95, _f_plain), (0.97, _f_joined),
        (0.985, _f_typo), (1.0, _f_dropped),
    ),
    "careful": (
        (0.60, _f_exact), (0.66, _f_upper), (0.74, _f_other_form), (0.80, _f_plain), (0.84, _f_joined), (0.88, _f_typo),
        (0.95, _f_dropped), (0.97, _f_abbreviated), (0.98, _f_order), (0.99, _f_short), (1.0, _f_chinese),
    ),
    "free": (
        (0.38, _f_exact), (0.45, _f_upper), (0.54, _f_other_form), (0.60, _f_plain), (0.65, _f_joined), (0.72, _f_typo),
        (0.84, _f_dropped), (0.89, _f_abbreviated), (0.915, _f_order), (0.975, _f_short), (0.99, _f_initials),
        (1.0, _f_chinese),
    ),
}  # fmt: skip


def _write_foreign(name: ForeignName, rng: Random, care: Care) -> Written:
    return chance(rng, _WRITE_FOREIGN[care])(rng, name)


# the firms


class Firms:
    """Makes families of firms; remembers what is taken, since no two firms carry one registered name or domain."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._names: set[str] = set()
        self._domains: dict[str, int] = {}
        self._codes = 0
        self._agents: dict[int, tuple[Place, Phone, str, str]] = {}
        self._last: tuple[str, str, tuple[str, ...]] | None = None

    # parts that must be unique

    def _domain(self, stem: str, endings: Sequence[str], rng: Random) -> str:
        return f"{names.unique(stem, self._domains)}.{pick(rng, endings)}"

    def credit_code(self, area: str) -> str:
        """The next 统一社会信用代码 of that area, with right check characters; no two are alike."""
        self._codes += 1
        rest, signs = self._codes * 386_117_413 % 31**6, ""
        for _ in range(6):
            rest, digit = divmod(rest, 31)
            signs += _CODE[digit]
        organisation = f"MA{signs}"
        body = f"91{area}{organisation}{names.organisation_check_character(organisation)}"
        return body + names.uniform_check_character(body)

    def _chinese_name(self, rng: Random) -> ChineseName:
        """A name nobody has; one in sixty takes brand and trade of an earlier firm, in another city."""
        while True:
            city, trade = chinese_city(rng), common(rng, _TRADES)
            brand, sound = self._brand(rng)
            if self._last is not None and rng.random() < 1 / 60:
                brand, sound, trade = self._last
            style = chance(rng, ((0.66, "front"), (0.82, "bracket"), (0.88, "middle"), (1.0, "none")))
            # firms without a city in the name are unique in the whole country
            mark = f"{'' if style == 'none' else city.name}{brand}{trade[0]}"
            if mark not in self._names:
                break
        self._names.add(mark)
        self._last = (brand, sound, trade)
        former = f"{city.name}{self._brand(rng)[0]}{trade[0]}有限公司" if rng.random() < 0.06 else ""
        return ChineseName(city, style, brand, sound, trade, pick(rng, words.CHINESE_FORMS), _alias(rng), former)

    def _brand(self, rng: Random) -> tuple[str, str]:
        parts = [common(rng, _BRANDS) for _ in range(2 if rng.random() < 0.86 else 3)]
        return "".join(part[0] for part in parts), "".join(part[1] for part in parts)

    def _agent(self, number: int) -> tuple[Place, Phone, str, str]:
        """The registration agent of these families: the address, phone, tax id and mail domain its clients give."""
        group = number // _FAMILIES_PER_AGENT
        if group not in self._agents:
            rng = Random(f"{self._seed}:agent:{group}")  # noqa: S311 - a made-up register, nothing to guess
            city = chinese_city(rng)
            phone = Phone("86", city.dialling, landline(rng, "CN", city.dialling), 0)
            self._agents[group] = (
                chinese_place(rng, city),
                phone,
                self.credit_code(city.area),
                self._domain("caishui", ("cn",), rng),
            )
        return self._agents[group]

    # families

    def chinese(self, rng: Random, number: int) -> list[Party]:
        """A Chinese family: 92 % one firm, 4 % a firm with branches, 4 % a group."""
        name, kind = self._chinese_name(rng), rng.random()
        if kind > 0.96:
            return self._group(rng, name)
        head = self._chinese_firm(rng, name)
        if kind > 0.92:
            return [head, *self._branches(rng, name, head)]
        self._put_with_agent(rng, number, head)
        return [head]

    def _chinese_firm(self, rng: Random, name: ChineseName, domain: str | None = None, worth: float = 2.0) -> Party:
        draw = rng.random
        places = self._chinese_places(rng, name.city)
        tax_id = self.credit_code(name.city.area)
        stem = name.alias.lower() if name.alias and draw() < 0.7 else name.sound + name.trade[3]
        if domain is None and draw() < 0.82:
            domain = self._domain(stem, ("com", "cn", "com.cn", "net"), rng)
        boxes = () if domain else (f"{stem}{int(draw() * 9999)}@{pick(rng, words.FREE_MAIL_CN)}",)
        registry = tax_id if draw() < 0.3 else f"{name.city.area}0{int(draw() * 10**8):08d}"
        others = tuple(text for text in (name.short(), name.english(), name.former) if text)
        return Party(
            "", None, False, partial(_write_chinese, name), places, _chinese_phones(rng, places), domain, worth, boxes,
            tax_id, 3.0, registry, others,
        )  # fmt: skip

    def _chinese_places(self, rng: Random, city: City) -> tuple[Place, ...]:
        present = chinese_place(rng, city)
        return (present, chinese_place(rng, city)) if rng.random() < 0.10 else (present,)

    def _put_with_agent(self, rng: Random, number: int, firm: Party) -> None:
        """One firm in forty gives its agent's phone (and some its address, mail or even tax id) to everybody."""
        if rng.random() >= 1 / 40:
            return
        place, phone, tax_id, domain = self._agent(number)
        firm.phones = (phone,)
        if rng.random() < 0.5:
            firm.places, firm.place_worth = (place,), 0.0
        if rng.random() < 0.2:
            firm.domain, firm.domain_worth = domain, 0.0
        if rng.random() < 0.05:
            firm.tax_id, firm.tax_worth, firm.registry_id = tax_id, 0.0, None

    def _branches(self, rng: Random, name: ChineseName, head: Party) -> Iterator[Party]:
        """One to four branches in other cities; each its own tax id, address and phone, the head office's domain."""
        cities = rng.sample(CITIES, pick(rng, (1, 1, 2, 2, 3, 4)))
        for city in cities:
            if city != name.city:
                yield self._branch(rng, name, head, city)
        head.domain_worth = 0.0

    def _branch(self, rng: Random, name: ChineseName, head: Party, city: City) -> Party:
        marked = replace(
            name,
            branch=pick(
                rng, (f"{city.name}分公司", f"（{city.name}）分公司", f"{city.name}分公司", f"{city.name}办事处")
            ),
            branch_latin=f" {city.pinyin} Branch",
        )
        branch = self._chinese_firm(rng, replace(marked, former=""), head.domain, 0.0)
        branch.places = self._chinese_places(rng, city)
        branch.phones = _chinese_phones(rng, branch.places)
        branch.parent = "head"
        if rng.random() < 0.05:  # booked under the head office's tax id
            branch.tax_id, branch.tax_worth, branch.registry_id = head.tax_id, 0.0, None
        return branch

    def _group(self, rng: Random, name: ChineseName) -> list[Party]:
        """A holding and two or three companies of one brand and domain, each of another trade or in another city."""
        domain = self._domain(name.sound + "jt", ("com", "cn", "com.cn"), rng)
        holding = replace(name, trade=_GROUP, style="front", form="有限公司", grouped=True, former="")
        family = [self._chinese_firm(rng, holding, domain, 0.0)]
        trades = rng.sample(_TRADES, 3)
        for position in range(pick(rng, (2, 2, 3))):
            city = chinese_city(rng) if rng.random() < 0.5 else name.city
            trade = name.trade if city != name.city and rng.random() < 0.4 else trades[position]
            mark = f"{city.name}{name.brand}{trade[0]}"
            if mark not in self._names:
                self._names.add(mark)
                firm = replace(name, city=city, style="front", trade=trade, grouped=True, former="")
                family.append(self._chinese_firm(rng, firm, domain, 0.0))
                family[-1].parent = "head"
        return family

    def bank(self, rng: Random, name: str) -> Party:
        """The head office of a big bank."""
        return self._bank_office(rng, name, chinese_place(rng, chinese_city(rng)), "")

    def bank_office(self, rng: Random, name: str) -> Party:
        """A 支行 of a big bank: city and road are part of its name; no two of one bank are called alike."""
        while True:
            place = chinese_place(rng, chinese_city(rng))
            marker = f"{place.city.removesuffix('市')}{place.road.rstrip('路道街')}支行"
            mark = name + marker
            if mark not in self._names:
                break
            marker = f"{place.city.removesuffix('市')}{place.district}{place.road.rstrip('路道街')}第{place.number}支行"
            if name + marker not in self._names:
                mark = name + marker
                break
        self._names.add(mark)
        return self._bank_office(rng, name, place, marker)

    def _bank_office(self, rng: Random, name: str, place: Place, marker: str) -> Party:
        area = next(city.area for city in CITIES if f"{city.name}市" == place.city)
        phones = (Phone("86", place.dialling, landline(rng, "CN", place.dialling)),)
        return Party(
            "", None, False, partial(_write_bank, name, marker), (place,), phones, None, 0.0, (), self.credit_code(area)
        )

    def foreign(self, rng: Random) -> list[Party]:
        """A foreign family: 93 % one firm, 3 % a firm with a branch, 4 % a group with companies in other countries."""
        name, kind = self._foreign_name(rng), rng.random()
        domain = None if rng.random() < 0.12 else self._foreign_domain(rng, name)
        if kind > 0.96:
            return list(self._foreign_group(rng, name, domain))
        head = self._foreign_firm(rng, name, domain, 2.0)
        if kind > 0.93:
            head.domain_worth = 0.0
            return [head, self._foreign_branch(rng, name, domain)]
        return [head]

    def _foreign_name(self, rng: Random) -> ForeignName:
        """A name; firms of one name may exist in different places, but not in one country with one legal form twice."""
        while True:
            country = pick(rng, _FOREIGN_COUNTRIES)
            brands = tuple(rng.sample(_FOREIGN_BRANDS, 2)) if rng.random() < 0.45 else (_foreign_brand(rng),)
            place = pick(rng, _PLACES) if rng.random() < 0.3 else ""
            form = pick(rng, words.FOREIGN_FORMS[country])
            name = ForeignName(brands, common(rng, _FOREIGN_TRADES), place, form, country)
            mark = f"{name.full(form='')}|{country}"
            if mark not in self._names:
                self._names.add(mark)
                return name

    def _foreign_domain(self, rng: Random, name: ForeignName) -> str:
        brands = "-".join(_mail_word(brand[0]) for brand in name.brands)
        stem = f"{brands}-{_mail_word(name.trade)}" if rng.random() < 0.7 else brands
        endings = {"GB": ("co.uk", "com"), "US": ("com", "com", "us"), "JP": ("co.jp", "jp")}
        return self._domain(stem, endings.get(name.country, (name.country.lower(), "com", "eu")), rng)

    def _foreign_firm(self, rng: Random, name: ForeignName, domain: str | None, worth: float) -> Party:
        draw = rng.random
        here = foreign_place(rng, name.country)
        places = (here, foreign_place(rng, name.country)) if draw() < 0.10 else (here,)
        phones = tuple(_foreign_phone(rng, place) for place in places)
        boxes = () if domain else (f"{_mail_word(name.brands[0][0])}{int(draw() * 9999)}@{pick(rng, words.FREE_MAIL)}",)
        others = tuple(brand[1] for brand in name.brands[:1] if len(brand) > 1)
        return Party(
            "", None, False, partial(_write_foreign, name), places, phones, domain, worth, boxes,
            _foreign_tax_id(rng, name.country), 3.0, _foreign_registry_id(rng, name.country, here), others, latin=True,
        )  # fmt: skip

    def _foreign_branch(self, rng: Random, name: ForeignName, domain: str | None) -> Party:
        """A branch in another city of the country: name with its place, the head office's domain."""
        branch = self._foreign_firm(rng, name, domain, 0.0)
        marked = replace(name, branch=f", {branch.places[0].city} {pick(rng, ('Branch', 'Branch Office'))}")
        branch.write, branch.parent = partial(_write_foreign, marked), "head"
        branch.places, branch.phones = branch.places[:1], branch.phones[:1]
        return branch

    def _foreign_group(self, rng: Random, name: ForeignName, domain: str | None) -> Iterator[Party]:
        yield self._foreign_firm(rng, replace(name, grouped=True), domain, 0.0)
        trades = rng.sample(_FOREIGN_TRADES, 3)
        for position in range(pick(rng, (1, 2, 2, 3))):
            abroad = rng.random() < 0.5
            country = pick(rng, _FOREIGN_COUNTRIES) if abroad else name.country
            trade = name.trade if country != name.country else trades[position]
            other = replace(
                name, country=country, trade=trade, form=pick(rng, words.FOREIGN_FORMS[country]), grouped=True
            )
            mark = f"{other.full(form='')}|{country}"
            if mark not in self._names:
                self._names.add(mark)
                firm = self._foreign_firm(rng, other, domain, 0.0)
                firm.parent = "head"
                yield firm


def _write_bank(bank: str, marker: str, rng: Random, care: Care) -> Written:
    way = rng.random()
    if way < 0.6:
        return Written(f"{bank}股份有限公司{marker}", 3)
    if way < 0.95 or care == "formal":
        return Written(f"{bank}{marker}", 3)
    return Written(f"{bank}{marker}".translate(words.TRADITIONAL).translate(WIDE), 2.5)


def _foreign_brand(rng: Random) -> tuple[str, ...]:
    """A name of old or, for two firms in three, an invented word."""
    if rng.random() < 0.33:
        return pick(rng, _FOREIGN_BRANDS)
    return (pick(rng, _BEGINNINGS) + pick(rng, _MIDDLES) + pick(rng, _ENDINGS),)


def _alias(rng: Random) -> str:
    """An invented Latin brand such as exporters use, for one firm in eight."""
    if rng.random() >= 0.125:
        return ""
    return pick(rng, ("Van", "Hen", "Sun", "Win", "Tec", "Lon", "Kin", "Ro", "Ver", "Zen")) + pick(
        rng, ("tone", "tek", "way", "power", "star", "max", "land", "core", "don", "vic")
    )


def _mail_word(word: str) -> str:
    return names.plain_latin(word.lower()).translate(words.PLAIN_LETTERS).replace(" ", "").replace("&", "")


def _chinese_phones(rng: Random, places: tuple[Place, ...]) -> tuple[Phone, ...]:
    """A landline for each place, and the contact's mobile for two firms in three."""
    lines = tuple(Phone("86", place.dialling, landline(rng, "CN", place.dialling)) for place in places)
    return (*lines, Phone("86", "", mobile(rng))) if rng.random() < 0.66 else lines


def _foreign_phone(rng: Random, place: Place) -> Phone:
    return Phone(COUNTRIES[place.country][0], place.dialling, landline(rng, place.country, place.dialling))


def _foreign_tax_id(rng: Random, country: str) -> str:
    if country in ("DE", "US", "GB"):
        return names.foreign_tax_id(rng, country)
    size = {"FR": 11, "IT": 11, "ES": 8, "NL": 9, "SE": 12, "JP": 13}[country]
    digits = f"{int(rng.random() * 10**size):0{size}d}"
    return {"ES": f"ESB{digits}", "NL": f"NL{digits}B01", "JP": digits}.get(country, f"{country}{digits}")


def _foreign_registry_id(rng: Random, country: str, place: Place) -> str:
    number = int(rng.random() * 10**8)
    return f"HRB {number % 10**6} {place.city}" if country == "DE" else f"{number:08d}"
