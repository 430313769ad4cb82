"""Publishing: complete or not at all, one atomic move, equal content confirmed, readers never disturbed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.verdict import RuleResult, judge
from pipelines.publish import GateRefused, PublishError, publish, release, store
from pipelines.publish.releases import Release, confirmations, current, list_releases, switches, verify
from tests.pipelines.candidate import SCORES, inputs, models, passed, publish_night, shown, warehouse

DAY = date(2025, 1, 1)
RAISED = (("E1", "2025-01-01", "99", "A", "l2"), SCORES[1])
REPOSITORY = Path(__file__).parent.parent.parent


def test_a_release_holds_parquet_manifest_and_described_views(tmp_path: Path) -> None:
    done = publish_night(tmp_path)
    assert done.status == "published"
    assert sorted(path.name for path in done.release.path.iterdir()) == [
        "appraisal_score.parquet",
        "manifest.json",
        "published.duckdb",
        "source_freshness.parquet",
    ]
    assert shown(tmp_path) == [("E1", DAY, Decimal("81.5"), "A"), ("E2", DAY, Decimal(64), None)]
    with duckdb.connect(str(tmp_path / "published.duckdb"), read_only=True) as con:
        comments = dict(
            con.execute(
                "select column_name, comment from duckdb_columns() where table_name = 'appraisal_score'"
            ).fetchall()
        )
        table = con.execute("select comment from duckdb_views() where view_name = 'appraisal_score'").fetchone()
    assert table == ("One row per employee and period; it's the score people are paid by.",)
    assert comments["score"] == "Score in points."


def test_the_manifest_says_what_the_release_was_made_from(tmp_path: Path) -> None:
    manifest = publish_night(tmp_path).release.manifest
    assert manifest["created_at"] == "2025-03-03T02:00:00+00:00"
    assert manifest["as_of_date"] == "2025-03-02"
    assert manifest["code"] == {"commit": "319e5bd", "hash": "11" * 32, "dbt_hash": "22" * 32}
    assert manifest["configuration_hash"] == "c0ffee"
    assert manifest["load_packages"][0]["files"] == [
        {"name": "erp/sale_order/1741.5.a.parquet", "size": 10, "sha256": "ab" * 32}
    ]
    assert manifest["standards"][0]["standard_id"] == "rep" and manifest["standards"][0]["standard_version"] == 2
    assert manifest["row_counts"] == {"marts.appraisal_score": 2, "marts.source_freshness": 1}
    assert manifest["gate"]["passed"] is True
    assert manifest["previous_release"] is None
    assert manifest["release_id"] == f"r20250303T020000000000Z-{manifest['content_hash'][:8]}"


def test_release_files_cannot_be_written(tmp_path: Path) -> None:
    folder = publish_night(tmp_path).release.path
    assert {oct(path.stat().st_mode)[-3:] for path in folder.iterdir()} == {"444"}
    assert oct(folder.stat().st_mode)[-3:] == "555"


def test_new_content_makes_a_new_release_and_keeps_the_old_one(tmp_path: Path) -> None:
    first = publish_night(tmp_path)
    second = publish_night(tmp_path, 1, RAISED)
    assert second.previous == first.release.release_id
    assert second.release.manifest["previous_release"] == first.release.release_id
    assert [found.release_id for found in list_releases(tmp_path)] == [
        second.release.release_id,
        first.release.release_id,
    ]
    assert shown(tmp_path)[0] == ("E1", DAY, Decimal(99), "A")
    assert verify(tmp_path, first.release.release_id) == []


def test_equal_content_confirms_the_current_release_and_writes_no_other(tmp_path: Path) -> None:
    first = publish_night(tmp_path)
    reloaded = [(*row[:4], "l2") for row in reversed(SCORES)]
    again = publish_night(tmp_path, 1, reloaded, age_hours="27.5")
    assert again.status == "confirmed"
    assert again.release.release_id == first.release.release_id
    assert len(list_releases(tmp_path)) == 1
    assert [(told["at"], told["release_id"], told["load_packages"]) for told in confirmations(tmp_path)] == [
        ("2025-03-04T02:00:00+00:00", first.release.release_id, ["1741.5"])
    ]


def test_null_and_empty_text_are_different_content(tmp_path: Path) -> None:
    with_null = publish_night(tmp_path)
    with_empty = publish_night(tmp_path, 1, (SCORES[0], ("E2", "2025-01-01", "64", "", "l1")))
    assert with_empty.status == "published"
    assert with_empty.release.content_hash != with_null.release.content_hash


def test_values_do_not_run_into_their_neighbours(tmp_path: Path) -> None:
    one = publish_night(tmp_path, 0, (("E1|=1:A", "2025-01-01", None, "B", "l"),))
    two = publish_night(tmp_path, 1, (("E1", "2025-01-01", None, "|=1:AB", "l"),))
    assert one.release.content_hash != two.release.content_hash


texts = st.one_of(st.none(), st.text(alphabet="a|=-:1 ", max_size=4))
score_rows = st.lists(
    st.tuples(texts, st.just("2025-01-01"), st.sampled_from(["1", "2.5", None]), texts, texts), max_size=6
)


@settings(max_examples=15, deadline=None)
@given(rows=score_rows, seed=st.integers(0, 1000))
def test_the_content_hash_does_not_depend_on_row_order(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, ...]], seed: int
) -> None:
    shuffled = random.Random(seed).sample(rows, len(rows))
    folders = [tmp_path_factory.mktemp("home") for _ in range(2)]
    first, second = (
        publish_night(folder, 0, some).release for folder, some in zip(folders, (rows, shuffled), strict=True)
    )
    assert first.content_hash == second.content_hash
    without_volatile = sorted(repr(row[:4]) for row in rows)
    changed = (
        [*rows[:-1], ("other", *rows[-1][1:])]
        if rows and rows[-1][0] != "other"
        else [("other", None, None, None, None)]
    )
    assert sorted(repr(row[:4]) for row in changed) != without_volatile
    assert publish_night(tmp_path_factory.mktemp("home"), 0, changed).release.content_hash != first.content_hash


def test_equal_rows_in_any_order_give_equal_bytes(tmp_path: Path) -> None:
    rows = [(f"E{number:04}", "2025-01-01", str(number), "A", "l") for number in range(500)]
    files = []
    for name, some in (("a", rows), ("b", random.Random(1).sample(rows, len(rows)))):
        (tmp_path / name).mkdir()
        files.append(publish_night(tmp_path / name, 0, some).release.parquet("appraisal_score").read_bytes())
    assert files[0] == files[1]


def test_a_refused_verdict_publishes_nothing_and_names_rule_table_and_rows(tmp_path: Path) -> None:
    first = publish_night(tmp_path)
    path = warehouse(tmp_path, RAISED)
    broken = RuleResult(
        "score_within_bounds",
        "marts.appraisal_score",
        "en",
        "zh",
        "critical",
        "failed",
        "0..100",
        "1 row",
        1,
        ({"employee_id": "E1", "score": 120},),
    )
    with pytest.raises(
        GateRefused, match=r"marts.appraisal_score: score_within_bounds - 1 row[\s\S]*employee_id=E1, score=120"
    ) as refused:
        publish(path, tmp_path, inputs(1), judge((broken,), "any"), models(tmp_path))
    assert refused.value.verdict.failed == (broken,)
    assert current(tmp_path) == first.release
    assert len(list_releases(tmp_path)) == 1


def test_a_rule_that_could_not_run_refuses_too(tmp_path: Path) -> None:
    path = warehouse(tmp_path)
    errored = RuleResult("contract", "marts.kpi_value", "en", "zh", "warning", "errored", "", "no such table")
    with pytest.raises(GateRefused):
        publish(path, tmp_path, inputs(), judge((errored,), "any"), models(tmp_path))


def test_a_verdict_on_another_state_of_the_warehouse_is_refused(tmp_path: Path) -> None:
    verdict = passed(warehouse(tmp_path))
    path = warehouse(tmp_path, RAISED * 40)
    with pytest.raises(PublishError, match="changed after the gate"):
        publish(path, tmp_path, inputs(), verdict, models(tmp_path))


def test_every_switch_is_booked(tmp_path: Path) -> None:
    first = publish_night(tmp_path).release.release_id
    second = publish_night(tmp_path, 1, RAISED).release.release_id
    assert [(booked["from"], booked["to"], booked["what"]) for booked in switches(tmp_path)] == [
        (None, first, "publish"),
        (first, second, "publish"),
    ]


# -- an analyst's open session ---------------------------------------------------------------------

ANALYST = """
import sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read_only")
for _ in sys.stdin:
    print(con.execute("select score::varchar from appraisal_score where employee_id = 'E1'").fetchone()[0], flush=True)
"""


@contextmanager
def analyst(home: Path, mode: str) -> Iterator[Any]:
    """A separate process that holds published.duckdb open and answers with E1's score whenever asked."""
    command = [sys.executable, "-c", ANALYST, str(home / "published.duckdb"), mode]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout

        def ask() -> str:
            process.stdin.write("\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            return process.stdout.readline().strip()  # type: ignore[union-attr]

        yield ask
        process.stdin.close()


@pytest.mark.parametrize("mode", ["read_only", "default"])
def test_an_open_session_neither_blocks_publishing_nor_changes_what_it_reads(tmp_path: Path, mode: str) -> None:
    """Read-only is the mode to use; the default mode needs write permission on a 0444 file, so only root gets it."""
    if mode == "default" and os.geteuid() != 0:
        pytest.skip("0444: only root can open the file in default mode")
    publish_night(tmp_path)
    with analyst(tmp_path, mode) as ask:
        assert ask() == "81.500000"
        for night, score in ((1, "99"), (2, "98")):
            publish_night(tmp_path, night, (("E1", "2025-01-01", score, "A", "l"),))
            assert ask() == "81.500000"
    assert shown(tmp_path) == [("E1", DAY, Decimal(98), "A")]


# -- killed at any point ---------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for the end of the process: no `except Exception` may stop it."""


def assert_complete(home: Path, expected: list[int]) -> None:
    """CURRENT points to a whole release whose E1 score is one of the expected."""
    shown_release = current(home)
    assert shown_release is not None
    assert verify(home, shown_release.release_id) == []
    assert int(shown(home)[0][2]) in expected


STEPS = [
    (store.Path, "replace"),
    (store.Path, "symlink_to"),
    (store.Path, "rename"),
    (store, "sync_file"),
    (store, "sync_folder"),
    (release, "_write_table"),
    (release, "_create_view"),
    (release, "sync_folder"),
    (release, "seal"),
]


@pytest.mark.parametrize(("owner", "name"), STEPS, ids=[name for _, name in STEPS])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_any_step_leaves_the_last_release_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, when: str
) -> None:
    publish_night(tmp_path, 0, (("E1", "2025-01-01", "50", "A", "l"),))
    original = getattr(owner, name)
    for call in range(1, 30):
        calls = 0

        def dies(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == call and when == "before":  # noqa: B023 - called within this round
                raise Killed
            answer = original(*args, **kwargs)
            if calls == call:  # noqa: B023
                raise Killed
            return answer

        with monkeypatch.context() as patched:
            patched.setattr(owner, name, dies)
            try:
                publish_night(tmp_path, call, (("E1", "2025-01-01", str(50 + call), "A", "l"),))
                break
            except Killed:
                assert_complete(tmp_path, [49 + call, 50 + call])
        publish_night(tmp_path, call + 100, (("E1", "2025-01-01", str(50 + call), "A", "l"),))
        assert_complete(tmp_path, [50 + call])
        assert not [path for path in (tmp_path / "releases").iterdir() if path.name.startswith(".staging")]
        assert switches(tmp_path)[-1]["to"] == current(tmp_path).release_id  # type: ignore[union-attr]
    assert call > 1


PUBLISHER = """
import sys
from pathlib import Path
from tests.pipelines.candidate import publish_night
home, night = Path(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
while True:
    night += 1
    publish_night(home, night, [(f"E{n}", "2025-01-01", str(night), "A", "l") for n in range(1, 4)])
"""


def test_kill_9_at_random_moments_always_leaves_a_complete_release(tmp_path: Path) -> None:
    publish_night(tmp_path)
    moments = random.Random(20250101)
    for attempt in range(8):
        command = [sys.executable, "-c", PUBLISHER, str(tmp_path), str(1000 * (attempt + 1))]
        with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as process:
            assert process.stdout and process.stdout.readline() == b"ready\n"
            time.sleep(moments.uniform(0, 0.4))
            process.send_signal(signal.SIGKILL)
        alive = current(tmp_path)
        assert alive is not None and verify(tmp_path, alive.release_id) == []
        assert len({row[2] for row in shown(tmp_path)}) in (1, 2)
    done = publish_night(tmp_path, 90_000, RAISED)
    assert done.status == "published" and shown(tmp_path)[0][2] == 99
    assert {path.name for path in (tmp_path / "releases").iterdir() if path.name.startswith(".")} == {".lock"}


def test_a_release_completed_but_never_shown_is_shown_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_night(tmp_path)

    def dies(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(release, "switch", dies)
        publish_night(tmp_path, 1, RAISED)
    assert shown(tmp_path)[0][2] == Decimal("81.5")
    done = publish_night(tmp_path, 2, RAISED)
    assert done.release.release_id.startswith("r20250304T")
    assert len(list_releases(tmp_path)) == 2
    assert shown(tmp_path)[0][2] == 99


def test_the_journal_keeps_its_lines_when_an_append_is_cut_short(tmp_path: Path) -> None:
    journal = tmp_path / "J.jsonl"
    store.append_line(journal, {"n": 1})
    (tmp_path / ".J.jsonl.new").write_text('{"n": 1}\n{"n"')
    store.append_line(journal, {"n": 2})
    assert store.read_lines(journal) == [{"n": 1}, {"n": 2}]


def test_manifest_is_plain_json_with_sorted_keys(tmp_path: Path) -> None:
    found: Release = publish_night(tmp_path).release
    text = (found.path / "manifest.json").read_text(encoding="utf-8")
    assert list(json.loads(text)) == sorted(json.loads(text))
