"""Word lists of the customer register: brands, trades, legal forms, people's names, and how clerks confuse them.

Only lists and the small reader that splits them. Chinese words carry their pinyin, so that names in Latin letters can
be written without any library that a matcher might use as well.
"""

from functools import cache


@cache
def fields(listing: str, separator: str = ",") -> tuple[tuple[str, ...], ...]:
    """The entries of a list below, each split into its fields at blanks (`_` stands for a blank inside a field)."""
    return tuple(
        tuple(field.replace("_", " ") for field in entry.split()) for entry in listing.split(separator) if entry.strip()
    )


# The first third is far more common among real firms than the rest; `common` draws accordingly.
BRANDS = (
    "恒 heng,通 tong,华 hua,瑞 rui,鑫 xin,达 da,宏 hong,远 yuan,金 jin,盛 sheng,天 tian,源 yuan,东 dong,方 fang,"
    "科 ke,新 xin,力 li,博 bo,创 chuang,智 zhi,联 lian,安 an,信 xin,泰 tai,和 he,永 yong,兴 xing,海 hai,润 run,"
    "正 zheng,阳 yang,龙 long,腾 teng,佳 jia,美 mei,凯 kai,德 de,隆 long,晟 sheng,亿 yi,丰 feng,荣 rong,顺 shun,"
    "康 kang,富 fu,利 li,长 chang,大 da,国 guo,民 min,星 xing,辰 chen,宇 yu,航 hang,云 yun,鹏 peng,飞 fei,翔 xiang,"
    "鸿 hong,诚 cheng,义 yi,仁 ren,嘉 jia,豪 hao,锦 jin,绣 xiu,铭 ming,昌 chang,旭 xu,光 guang,辉 hui,明 ming,"
    "亮 liang,耀 yao,威 wei,锐 rui,捷 jie,迅 xun,驰 chi,骏 jun,马 ma,虎 hu,凌 ling,霄 xiao,峰 feng,岳 yue,山 shan,"
    "江 jiang,河 he,湖 hu,洋 yang,波 bo,涛 tao,雪 xue,松 song,柏 bai,林 lin,森 sen,木 mu,竹 zhu,兰 lan,蓝 lan,"
    "青 qing,红 hong,白 bai,玉 yu,宝 bao,银 yin,钢 gang,铁 tie,石 shi,磊 lei,景 jing,尚 shang,卓 zhuo,越 yue,优 you,"
    "品 pin,格 ge,维 wei,诺 nuo,思 si,迪 di,欧 ou,普 pu,特 te,赛 sai,雅 ya,伦 lun,克 ke,莱 lai,赫 he,尔 er"
)
TRADES = (
    "精密机械 机械 Precision_Machinery jm,自动化设备 自动化 Automation_Equipment zdh,"
    "电子科技 电子 Electronic_Technology dz,新能源 能源 New_Energy xny,汽车零部件 汽配 Auto_Parts qc,"
    "智能装备 装备 Intelligent_Equipment zn,医疗器械 医疗 Medical_Instruments yl,食品机械 食品 Food_Machinery sp,"
    "包装材料 包装 Packaging_Materials bz,物流设备 物流 Logistics_Equipment wl,半导体 半导体 Semiconductor bdt,"
    "机器人 机器人 Robotics jqr,化工 化工 Chemical hg,纺织 纺织 Textile fz,"
    "环保工程 环保 Environmental_Engineering hb,仪器仪表 仪表 Instruments yb,信息技术 信息 Information_Technology xx,"
    "生物医药 医药 Biomedicine sw,建筑工程 建筑 Construction_Engineering jz,国际贸易 贸易 International_Trading gm,"
    "进出口 进出口 Import_&_Export jck,塑料制品 塑料 Plastic_Products sl,五金制品 五金 Hardware_Products wj,"
    "模具 模具 Mould mj,电气 电气 Electric dq,光电 光电 Optoelectronics gd,轴承 轴承 Bearing zc,"
    "液压 液压 Hydraulics yy,传动设备 传动 Transmission_Equipment cd,焊接技术 焊接 Welding_Technology hj,"
    "数控机床 机床 CNC_Machine_Tool sk,电缆 电缆 Cable dl,阀门 阀门 Valve fm,泵业 泵业 Pump by,玻璃 玻璃 Glass bl,"
    "新材料 材料 Advanced_Materials xcl,电子商务 电商 E-Commerce ds,供应链管理 供应链 Supply_Chain_Management gyl,"
    "网络科技 网络 Network_Technology wk,软件 软件 Software rj,实业 实业 Industrial sy,印刷 印刷 Printing ys,"
    "家具 家具 Furniture jj,服饰 服饰 Apparel fs,农业科技 农业 Agricultural_Technology ny,"
    "装饰工程 装饰 Decoration_Engineering zs"
)
CHINESE_FORMS = ("有限公司",) * 7 + ("股份有限公司", "有限责任公司")
OTHER_FORMS = {
    "有限公司": ("有限责任公司", "公司", "有限公司."),
    "有限责任公司": ("有限公司", "公司"),
    "股份有限公司": ("股份公司", "(股份)有限公司", "股份有限责任公司"),
}
BANKS = "中国兴远银行,华通商业银行,东方汇丰泰银行,国信实业银行,长江发展银行,中泰农村商业银行,海润民生银行,安邦储蓄银行"

# a sign, then the shape- and sound-alike ones that a clerk or an input method puts in its place
_ALIKE = (
    "恒衡桓,通同桐,华骅桦,瑞锐睿,鑫欣新,达大答,宏弘鸿,远元源,金今锦,盛晟胜,源原元,科课,新鑫欣,力立利,博搏铂,创闯,"
    "智志致,联连,安按,信鑫芯,泰太秦,和合禾,永泳咏,兴星欣,海梅,润闰,正政,阳杨扬,龙隆,腾滕,佳嘉家,凯恺,德得,隆龙,"
    "晟盛成,亿益,丰峰沣,荣容,顺舜,康糠,利力立,辰晨,宇于羽,鹏朋,翔祥,鸿宏洪,诚成城,嘉佳,锦绵金,铭明,旭绪,辉晖,耀跃,"
    "威伟,锐瑞,捷杰,迅讯,骏俊,凌陵,峰锋,岳月,蓝兰,兰蓝,磊垒,卓桌,越跃,维唯,思斯,普浦,特持,雅亚,伟玮炜,芳方,娜那,"
    "敏闵,静婧,丽莉,强墙,军君均,勇永,杰捷,涛焘,明铭,超朝,霞夏,平萍,刚钢,英瑛,玉钰,萍平,志智,建健,文纹,斌彬,浩皓,"
    "欣鑫,晨辰,雨宇,张章,陈程,杨扬,黄王,吴武,徐许,胡湖,朱珠,何河,于余"
)
LOOK_ALIKE = {entry[0]: entry[1:] for entry in _ALIKE.split(",")}
TRADITIONAL = str.maketrans(
    "义华达远东联兴润阳龙腾凯亿丰荣顺长国云鹏飞鸿诚锦绣铭辉锐骏马凌岳兰蓝红宝银钢铁优维诺欧赛伦莱尔机电设备汽车医疗装"
    "仪表环导体纺织块术药筑贸进塑业气轴压传动焊数缆泵务应链网络软实刷饰农场广苏沈厦庆连济张刘陈杨赵黄吴孙罗郑谢韩冯许"
    "邓萧伟静丽强军艳娟涛超刚华红志斌责团总",
    "義華達遠東聯興潤陽龍騰凱億豐榮順長國雲鵬飛鴻誠錦繡銘輝銳駿馬凌嶽蘭藍紅寶銀鋼鐵優維諾歐賽倫萊爾機電設備汽車醫療裝"
    "儀錶環導體紡織塊術藥築貿進塑業氣軸壓傳動焊數纜泵務應鏈網絡軟實刷飾農場廣蘇瀋廈慶連濟張劉陳楊趙黃吳孫羅鄭謝韓馮許"
    "鄧蕭偉靜麗強軍艷娟濤超剛華紅誌斌責團總",
)

# brand in Latin letters and, where a Chinese rendering is in use, that one
FOREIGN_BRANDS = (
    "Müller 穆勒,Schäfer 舍弗尔,Keller 凯勒,Brandt 勃兰特,Vogel 福格尔,Hartmann 哈特曼,Lindner 林德纳,Krüger 克鲁格,"
    "Falk 法尔克,Reuter,Bergmann 贝格曼,Weber 韦伯,Summit,Redwood,Lakeside,Granite,Harbor,Pioneer,Northfield,"
    "Ironbridge,Ashford,Whitmore,Kingsley,Bradwell,Caldwell 考德威尔,Thornton 桑顿,Orion,Vertex,Nova 诺瓦,"
    "Atlas 阿特拉斯,Schröder,Köhler 科勒,Böhm 博姆,Jäger,Günther,Lehmann,Zimmermann,Steinbach,Oberholzer,Rothmann,"
    "Dubois 杜布瓦,Lefèvre,Moreau,Bélanger,Fournier,Chevalier,Rossi 罗西,Bianchi,Ferraro,Colombo,Marchetti,Galvani,"
    "Fernández,Núñez,Ibáñez,Castillo,Van_Dijk,De_Boer,Janssen,Vermeer,Lindqvist,Åkerlund,Håkansson,Sørensen,Nørgaard,"
    "Kowalski,Nowak,Novák,Horváth,Silverline,Blackstone,Greenfield,Westbrook,Eastman,Fairchild,Hawthorne,Kensington,"
    "Lancaster,Marlowe,Pemberton,Radcliffe,Stratford,Wellington,Winslow,Yorkshire,Beacon,Cascade,Delta,Eclipse,"
    "Falcon,Genesis,Horizon,Insignia,Juniper,Keystone,Legacy,Meridian,Nexus,Olympus,Paragon,Quantum,Regent,Sterling,"
    "Titan,Unity,Vanguard,Wavelength,Xenith,Zephyr,Aurora,Borealis,Cobalt,Dynasty,Ember,Frontier,Tanaka 田中,"
    "Suzuki_Seiki 铃木精机,Yamashita 山下,Kobayashi,Nakamura,Hayashi,Okamoto,Fujiwara,Matsuda,Ishikawa"
)
# beginnings, middles and endings of invented brands
INVENTED = (
    "Ver,Kin,Tal,Mar,Sol,Bren,Cor,Dal,El,Fen,Gar,Hal,Ist,Jor,Lum,Mer,Nor,Oph,Pel,Quin,Ral,Sten,Tor,Ul,Var,Wen,Yor,Zan",
    "a,e,i,o,u,ba,de,li,mo,na,ri,ta,vo,xi,,",
    "tek,tron,mark,corp,dyne,flex,gen,line,max,nova,plast,quip,soft,test,vance,wave,worth,zon,rix,stal,berg,holm,ton,ware",
)
FOREIGN_TRADES = (
    "Antriebstechnik,Robotics,Automation,Precision,Dynamics,Systems,Motion,Packaging,Instruments,Controls,"
    "Manufacturing,Technologies,Engineering,Industries,International,Logistics,Electronics,Chemicals,Plastics,"
    "Medical,Foods,Textiles,Maschinenbau,Werkzeugbau,Elektronik,Industrial_Supply,Trading,Solutions,Services,"
    "Components,Hydraulics,Laboratories,Energy,Materials,Machine_Tools,Distribution,Pharma,Optics,Steel,Aerospace"
)
FOREIGN_PLACES = "Nord,South,Midlands,Rhein,Alpine,Coastal,Central,Pacific,Europe,Atlantic,Northwest,Bavaria,Baltic"
TRADE_IN_CHINESE = {
    "Antriebstechnik": "传动技术", "Robotics": "机器人", "Automation": "自动化", "Systems": "系统", "Packaging": "包装",
    "Instruments": "仪器", "Technologies": "技术", "Engineering": "工程", "Electronics": "电子", "Chemicals": "化工",
    "Medical": "医疗", "Logistics": "物流", "Maschinenbau": "机械", "Elektronik": "电子", "Energy": "能源",
}  # fmt: skip
SHORTER_WORDS = {
    "International": "Intl", "Manufacturing": "Mfg", "Technologies": "Tech", "Engineering": "Eng.", "Industries": "Ind",
    "Systems": "Sys", "Electronics": "Elec.", "Services": "Svcs", "Laboratories": "Labs", "Distribution": "Dist.",
    "Industrial Supply": "Ind. Supply", "Solutions": "Sol.", "Components": "Comp.", "Maschinenbau": "Masch.bau",
}  # fmt: skip
FOREIGN_FORMS = {
    "DE": ("GmbH", "GmbH", "GmbH", "AG", "GmbH & Co. KG"),
    "US": ("Inc.", "LLC", "Corp.", "Inc."),
    "GB": ("Ltd", "Limited", "PLC"),
    "FR": ("S.A.", "SARL", "SAS"),
    "IT": ("S.p.A.", "S.r.l."),
    "ES": ("S.A.", "S.L."),
    "NL": ("B.V.", "N.V."),
    "SE": ("AB",),
    "JP": ("K.K.", "Co., Ltd."),
}
FORM_SPELLINGS = {
    "GmbH": ("Gesellschaft mbH", "GMBH", "G.m.b.H."),
    "AG": ("Aktiengesellschaft", "A.G."),
    "GmbH & Co. KG": ("GmbH & Co KG", "GmbH und Co. KG", "GmbH + Co. KG"),
    "Inc.": ("Inc", "Incorporated", "INC."),
    "LLC": ("L.L.C.", "Llc"),
    "Corp.": ("Corporation", "Corp"),
    "Ltd": ("Limited", "Ltd."),
    "Limited": ("Ltd", "Ltd."),
    "PLC": ("plc", "P.L.C."),
    "S.A.": ("SA", "S.A"),
    "SARL": ("S.A.R.L.", "Sarl"),
    "SAS": ("S.A.S.",),
    "S.p.A.": ("SpA", "S.P.A."),
    "S.r.l.": ("Srl", "SRL"),
    "S.L.": ("SL", "S.L"),
    "B.V.": ("BV",),
    "N.V.": ("NV",),
    "AB": ("Aktiebolag", "Ab"),
    "K.K.": ("KK", "Kabushiki Kaisha"),
    "Co., Ltd.": ("Co Ltd", "Co.,Ltd", "Company Limited"),
}
PLAIN_LETTERS = str.maketrans("üäöèéçñáíóúåøÜÄÖÅØ", "uaoeecnaiouaoUAOAO")
GERMAN_LETTERS = {"ü": "ue", "ä": "ae", "ö": "oe", "ß": "ss", "Ü": "Ue", "Ä": "Ae", "Ö": "Oe", "ø": "oe", "å": "aa"}

# the six most common ones carry nearly half of all people
SURNAMES = (
    "王 wang,李 li,张 zhang,刘 liu,陈 chen,杨 yang,赵 zhao,黄 huang,周 zhou,吴 wu,徐 xu,孙 sun,胡 hu,朱 zhu,高 gao,"
    "林 lin,何 he,郭 guo,马 ma,罗 luo,梁 liang,宋 song,郑 zheng,谢 xie,韩 han,唐 tang,冯 feng,于 yu,董 dong,萧 xiao,"
    "程 cheng,曹 cao,袁 yuan,邓 deng,许 xu,傅 fu,沈 shen,曾 zeng,彭 peng,吕 lv,苏 su,卢 lu,蒋 jiang,蔡 cai,贾 jia,"
    "丁 ding,魏 wei,薛 xue,叶 ye,阎 yan,余 yu,潘 pan,杜 du,戴 dai,夏 xia,钟 zhong,汪 wang,田 tian,任 ren,姜 jiang,"
    "欧阳 ouyang,司马 sima"
)
GIVEN_SIGNS = (
    "伟 wei,芳 fang,娜 na,敏 min,静 jing,丽 li,强 qiang,磊 lei,军 jun,洋 yang,勇 yong,艳 yan,杰 jie,娟 juan,涛 tao,"
    "明 ming,超 chao,秀 xiu,霞 xia,平 ping,刚 gang,桂 gui,英 ying,华 hua,玉 yu,萍 ping,红 hong,志 zhi,建 jian,文 wen,"
    "斌 bin,宇 yu,浩 hao,凯 kai,欣 xin,雪 xue,晨 chen,思 si,雨 yu,佳 jia,嘉 jia,梓 zi,涵 han,一 yi,诺 nuo,子 zi,"
    "轩 xuan,博 bo,泽 ze,俊 jun,怡 yi,婷 ting,琳 lin,慧 hui,莹 ying,倩 qian,鹏 peng,飞 fei,峰 feng,亮 liang,鑫 xin,"
    "龙 long,辉 hui,波 bo,宁 ning,春 chun,梅 mei,兰 lan,凤 feng,云 yun,莲 lian,福 fu,德 de,海 hai,山 shan,国 guo,"
    "庆 qing,振 zhen,清 qing,瑶 yao,璐 lu,颖 ying,昊 hao,然 ran,睿 rui,航 hang,旭 xu,阳 yang,天 tian,成 cheng,林 lin,"
    "家 jia,晓 xiao,小 xiao,金 jin"
)
MEN = (
    "Robert Bob Rob,William Bill Will,James Jim Jimmy,John Jack Johnny,Richard Rick Dick,Michael Mike Mick,"
    "Thomas Tom Tommy,Christopher Chris Kit,Daniel Dan Danny,Matthew Matt,Anthony Tony,Andrew Andy Drew,"
    "Joseph Joe Joey,David Dave,Edward Ed Ted,Charles Charlie Chuck,Alexander Alex Sandy,Nicholas Nick,Samuel Sam,"
    "Benjamin Ben,Peter Pete,Stephen Steve,Kenneth Ken,Ronald Ron,Gregory Greg,Patrick Pat Paddy,"
    "Frederick Fred Freddy,Jürgen,Wolfgang Wolf,Johannes Hans,Friedrich Fritz,Sebastian Basti,Maximilian Max,Günter,"
    "Heinrich Heinz,Pierre,François,Giovanni Gianni,Giuseppe Beppe,Francisco Paco,José Pepe,Manuel Manolo,Lars,Sven,"
    "Willem Wim,Pieter Piet,George,Henry Harry,Arthur Art,Walter Walt,Philip Phil"
)
WOMEN = (
    "Elizabeth Liz Beth,Margaret Maggie Peggy,Katherine Kate Kathy,Jennifer Jen Jenny,Susan Sue Susie,"
    "Patricia Pat Trish,Barbara Barb,Deborah Deb Debbie,Rebecca Becky,Victoria Vicky Tori,Alexandra Alex Sandra,"
    "Samantha Sam,Christina Tina Chris,Jessica Jess,Amanda Mandy,Stephanie Steph,Dorothy Dot Dottie,"
    "Theresa Terry Tess,Pamela Pam,Cynthia Cindy,Judith Judy,Abigail Abby,Charlotte Lottie,Eleanor Ellie Nell,"
    "Isabella Bella,Josephine Josie,Gabriele Gabi,Ursula Uschi,Brigitte Gitte,Katharina Kathi,Marie,Chloé,Françoise,"
    "Giulia,Francesca Franca,Carmen,Dolores Lola,Ingrid,Astrid,Johanna Hanna,Anna Anni,Emily Em,Sophie,Laura,"
    "Julia Jule,Caroline Carrie,Frances Fran,Helen Nell,Martha Patty,Ruth,Alice,Grace"
)
FAMILY_NAMES = (
    "Smith,Jones,Taylor,Brown,Williams,Wilson,Johnson,Davies,Robinson,Wright,Thompson,Evans,Walker,White,Roberts,"
    "Green,Hall,Wood,Jackson,Clarke,Müller,Schmidt,Schneider,Fischer,Weber,Meyer,Wagner,Becker,Schulz,Hoffmann,"
    "Schäfer,Koch,Bauer,Richter,Klein,Wolf,Schröder,Neumann,Schwarz,Zimmermann,Braun,Krüger,Hofmann,Hartmann,Lange,"
    "Martin,Bernard,Dubois,Thomas,Petit,Durand,Leroy,Moreau,Simon,Laurent,Lefebvre,Rossi,Russo,Ferrari,Esposito,"
    "Bianchi,Romano,Colombo,Ricci,Marino,Greco,García,Fernández,González,Rodríguez,López,Martínez,Sánchez,Pérez,"
    "Gómez,Jiménez,De_Jong,Jansen,De_Vries,Van_den_Berg,Bakker,Visser,Andersson,Johansson,Karlsson,Nilsson,Eriksson,"
    "Larsson,Olsson,Miller,Davis,Anderson,Moore,Harris,Clark,Lewis,Young,Allen,King,Scott,Hill,Adams,Baker,Nelson,"
    "Carter,Mitchell,Turner,Phillips,Campbell,Parker,Edwards,Collins,Stewart,Morris,Murphy,Cook,Rogers,Morgan,"
    "Peterson,Cooper,Reed,Bailey,Bell,Kelly,Howard,Ward,Cox,Richardson,Watson,Brooks,Bennett,Gray,Hughes,Price,Myers,"
    "Long,Foster,Sanders,Ross,Morales,Powell,Sullivan,Russell,Ortiz,Jenkins,Perry"
)
FREE_MAIL_CN = ("163.com", "126.com", "qq.com", "sina.com", "foxmail.com", "139.com")
FREE_MAIL = ("gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com")
