"""Many random nights, one after the other: what is redone of clusters and keys gives what redoing all of it gives."""

import hashlib
from datetime import timedelta
from itertools import combinations
from random import Random

import pyarrow as pa
import pytest

from pipelines.customers import unify
from pipelines.customers.normalise import NORMALISED
from pipelines.customers.stewardship import last_words, words_table
from tests.pipelines.customers.matcher_tables import DAY, GREY, SAME, Said, decisions, record

MODELS = pa.Table.from_pylist(
    [{"party_type": "organisation", "model_id": "m", "settings_hash": "s", "trained_records": 9, "parameters": ""}],
    schema=unify.MATCH_MODEL,
)
RECORDS, NIGHTS = 60, 8
NAMES = ["Acme Steel", "Acme Steel Works", "Boreal Tea", "Cobalt Pumps", "Delta Rail", "Ember Glass", None]
IDS = [None, None, None, "91310000000000001A", "91310000000000002B", "91310000000000003C", "T1", "T2"]
PHONES = [None, None, "+862155550001", "+862155550002", "+862155550003"]
"""So few that a tax id or phone becomes a hub, and is none again, now and then."""


def random_record(random: Random, number: int) -> dict:
    """A firm whose few possible names, ids and phones make it meet others."""
    tax_id, phone, name = random.choice(IDS), random.choice(PHONES), random.choice(NAMES)
    row = record(f"{'abc'[number % 3]}:{number:03d}", name, tax_id=tax_id, phone=phone, country="CN")
    kind = None if tax_id is None else "uscc" if len(tax_id) > 2 else "other"
    row |= {"tax_id_kind": kind, "tax_id_valid": {"uscc": True}.get(kind or "")}
    row["branch"] = random.choice([None, None, None, "上海|分公司"])
    evidence = repr([row[column] for column in ("name_text", "tax_id", "phone", "branch")])
    return row | {"evidence_hash": hashlib.md5(evidence.encode()).hexdigest()}


def scored(records: list[dict]) -> pa.Table:
    """Pairs as a frozen model scores them: by the two records alone."""
    rows = []
    for left, right in combinations(records, 2):
        text = "|".join([left["record_id"], left["evidence_hash"], right["record_id"], right["evidence_hash"]])
        chance = int(hashlib.md5(text.encode()).hexdigest()[:4], 16) / 65536
        if chance > 0.08:
            continue
        probability = round(0.99 - 6 * chance, 6)
        band = "same" if probability >= SAME else "grey" if probability >= GREY else "different"
        found = {"record_id_l": left["record_id"], "record_id_r": right["record_id"], "party_type": "organisation"}
        rows.append(found | {"match_probability": probability, "band": band, "model_id": "m"})
    return pa.Table.from_pylist(rows, schema=unify.PAIRS)


def next_night(random: Random, records: dict[int, dict], said: list[Said]) -> None:
    """Some records are changed, some go, some come or come back; people decide, and change their minds."""
    for number in random.sample(range(RECORDS), 4):
        if number in records and random.random() < 0.4:
            del records[number]
        else:
            records[number] = random_record(random, number)
    if random.random() < 0.6:
        left, right = sorted(random.sample(range(RECORDS), 2))
        names = (f"{'abc'[left % 3]}:{left:03d}", f"{'abc'[right % 3]}:{right:03d}")
        said.append((random.choice(["same", "different", "parent"]), *names))
    if said and random.random() < 0.3:
        said.append(("undo", *random.choice(said)[1:]))


@pytest.mark.parametrize("seed", range(3))
def test_night_after_night_redoing_what_is_affected_gives_what_redoing_all_gives(seed: int) -> None:
    random = Random(seed)
    records = {number: random_record(random, number) for number in range(0, RECORDS, 2)}
    said: list[Said] = []
    resolved = events = words = None
    for night in range(NIGHTS):
        rows = [records[number] for number in sorted(records, key=lambda number: records[number]["record_id"])]
        normal = pa.Table.from_pylist([dict.fromkeys(NORMALISED.names) | row for row in rows], schema=NORMALISED)
        words_before, words = words, words_table(last_words(decisions(said)))

        resolved = unify.resolution(normal, scored(rows), MODELS, words, resolved)
        events = unify.key_events(resolved, words, DAY + timedelta(days=night), events, words_before)

        assert resolved == unify.resolution(normal, scored(rows), MODELS, words)
        next_night(random, records, said)
    assert {"issue", "join", "leave", "merge", "split"} <= set(events["event_type"].to_pylist())


def test_most_records_keep_their_cluster_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [record(f"a:{number:03d}", f"Firm {number}", evidence_hash=str(number)) for number in range(40)]
    normal = pa.Table.from_pylist([dict.fromkeys(NORMALISED.names) | row for row in rows], schema=NORMALISED)
    none, words = scored([]), words_table([])
    monday = unify.resolution(normal, none, MODELS, words)
    asked: list[int] = []
    build = unify.build_clusters

    def spy(con: unify.duckdb.DuckDBPyConnection, records: str, *arguments: object) -> None:
        asked.append(con.execute(f"select count(*) from {records}").fetchall()[0][0])
        build(con, records, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(unify, "build_clusters", spy)
    rows[7] |= {"phone": "+862155550001", "evidence_hash": "other"}
    changed = pa.Table.from_pylist([dict.fromkeys(NORMALISED.names) | row for row in rows], schema=NORMALISED)
    unify.resolution(changed, none, MODELS, words, monday)

    assert asked == [1]
