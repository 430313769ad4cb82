"""Replay: a release is made again byte for byte, or the answer says what is missing or differs."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.landing import LandedFile
from pipelines import replay as replaying
from pipelines.paths import Home
from pipelines.publish import publish
from pipelines.publish.releases import ReleaseError, list_releases
from pipelines.replay import Replay, ReplayedTable, replay
from pipelines.restatement.inputs import InputsLost
from pipelines.restatements_report import render_replay
from tests.pipelines import test_restatement as provoked
from tests.pipelines.candidate import inputs, models, passed, publish_night, warehouse
from tests.pipelines.closed_company import ClosedCompany, StraightBuild, write_closed_company


def shuffled(files: Sequence[LandedFile]) -> list[LandedFile]:
    """The same files in another order, always the same one."""
    return random.Random(7).sample(list(files), len(files))


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClosedCompany]:
    """A closed company after three nights: closed, a late record booked, and approved."""
    company = write_closed_company(tmp_path, monkeypatch)
    company.night()
    provoked.late_records(company)
    company.night()
    company.write("approvals/2025.yaml", provoked.APPROVAL)
    company.night()
    monkeypatch.setattr(replaying, "ScratchBuild", StraightBuild)
    monkeypatch.setattr(replaying, "code_version", company.code_version)
    yield company


@pytest.mark.slow  # eight builds
@pytest.mark.timeout(2400)
def test_three_releases_are_made_again_from_shuffled_files_on_one_thread(company: ClosedCompany) -> None:
    releases = list_releases(company.home.root)
    assert len(releases) == 3
    for release in releases:
        found = replay(company.home, release.release_id, threads=1, order=shuffled)
        assert found.is_equal, render_replay(found, "en")
        assert found.is_same_code and len(found.tables) == len(release.tables)


def test_a_release_without_its_company_folder_cannot_be_made_again(tmp_path: Path) -> None:
    release = publish_night(tmp_path).release
    with pytest.raises(InputsLost, match="did not keep the company folder"):
        replay(Home(tmp_path), release.release_id)


def test_a_changed_landed_file_is_named(tmp_path: Path) -> None:
    company = {"company.yaml": "name: {en: Mini}\ntime_zone: Asia/Shanghai\nreporting_currency: CNY\n"}
    file = warehouse(tmp_path)
    told = replace(inputs(), configuration=company)
    release = publish(file, tmp_path, told, passed(file), models(tmp_path)).release
    with pytest.raises(InputsLost, match=r"landing/erp/sale_order/1741\.5\.a\.parquet is not as it was"):
        replay(Home(tmp_path), release.release_id)


def test_an_unknown_or_damaged_release_is_refused(tmp_path: Path) -> None:
    release = publish_night(tmp_path).release
    with pytest.raises(ReleaseError, match="there is no release 'r1'"):
        replay(Home(tmp_path), "r1")
    release.path.chmod(0o755)
    (release.path / "appraisal_score.parquet").unlink()
    with pytest.raises(ReleaseError, match=r"appraisal_score\.parquet: missing"):
        replay(Home(tmp_path), release.release_id)


def test_the_answer_says_what_differs_and_whether_the_code_does() -> None:
    tables = (ReplayedTable("appraisal_score", "content"), ReplayedTable("dim_customer", "bytes"))
    found = Replay("r1", False, "319e5bd", None, (*tables, ReplayedTable("kpi_value", "")))
    assert render_replay(found, "en").splitlines() == [
        "r1: 2 of 3 tables differ",
        "  appraisal_score: other content",
        "  dim_customer: other bytes, same content",
        "Mind: the release was made by other code (commit 319e5bd, now ?); differences may come from the code.",
    ]
    equal = Replay("r1", True, None, None, (ReplayedTable("kpi_value", ""),))
    assert render_replay(equal, "zh") == "r1：1 张表逐字节一致"
