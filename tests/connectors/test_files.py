"""Files as people leave them in a folder: encodings, drift, breakage, corrections, copies and full pictures."""

import datetime as dt
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.base import ConfigurationError, SourceError, StatefulConnector
from connectors.files import FilesConfig, FilesConnector
from connectors.landing import Landing, sync
from connectors.landing.packages import parquet_scan
from connectors.mapping import Mapping


class Folder:
    """A folder with one stream; `load` gives what a sync would land and keeps state and live keys as landing does."""

    def __init__(self, path: Path, **stream: Any) -> None:
        self.path = path
        settings = {"name": "deals", "glob": "*", "key": ["id"], **stream}
        self.connector = FilesConnector(FilesConfig.model_validate({"url": str(path), "streams": [settings]}))
        self.state: dict[str, Any] = {}
        self.live: set[str] = set()

    def write(self, name: str, content: str | bytes) -> None:
        data = content.encode() if isinstance(content, str) else content
        (self.path / name).write_bytes(data)

    def load(self) -> list[dict[str, Any]]:
        """Rows of all batches, without lineage columns; a deletion is {"id": ..., "_deleted": True}."""
        return [_plain(row) for row in self.batch_rows()]

    def batch_rows(self) -> list[dict[str, Any]]:
        stream = self.connector.streams()[0]
        state = json.loads(json.dumps(self.state))
        rows = [
            row
            for batch in self.connector.read_batches(stream, state, lambda: set(self.live))
            for row in batch.page.to_pylist()
        ]
        for row in rows:
            key = "|".join(row[name] for name in stream.key)
            (self.live.discard if row.get("_deleted") else self.live.add)(key)
        self.state = json.loads(json.dumps(state))
        return rows


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    if row.get("_deleted"):
        return {"id": row["id"], "_deleted": True}
    return {name: value for name, value in row.items() if not name.startswith("_")}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_values_land_as_written_with_file_and_row(folder: Folder) -> None:
    folder.write("a.csv", 'id,Close Value,note\n007,1200.00," x, y"\n008,,"line one\nline two"\n')
    rows = folder.batch_rows()
    assert [_plain(row) for row in rows] == [
        {"id": "007", "close_value": "1200.00", "note": " x, y"},
        {"id": "008", "close_value": None, "note": "line one\nline two"},
    ]
    assert [(row["_file"], row["_file_row"], len(row["_file_checksum"])) for row in rows] == [
        ("a.csv", 2, 64),
        ("a.csv", 3, 64),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_text_and_headers_survive_every_usual_encoding(folder: Folder, encoding: str) -> None:
    folder.write("订单.csv", "id,客户 名称,金额(元)\n1,北京朝阳贸易有限公司,12.50\n2,上海一二三,3\n".encode(encoding))
    assert folder.load() == [
        {"id": "1", "客户_名称": "北京朝阳贸易有限公司", "金额_元": "12.50"},
        {"id": "2", "客户_名称": "上海一二三", "金额_元": "3"},
    ]


def test_western_text_is_not_taken_for_chinese(folder: Folder) -> None:
    folder.write("a.csv", "id,name\n1,Café Düsseldorf\n2,Señor Peña\n".encode("cp1252"))
    with pytest.raises(SourceError, match=r"a\.csv: the text is not utf-8, gb18030; give the stream's `encoding`"):
        folder.load()


def test_encoding_is_a_setting(tmp_path: Path) -> None:
    folder = Folder(tmp_path, encoding="cp1252")
    folder.write("a.csv", "id,name\n1,Café\n".encode("cp1252"))
    assert folder.load() == [{"id": "1", "name": "Café"}]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_delimiter_is_seen_in_the_header(folder: Folder, delimiter: str) -> None:
    folder.write("a.csv", delimiter.join(["id", "name"]) + "\n" + delimiter.join(["1", "a, b"]) + "\n")
    assert folder.load() == [{"id": "1", "name": "a, b"}]


def test_header_may_stand_below_a_title(tmp_path: Path) -> None:
    folder = Folder(tmp_path, header_row=3)
    folder.write("a.csv", "Report of May\n\nid,name\n1,x\n")
    rows = folder.batch_rows()
    assert [(row["id"], row["_file_row"]) for row in rows] == [("1", 4)]


def test_trailing_delimiters_make_no_column_but_a_value_there_is_refused(folder: Folder) -> None:
    folder.write("a.csv", "id,name,\n1,x,\n")
    assert folder.load() == [{"id": "1", "name": "x"}]
    folder.write("b.csv", "id,name,\n2,y,\n3,z,lost\n")
    with pytest.raises(SourceError, match=r"b\.csv, row 3: 'lost' stands in column 3, which has no name in the header"):
        folder.load()


def test_broken_files_name_line_and_reason(folder: Folder) -> None:
    cases = {
        'id,name\n1,x\n2,"open\n3,y\n': r"line 3: a quotation mark opened in this record is never closed",
        'id,name\n1,"open\n2,y\n3,"z\n4,w\n': r"line 2: text follows a closing quotation mark",
        "id,name\n1,x\n2,y,extra\n": r"line 3: expected 2 fields as in the header, found 3: '2,y,extra'",
        "id,name\n1,x\n2\n": r"line 3: expected 2 fields as in the header, found 1: '2'",
        "": r"has no header",
        "id,name,id\n": r"column id stands twice in the header \(id, name, id\)",
        "key,name\n1,x\n": r"column id is missing; found: key, name; expected at least: id",
    }
    for content, message in cases.items():
        folder.write("a.csv", content)
        with pytest.raises(SourceError, match="a\\.csv.*" + message):
            folder.load()
    assert folder.state == {}


def test_unclosed_quotation_mark_is_found_far_into_a_large_file(folder: Folder) -> None:
    lines = [f"{number},name {number}" for number in range(60_000)]
    lines[50_000] = '50000,"name'
    folder.write("a.csv", "id,name\n" + "\n".join(lines) + "\n")
    with pytest.raises(SourceError, match=r"line 50002: a (value of more|quotation mark)"):
        folder.load()


def test_quotation_marks_inside_plain_values_are_no_breakage(folder: Folder) -> None:
    folder.write("a.csv", 'id,name\n1,5" pipe\n\n2,"say ""hi"""\n')
    assert folder.load() == [{"id": "1", "name": '5" pipe'}, {"id": "2", "name": 'say "hi"'}]


def test_headers_may_drift(tmp_path: Path) -> None:
    folder = Folder(tmp_path, aliases={"Deal No.": "id", "Wert (€)": "value"}, required_columns=["value"])
    folder.write("a.csv", "id,value\n1,10\n")
    assert folder.load() == [{"id": "1", "value": "10"}]
    folder.write("b.csv", "value,id\n20,2\n")
    assert folder.load() == [{"id": "2", "value": "20"}]
    folder.write("c.csv", "Deal No.,owner,Wert (€)\n3,Ann,30\n")
    assert folder.load() == [{"id": "3", "owner": "Ann", "value": "30"}]
    folder.write("d.csv", "id,owner\n4,Ann\n")
    with pytest.raises(
        SourceError, match=r"d\.csv: column value is missing; found: id, owner; expected at least: id, value"
    ):
        folder.load()


def test_record_without_a_key_lands_for_the_quarantine(folder: Folder) -> None:
    folder.write("a.csv", "id,name\n1,x\n,total\n")
    assert folder.load() == [{"id": "1", "name": "x"}, {"id": "", "name": "total"}]


def test_second_sync_loads_nothing_and_a_change_is_loaded_once(folder: Folder) -> None:
    folder.write("a.csv", "id,name\n1,x\n")
    assert len(folder.load()) == 1
    assert folder.load() == []
    folder.write("a.csv", "id,name\n1,y\n")
    assert folder.load() == [{"id": "1", "name": "y"}]
    assert folder.load() == []


def test_going_back_to_earlier_content_is_a_change(folder: Folder) -> None:
    for name in ("x", "y", "x"):
        folder.write("a.csv", f"id,name\n1,{name}\n")
        assert folder.load() == [{"id": "1", "name": name}]


def test_copy_of_a_loaded_file_is_not_loaded_again(folder: Folder) -> None:
    folder.write("week 2.csv", "id,name\n1,old\n")
    folder.load()
    folder.write("week 10.csv", "id,name\n1,new\n")
    folder.load()
    folder.write("week 10 copy.csv", "id,name\n1,new\n")
    folder.write("week 1 renamed.csv", "id,name\n1,old\n")
    assert folder.load() == []


def test_newer_file_that_repeats_older_content_takes_back_what_was_between(folder: Folder) -> None:
    for number, name in enumerate(["x", "y", "x"], start=1):
        folder.write(f"day {number}.csv", f"id,name\n1,{name}\n")
        assert folder.load() == [{"id": "1", "name": name}]


def test_new_files_are_ordered_by_name_with_numbers_counted(folder: Folder) -> None:
    for number in (10, 9, 1):
        folder.write(f"week {number}.csv", f"id,name\n1,{number}\n")
    assert [row["name"] for row in folder.load()] == ["1", "9", "10"]


def test_new_files_may_be_ordered_by_modification_time(tmp_path: Path) -> None:
    folder = Folder(tmp_path, order="modified")
    for name, modified in (("a.csv", 2_000_000_000), ("b.csv", 1_000_000_000)):
        folder.write(name, f"id,name\n1,{name}\n")
        os.utime(tmp_path / name, (modified, modified))
    assert [row["name"] for row in folder.load()] == ["b.csv", "a.csv"]


@pytest.fixture
def snapshots(tmp_path: Path) -> Folder:
    return Folder(tmp_path, snapshot=True)


def test_snapshot_marks_what_it_no_longer_holds(snapshots: Folder) -> None:
    snapshots.write("a.csv", "id,name\n1,x\n2,y\n")
    snapshots.load()
    snapshots.write("a.csv", "id,name\n2,y\n3,z\n")
    assert snapshots.load() == [{"id": "2", "name": "y"}, {"id": "3", "name": "z"}, {"id": "1", "_deleted": True}]
    assert snapshots.connector.count(snapshots.connector.streams()[0]) == 2


def test_several_snapshots_at_once_are_read_one_after_the_other(snapshots: Folder) -> None:
    snapshots.write("day 1.csv", "id,name\n1,x\n")
    snapshots.write("day 2.csv", "id,name\n2,y\n")
    assert snapshots.load() == [{"id": "1", "name": "x"}, {"id": "2", "name": "y"}, {"id": "1", "_deleted": True}]


def test_older_snapshot_that_comes_late_does_not_replace_a_newer_one(snapshots: Folder) -> None:
    snapshots.write("day 2.csv", "id,name\n2,y\n")
    snapshots.load()
    snapshots.write("day 1.csv", "id,name\n1,x\n")
    assert snapshots.load() == []


def test_emptied_snapshot_is_refused(snapshots: Folder) -> None:
    snapshots.write("a.csv", "id,name\n1,x\n2,y\n")
    snapshots.load()
    snapshots.write("a.csv", "id,name\n")
    with pytest.raises(
        SourceError, match=r"a\.csv: had 2 rows when it was loaded and has none now; nothing was changed"
    ):
        snapshots.load()


def test_snapshot_that_lost_most_of_its_rows_is_refused(snapshots: Folder) -> None:
    snapshots.write("a.csv", "id,name\n" + "".join(f"{number},x\n" for number in range(100)))
    snapshots.load()
    snapshots.write("a.csv", "id,name\n" + "".join(f"{number},x\n" for number in range(60)))
    with pytest.raises(
        SourceError, match=r"a\.csv: 40 of 100 records of stream deals are missing \(first: 60, 61, 62\)"
    ):
        snapshots.load()
    snapshots.write("a.csv", "id,name\n" + "".join(f"{number},x\n" for number in range(80)))
    assert len(snapshots.load()) == 80 + 20


def test_snapshot_with_a_key_of_two_columns(tmp_path: Path) -> None:
    folder = Folder(tmp_path, snapshot=True, key=["id", "line"])
    folder.write("a.csv", "id,line,qty\n1,1,5\n1,2,6\n")
    folder.load()
    folder.write("a.csv", "id,line,qty\n1,2,6\n")
    assert [(row["id"], row["line"], row.get("_deleted")) for row in folder.batch_rows()] == [
        ("1", "2", None),
        ("1", "1", True),
    ]


def write_workbook(path: Path, rows: list[list[Any]], title: str = "Sheet") -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.save(path)


def test_excel_values_read_as_a_person_sees_them(folder: Folder) -> None:
    header = ["id", "客户", "amount", "rate", "big", "day", "moment", "flag", None]
    values = [7, "华为", 1200.0, 0.1, 1e15, dt.date(2025, 1, 31), dt.datetime(2025, 1, 31, 9, 30), True, None]
    write_workbook(folder.path / "a.xlsx", [header, values, [None] * 9, ["8", " x ", 0.30000000000000004, -0.0]])
    rows = folder.batch_rows()
    assert [_plain(row) for row in rows] == [
        {
            "id": "7",
            "客户": "华为",
            "amount": "1200",
            "rate": "0.1",
            "big": "1000000000000000",
            "day": "2025-01-31",
            "moment": "2025-01-31T09:30:00",
            "flag": "true",
        },
        {"id": "8", "客户": " x ", "amount": "0.3", "rate": "0"} | dict.fromkeys(["big", "day", "moment", "flag"]),
    ]
    assert [row["_file_row"] for row in rows] == [2, 4]


def test_excel_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    folder = Folder(tmp_path, sheet="Deals")
    write_workbook(tmp_path / "a.xlsx", [["id"], [1]], title="Deals")
    assert folder.load() == [{"id": "1"}]
    write_workbook(tmp_path / "a.xlsx", [["id"], [1]], title="Other")
    with pytest.raises(SourceError, match=r"a\.xlsx: has no sheet 'Deals'; it has: Other"):
        folder.load()


def test_excel_formula_nobody_computed_is_refused(folder: Folder) -> None:
    write_workbook(folder.path / "a.xlsx", [["id", "total"], [1, 5], [2, "=B2*2"]])
    with pytest.raises(SourceError, match=r"a\.xlsx, cell B3: holds a formula without a computed value"):
        folder.load()


def test_file_that_is_no_workbook_is_refused(folder: Folder) -> None:
    folder.write("a.xlsx", "id,name\n1,x\n")
    with pytest.raises(SourceError, match=r"a\.xlsx: is no readable Excel workbook"):
        folder.load()


def test_parquet_values_are_exact_text(folder: Folder) -> None:
    table = pa.table(
        {
            "id": pa.array([1, 2]),
            "amount": pa.array([Decimal("12.500"), None], pa.decimal128(12, 3)),
            "rate": pa.array([0.1, 1200.0]),
            "at": pa.array([dt.datetime(2025, 1, 31, 9, 30, tzinfo=dt.UTC)] * 2, pa.timestamp("us", "UTC")),
            "tags": pa.array([["甲"], []]),
        }
    )
    pq.write_table(table, folder.path / "a.parquet")
    assert folder.load() == [
        {"id": "1", "amount": "12.500", "rate": "0.1", "at": "2025-01-31T09:30:00+00:00", "tags": '["甲"]'},
        {"id": "2", "amount": None, "rate": "1200", "at": "2025-01-31T09:30:00+00:00", "tags": "[]"},
    ]


@pytest.mark.parametrize("lines", [True, False])
def test_json_numbers_land_as_written(folder: Folder, lines: bool) -> None:
    first, second = '{"id": 1, "amount": 1200.10, "ok": true}', '{"id": "2", "who": {"名": "王"}}'
    folder.write("a.json", f"{first}\n{second}\n" if lines else f"[{first}, {second}]")
    assert folder.load() == [
        {"id": "1", "amount": "1200.10", "ok": "true", "who": None},
        {"id": "2", "amount": None, "ok": None, "who": '{"名":"王"}'},
    ]


def test_missing_folder_and_missing_files_are_problems(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no such folder"):
        Folder(tmp_path / "nowhere").load()
    folder = Folder(tmp_path, glob="*.csv")
    assert folder.connector.check().stream_problems == {"deals": f"stream deals: no file matches '*.csv' in {tmp_path}"}
    folder.write("a.csv", "id\n1\n")
    assert folder.connector.check().ok


def test_unknown_kind_of_file_is_a_problem_of_the_configuration(folder: Folder) -> None:
    folder.write("a.dat", "id\n1\n")
    with pytest.raises(ConfigurationError, match=r"a\.dat: unknown kind of file; set the stream's `format`"):
        folder.load()


def test_any_fsspec_url_is_a_folder() -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/inbox/a.csv", b"id,name\n1,x\n")
    stream = {"name": "deals", "glob": "*.csv", "key": ["id"]}
    connector = FilesConnector(FilesConfig.model_validate({"url": "memory://inbox", "streams": [stream]}))
    batches = list(connector.read_batches(connector.streams()[0], {}, set))
    assert [(batch.name, batch.page.num_rows) for batch in batches] == [("a.csv", 1)]


def test_mapping_of_an_unknown_stream_is_refused_at_once(tmp_path: Path) -> None:
    mapping = Mapping.model_validate({"employee": {"from": "peple", "columns": {"employee_name": "name"}}})
    config = FilesConfig.model_validate(
        {"url": str(tmp_path), "streams": [{"name": "people", "glob": "*.csv", "key": ["id"]}]}
    )
    with pytest.raises(
        ConfigurationError, match=r"mapping.employee.from: there is no stream 'peple'; did you mean people\?"
    ):
        FilesConnector(config, mapping)


def test_landing_keeps_versions_columns_and_state_of_files(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    folder = Folder(tmp_path / "in", snapshot=True)
    assert isinstance(folder.connector, StatefulConnector)
    folder.write("day 1.csv", "id,客户\n1,甲\n2,乙\n")
    folder.write("day 2.csv", "id,客户,amount\n1,甲,5\n1,甲,6\n")
    first = sync(folder.connector, "inbox", tmp_path / "home")
    again = sync(folder.connector, "inbox", tmp_path / "home")

    assert [stream.error for stream in first.streams + again.streams] == [None, None]
    assert (first.landed_rows, again.landed_rows) == (5, 0)
    files = Landing(tmp_path / "home").files("inbox", "deals")
    rows = duckdb.execute(
        'select id, "客户", amount, _deleted, dense_rank() over (order by _seq) '
        f"from {parquet_scan(files)} order by _seq, _deleted, id, amount"
    ).fetchall()
    assert rows == [
        ("1", "甲", None, False, 1),
        ("2", "乙", None, False, 1),
        ("1", "甲", "5", False, 2),
        ("1", "甲", "6", False, 2),
        ("2", None, None, True, 2),
    ]


def test_broken_file_lands_nothing_of_itself(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    folder = Folder(tmp_path / "in")
    folder.write("a.csv", "id,name\n" + "".join(f"{number},x\n" for number in range(30_000)) + "1,2,3\n")
    report = sync(folder.connector, "inbox", tmp_path / "home")
    assert report.landed_rows == 0
    assert report.failed[0].error is not None and "a.csv, line 30002: expected 2 fields" in report.failed[0].error

    folder.write("a.csv", "id,name\n1,x\n")
    assert sync(folder.connector, "inbox", tmp_path / "home").landed_rows == 1
