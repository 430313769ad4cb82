"""Names and registration numbers that look like real ones: people, firms, tax ids with right check digits.

Everything is made up from lists; a firm that exists under one of these names is a coincidence. The caller brings the
random generator, so that the same seed gives the same names.
"""

from collections.abc import Sequence
from functools import cache
from random import Random

SURNAMES = (
    "王 wang,李 li,张 zhang,刘 liu,陈 chen,杨 yang,赵 zhao,黄 huang,周 zhou,吴 wu,徐 xu,孙 sun,胡 hu,朱 zhu,高 gao,"
    "林 lin,何 he,郭 guo,马 ma,罗 luo,梁 liang,宋 song,郑 zheng,谢 xie,韩 han,唐 tang,冯 feng,于 yu,董 dong,萧 xiao,"
    "程 cheng,曹 cao,袁 yuan,邓 deng,许 xu,傅 fu,沈 shen,曾 zeng,彭 peng,吕 lv,欧阳 ouyang,司马 sima"
)
GIVEN = (
    "伟 wei,芳 fang,娜 na,敏 min,静 jing,丽 li,强 qiang,磊 lei,军 jun,洋 yang,勇 yong,艳 yan,杰 jie,娟 juan,涛 tao,"
    "明 ming,超 chao,秀 xiu,霞 xia,平 ping,刚 gang,桂 gui,英 ying,华 hua,玉 yu,萍 ping,红 hong,志 zhi,建 jian,文 wen,"
    "斌 bin,宇 yu,浩 hao,凯 kai,欣 xin,雪 xue,晨 chen,思 si,雨 yu,佳 jia,嘉 jia,梓 zi,涵 han,一 yi,诺 nuo"
)
BRANDS = (
    "恒 heng,通 tong,华 hua,瑞 rui,鑫 xin,达 da,宏 hong,远 yuan,金 jin,盛 sheng,天 tian,源 yuan,东 dong,方 fang,"
    "中 zhong,科 ke,新 xin,力 li,博 bo,创 chuang,智 zhi,联 lian,安 an,信 xin,泰 tai,和 he,永 yong,兴 xing,"
    "海 hai,润 run,"
    "正 zheng,阳 yang,龙 long,腾 teng,佳 jia,美 mei,凯 kai,德 de,隆 long,晟 sheng"
)
CITIES = (
    "上海 310000 上海市,北京 110000 北京市,深圳 440300 广东省,广州 440100 广东省,杭州 330100 浙江省,宁波 330200 浙江省,"
    "苏州 320500 江苏省,南京 320100 江苏省,无锡 320200 江苏省,成都 510100 四川省,重庆 500000 重庆市,武汉 420100 湖北省,"
    "西安 610100 陕西省,青岛 370200 山东省,济南 370100 山东省,大连 210200 辽宁省,沈阳 210100 辽宁省,厦门 350200 福建省,"
    "福州 350100 福建省,合肥 340100 安徽省,长沙 430100 湖南省,郑州 410100 河南省,天津 120000 天津市,佛山 440600 广东省"
)
TRADES = (
    "精密机械 jm,自动化设备 zdh,电子科技 dz,新能源 xny,汽车零部件 qc,智能装备 zn,医疗器械 yl,食品机械 sp,"
    "包装材料 bz,物流设备 wl,半导体 bdt,机器人 jqr,化工 hg,纺织 fz,环保工程 hb,仪器仪表 yb"
)
CHINESE_FORMS = ("有限公司", "有限公司", "有限公司", "股份有限公司", "有限责任公司")
FOREIGN_BRANDS = (
    "Müller,Schäfer,Keller,Brandt,Vogel,Hartmann,Lindner,Krüger,Falk,Reuter,Bergmann,Weber,Summit,Redwood,Lakeside,Granite,"
    "Harbor,Pioneer,Northfield,Ironbridge,Ashford,Whitmore,Kingsley,Bradwell,Caldwell,Thornton,Orion,Vertex,Nova,Atlas"
)
FOREIGN_TRADES = "Antriebstechnik,Robotics,Automation,Precision,Dynamics,Systems,Motion,Packaging,Instruments,Controls"
FOREIGN_PLACES = "Nord,South,Midlands,Rhein,Alpine,Coastal,Central,Pacific,Europe"
FOREIGN_FORMS = {"DE": ("GmbH", "AG", "GmbH & Co. KG"), "US": ("Inc.", "LLC", "Corp."), "GB": ("Ltd", "Limited", "PLC")}
FOREIGN_CITIES = {
    "DE": ("München", "Stuttgart", "Hamburg"),
    "US": ("Chicago", "Austin", "Detroit"),
    "GB": ("Leeds", "Bristol", "Derby"),
}
FREE_MAIL = (
    "163.com",
    "126.com",
    "qq.com",
    "gmail.com",
    "outlook.com",
    "hotmail.com",
    "sina.com",
    "foxmail.com",
    "yahoo.com",
)

_UNIFORM_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_UNIFORM_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


@cache
def pairs(listing: str) -> tuple[list[str], ...]:
    """The entries of one of the lists above, each split into its fields."""
    return tuple(entry.split() for entry in listing.split(","))


def uniform_check_character(first_seventeen: str) -> str:
    """Check character of a 统一社会信用代码 (GB 32100-2015): modulus 31 over the first 17 characters."""
    total = sum(
        _UNIFORM_CODE.index(character) * weight
        for character, weight in zip(first_seventeen, _UNIFORM_WEIGHTS, strict=True)
    )
    return _UNIFORM_CODE[-total % 31]


def organisation_check_character(first_eight: str) -> str:
    """Check character of an organisation code (GB 11714): modulus 11, X for ten."""
    total = sum(
        int(character, 36) * weight for character, weight in zip(first_eight, _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X0"[11 - total % 11]


def uniform_credit_code(rng: Random, area: str) -> str:
    """A 统一社会信用代码 of an enterprise in `area` (six digits): 91, area, organisation code, check character."""
    organisation = f"MA{rng.randrange(10**6):06d}"
    body = f"91{area}{organisation}{organisation_check_character(organisation)}"
    if not set(body) <= set(_UNIFORM_CODE):
        raise ValueError(f"{body} holds a character that GB 32100 does not allow")
    return body + uniform_check_character(body)


def german_vat(rng: Random) -> str:
    """A German VAT id: DE, eight digits, check digit (ISO 7064 mod 11,10)."""
    digits = f"{rng.randrange(10**7, 10**8)}"
    product = 10
    for digit in digits:
        product = (((product + int(digit)) % 10 or 10) * 2) % 11
    return f"DE{digits}{(11 - product) % 10}"


def foreign_tax_id(rng: Random, country: str) -> str:
    """A registration number as firms of that country write it."""
    if country == "DE":
        return german_vat(rng)
    if country == "US":
        return f"{rng.randrange(10, 99)}-{rng.randrange(10**6, 10**7)}"
    return f"GB{rng.randrange(10**8, 10**9)}"


def unique(word: str, taken: dict[str, int], joiner: str = "") -> str:
    """`word`, with a running number from its second use on."""
    taken[word] = taken.get(word, 0) + 1
    return word if taken[word] == 1 else f"{word}{joiner}{taken[word]}"


def person(rng: Random) -> tuple[str, str]:
    """A Chinese name and its pinyin as used in a mail address (`wei.zhang`)."""
    surname, surname_pinyin = rng.choice(pairs(SURNAMES))
    given = [rng.choice(pairs(GIVEN)) for _ in range(rng.choice((1, 2, 2)))]
    return surname + "".join(sign for sign, _ in given), "".join(sound for _, sound in given) + "." + surname_pinyin


def pick(rng: Random, words: str) -> str:
    """One entry of a comma-separated list."""
    return rng.choice(words.split(","))


def chinese_firm(rng: Random) -> tuple[str, str, str, str, str]:
    """City, area code, province, name without legal form, and mail domain stem of a firm."""
    city, area, province = rng.choice(pairs(CITIES))
    (first, first_sound), (second, second_sound) = rng.sample(pairs(BRANDS), 2)
    trade, short = rng.choice(pairs(TRADES))
    return city, area, province, f"{city}{first}{second}{trade}", f"{first_sound}{second_sound}{short}"


def foreign_firm(rng: Random) -> tuple[str, str]:
    """Name without legal form and mail domain stem of a firm abroad."""
    brands, trade = rng.sample(FOREIGN_BRANDS.split(","), rng.choice((1, 2))), pick(rng, FOREIGN_TRADES)
    place = f" {pick(rng, FOREIGN_PLACES)}" if rng.random() < 0.3 else ""
    return f"{' & '.join(brands)} {trade}{place}", f"{'-'.join(plain_latin(brand) for brand in brands)}-{trade}".lower()


def plain_latin(word: str) -> str:
    """German letters as mail addresses write them."""
    for letter, plain in (("ü", "ue"), ("ä", "ae"), ("ö", "oe"), ("ß", "ss")):
        word = word.replace(letter, plain)
    return word


def respelled(rng: Random, stem: str, form: str) -> str:
    """The same firm as another clerk writes it: equal after normalisation of signs and legal form."""
    return rng.choice(_spellings(stem, form))


def _spellings(stem: str, form: str) -> Sequence[str]:
    if stem.isascii() or " " in stem:
        bare = form.replace(".", "").replace("&", "")
        return (stem, f"{stem.upper()} {form.upper()}", f"{stem}, {bare}", f"{stem}  {form}")
    city, rest = stem[:2], stem[2:]
    return (stem, f"{city}({rest}){form}", f"{city}（{rest}）{form}", f"{stem}公司", f" {city} {rest}{form}")
