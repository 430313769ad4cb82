"""Names of organisations and persons: what is taken off, what is kept, and where two spellings of one name meet."""

import pytest

from pipelines.customers.normalise.organisation import organisation_name
from pipelines.customers.normalise.person import person_name


@pytest.mark.parametrize(
    ("written", "core", "form"),
    [
        ("Acme Inc.", "acme", "inc"),
        ("ACME INCORPORATED", "acme", "inc"),
        ("Acme Co., Ltd.", "acme", "limited"),
        ("Müller GmbH & Co. KG", "muller", "partnership"),
        ("Müller Gesellschaft mit beschränkter Haftung", "muller", "limited"),
        ("Danone S.A.", "danone", "joint_stock"),
        ("Sony K.K.", "sony", "joint_stock"),
        ("Philips B.V.", "philips", "limited"),
        ("Maersk A/S", "maersk", "joint_stock"),
        ("OOO Gazprom", "gazprom", "limited"),
        ("Siemens Aktiengesellschaft", "siemens", "joint_stock"),
        ("Chase & Co", "chase", "inc"),
        ("海尔集团有限公司", "海尔", "limited"),
        ("海尔集团", "海尔", "group"),
        ("海尔股份有限公司", "海尔", "joint_stock"),
        ("海尔有限责任公司", "海尔", "limited"),
        ("株式会社ソニー", "ソニー", "joint_stock"),
        ("海尔（有限合伙）", "海尔", "partnership"),
    ],
)
def test_legal_forms_are_taken_off_and_told(written, core, form):
    name = organisation_name(written, None)
    assert (name.core, name.legal_form) == (core, form)


@pytest.mark.parametrize(
    "written",
    ["Ag Processing", "Co-operative Union", "Sas Institute", "Limited Brands", "As Roma Shop", "Salt Co Grill"],
)
def test_a_word_like_a_form_stays_unless_it_ends_the_name(written):
    assert organisation_name(written, None).legal_form is None


@pytest.mark.parametrize(
    ("written", "core"),
    [
        ("The Company", "company"),
        ("The", "the"),
        ("有限公司", "有限公司"),
        ("集团有限公司", "集团"),
        ("上海电气有限公司", "上海电气"),
        ("北京银行", "北京银行"),
        ("Bank of China", "bank china"),
        ("中国石油化工股份有限公司", "中国石油化工"),
    ],
)
def test_a_name_of_generic_words_alone_keeps_them(written, core):
    assert organisation_name(written, None).core == core


@pytest.mark.parametrize(
    ("written", "core", "region"),
    [
        ("上海东方科技有限公司", "东方科技", "上海"),
        ("東方科技（上海）有限公司", "东方科技", "上海"),
        ("广东省深圳市南山区腾飞科技有限公司", "腾飞科技", "深圳"),
        ("义乌市东方贸易商行", "东方贸易商行", "义乌"),
        ("杭州市场营销有限公司", "杭州市场营销", "杭州"),
        ("Siemens Ltd., China", "siemens", "CN"),
        ("Bosch (Suzhou) Co., Ltd.", "bosch", "苏州"),
        ("Shanghai Dongfang Technology Co., Ltd.", "dongfang technology", "上海"),
    ],
)
def test_a_place_is_told_and_taken_off_where_the_name_stands_without_it(written, core, region):
    name = organisation_name(written, None)
    assert (name.core, name.region) == (core, region)


@pytest.mark.parametrize(
    ("written", "core", "branch"),
    [
        ("西安隆恒纺织有限公司（上海）分公司", "隆恒纺织", "上海|分公司"),
        ("西安隆恒纺织有限公司(上海分公司)", "隆恒纺织", "上海|分公司"),
        ("招商银行股份有限公司上海分行", "招商银行", "上海|分行"),
        ("招商银行上海陆家嘴支行", "招商银行", "上海陆家嘴|支行"),
        ("东方科技有限公司北京分公司", "东方科技", "北京|分公司"),
        ("Deutsche Bank AG, London Branch", "deutsche bank", "london|branch"),
        ("Siemens AG Niederlassung München", "siemens", "munchen|niederlassung"),
        ("Olive Branch", "olive branch", None),
    ],
)
def test_a_branch_is_told_with_its_place(written, core, branch):
    name = organisation_name(written, None)
    assert (name.core, name.branch) == (core, branch)


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("贵州茅台", "贵州茅台酒股份有限公司"),
        ("茅台", "贵州茅台酒股份有限公司"),
        ("格力电器", "珠海格力电器股份有限公司"),
        ("宁德时代", "宁德时代新能源科技股份有限公司"),
        ("中国平安", "中国平安保险（集团）股份有限公司"),
        ("南方航空", "中国南方航空股份有限公司"),
    ],
)
def test_a_chinese_short_form_is_among_those_of_the_full_name(short, full):
    shorter = organisation_name(short, None).short_forms or ()
    assert set(shorter) & set(organisation_name(full, None).short_forms or ())


@pytest.mark.parametrize(
    ("acronym", "full"),
    [
        ("中石化", "中国石油化工股份有限公司"),
        ("中国石化", "中国石油化工股份有限公司"),
        ("中石油", "中国石油天然气股份有限公司"),
        ("招行", "招商银行股份有限公司"),
        ("工行", "中国工商银行股份有限公司"),
        ("浦发银行", "上海浦东发展银行股份有限公司"),
        ("南航", "中国南方航空股份有限公司"),
        ("鞍钢", "鞍山钢铁集团有限公司"),
        ("ibm", "International Business Machines Corp"),
        ("att", "American Telephone & Telegraph"),
        ("tsmc", "Taiwan Semiconductor Manufacturing Company Ltd"),
        ("pg", "Procter & Gamble"),
    ],
)
def test_an_acronym_is_among_those_of_the_full_name(acronym, full):
    assert acronym in (organisation_name(full, None).acronyms or ())


def test_sinopec_and_petrochina_share_no_acronym():
    sinopec = organisation_name("中国石油化工股份有限公司", None).acronyms or ()
    assert not set(sinopec) & set(organisation_name("中国石油天然气股份有限公司", None).acronyms or ())


@pytest.mark.parametrize(
    ("chinese", "latin"),
    [
        ("西门子（中国）有限公司", "Siemens Ltd., China"),
        ("上海东方科技有限公司", "Shanghai Dongfang Technology Co., Ltd."),
        ("上海东方科技有限公司", "Shanghai Dongfang Keji Youxian Gongsi"),
        ("博世贸易（上海）有限公司", "Bosch Trading (Shanghai) Co., Ltd."),
        ("大众汽车有限公司", "Volkswagen Automotive Ltd"),
    ],
)
def test_a_chinese_and_a_latin_name_meet_in_latin(chinese, latin):
    assert organisation_name(chinese, None).latin == organisation_name(latin, None).latin


def test_a_brand_of_two_characters_inside_another_word_is_not_that_brand():
    assert organisation_name("大众点评有限公司", None).latin == "dazhongdianping"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Intl. Paper Mfg Co", "International Paper Manufacturing Company"),
        ("The Natl Bank of Svc & Tech", "National Bank Service and Technology"),
        ("Smith Bros. Dept", "Smith Brothers Department"),
        ("J. P. Morgan", "JP Morgan"),
        ("ＡＢＣ　Trading", "abc trading"),
        ("臺灣積體電路", "台湾积体电路"),
        ("东方科技", "东方 科技"),
    ],
)
def test_two_spellings_of_one_name_have_one_core(one, other):
    assert organisation_name(one, None).core == organisation_name(other, None).core


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("Henry VIII Pub", "8"),
        ("北京市第一建筑工程有限公司", "1"),
        ("Studio 54", "54"),
        ("3M Company", "3"),
        ("Acme", None),
    ],
)
def test_numbers_of_a_name_are_kept_apart(written, numbers):
    assert organisation_name(written, None).numbers == numbers


def test_other_names_come_from_their_column_and_from_brackets():
    name = organisation_name("东方科技有限公司（原名：西方科技有限公司）", "Oriental Tech Ltd; 东方")
    assert name.core == "东方科技"
    assert name.others == ("orientaltechnology", "东方", "西方科技")


def test_a_name_in_two_languages_is_the_chinese_one_and_another_name():
    name = organisation_name("上海东方科技有限公司 Shanghai Dongfang Technology Co., Ltd.", None)
    assert (name.core, name.others) == ("东方科技", ("dongfangtechnology",))


def test_a_remark_on_the_record_is_no_part_of_the_name():
    assert organisation_name("东方科技有限公司（已注销）", None).core == "东方科技"


@pytest.mark.parametrize(
    ("written", "given", "family"),
    [
        ("Neumann, Michaela", "michaela", "neumann"),
        ("Dr. Michaela Neumann, Ph.D.", "michaela", "neumann"),
        ("Ludwig van Beethoven", "ludwig", "van beethoven"),
        ("van Beethoven, Ludwig", "ludwig", "van beethoven"),
        ("J.R. Smith Jr.", "j r", "smith"),
        ("張偉明先生", "伟明", "张"),
        ("欧阳娜娜", "娜娜", "欧阳"),
        ("迈克尔·乔丹", "迈克尔", "乔丹"),
        ("Neumann", None, None),
    ],
)
def test_a_persons_name_is_told_apart(written, given, family):
    name = person_name(written, None, None, None)
    assert (name.given, name.family) == (given, family)


def test_given_and_family_name_come_from_their_own_columns_first():
    name = person_name("Zhang Wei", "Wei", "Zhang", None)
    assert (name.given, name.family) == ("wei", "zhang")


def test_a_name_of_two_columns_alone_is_a_name():
    assert person_name(None, "michaela", "neumann", None).core == "michaela neumann"
    assert person_name(None, "三", "张", None).core == "张三"


def test_a_chinese_and_a_latin_persons_name_meet_in_any_order():
    names = [person_name(written, None, None, None) for written in ("张伟", "Wei Zhang", "Zhang Wei")]
    assert {name.latin for name in names} == {"weizhang"}
    assert len({name.sound for name in names}) == 1


@pytest.mark.parametrize(("one", "other"), [("mueller", "muller"), ("schmidt", "schmitt"), ("philip", "filip")])
def test_names_heard_alike_sound_alike(one, other):
    assert person_name(one, None, None, None).sound == person_name(other, None, None, None).sound
