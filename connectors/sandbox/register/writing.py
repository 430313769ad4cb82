"""How a clerk's hand changes what is true: slips of the pen, other spellings, phone and mail formats, placeholders.

Every function takes the random generator and a true value and gives one way of writing it; none knows which system or
party it writes for.
"""

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import TypeVar

from connectors.sandbox.register.words import GERMAN_LETTERS, LOOK_ALIKE, PLAIN_LETTERS

T = TypeVar("T")

WIDE = str.maketrans(
    {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)},
)
NO_NUMBER = ("000000", "N/A", "无", "-", "0", "000000000000000", "NULL", "待补充")
NO_PHONE = ("13800000000", "000000", "N/A", "无", "12345678", "0", "13800138000")
NO_EMAIL = ("test@test.com", "N/A", "无", "none@none.com", "noemail@example.com", "a@a.com")
NO_STREET = ("无", "N/A", "-", "同上", "unknown")
NO_BIRTH_DATE = ("1900-01-01", "0000-00-00", "N/A")
_NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip


def pick(rng: Random, options: Sequence[T]) -> T:
    """One of `options`, all equally likely."""
    return options[int(rng.random() * len(options))]


def common(rng: Random, options: Sequence[T]) -> T:
    """One of `options`, the first ones far more often than the last."""
    return options[int(rng.random() ** 2 * len(options))]


def slip(rng: Random, word: str) -> str:
    """One typing slip in Latin letters, never in the first one: swapped, lost, doubled or a neighbouring key."""
    if len(word) < 4:
        return word + word[-1:]
    position, kind = 1 + int(rng.random() * (len(word) - 2)), int(rng.random() * 4)
    before, sign, after = word[:position], word[position], word[position + 1 :]
    if kind == 0:
        return before + after[:1] + sign + after[1:]
    if kind == 1:
        return before + after
    if kind == 2:
        return before + sign + sign + after
    return before + pick(rng, _NEIGHBOURS.get(sign.lower(), sign)) + after


def slip_han(rng: Random, word: str) -> str:
    """One slip in Chinese signs: mostly a sign that looks or sounds alike, else two swapped or one lost."""
    draw = rng.random()
    alike = [position for position, sign in enumerate(word) if sign in LOOK_ALIKE]
    if alike and draw < 0.75:
        position = pick(rng, alike)
        return word[:position] + pick(rng, LOOK_ALIKE[word[position]]) + word[position + 1 :]
    position = int(rng.random() * (len(word) - 1))
    if draw < 0.85 or len(word) < 4:
        return word[:position] + word[position + 1] + word[position] + word[position + 2 :]
    return word[:position] + word[position + 1 :]


def plain(rng: Random, word: str) -> str:
    """Letters with signs written without them: ü as ue or u."""
    if rng.random() < 0.6:
        for letter, spelled in GERMAN_LETTERS.items():
            word = word.replace(letter, spelled)
    return word.translate(PLAIN_LETTERS)


def wrong_digit(rng: Random, number: str) -> str:
    """A registration number with one character wrong or two swapped."""
    position = 2 + int(rng.random() * (len(number) - 4))
    if rng.random() < 0.5 and number[position] != number[position + 1]:
        return number[:position] + number[position + 1] + number[position] + number[position + 2 :]
    sign = number[position]
    other = str((int(sign) + 1 + int(rng.random() * 8)) % 10) if sign.isdigit() else "8"
    return number[:position] + other + number[position + 1 :]


def spaced(rng: Random, number: str) -> str:
    """A registration number as written: mostly plain, else lower case or in groups."""
    way = rng.random()
    if way < 0.88:
        return number
    if way < 0.92:
        return number.lower()
    if way < 0.96:
        return f" {number} "
    return " ".join(number[start : start + 6] for start in range(0, len(number), 6))


def mobile(rng: Random) -> str:
    """A Chinese mobile number, eleven digits."""
    return f"1{pick(rng, ('38', '39', '36', '59', '86', '88', '77', '52', '50', '35'))}{int(rng.random() * 10**8):08d}"


def landline(rng: Random, country: str, dialling: str) -> str:
    """The subscriber's number behind a dialling code, in the length usual there."""
    draw = rng.random
    if country == "CN":
        size = 8 if len(dialling) == 3 or draw() < 0.7 else 7
        return f"{2 + int(draw() * 7)}{int(draw() * 10 ** (size - 1)):0{size - 1}d}"
    if country == "US":
        return f"{2 + int(draw() * 8)}{int(draw() * 100):02d}{int(draw() * 10**4):04d}"
    size = {"GB": 10 - len(dialling), "FR": 8, "NL": 9 - len(dialling), "ES": 7, "JP": 8}.get(country, 7)
    return f"{2 + int(draw() * 7)}{int(draw() * 10 ** (size - 1)):0{size - 1}d}"


def chance(rng: Random, table: Sequence[tuple[float, T]]) -> T:
    """One entry of a table of (share up to and including this entry, entry); the last share is 1."""
    draw = rng.random()
    for limit, entry in table:
        if draw < limit:
            return entry
    return table[-1][1]


def phone(rng: Random, code: str, dialling: str, number: str) -> str:
    """A number as written; `dialling` is the place's code (in China with its 0), empty for a mobile."""
    if code == "86":
        return _phone_chinese(rng, dialling, number)
    if code == "1":
        return chance(rng, _AMERICAN).format(dialling, number[:3], number[3:])
    keeps_zero = code in ("39", "34")
    trunk = dialling if keeps_zero else f"0{dialling}"
    return chance(rng, _ABROAD).format(code, dialling, trunk, number)


def _phone_chinese(rng: Random, dialling: str, number: str) -> str:
    if not dialling:
        return chance(rng, _MOBILE).format(number[:3], number[3:7], number[7:])
    written = chance(rng, _LANDLINE).format(dialling, dialling.lstrip("0"), number[:4], number[4:])
    if rng.random() < 0.03:
        written = written.translate(WIDE)
    if rng.random() < 0.06:
        written += chance(rng, _EXTENSION).format(100 + int(rng.random() * 800))
    return written


_MOBILE = ((0.62, "{}{}{}"), (0.74, "+86 {} {} {}"), (0.86, "{}-{}-{}"), (0.93, "86{}{}{}"), (1.0, "(+86){}{}{}"))
_LANDLINE = (
    (0.50, "{0}-{2}{3}"),
    (0.68, "{0}{2}{3}"),
    (0.82, "+86 {1} {2} {3}"),
    (0.91, "({0}){2}{3}"),
    (1.0, "86-{1}-{2}{3}"),
)
_EXTENSION = ((0.4, "转{}"), (0.7, "-{}"), (1.0, " ext. {}"))
_AMERICAN = ((0.45, "({}) {}-{}"), (0.65, "{}-{}-{}"), (0.9, "+1 {} {} {}"), (1.0, "{}{}{}"))
_ABROAD = ((0.5, "+{0} {1} {3}"), (0.7, "{2} {3}"), (0.78, "{2}/{3}"), (0.88, "00{0} {1} {3}"), (1.0, "+{0} ({2}) {3}"))


def site(rng: Random, domain: str) -> str:
    """A web address on that domain."""
    way = rng.random()
    if way < 0.4:
        return f"www.{domain}"
    if way < 0.7:
        return f"http://www.{domain}"
    return f"https://{domain}/" if way < 0.85 else f"{domain}/index.html"


def mailed(rng: Random, address: str) -> str:
    """A mail address as written: now and then upper case, a blank, or a slip in the provider's name."""
    way = rng.random()
    if way < 0.93:
        return address
    if way < 0.96:
        return address.upper() if way < 0.945 else address.capitalize()
    return f" {address}" if way < 0.98 else address.replace("@gmail", "@gmial").replace("@outlook", "@outlok")


def birth_date(rng: Random, day: date, style: str) -> str:
    """A birth date in a system's style, the Chinese and the day-first forms now and then anywhere."""
    way = rng.random()
    if way < 0.02:
        return f"{day.day}/{day.month}/{day.year}"
    if way < 0.03:
        return f"{day.year}年{day.month}月{day.day}日"
    if style == "/":
        return f"{day.year}/{day.month}/{day.day}"
    return f"{day.year:04d}{style}{day.month:02d}{style}{day.day:02d}"


def birth_date_slip(rng: Random, day: date, style: str) -> str:
    """A birth date with one slip: day and month swapped, a digit wrong, the year off; it may be impossible."""
    year, month, of_month, way = day.year, day.month, day.day, rng.random()
    if way < 0.25 and month != of_month:
        month, of_month = of_month, month
    elif way < 0.55:
        of_month = (of_month + pick(rng, (1, 10, 3, 20)) - 1) % 31 + 1
    elif way < 0.75:
        month = (month + pick(rng, (1, 2, 6)) - 1) % 12 + 1
    else:
        year += pick(rng, (-10, -1, 1, 10))
    if style == "/":
        return f"{year}/{month}/{of_month}"
    return f"{year:04d}{style}{month:02d}{style}{of_month:02d}"
