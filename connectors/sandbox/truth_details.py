"""What ERP and CRM hold of the benchmark company's customers besides name and tax id.

Every customer gets phone, postal code, web site and, abroad, a company number. By its place among twenty it may be a
private person, a branch, a company of another one's group, written with a typing error, moved, or reached through an
agent's phone. Whatever two records of one customer differ in, other evidence leaves no doubt: the benchmark company has
an exact truth. Doubtful cases are in the customer register (`connectors.sandbox.customers`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from connectors.sandbox import names
from connectors.sandbox.company import Party
from connectors.sandbox.register import places, words

PERSON, BRANCH, GROUP_COMPANY, TYPING_ERROR, MOVED, AGENTS_PHONE = (15,), (19,), (3,), (8, 14), (12,), (0,)
"""Places among twenty; the relatives of a branch and a group company stand two places before them."""
LOOK_ALIKE = {
    "恒": "衡",
    "通": "同",
    "瑞": "锐",
    "鑫": "欣",
    "宏": "弘",
    "远": "元",
    "盛": "晟",
    "源": "原",
    "新": "欣",
}
FAMILY_NAMES = [name.replace("_", " ") for name in words.FAMILY_NAMES.split(",")]
FIRST_NAMES = (*words.fields(words.MEN)[:25], *words.fields(words.WOMEN)[:22])
CODES = {f"{city.name}市": (city.dialling, city.postal) for city in places.CITIES}
CODES |= {city: (f"+{places.COUNTRIES[country][0]} {area}", postal) for country, city, _, area, postal in places.ABROAD}
"""City -> dialling code and the first signs of postal codes."""
AGENT = "021-62885000"


def described(rng: Random, parties: Sequence[Party]) -> tuple[Party, ...]:
    """The parties with all details, in the same order under the same keys; the last four traps stay as they are."""
    made = _Details(rng, parties)
    return tuple(
        made.described(rank, party) if rank < len(parties) - 4 else party for rank, party in enumerate(parties)
    )


class _Details:
    """Details by rank; a branch or group company needs its relative, which comes before it."""

    def __init__(self, rng: Random, parties: Sequence[Party]) -> None:
        self.rng = rng
        self.made: list[Party] = []
        self.names = {party.erp_name for party in parties}
        self.credit_codes = {party.tax_id for party in parties} | {party.crm_tax_id for party in parties}

    def described(self, rank: int, party: Party) -> Party:
        party = self._kind(rank, party)
        if party.party_type == "organisation":
            party = self._as_firm(rank, party)
        self.made.append(party)
        return party

    def _kind(self, rank: int, party: Party) -> Party:
        place = rank % 20
        if place in PERSON:
            return self._person(party, chinese=rank % 40 < 20)
        if place in BRANCH:
            return self._branch(party, self.made[rank - 2])
        if place in GROUP_COMPANY:
            return self._group_company(party, self.made[rank - 2])
        if place in TYPING_ERROR:
            return replace(party, crm_name=self._mistyped(party.erp_name or ""))
        return party

    def _as_firm(self, rank: int, party: Party) -> Party:
        """Phone, postal code, web site, company number; then what its place among twenty changes in them."""
        domain = (party.email or party.crm_email or "").partition("@")[2].lower()
        party = replace(party, phone=self._phone(party), postal_code=self._postal_code(party))
        party = replace(party, website=f"www.{domain}", crm_phone=self._respelled(party.phone or ""))
        if party.country != "CN" and party.tax_id and party.crm_tax_id:
            party = replace(party, registry_id=f"{self.rng.randrange(10**7, 10**8)}")
        if party.country == "CN" and rank % 4 == 0 and party.erp_name:
            party = replace(party, other_names=f"{party.erp_name[2:6]}")
        if rank % 20 in MOVED:
            moved = f"创业路{self.rng.randrange(1, 999)}号"
            party = replace(party, crm_street=moved, crm_postal_code=self._postal_code(party))
        return replace(party, phone=AGENT, crm_phone=None) if rank % 20 in AGENTS_PHONE else party

    def _phone(self, party: Party) -> str:
        dialling, number = CODES[party.city or ""][0], f"{self.rng.randrange(2 * 10**7, 9 * 10**7)}"
        return f"{dialling}-{number}" if party.country == "CN" else f"{dialling} {number[:7]}"

    def _respelled(self, phone: str) -> str:
        """The same number as the CRM's clerks write it."""
        if phone.startswith("+"):
            return phone.replace("+", "00", 1)
        area, _, number = phone.partition("-")
        return self.rng.choice((phone, f"+86 {area[1:]} {number[:4]} {number[4:]}", f"({area}){number}"))

    def _postal_code(self, party: Party) -> str:
        start = CODES[party.city or ""][1]
        if party.country == "GB":
            return f"{start} {self.rng.randrange(1, 9)}AB"
        size = (6 if party.country == "CN" else 5) - len(start)
        return f"{start}{self.rng.randrange(10**size):0{size}d}"

    def _person(self, party: Party, *, chinese: bool) -> Party:
        """A private person both systems know: one phone and mail address, the birth date in the CRM."""
        family, given, mail = self._chinese_person() if chinese else self._foreign_person()
        name = f"{family}{given}" if chinese else f"{given} {family}"
        address = f"{mail}{self.rng.randrange(10, 10_000)}@{self.rng.choice(names.FREE_MAIL[:4])}"
        born = date(1950, 1, 1) + timedelta(days=self.rng.randrange(18_000))
        party = replace(
            party, party_type="person", erp_name=name, crm_name=name, tax_id=None, crm_tax_id=None, email=address,
            crm_email=address, industry=None, given_name=given, family_name=family, birth_date=born,
        )  # fmt: skip
        return self._at_home(party, "CN" if chinese else self.rng.choice(("DE", "GB", "US")))

    def _at_home(self, party: Party, country: str) -> Party:
        """Moved into a home of that country; a landline abroad, a mobile in China."""
        rng = self.rng
        if country == "CN":
            home = places.chinese_place(rng, places.chinese_city(rng), home=True)
            phone, street = f"138{rng.randrange(10**8):08d}", f"{home.road}{home.number}号{home.unit}"
        else:
            home = places.foreign_place(rng, country, home=True)
            phone = f"{CODES[home.city][0]} {rng.randrange(2_000_000, 9_000_000)}"
            street = f"{home.road} {home.number}" if country == "DE" else f"{home.number} {home.road}"
        return replace(
            party,
            country=country,
            province=home.province,
            city=home.city,
            postal_code=home.postal,
            street=street,
            phone=phone,
        )

    def _chinese_person(self) -> tuple[str, str, str]:
        family, sound = self.rng.choice(names.pairs(names.SURNAMES))
        given = [self.rng.choice(names.pairs(names.GIVEN)) for _ in range(2)]
        return family, "".join(sign for sign, _ in given), sound + "".join(sound for _, sound in given)

    def _foreign_person(self) -> tuple[str, str, str]:
        given, family = self.rng.choice(FIRST_NAMES)[0], self.rng.choice(FAMILY_NAMES)
        mail = names.plain_latin(f"{given}.{family}".lower()).translate(words.PLAIN_LETTERS)
        return family, given, mail.replace(" ", "")

    def _branch(self, party: Party, head: Party) -> Party:
        """A branch in another city: its own tax id, phone and address, the head office's name and mail domain."""
        city, area, province = self.rng.choice([one for one in names.pairs(names.CITIES) if f"{one[0]}市" != head.city])
        tax_id = self._credit_code(area)
        domain = (head.email or "").partition("@")[2]
        return replace(
            party, parent_key=head.key, erp_name=f"{head.erp_name}{city}分公司", tax_id=tax_id, crm_tax_id=tax_id,
            crm_name=f"{head.erp_name}（{city}）分公司", email=f"branch@{domain}", crm_email=f"info@{domain}",
            country="CN", province=province, city=f"{city}市",
        )  # fmt: skip

    def _group_company(self, party: Party, parent: Party) -> Party:
        """A company of the parent's group: same brand, city and mail domain, another trade and tax id."""
        stem, form = (parent.erp_name or "")[:4], "有限公司"
        trades = [trade for trade, _ in names.pairs(names.TRADES)]
        name = next(
            f"{stem}{trade}{form}"
            for trade in self.rng.sample(trades, len(trades))
            if not {f"{stem}{trade}{one}" for one in names.CHINESE_FORMS} & self.names
        )
        self.names.add(name)
        area = next(code for city, code, _ in names.pairs(names.CITIES) if f"{city}市" == parent.city)
        tax_id = self._credit_code(area)
        domain = (parent.email or "").partition("@")[2]
        return replace(
            party, parent_key=parent.key, erp_name=name, crm_name=name.removesuffix(form), tax_id=tax_id,
            crm_tax_id=tax_id, email=f"finance@{domain}", crm_email=f"sales@{domain}", province=parent.province,
            city=parent.city,
        )  # fmt: skip

    def _credit_code(self, area: str) -> str:
        code = next(
            code
            for code in iter(lambda: names.uniform_credit_code(self.rng, area), "")
            if code not in self.credit_codes
        )
        self.credit_codes.add(code)
        return code

    def _mistyped(self, name: str) -> str:
        """One sign that looks or sounds alike; where there is none, and abroad, two neighbouring signs swapped."""
        alike = next((sign for sign in name if sign in LOOK_ALIKE), "")
        if alike:
            return name.replace(alike, LOOK_ALIKE[alike], 1)
        place = next(place for place in range(1, len(name) - 1) if name[place].lower() != name[place + 1].lower())
        return f"{name[:place]}{name[place + 1]}{name[place]}{name[place + 2 :]}"
