"""The micro company with everything odd in its organisation that can be found, each thing once, and with corrections.

Two sources: `book`, whose word counts, and `crm`. Two loads of the book: on 1 May and on 20 June 2025.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.dbt_project import micro
from tests.dbt_project.warehouse import CONFIG as PLAIN_CONFIG

Row = dict[str, Any]
D = date.fromisoformat
FIRST, SECOND = datetime(2025, 5, 1, 1, tzinfo=UTC), datetime(2025, 6, 20, 1, tzinfo=UTC)


def unit(key: str, parent: str | None, begins: str = "2020-01-01", ends: str = "9999-12-31", **more: Any) -> Row:
    row = {"source_key": key, "unit_code": key, "unit_name": key, "unit_type": "team", "parent_unit_key": parent}
    return row | {"valid_from": D(begins), "valid_to": D(ends)} | more


def posting(key: str, who: str, where: str, begins: str, ends: str = "9999-12-31", **more: Any) -> Row:
    row = {"source_key": key, "employee_key": who, "unit_key": where, "role": "sales_rep", "is_primary": True}
    return row | {"valid_from": D(begins), "valid_to": D(ends)} | more


UNITS = [
    *micro.MAPPED["org_unit"],
    unit("T3", "S", ends="2025-03-01"),
    unit("T4", "T3", "2025-01-01"),
    unit("LOST", "NOWHERE"),
    unit("ROUND", "ABOUT"),
    unit("ABOUT", "ROUND", "2025-01-01"),
    unit("T2", "N", source_system="crm"),
]
EMPLOYEES = [
    *({**row, "left_date": D("2025-09-01")} if row["source_key"] == "p4" else row for row in micro.MAPPED["employee"]),
    *(
        {"source_key": f"p{n}", "employee_number": f"E{n}", "employee_name": name}
        for n, name in ((5, "eve"), (6, "fay"), (7, "gus"), (8, "hal"), (9, "ida"), (10, "joe"), (11, "kim"))
    ),
    {"source_system": "crm", "source_key": "u1", "employee_name": "Ann", "email": "ANN@co.cn"},
]
POSTINGS = [
    *micro.MAPPED["assignment"],
    posting("a6", "E5", "T1", "2025-01-01"),
    posting("a7", "E5", "T2", "2025-03-01", "2025-06-01"),
    posting("a8", "E6", "T1", "2024-01-01", "2025-02-01"),
    posting("a9", "E6", "T2", "2025-04-01"),
    posting("a10", "E8", "T3", "2025-01-01", manager_employee_key="p8"),
    posting("a11", "E9", "NOPE", "2025-01-01", "2025-05-01"),
    posting("a12", "E9", "T2", "2025-05-01", manager_employee_key="X9"),
    posting("a13", "E10", "T1", "2025-08-01", manager_employee_key="E4", time_share=Decimal("0.6")),
    posting("a14", "E10", "T2", "2025-10-01", is_primary=False, time_share=Decimal("0.5")),
    posting("a15", "E11", "T2", "2025-01-01", "2025-10-01"),
    posting("x1", "u1", "T2", "2025-01-01", source_system="crm", manager_employee_key="E2"),
]
MAPPED: Mapping[str, Sequence[Mapping[str, Any]]] = {
    **micro.MAPPED,
    "org_unit": UNITS,
    "employee": EMPLOYEES,
    "assignment": POSTINGS,
    "service_case": [
        {"source_key": "s1", "owner_employee_key": "E7", "status": "open", "opened_at": datetime(2025, 5, 1)},
        {"source_key": "s2", "owner_employee_key": "E7", "status": "closed", "opened_at": datetime(2025, 5, 1)},
    ],
}
CONFIG: Mapping[str, Sequence[Mapping[str, Any]]] = {
    **micro.CONFIG,
    "source": [
        *PLAIN_CONFIG["source"],
        {"source_system": "crm", "system": "files", "org_priority": 2, "fresh_within_hours": 36},
    ],
    "sync_log": [
        {
            "source_system": "book",
            "stream": "posting",
            "load_id": load,
            "started_at": moment,
            "finished_at": moment,
            "status": "ok",
        }
        for load, moment in (("load-1", FIRST), ("load-2", SECOND))
    ],
}


def _version(row: Mapping[str, Any], seq: int, gone: bool = False, **more: Any) -> Row:
    key = f"0:posting:{row['source_key']}"
    return {**row, "load_id": f"load-{seq}", "version_seq": seq, "is_deleted": gone, "record_key": key} | more


_BY_KEY = {row["source_key"]: row for row in POSTINGS if row.get("source_system") is None}
_LATER = ("a3", "a8")
"""Postings that only the second load brought."""
_REKEYED = posting("a8-old", "E6", "T1", "2024-02-01", "2025-02-01")
_WITHDRAWN = posting("a99", "E7", "T2", "2025-03-01")
VERSIONS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "assignment": [
        *(_version(row, 1) for key, row in _BY_KEY.items() if key not in (*_LATER, "a2", "a4", "a5")),
        _version(_BY_KEY["a2"], 1, valid_to=micro.OPEN),
        _version(_BY_KEY["a4"], 1, role="clerk"),
        _version(_BY_KEY["a5"], 1, valid_to=micro.OPEN),
        _version(_REKEYED, 1),
        _version(_WITHDRAWN, 1),
        # landed again and says the same
        _version(_BY_KEY["a1"], 2),
        *(_version(_BY_KEY[key], 2) for key in (*_LATER, "a2", "a4", "a5")),
        _version(_REKEYED, 2, gone=True),
        _version(_WITHDRAWN, 2, gone=True),
    ]
}
