"""The size of the benchmark company's markets, as an association publishes it: quarters and years, two regions' own."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from random import Random

from connectors.sandbox.company import UnitVersion
from connectors.sandbox.people import MarketSize

MARKET, PUBLISHER = "工业自动化", "中国自动化学会"
PER_SELLER = Decimal(15_000_000)
"""Quarterly market per salesperson, in CNY, so that shares are some per cent."""


def market_sizes(
    rng: Random, units: Sequence[UnitVersion], sellers: int, years: Sequence[int]
) -> tuple[MarketSize, ...]:
    """The company's market and a segment of it in CNY, the first region's in CNY and, for exports, in USD."""
    region = next(unit.code for unit in units if unit.unit_type == "region")
    found = [size for year in years for size in _year(rng, region, PER_SELLER * sellers, year)]
    return tuple(
        MarketSize(f"MS{rank:04d}", market, unit, industry, period_type, start, amount, currency, PUBLISHER)
        for rank, (market, unit, industry, period_type, start, amount, currency) in enumerate(found, 1)
    )


_Size = tuple[str, str | None, str | None, str, date, Decimal, str]


def _year(rng: Random, region: str, size: Decimal, year: int) -> Iterator[_Size]:
    starts = [("quarter", date(year, month, 1)) for month in (1, 4, 7, 10)] + [("year", date(year, 1, 1))]
    for period_type, start in starts:
        whole = size * (4 if period_type == "year" else 1) * rng.randrange(80, 121) / 100
        yield MARKET, None, None, period_type, start, whole, "CNY"
        yield MARKET, None, "新能源", period_type, start, (whole / 5).quantize(Decimal(1)), "CNY"
        yield MARKET, region, None, period_type, start, (whole / 4).quantize(Decimal(1)), "CNY"
        # nobody measured the first quarter of the export market
        if period_type == "year" or start.month > 1:
            yield f"{MARKET}(出口)", region, None, period_type, start, (whole / 100).quantize(Decimal("0.01")), "USD"
