"""The benchmark company's customers and products: who is the same customer, and how ERP and CRM each write it.

Of twenty customers twelve carry the same tax id in both systems; three do not (tax id in the ERP only, in the CRM only,
in neither) but share mail domain and name; three are known to the ERP alone, one of them without an account owner; two
to the CRM alone. Every fourth customer is foreign. At the end stand traps that must not be merged: two firms of one
name in different cities, and two companies of one group's domain. What else is known of them, and which of them are
persons, branches and group companies, is in `truth_details`.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from connectors.sandbox import names
from connectors.sandbox.company import Party, Product

INDUSTRIES = ("汽车", "电子", "食品饮料", "包装", "物流", "半导体", "医疗", "新能源")
COUNTRIES = ("DE", "US", "GB", "US")
CATEGORIES = (
    "伺服电机 Servo",
    "减速机 Gearbox",
    "控制器 Controller",
    "传感器 Sensor",
    "驱动器 Drive",
    "备件 Spare",
    "服务 Service",
)


def products(rng: Random, count: int) -> tuple[Product, ...]:
    """Products with CNY list prices between 80 and 60,000."""
    return tuple(_product(rng, rank) for rank in range(1, count + 1))


def _product(rng: Random, rank: int) -> Product:
    category = CATEGORIES[rank % len(CATEGORIES)].split()
    price = Decimal(rng.randrange(8_000, 6_000_000)) / 100
    return Product(f"P{rank:04d}", f"{category[0]} {category[1][:2].upper()}-{rank:03d}", category[0], price)


def parties(rng: Random, count: int, owners: list[str], first_day: date, last_day: date) -> tuple[Party, ...]:
    """`count` customers, then the four traps."""
    made = _Registry(rng)
    found = [_party(made, rank, rng.choice(owners), _created(rng, first_day, last_day)) for rank in range(count)]
    return (*found, *_traps(count, owners, first_day))


def _created(rng: Random, first_day: date, last_day: date) -> date:
    """Half of the customers are older than the data; the others come up to two months before its end."""
    if rng.random() < 0.5:
        return first_day - timedelta(days=rng.randrange(30, 1800))
    return first_day + timedelta(days=rng.randrange((last_day - first_day).days - 60))


class _Registry:
    """Draws firms and tax ids until they are new, so that no two customers coincide by accident."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._taken: set[str] = set()
        self._domains: dict[str, int] = {}

    def domain(self, stem: str, ending: str) -> str:
        return f"{names.unique(stem, self._domains)}.{ending}"

    def new(self, draws: Iterator[str]) -> str:
        """The first drawn value nobody has."""
        value = next(value for value in draws if value not in self._taken)
        self._taken.add(value)
        return value


def _party(made: _Registry, rank: int, owner: str, created: date) -> Party:
    party = (
        _foreign(made, COUNTRIES[rank // 4 % len(COUNTRIES)], owner, created)
        if rank % 4 == 2
        else _chinese(made, owner, created)
    )
    party = replace(party, key=f"C{rank + 1:06d}", phone=f"{made.rng.randrange(10**10, 10**11)}")
    return _as_known(party, rank % 20)


def _chinese(made: _Registry, owner: str, created: date) -> Party:
    rng = made.rng
    drawn: dict[str, tuple[str, str, str, str, str]] = {}

    def stems() -> Iterator[str]:
        while True:
            firm = names.chinese_firm(rng)
            drawn[firm[3]] = firm
            yield firm[3]

    city, area, province, stem, sound = drawn[made.new(stems())]
    form = rng.choice(names.CHINESE_FORMS)
    tax_id = made.new(iter(lambda: names.uniform_credit_code(rng, area), ""))
    domain = made.domain(sound, rng.choice(("com", "com.cn", "cn")))
    street = f"{rng.choice(('人民路', '解放路', '科技园路', '中山路', '工业大道'))}{rng.randrange(1, 999)}号"
    return _both(rng, stem, form, tax_id, domain, "CN", (province, f"{city}市", street), owner, created)


def _foreign(made: _Registry, country: str, owner: str, created: date) -> Party:
    rng = made.rng
    drawn: dict[str, str] = {}

    def stems() -> Iterator[str]:
        while True:
            stem, sound = names.foreign_firm(rng)
            drawn[stem] = sound
            yield stem

    stem = made.new(stems())
    form = rng.choice(names.FOREIGN_FORMS[country])
    tax_id = made.new(iter(lambda: names.foreign_tax_id(rng, country), ""))
    domain = made.domain(drawn[stem], {"DE": "de", "US": "com", "GB": "co.uk"}[country])
    place = (None, rng.choice(names.FOREIGN_CITIES[country]), f"{rng.randrange(1, 200)} Industrial Park")
    return _both(rng, stem, form, tax_id, domain, country, place, owner, created)


def _both(
    rng: Random,
    stem: str,
    form: str,
    tax_id: str,
    domain: str,
    country: str,
    place: tuple[str | None, str, str],
    owner: str,
    created: date,
) -> Party:
    """A customer both systems know, each in its own spelling."""
    joiner = "" if country == "CN" else " "
    return Party(
        key="",
        erp_name=f"{stem}{joiner}{form}",
        crm_name=names.respelled(rng, stem, form),
        tax_id=tax_id,
        crm_tax_id=rng.choice((tax_id, tax_id.lower(), f" {tax_id[:2]} {tax_id[2:]} ")),
        email=f"finance@{domain}",
        crm_email=f"{rng.choice(('info', 'sales', 'purchasing', 'Info'))}@{domain}",
        phone=None,
        country=country,
        province=place[0],
        city=place[1],
        street=place[2],
        industry=rng.choice(INDUSTRIES),
        owner_number=owner,
        created=created,
    )


def _as_known(party: Party, kind: int) -> Party:
    """What each system knows of the customer, by its place among twenty."""
    if kind in (4, 11):
        return replace(party, tax_id=party.tax_id if kind == 4 else None, crm_tax_id=None)
    if kind in (5, 9, 16):
        owner = None if kind == 9 else party.owner_number
        return replace(party, crm_name=None, crm_tax_id=None, crm_email=None, owner_number=owner)
    if kind in (7, 18):
        return replace(party, erp_name=None, tax_id=None, email=None)
    if kind == 13:
        return replace(party, tax_id=None)
    return party


def _traps(count: int, owners: list[str], created: date) -> list[Party]:
    """Pairs that share something and are not the same customer."""
    blank = Party(
        "", None, None, None, None, None, None, None, "CN", "上海市", "上海市", None, "包装", owners[0], created
    )
    canton = {"province": "广东省", "city": "广州市"}
    rows = (
        {"erp_name": "顺达包装材料有限公司", "email": "shunda@163.com", "street": "人民路18号"}
        | {"tax_id": "91310000MA01000165", "phone": "021-58001234"},
        {"crm_name": "顺达包装材料有限公司", "crm_email": "sunshunda@163.com", "street": "天河路3号"}
        | {"crm_tax_id": "91440100MA0200025X", "phone": "020-38004321"}
        | canton,
        {"erp_name": "顺昌集团电机有限公司", "email": "dianji@shunchang-group.cn", "street": "人民路200号"}
        | {"tax_id": "91310000MA03000346", "phone": "021-58009876"},
        {"crm_name": "顺昌集团物流有限公司", "crm_email": "wuliu@shunchang-group.cn", "street": "港口路9号"}
        | {"crm_tax_id": "91310000MA0400043N", "phone": "021-58007777"},
    )
    return [replace(blank, key=f"C{count + rank + 1:06d}", **row) for rank, row in enumerate(rows)]  # type: ignore[arg-type]
