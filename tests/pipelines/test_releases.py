"""Releases on disk: list, difference by key, roll back with a booking, verify."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.publish.releases import (
    ReleaseError,
    ValueChange,
    current,
    diff,
    get,
    list_releases,
    roll_back,
    switches,
    verify,
)
from tests.pipelines.candidate import SCORES, publish_night, shown

DAY = date(2025, 1, 1)
TUESDAY = (("E1", "2025-01-01", "90", "A", "l2"), ("E3", "2025-01-01", "70", "B", "l2"))


@pytest.fixture
def two_nights(tmp_path: Path) -> tuple[Path, str, str]:
    """A home with two releases: E1 rises, E2 goes, E3 comes."""
    first = publish_night(tmp_path, 0, SCORES).release.release_id
    second = publish_night(tmp_path, 1, TUESDAY).release.release_id
    return tmp_path, first, second


def test_no_release_yet(tmp_path: Path) -> None:
    assert list_releases(tmp_path) == []
    assert current(tmp_path) is None
    with pytest.raises(ReleaseError, match="no release 'r1'; newest first there are: none yet"):
        get(tmp_path, "r1")


def test_releases_are_listed_newest_first(two_nights: tuple[Path, str, str]) -> None:
    home, first, second = two_nights
    assert [release.release_id for release in list_releases(home)] == [second, first]
    assert current(home) == get(home, second)
    assert get(home, first).row_counts == {"marts.appraisal_score": 2, "marts.source_freshness": 1}


def test_the_difference_names_rows_and_values_by_key(two_nights: tuple[Path, str, str]) -> None:
    (table,) = diff(*two_nights).tables
    assert (table.table, table.rows_before, table.rows_after) == ("appraisal_score", 2, 2)
    assert (table.added, table.removed, table.changed) == (1, 1, 1)
    assert table.added_keys == ({"employee_id": "E3", "period_start": DAY},)
    assert table.removed_keys == ({"employee_id": "E2", "period_start": DAY},)
    key = {"employee_id": "E1", "period_start": DAY}
    assert table.changes == (ValueChange(key, "score", Decimal("81.5"), Decimal(90)),)


def test_a_release_does_not_differ_from_itself(two_nights: tuple[Path, str, str]) -> None:
    home, first, _ = two_nights
    assert diff(home, first, first).tables == ()


def test_null_that_becomes_empty_is_a_change(tmp_path: Path) -> None:
    before = publish_night(tmp_path, 0, (("E1", "2025-01-01", "1", None, "l"),)).release.release_id
    after = publish_night(tmp_path, 1, (("E1", "2025-01-01", "1", "", "l"),)).release.release_id
    (table,) = diff(tmp_path, before, after).tables
    assert [(change.column, change.old, change.new) for change in table.changes] == [("grade", None, "")]


def test_counts_are_complete_where_rows_stop_at_the_limit(tmp_path: Path) -> None:
    before = publish_night(tmp_path, 0, ()).release.release_id
    scores = [(f"E{number:02}", "2025-01-01", "1", "A", "l") for number in range(50)]
    after = publish_night(tmp_path, 1, scores).release.release_id
    (table,) = diff(tmp_path, before, after, limit=3).tables
    assert table.added == 50
    assert [key["employee_id"] for key in table.added_keys] == ["E00", "E01", "E02"]


def test_rolling_back_shows_the_earlier_release_and_books_who_and_why(two_nights: tuple[Path, str, str]) -> None:
    home, first, second = two_nights
    when = datetime(2025, 3, 5, 9, 0, tzinfo=UTC)
    roll_back(home, first, who="li.wei", why="targets of March were wrong", when=when)
    assert shown(home)[0] == ("E1", DAY, Decimal("81.5"), "A")
    assert switches(home)[-1] == {
        "at": "2025-03-05T09:00:00+00:00",
        "what": "roll_back",
        "from": second,
        "to": first,
        "who": "li.wei",
        "why": "targets of March were wrong",
    }
    assert len(list_releases(home)) == 2


@pytest.mark.parametrize(
    ("target", "who", "why", "message"),
    [
        ("second", "li", "x", "is current already"),
        ("r9", "li", "x", "no release 'r9'"),
        ("first", " ", "x", "give both"),
        ("first", "li", "", "give both"),
    ],
)
def test_a_roll_back_that_makes_no_sense_is_refused(
    two_nights: tuple[Path, str, str], target: str, who: str, why: str, message: str
) -> None:
    home, first, second = two_nights
    with pytest.raises(ReleaseError, match=message):
        roll_back(home, {"first": first, "second": second}.get(target, target), who=who, why=why)
    assert current(home) == get(home, second)


def test_after_a_roll_back_the_next_run_publishes_its_own_candidate(two_nights: tuple[Path, str, str]) -> None:
    home, first, _ = two_nights
    roll_back(home, first, who="li", why="x")
    assert publish_night(home, 2, TUESDAY).status == "published"
    assert [release.release_id[:10] for release in list_releases(home)] == ["r20250305T", "r20250304T", "r20250303T"]


def test_a_changed_missing_or_added_file_is_found_and_not_rolled_back_to(two_nights: tuple[Path, str, str]) -> None:
    home, first, second = two_nights
    assert verify(home, first) == []
    folder = get(home, first).path
    folder.chmod(0o755)
    score, freshness = folder / "appraisal_score.parquet", folder / "source_freshness.parquet"
    score.chmod(0o644)
    score.write_bytes(score.read_bytes()[:-1] + b"x")
    freshness.unlink()
    (folder / "notes.txt").write_text("mine")
    assert verify(home, first) == [
        "appraisal_score.parquet: changed since it was published",
        "source_freshness.parquet: missing",
        "notes.txt: not part of the release",
    ]
    with pytest.raises(ReleaseError, match="damaged, CURRENT stays"):
        roll_back(home, first, who="li", why="x")
    assert current(home) == get(home, second)


def test_a_manifest_that_was_edited_is_found(two_nights: tuple[Path, str, str]) -> None:
    home, first, _ = two_nights
    manifest = get(home, first).path / "manifest.json"
    manifest.chmod(0o644)
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace(get(home, first).content_hash, "0" * 64), encoding="utf-8")
    assert verify(home, first) == ["manifest.json: the content hash does not belong to its tables"]
