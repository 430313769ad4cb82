"""Every vendor that can play the demo's CRM comes with what the company folder needs of it."""

from pathlib import Path

import pytest
import yaml

from connectors.sandbox.demo_company import write_company_folder
from connectors.sandbox.demo_crm import CRMS, DEFAULT_CRM, demo_crm
from connectors.sandbox.generate import generate
from connectors.sandbox.world import benchmark_world
from pipelines.company import load_company


@pytest.mark.parametrize("crm_name", CRMS)
def test_the_company_folder_of_each_vendor_loads_with_what_the_world_sets(crm_name: str, tmp_path: Path) -> None:
    with benchmark_world(generate("tiny"), tmp_path, crm_name) as world:
        company = load_company(world.company_folder, world.environment)
        crm = next(source for source in company.sources if source.name == "crm")
        assert crm.type == crm_name
        health = crm.connector().check()
        assert (health.ok, health.stream_problems) == (True, {}), health.message


@pytest.mark.parametrize("crm_name", CRMS)
def test_the_steward_of_each_vendors_folder_keeps_the_same_two_companies_apart(crm_name: str, tmp_path: Path) -> None:
    folder = write_company_folder(tmp_path, crm_name)
    filed = yaml.safe_load((folder / "stewardship" / "decisions.yaml").read_text("utf-8"))
    parties, vendor = generate("tiny").parties, demo_crm(crm_name)
    pair = tuple(vendor.record_id("account", parties[place].key) for place in (1, 3))
    assert [(one["decision"], one["key_a"], one["key_b"]) for one in filed] == [("different", *pair)]


def test_the_default_is_one_of_the_vendors() -> None:
    assert DEFAULT_CRM in CRMS
