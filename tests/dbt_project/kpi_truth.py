"""Every `kpi_value` of a built warehouse beside the reference's, row by row and without holding both whole."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import duckdb

from connectors.sandbox import reference

QUERY = """
    select subject_type, subject_id, period_type, period_start, metric, org_view,
        value, numerator, denominator, target, attainment,
        previous_value, previous_growth, year_ago_value, year_ago_growth
    from marts.kpi_value
"""
SHOWN = 20


def differing_kpis(con: duckdb.DuckDBPyConnection, wanted: Mapping[reference.Key, reference.Kpi]) -> dict[Any, Any]:
    """Some of the rows that differ: key -> (found, wanted), None where there is none; prints how many were compared."""
    differing: dict[Any, Any] = {}
    rows, seen = 0, set()
    result = con.execute(QUERY)
    while batch := result.fetchmany(50_000):
        for row in batch:
            key, found = row[:6], row[6:]
            kpi = wanted.get(key)
            rows += 1
            if kpi is None or found != _shown(kpi):
                differing[key] = (found, kpi and _shown(kpi))
            elif key in seen:
                differing[key] = ("twice", found)
            seen.add(key)
        assert len(differing) < SHOWN, differing
    differing |= {key: (None, _shown(wanted[key])) for key in wanted.keys() - seen}
    print(f"{rows:,} KPI rows compared, {len(differing):,} differ")
    return dict(list(differing.items())[:SHOWN])


def _shown(kpi: reference.Kpi) -> tuple[Decimal | None, ...]:
    return (
        nine(kpi.value),
        kpi.numerator,
        kpi.denominator,
        kpi.target,
        nine(kpi.attainment),
        nine(kpi.previous_value),
        nine(kpi.previous_growth),
        nine(kpi.year_ago_value),
        nine(kpi.year_ago_growth),
    )


def nine(value: Decimal | None) -> Decimal | None:
    """As the mart rounds it."""
    return None if value is None else reference.half_up(value, 9)
