"""Where the parties of the customer register sit: cities with districts, streets, postal and dialling codes.

Codes are the real ones (GB/T 2260 area, dialling code, first postal digits); numbers in a street are made up.
"""

from dataclasses import dataclass
from random import Random

from connectors.sandbox.register.words import fields

# city, pinyin, area code, province, dialling code, first four postal digits, districts with pinyin
_CHINESE = """
上海 Shanghai 310000 上海市 021 2012 浦东新区 Pudong 闵行区 Minhang 嘉定区 Jiading 松江区 Songjiang 徐汇区 Xuhui
北京 Beijing 110000 北京市 010 1001 朝阳区 Chaoyang 海淀区 Haidian 丰台区 Fengtai 大兴区 Daxing 通州区 Tongzhou
深圳 Shenzhen 440300 广东省 0755 5180 南山区 Nanshan 宝安区 Bao'an 龙岗区 Longgang 福田区 Futian
广州 Guangzhou 440100 广东省 020 5106 天河区 Tianhe 番禺区 Panyu 白云区 Baiyun 黄埔区 Huangpu
杭州 Hangzhou 330100 浙江省 0571 3100 西湖区 Xihu 滨江区 Binjiang 余杭区 Yuhang 萧山区 Xiaoshan
宁波 Ningbo 330200 浙江省 0574 3150 鄞州区 Yinzhou 北仑区 Beilun 江北区 Jiangbei
苏州 Suzhou 320500 江苏省 0512 2150 吴中区 Wuzhong 相城区 Xiangcheng 虎丘区 Huqiu
南京 Nanjing 320100 江苏省 025 2100 江宁区 Jiangning 鼓楼区 Gulou 栖霞区 Qixia
无锡 Wuxi 320200 江苏省 0510 2140 滨湖区 Binhu 新吴区 Xinwu 惠山区 Huishan
成都 Chengdu 510100 四川省 028 6100 武侯区 Wuhou 双流区 Shuangliu 青羊区 Qingyang
重庆 Chongqing 500000 重庆市 023 4000 渝北区 Yubei 江北区 Jiangbei 沙坪坝区 Shapingba
武汉 Wuhan 420100 湖北省 027 4300 洪山区 Hongshan 江夏区 Jiangxia 东西湖区 Dongxihu
西安 Xi'an 610100 陕西省 029 7100 雁塔区 Yanta 未央区 Weiyang 长安区 Chang'an
青岛 Qingdao 370200 山东省 0532 2660 市南区 Shinan 城阳区 Chengyang 崂山区 Laoshan
济南 Jinan 370100 山东省 0531 2500 历下区 Lixia 历城区 Licheng 槐荫区 Huaiyin
大连 Dalian 210200 辽宁省 0411 1160 甘井子区 Ganjingzi 沙河口区 Shahekou 中山区 Zhongshan
沈阳 Shenyang 210100 辽宁省 024 1100 铁西区 Tiexi 浑南区 Hunnan 沈河区 Shenhe
厦门 Xiamen 350200 福建省 0592 3610 思明区 Siming 集美区 Jimei 湖里区 Huli
福州 Fuzhou 350100 福建省 0591 3500 鼓楼区 Gulou 仓山区 Cangshan 晋安区 Jin'an
合肥 Hefei 340100 安徽省 0551 2300 蜀山区 Shushan 包河区 Baohe 庐阳区 Luyang
长沙 Changsha 430100 湖南省 0731 4100 岳麓区 Yuelu 雨花区 Yuhua 开福区 Kaifu
郑州 Zhengzhou 410100 河南省 0371 4500 金水区 Jinshui 中原区 Zhongyuan 二七区 Erqi
天津 Tianjin 120000 天津市 022 3002 滨海新区 Binhai 西青区 Xiqing 南开区 Nankai
佛山 Foshan 440600 广东省 0757 5280 南海区 Nanhai 顺德区 Shunde 禅城区 Chancheng
东莞 Dongguan 441900 广东省 0769 5230 长安镇 Chang'an 虎门镇 Humen 厚街镇 Houjie
温州 Wenzhou 330300 浙江省 0577 3250 鹿城区 Lucheng 龙湾区 Longwan 瓯海区 Ouhai
常州 Changzhou 320400 江苏省 0519 2130 武进区 Wujin 新北区 Xinbei 天宁区 Tianning
昆明 Kunming 530100 云南省 0871 6500 五华区 Wuhua 盘龙区 Panlong 官渡区 Guandu
石家庄 Shijiazhuang 130100 河北省 0311 0500 长安区 Chang'an 裕华区 Yuhua 桥西区 Qiaoxi
哈尔滨 Harbin 230100 黑龙江省 0451 1500 南岗区 Nangang 道里区 Daoli 香坊区 Xiangfang
"""
_ROADS = (
    "人民路 Renmin_Road,解放路 Jiefang_Road,中山路 Zhongshan_Road,建设路 Jianshe_Road,科技园路 Kejiyuan_Road,"
    "工业大道 Gongye_Avenue,高新一路 Gaoxin_1st_Road,长江路 Changjiang_Road,黄河路 Huanghe_Road,新华路 Xinhua_Road,"
    "和平路 Heping_Road,胜利街 Shengli_Street,文化路 Wenhua_Road,创业路 Chuangye_Road,滨河路 Binhe_Road,"
    "迎宾大道 Yingbin_Avenue,学院路 Xueyuan_Road,金桥路 Jinqiao_Road,东风路 Dongfeng_Road,青年路 Qingnian_Road,"
    "民主路 Minzhu_Road,友谊路 Youyi_Road,光明路 Guangming_Road,五一路 Wuyi_Road,北京路 Beijing_Road,"
    "南京路 Nanjing_Road,兴业路 Xingye_Road,振兴路 Zhenxing_Road,朝阳路 Chaoyang_Road,天山路 Tianshan_Road"
)
ESTATES = "阳光花园,锦绣家园,万和城,金色家园,翠湖苑,碧水湾,幸福里,东方明珠苑,绿地新城,紫金庭"
# country, dialling code, names it is written by
COUNTRIES = {
    "CN": ("86", ("CN", "中国", "China", "中国")),
    "DE": ("49", ("DE", "Germany", "Deutschland", "德国")),
    "US": ("1", ("US", "USA", "United States", "美国")),
    "GB": ("44", ("GB", "UK", "United Kingdom", "英国")),
    "FR": ("33", ("FR", "France", "France", "法国")),
    "IT": ("39", ("IT", "Italy", "Italia", "意大利")),
    "ES": ("34", ("ES", "Spain", "España", "西班牙")),
    "NL": ("31", ("NL", "Netherlands", "Nederland", "荷兰")),
    "SE": ("46", ("SE", "Sweden", "Sverige", "瑞典")),
    "JP": ("81", ("JP", "Japan", "Japan", "日本")),
}
# country, city, state or region, dialling code of the place, first postal signs
_FOREIGN = (
    "DE München Bayern 89 80,DE Stuttgart Baden-Württemberg 711 70,DE Hamburg Hamburg 40 20,"
    "DE Köln Nordrhein-Westfalen 221 50,DE Nürnberg Bayern 911 90,DE Leipzig Sachsen 341 04,DE Bremen Bremen 421 28,"
    "US Chicago IL 312 606,US Austin TX 512 787,US Detroit MI 313 482,US Cleveland OH 216 441,US Portland OR 503 972,"
    "US Charlotte NC 704 282,US San_Jose CA 408 951,GB Leeds West_Yorkshire 113 LS1,GB Bristol Avon 117 BS1,"
    "GB Derby Derbyshire 1332 DE1,GB Glasgow Scotland 141 G2,FR Lyon Rhône-Alpes 4 690,"
    "FR Lille Hauts-de-France 3 590,FR Nantes Pays_de_la_Loire 2 440,IT Milano Lombardia 02 201,"
    "IT Torino Piemonte 011 101,IT Bologna Emilia-Romagna 051 401,ES Barcelona Cataluña 93 080,"
    "ES Valencia Valencia 96 460,NL Eindhoven Noord-Brabant 40 56,NL Utrecht Utrecht 30 35,"
    "SE Göteborg Västra_Götaland 31 41,SE Malmö Skåne 40 21,JP Osaka Osaka 6 530,JP Nagoya Aichi 52 460"
)
_FOREIGN_ROADS = {
    "DE": "Industriestraße,Bahnhofstraße,Hauptstraße,Gartenstraße,Lindenstraße,Schillerstraße,Siemensstraße",
    "US": "Oak Street,Main Street,Industrial Avenue,Maple Drive,Commerce Boulevard,Lakeview Road,2nd Avenue",
    "GB": "High Street,Station Road,Church Lane,Victoria Road,Mill Lane,Kings Road,Park Avenue,Queens Drive",
    "FR": "rue de la Gare,avenue Victor Hugo,rue de l'Industrie,boulevard Carnot,rue Pasteur,rue des Lilas",
    "IT": "Via Roma,Via Garibaldi,Via dell'Industria,Corso Italia,Via Mazzini,Via Verdi",
    "ES": "Calle Mayor,Avenida de la Industria,Calle Real,Calle del Sol,Paseo de Gracia,Calle Nueva",
    "NL": "Kerkstraat,Dorpsstraat,Industrieweg,Stationsweg,Molenlaan,Beatrixstraat",
    "SE": "Storgatan,Industrigatan,Skolgatan,Kungsgatan,Parkvägen,Björkvägen",
    "JP": "Chuo,Umeda,Sakae,Honmachi,Minami,Kita",
}
SHORT_ROADS = {
    "straße": "str.", "Street": "St.", "Avenue": "Ave", "Road": "Rd", "Drive": "Dr.", "Boulevard": "Blvd", "Lane": "Ln",
    "avenue": "av.", "boulevard": "bd", "Calle": "C/", "Avenida": "Avda.", "straat": "str.", "Via": "V.", "gatan": "g.",
}  # fmt: skip
_CITY_WEIGHTS = (6, 6, 5, 4, 4, 2, 4, 3, 2, 3, 3, 3, 2) + (1,) * 17


@dataclass(frozen=True, slots=True)
class City:
    """A Chinese city with `districts` (Chinese, pinyin)."""

    name: str
    pinyin: str
    area: str
    province: str
    dialling: str
    postal: str
    districts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One address as it truly is; `latin` is the street in Latin letters, `unit` the room or suite (may be empty)."""

    country: str
    province: str
    city: str
    city_latin: str
    district: str
    postal: str
    road: str
    road_latin: str
    number: int
    unit: str
    dialling: str


def _read_cities() -> tuple[City, ...]:
    cities = []
    for line in _CHINESE.strip().splitlines():
        name, pinyin, area, province, dialling, postal, *rest = line.split()
        cities.append(
            City(name, pinyin, area, province, dialling, postal, tuple(zip(rest[::2], rest[1::2], strict=True)))
        )
    return tuple(cities)


CITIES = _read_cities()
_DRAWN_CITIES = tuple(city for city, weight in zip(CITIES, _CITY_WEIGHTS, strict=True) for _ in range(weight))
_CHINESE_ROADS = fields(_ROADS)
_ESTATES = ESTATES.split(",")
ABROAD = fields(_FOREIGN)
_CITIES_OF = {code: tuple(entry for entry in ABROAD if entry[0] == code) for code in COUNTRIES}
_ROADS_OF = {country: listing.split(",") for country, listing in _FOREIGN_ROADS.items()}


def chinese_city(rng: Random) -> City:
    """A city, big ones more often."""
    return _DRAWN_CITIES[int(rng.random() * len(_DRAWN_CITIES))]


def chinese_place(rng: Random, city: City, home: bool = False) -> Place:
    """An address in that city: of a firm (building, floor, room) or a home (estate, house, flat)."""
    draw = rng.random
    district = city.districts[int(draw() * len(city.districts))]
    road, latin = _CHINESE_ROADS[int(draw() * len(_CHINESE_ROADS))]
    number, room = 1 + int(draw() * 1200), 101 + int(draw() * 1800)
    if home:
        unit = f"{_ESTATES[int(draw() * len(_ESTATES))]}{1 + int(draw() * 30)}号楼{room}室"
    elif draw() < 0.45:
        unit = ""
    else:
        unit = f"{'ABCD'[int(draw() * 4)]}座{room}室" if draw() < 0.5 else f"{1 + int(draw() * 12)}幢{room}室"
    postal = f"{city.postal}{int(draw() * 100):02d}"
    return Place(
        "CN",
        city.province,
        f"{city.name}市",
        city.pinyin,
        district[0],
        postal,
        road,
        latin,
        number,
        unit,
        city.dialling,
    )


def foreign_place(rng: Random, country: str | None = None, home: bool = False) -> Place:
    """An address abroad, of that country if one is named."""
    draw = rng.random
    listing = ABROAD if country is None else _CITIES_OF[country]
    country, city, state, dialling, postal = listing[int(draw() * len(listing))]
    road = _ROADS_OF[country][int(draw() * len(_ROADS_OF[country]))]
    number = 1 + int(draw() * (2400 if country == "US" else 180))
    unit = f"{'Apt' if home else 'Suite'} {1 + int(draw() * 400)}" if country == "US" and draw() < 0.4 else ""
    return Place(
        country, state, city, city, "", _foreign_postal(draw(), country, postal), road, road, number, unit, dialling
    )


def _foreign_postal(share: float, country: str, start: str) -> str:
    if country == "GB":
        return f"{start} {1 + int(share * 9)}{'ABDEF'[int(share * 500) % 5]}{'HJLNP'[int(share * 2500) % 5]}"
    if country == "NL":
        return f"{start}{int(share * 90) + 10} {'ABCDE'[int(share * 450) % 5]}{'KLMNP'[int(share * 2250) % 5]}"
    size = 7 if country == "JP" else 5
    return start + f"{int(share * 10 ** (size - len(start))):0{size - len(start)}d}"


def street(rng: Random, place: Place, latin: bool) -> str:
    """The street line as a clerk writes it."""
    return _chinese_street(rng, place, latin) if place.country == "CN" else _foreign_street(rng, place)


def _chinese_street(rng: Random, place: Place, latin: bool) -> str:
    draw = rng.random
    if latin:
        return f"No. {place.number} {place.road_latin}"
    line, way = f"{place.road}{place.number}号{place.unit}", draw()
    if way < 0.45:
        return line
    if way < 0.60:
        return place.district + line
    if way < 0.72:
        province = "" if place.province == place.city else place.province
        return f"{province}{place.city}{place.district}{line}"
    if way < 0.82:
        return f"{place.road} {place.number} 号 {place.unit}".strip()
    if way < 0.90:
        return f"{place.road}{place.number}号"
    if way < 0.96:
        return line.replace("号楼", "-").replace("座", "-").replace("幢", "-").replace("室", "")
    return line.translate(_WIDE)


def _foreign_street(rng: Random, place: Place) -> str:
    draw = rng.random
    road = place.road
    if draw() < 0.25:
        long = next((word for word in SHORT_ROADS if word in road), "")
        road = road.replace(long, SHORT_ROADS[long]) if long else road
    first = place.country in ("US", "GB", "FR", "JP")
    line = f"{place.number} {road}" if first else f"{road} {place.number}"
    if place.unit and draw() < 0.7:
        line = f"{line}, {place.unit}"
    return line.upper() if draw() < 0.05 else line


_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
