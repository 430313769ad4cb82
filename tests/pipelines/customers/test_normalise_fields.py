"""Identifiers, contact points, birth dates and addresses."""

import pytest

from pipelines.customers.normalise.address import address
from pipelines.customers.normalise.contact import email, phone, website
from pipelines.customers.normalise.dates import birth_date
from pipelines.customers.normalise.identifiers import identifier


@pytest.mark.parametrize(
    ("written", "value", "kind", "valid"),
    [
        ("91110000600037341L", "91110000600037341L", "uscc", True),
        ("９１１１００００－６０００３７３４１l", "91110000600037341L", "uscc", True),
        ("91110000600037341A", "91110000600037341A", "uscc", False),
        ("213800KUD8LAJWSQ9D15", "213800KUD8LAJWSQ9D15", "lei", True),
        ("213800KUD8LAJWSQ9D16", "213800KUD8LAJWSQ9D16", "lei", False),
        ("DE 136,695 976", "DE136695976", "vat", True),
        ("DE136695977", "DE136695977", "vat", False),
        ("GB 980 7806 84", "GB980780684", "vat", True),
        ("HRB 12345", "HRB12345", "other", None),
        ("000000", None, None, None),
        ("n/a", None, None, None),
        (None, None, None, None),
    ],
)
def test_identifiers_are_told_by_kind_and_check_digit(written, value, kind, valid):
    assert identifier(written, "tax_id")[:3] == (value, kind, valid)


@pytest.mark.parametrize(
    ("written", "address_", "domain"),
    [
        ("Sales@Acme.com", "sales@acme.com", "acme.com"),
        ("Sales <sales@acme.com>", "sales@acme.com", "acme.com"),
        ("mailto:a.b@ｑｑ.com", "a.b@qq.com", None),
        ("someone@gmail.com", "someone@gmail.com", None),
        ("none", None, None),
    ],
)
def test_free_mail_is_no_evidence_of_a_firm(written, address_, domain):
    assert (email(written).address, email(written).domain) == (address_, domain)


@pytest.mark.parametrize(
    ("written", "country", "number", "extension"),
    [
        ("138 0013 8000", None, "+8613800138000", None),
        ("+86-138-0013-8000", "DE", "+8613800138000", None),
        ("021-58881234转8001", "CN", "+862158881234", "8001"),
        ("021-58881234-8001", "CN", "+862158881234", "8001"),
        ("(021) 5888 1234 ext. 12", "CN", "+862158881234", "12"),
        ("0086 21 58881234", None, "+862158881234", None),
        ("089 1234567", "DE", "+49891234567", None),
        ("310/246-1501", None, "+13102461501", None),
        ("310-246-1501", "US", "+13102461501", None),
        ("58881234", None, "58881234", None),
        ("021-58881234/021-58881235", "CN", "+862158881234", None),
        ("0000000", "CN", None, None),
    ],
)
def test_phones_are_dialled_from_anywhere(written, country, number, extension):
    assert phone(written, country)[0:3:2] == (number, extension)


def test_a_website_is_its_host():
    assert website("https://www.Acme.com:8080/about").domain == "acme.com"
    assert website("acme.com/").domain == "acme.com"
    assert website("none").domain is None


@pytest.mark.parametrize("written", ["https://[acme", "http://["])
def test_a_website_that_cannot_be_read_is_none(written):
    assert website(written).domain is None


@pytest.mark.parametrize(
    ("written", "country", "digits"),
    [
        ("1956-04-09", None, "19560409"),
        ("19560409", None, "19560409"),
        ("9/4/1956", None, "19560409"),
        ("9/4/1956", "US", "19560904"),
        ("4/23/1956", None, "19560423"),
        ("09.04.1956", "DE", "19560409"),
        ("1956年4月9日", None, "19560409"),
        ("9 April 1956", None, "19560409"),
        ("Apr 9, 1956", None, "19560409"),
        ("1956-04-09 00:00:00", None, "19560409"),
        ("19561345", None, "19561345"),
        ("00000000", None, None),
        ("spring 1956", None, None),
    ],
)
def test_birth_dates_are_eight_digits_even_if_impossible(written, country, digits):
    assert birth_date(written, country).digits == digits


def test_a_chinese_street_tells_its_places():
    read = address("上海市浦东新区世纪大道一百号环球金融中心12楼1203室", None, None, None, None, None)
    assert (read.country, read.province, read.city, read.district) == ("CN", "上海", "上海", "浦东")
    read = address("浙江省杭州市西湖区文三路二十三号 邮编:310012", None, None, None, None, "中国")
    assert (read.province, read.city, read.district, read.postal_code) == ("浙江", "杭州", "西湖", "310012")
    assert (read.street_number, read.street_tokens) == ("23", ("23", "文三路"))


def test_columns_win_over_what_the_street_says():
    read = address("北京路5号", "200001", "黄浦区", "上海市", None, None)
    assert (read.city, read.province, read.district, read.street_number) == ("上海", "上海", "黄浦", "5")


@pytest.mark.parametrize("written", ["上海", "上海市", "Shanghai", "SHANGHAI CITY"])
def test_a_chinese_city_has_one_name_in_both_languages(written):
    read = address(None, None, None, written, None, "China")
    assert (read.city, read.province, read.country) == ("上海", "上海", "CN")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("435 S. La Cienega Blv.", "435 s la cienega blvd"),
        ("57 W. 57th St., Apt. 3", "57 West 57th Street apartment 3"),
        ("Hauptstr. 5", "Hauptstraße 5"),
        ("12 Fifth Ave", "12 5th avenue"),
    ],
)
def test_two_spellings_of_a_street_have_the_same_words(one, other):
    empty = (None, None, None, None, None)
    assert address(one, *empty).street_tokens == address(other, *empty).street_tokens


@pytest.mark.parametrize(
    ("street", "number"),
    [
        ("57 W. 57th St.", "57"),
        ("Hauptstr. 5a", "5a"),
        ("unit 3 12 smith street", "12"),
        ("3/12 St. James St", "12"),
        ("P.O. Box 123", None),
        ("Fifth Ave at 21st St", None),
        ("徐家汇路555弄3号", "3"),
    ],
)
def test_the_house_number_is_found(street, number):
    assert address(street, None, None, None, None, None).street_number == number


@pytest.mark.parametrize(
    ("city", "province", "country", "expected"),
    [
        ("München", None, "Deutschland", ("munich", None, "DE")),
        ("NYC", "New York", "USA", ("new york", "ny", "US")),
        ("St. Louis", "Missouri", "us", ("saint louis", "mo", "US")),
        (None, None, "Atlantis", (None, None, "atlantis")),
    ],
)
def test_foreign_places_have_one_name(city, province, country, expected):
    read = address(None, None, None, city, province, country)
    assert (read.city, read.province, read.country) == expected


def test_postal_codes_are_compared_without_signs():
    codes = [address(None, code, None, None, None, None).postal_code for code in ("sw1a 1aa", "10019-1234", "00000")]
    assert codes == ["SW1A1AA", "10019", None]
