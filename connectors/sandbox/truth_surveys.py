"""The benchmark company's answers of customers, and what its products cost: what only people's spreadsheets hold.

Three of five closed service cases are answered with a satisfaction score (1 to 5); every customer with an owner is
asked now and then whether it would recommend the company (0 to 10), which is about that owner; a few name nobody.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from connectors.sandbox.company import Case, Party, Product, ProductCost, SurveyAnswer
from connectors.sandbox.truth_sales import CENT, COMPANY_TIME, PRICE_DIVISOR

_CSAT = "您对本次服务是否满意？"
_NPS = "您是否愿意向同行推荐我们？"
_ANONYMOUS = "您对我们总体是否满意？"
_CSAT_SCORES = (1, 2, 3, 3, 4, 4, 4, 5, 5, 5)
_NPS_SCORES = (2, 5, 6, 7, 7, 8, 8, 9, 9, 9, 10, 10)


def product_costs(rng: Random, products: Sequence[Product]) -> tuple[ProductCost, ...]:
    """Costs between 45 and 85 % of the list price; every fifth product has none, every seventh is bought abroad."""
    return tuple(_cost(rng, rank, product) for rank, product in enumerate(products, 1) if rank % 5)


def _cost(rng: Random, rank: int, product: Product) -> ProductCost:
    currency = rng.choice(("EUR", "USD")) if rank % 7 == 3 else "CNY"
    cost = product.list_price * rng.randrange(45, 86) / 100 / PRICE_DIVISOR[currency]
    return ProductCost(product.code, cost.quantize(CENT, ROUND_HALF_UP), currency)


def survey_answers(
    rng: Random, cases: Sequence[Case], parties: Sequence[Party], first_day: date, last_day: date
) -> tuple[SurveyAnswer, ...]:
    """Answers by day, those after the last day left out."""
    drawn = [*_about_cases(rng, cases), *_about_owners(rng, parties, first_day, last_day)]
    drawn += list(_about_nobody(rng, len(drawn) // 12 + 1, first_day, last_day))
    inside = (answer for answer in drawn if answer.day <= last_day)
    return tuple(sorted(inside, key=lambda answer: (answer.day, answer.key)))


def _about_cases(rng: Random, cases: Sequence[Case]) -> Iterator[SurveyAnswer]:
    for case in cases:
        if case.closed_at is not None and rng.random() < 0.6:
            day = case.closed_at.astimezone(COMPANY_TIME).date() + timedelta(days=rng.randrange(1, 15))
            score = Decimal(rng.choice(_CSAT_SCORES))
            yield SurveyAnswer(f"Q{case.key}", "csat", _CSAT, score, Decimal(5), day, case.party_key, case.key, None)


def _about_owners(rng: Random, parties: Sequence[Party], first_day: date, last_day: date) -> Iterator[SurveyAnswer]:
    for party in parties:
        day = max(first_day, party.created)
        while party.owner_number and (day := day + timedelta(days=rng.randrange(60, 240))) <= last_day:
            score, key = Decimal(rng.choice(_NPS_SCORES)), f"Q{party.key}-{day:%y%m%d}"
            yield SurveyAnswer(key, "nps", _NPS, score, Decimal(10), day, party.key, None, party.owner_number)


def _about_nobody(rng: Random, count: int, first_day: date, last_day: date) -> Iterator[SurveyAnswer]:
    for rank in range(1, count + 1):
        day = first_day + timedelta(days=rng.randrange((last_day - first_day).days + 1))
        score = Decimal(rng.randrange(0, 6))
        yield SurveyAnswer(f"QA{rank:05d}", "csat", _ANONYMOUS, score, Decimal(5), day, None, None, None)
