"""The benchmark company with another vendor's CRM: every published number is the same as with the first vendor's."""

from pathlib import Path

import pytest

from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.demo_crm import CRMS, DEFAULT_CRM
from connectors.sandbox.generate import generate
from tests.pipelines.benchmark_road import output_of, road
from tests.pipelines.vendor_marts import Marts, differences, published_marts


@pytest.fixture(scope="module")
def company() -> BenchmarkCompany:
    return generate("tiny")


def marts_with(crm_name: str, company: BenchmarkCompany, root: Path) -> Marts:
    """One run of `scoreline run` with that vendor: equal to the truth, and then its marts in the truth's words."""
    with road(company, root, crm_name) as made:
        result = made.scoreline("run")
        assert result.exit_code == 0, output_of(result)
        assert made.compare(company).differing == {}
        return published_marts(made.home, company, made.world.vendor)


@pytest.fixture(scope="module")
def first(company: BenchmarkCompany, tmp_path_factory: pytest.TempPathFactory) -> Marts:
    return marts_with(DEFAULT_CRM, company, tmp_path_factory.mktemp(DEFAULT_CRM))


@pytest.mark.slow
@pytest.mark.timeout(1800)  # two whole runs, the first of them in the fixture
@pytest.mark.parametrize("crm_name", sorted(CRMS.keys() - {DEFAULT_CRM}))
def test_another_vendors_crm_publishes_the_same_marts(
    crm_name: str, company: BenchmarkCompany, first: Marts, tmp_path: Path
) -> None:
    other = marts_with(crm_name, company, tmp_path)
    assert differences(first, other) == {}
    assert sum(rows.total() for rows in other.values()) > 40_000
