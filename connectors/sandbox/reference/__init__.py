"""What every published number of the benchmark company must be: deliberately plain, from the truth, without SQL.

It shares no code with the pipeline and never feeds it; tests compare the marts with it. The rules it follows, which the
SQL must follow too, stand at the head of each module: `credit`, `organisation`, `metric` (a module per family), `kpi`,
`appraisal`,
`incentive`.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.reference import appraisal, incentive, kpi, metric
from connectors.sandbox.reference.appraisal import Component, Part, Score
from connectors.sandbox.reference.credit import CreditedAmount
from connectors.sandbox.reference.incentive import Eligibility, Statement, StatementKey
from connectors.sandbox.reference.plan import Plan
from connectors.sandbox.reference.standard import Gate, Standard, Weight
from connectors.sandbox.reference.truth import CHURNED_DAYS, Truth
from connectors.sandbox.reference.values import Event, Key, Kpi, half_up, period_end, period_of

__all__ = [
    "Component",
    "CreditedAmount",
    "Gate",
    "Key",
    "Kpi",
    "Part",
    "Plan",
    "Reference",
    "Score",
    "Standard",
    "Statement",
    "Weight",
    "expected_kpis",
    "expected_scores",
    "half_up",
    "period_end",
    "period_of",
    "same_customers",
]


def same_customers(company: BenchmarkCompany) -> list[frozenset[tuple[str, str]]]:
    """The records ('erp' or 'crm', party key) of each customer."""
    known = (
        frozenset(
            (system, party.key)
            for system, name in (("erp", party.erp_name), ("crm", party.crm_name))
            if name is not None
        )
        for party in company.parties
    )
    return sorted(known, key=sorted)


class Reference:
    """The expected numbers of one company."""

    def __init__(self, company: BenchmarkCompany, churned_days: int = CHURNED_DAYS, *, pro_rata: bool = False) -> None:
        self.company = company
        self._truth = Truth(company, churned_days, pro_rata=pro_rata)

    def credited_sales(self) -> Iterator[CreditedAmount]:
        """Every confirmed order line's parts."""
        return self._truth.credit.credited_sales()

    def credited_billings(self) -> Iterator[CreditedAmount]:
        """Every posted invoice line's parts."""
        return self._truth.credit.credited_billings()

    def credited_collections(self) -> Iterator[CreditedAmount]:
        """Every posted payment's parts."""
        return self._truth.credit.credited_collections()

    def rate(self, currency: str, day: date) -> Decimal:
        """Reporting currency for one unit; raises LookupError when no rate is known by that day."""
        return self._truth.credit.rate(currency, day)

    def path(self, employee_id: str, day: date, org_view: str) -> list[str]:
        """The unit an employee counts in for an event of that day, and the units above it."""
        return self._truth.organisation.path(employee_id, day, org_view)

    def events(self) -> Iterator[Event]:
        """All additions to metrics on their day."""
        return metric.events(self._truth)

    def targets(self) -> dict[tuple[str, str, str, date, str], Decimal]:
        """What counts as target by subject type, subject, period type, period start and metric."""
        return kpi.target_values(self._truth)

    def kpis(self) -> dict[Key, Kpi]:
        """Every expected row of `kpi_value`."""
        return kpi.expected(self._truth)

    def scores(self, standards: Sequence[Standard], kpis: dict[Key, Kpi]) -> dict[tuple[str, str, date], Score]:
        """Every expected `appraisal_score` by employee, period type and period start."""
        return appraisal.expected(self._truth, standards, kpis)

    def statements(
        self,
        plans: Sequence[Plan],
        kpis: dict[Key, Kpi],
        scores: dict[tuple[str, str, date], Score],
    ) -> dict[StatementKey, Statement]:
        """Every expected `incentive_statement` by employee, plan, period type and period start."""
        return incentive.expected(self._truth, plans, kpis, scores)

    def eligibility(
        self,
        plans: Sequence[Plan],
        scores: dict[tuple[str, str, date], Score],
        statements: dict[StatementKey, Statement],
    ) -> dict[tuple[str, str, str, date, str, str], Eligibility]:
        """Every expected `incentive_eligibility` by employee, plan, period type, period start, kind and item."""
        return incentive.eligible(plans, scores, statements)


def expected_kpis(company: BenchmarkCompany) -> dict[Key, Kpi]:
    """Every `kpi_value` row the company's truth implies."""
    return Reference(company).kpis()


def expected_scores(company: BenchmarkCompany, *standards: Standard) -> dict[tuple[str, str, date], Score]:
    """Every `appraisal_score` the company's truth implies under these standards."""
    reference = Reference(company)
    return reference.scores(standards, reference.kpis())
