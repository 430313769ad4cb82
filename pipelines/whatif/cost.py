"""What a trial costs in bonuses: grades earn them, so only they move when a standard does.

Works where the build has incentive models; without them there is no cost to state.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from pipelines.whatif.scratch import BONUS


@dataclass(frozen=True)
class Cost:
    """Bonuses of the period in reporting currency, by employee: under the official rules, and under the trial's."""

    currency: str
    now: Mapping[str, Decimal]
    tried: Mapping[str, Decimal]

    @property
    def total_now(self) -> Decimal:
        """All bonuses under the official rules."""
        return sum(self.now.values(), Decimal(0))

    @property
    def total_tried(self) -> Decimal:
        """All bonuses under the trial's."""
        return sum(self.tried.values(), Decimal(0))

    def change(self, employee_id: str) -> Decimal:
        """What the trial pays the person more, or less."""
        return self.tried.get(employee_id, Decimal(0)) - self.now.get(employee_id, Decimal(0))


def cost_of(con: duckdb.DuckDBPyConnection, now: Mapping[str, Decimal], tried: Mapping[str, Decimal]) -> Cost:
    """Both beside each other, with the currency of the scratch database."""
    ((currency,),) = con.execute("select reporting_currency from warehouse.config.company").fetchall()
    return Cost(currency, now, tried)


def bonuses(con: duckdb.DuckDBPyConnection) -> dict[str, Decimal] | None:
    """Bonuses of the scratch database's period by employee; null where the build knows no incentives.

    `bonus_amount` is in reporting currency, and null until a score is final.
    """
    schema, name = BONUS.split(".")
    made = con.execute(
        "select 1 from duckdb_tables() where database_name = 'warehouse' and schema_name = ? and table_name = ?",
        [schema, name],
    ).fetchall()
    if not made:
        return None
    rows: Iterable[tuple[str, Decimal]] = con.execute(
        f"select employee_id, sum(bonus_amount) from warehouse.{BONUS} where bonus_amount is not null group by all"
    ).fetchall()
    return dict(rows)
