"""The two ways to read a module: queries (COQL), and list calls.

Queries go on by id: the records of a page are those after the last id seen, so that nothing shifts between pages while
records change. List calls go on by page token, in order of the time of change; where the token is no longer taken, or
the reach of a list ends, a new list starts at the last time seen.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import DELETED, TransientError
from connectors.zoho_crm.client import PlaceLost, ZohoClient
from connectors.zoho_crm.fields import ID, Column, Layout
from connectors.zoho_crm.pages import Answer, joined, landed_page, nothing, read_answer

LIST_PAGE = 200
"""Records of a list call at most."""
LIST_REACH = 100_000
"""Records one list gives out at most, however it is paged."""
QUERIED_IDS = 50
LISTED_IDS = 100
"""Ids one call may name."""
STALLS = 3
"""How often a list may be lost without a step forward before the stream fails."""
_MODIFIED = "Modified_Time"


class Reader(Protocol):
    """How the records of a module are fetched."""

    def changed(self, layout: Layout, since: datetime | None, after: str | None) -> Iterator[pa.Table]:
        """Live records changed at or after `since` (None: all); only those behind `after`, a `position`, if given."""
        ...

    def position(self, last: pa.Table) -> str | None:
        """Where to go on behind this record, the last of a page of `changed`."""
        ...

    def ids(self, layout: Layout, since: datetime | None = None, after: str | None = None) -> Iterator[list[str]]:
        """Ids of the live records changed at or after `since` (None: all), a page at a time; repeats allowed.

        after: an id; only greater ones are wanted. A reader that does not go by id gives all.
        """
        ...

    def named(self, layout: Layout, ids: Sequence[str]) -> Iterator[pa.Table]:
        """The live records among these ids."""
        ...


class QueryReader:
    """Reads with COQL."""

    def __init__(self, client: ZohoClient, page_size: int) -> None:
        self._client, self._page_size = client, page_size

    def changed(self, layout: Layout, since: datetime | None, after: str | None) -> Iterator[pa.Table]:
        first, *others = layout.parts()
        for answer in self._scan(layout, first, since, after):
            span = [f"id >= '{answer.ids[0]}'", f"id <= '{answer.ids[-1]}'", *_since(since)]
            # What came into the span meanwhile is in the later parts only; the next sync reads it whole.
            rest = [self._within(layout, part, span) for part in others]
            yield landed_page(layout, joined(answer, rest))

    def position(self, last: pa.Table) -> str | None:
        return str(last["id"][0].as_py())

    def ids(self, layout: Layout, since: datetime | None = None, after: str | None = None) -> Iterator[list[str]]:
        for answer in self._scan(layout, (), since, after):
            yield answer.ids.to_pylist()

    def named(self, layout: Layout, ids: Sequence[str]) -> Iterator[pa.Table]:
        for start in range(0, len(ids), QUERIED_IDS):
            listed = ", ".join(f"'{one}'" for one in ids[start : start + QUERIED_IDS])
            parts = [self._answer(layout, part, [f"id in ({listed})"]) for part in layout.parts()]
            if len(parts[0].ids):
                yield landed_page(layout, joined(parts[0], parts[1:]))

    def _scan(
        self, layout: Layout, part: Sequence[Column], since: datetime | None, after: str | None
    ) -> Iterator[Answer]:
        while True:
            behind = f"id > '{after}'" if after else "id is not null"
            answer = self._answer(layout, part, [behind, *_since(since)])
            if len(answer.ids):
                yield answer
                after = answer.ids[-1].as_py()
            if not answer.more:
                return

    def _within(self, layout: Layout, part: Sequence[Column], span: list[str]) -> Answer:
        """All records of the span; more than a page of them when others were changed in between."""
        answers = [self._answer(layout, part, span)]
        while answers[-1].more:
            answers.append(self._answer(layout, part, [f"id > '{answers[-1].ids[-1]}'", *span[1:]]))
        columns = answers[0].values
        return Answer({name: pa.concat_arrays([one.values[name] for one in answers]) for name in columns}, False, None)

    def _answer(self, layout: Layout, part: Sequence[Column], conditions: list[str]) -> Answer:
        selected = ", ".join(column.field for column in (ID, *part))
        coql = (
            f"select {selected} from {layout.module.name} where {_nested(conditions)} "
            f"order by id asc limit {self._page_size}"
        )
        response = self._client.query(coql)
        return nothing(part) if response is None else read_answer(response.content, part, layout.module.name)


@dataclass(frozen=True)
class _Place:
    """Where a list goes on: with this token of the list that began at `since`, or else in a new one from `reached` on.

    ended: there was nothing more.
    """

    since: str | None
    token: str | None = None
    reached: str | None = None
    ended: bool = False


class ListReader:
    """Reads with list calls."""

    def __init__(self, client: ZohoClient, page_size: int) -> None:
        self._client, self._page_size = client, min(page_size, LIST_PAGE)
        self._places: dict[str, _Place] = {}
        """Where the list goes on behind a page, by the id of its last record."""

    def changed(self, layout: Layout, since: datetime | None, after: str | None) -> Iterator[pa.Table]:
        first, *others = layout.parts()
        place = _Place(**json.loads(after)) if after else _Place(_text(since))
        for answer in self._scan(layout, first, place):
            rest = [self._named(layout, part, answer.ids.to_pylist()) for part in others]
            yield landed_page(layout, joined(answer, rest))

    def position(self, last: pa.Table) -> str | None:
        place = self._places.get(last["id"][0].as_py())
        return json.dumps(asdict(place)) if place else None

    def ids(self, layout: Layout, since: datetime | None = None, after: str | None = None) -> Iterator[list[str]]:
        modified = [column for column in layout.fields if column.field == _MODIFIED]
        for answer in self._scan(layout, modified, _Place(_text(since))):
            yield answer.ids.to_pylist()

    def named(self, layout: Layout, ids: Sequence[str]) -> Iterator[pa.Table]:
        for start in range(0, len(ids), LISTED_IDS):
            chunk = ids[start : start + LISTED_IDS]
            parts = [self._named(layout, part, chunk) for part in layout.parts()]
            if len(parts[0].ids):
                yield landed_page(layout, joined(parts[0], parts[1:]))

    def _named(self, layout: Layout, part: Sequence[Column], ids: Sequence[str]) -> Answer:
        answers = [nothing(part)]
        for start in range(0, len(ids), LISTED_IDS):
            chunk = ",".join(ids[start : start + LISTED_IDS])
            answers.append(self._answer(layout, part, {"ids": chunk, "per_page": str(LIST_PAGE)}, None))
        names = answers[0].values
        return Answer({name: pa.concat_arrays([one.values[name] for one in answers]) for name in names}, False, None)

    def _scan(self, layout: Layout, part: Sequence[Column], place: _Place) -> Iterator[Answer]:
        """Pages of lists, each starting where the one before broke off; a record may come twice, none is left out."""
        lost_at, stalls = None, 0
        while not place.ended:
            reached = place.reached or place.since
            try:
                for answer in self._one_list(layout, part, place):
                    yield answer
                    reached = answer.values[_MODIFIED][-1].as_py()
                return
            except PlaceLost as error:
                stalls = stalls + 1 if reached == lost_at else 1
                lost_at, place = reached, _Place(reached, None, reached)
                if stalls > STALLS:
                    raise TransientError(
                        f"{error}. The list was lost {stalls} times without a step forward: lower page_size, or read "
                        f"the stream with queries (take it out of list_streams)"
                    ) from None

    def _one_list(self, layout: Layout, part: Sequence[Column], place: _Place) -> Iterator[Answer]:
        asked = {"per_page": str(self._page_size), "sort_by": _MODIFIED, "sort_order": "asc"}
        since = datetime.fromisoformat(place.since) if place.since else None
        at = {"page_token": place.token} if place.token else {"page": "1"}
        read = 0
        while True:
            answer = self._answer(layout, part, {**asked, **at}, since)
            if len(answer.ids):
                reached = answer.values[_MODIFIED][-1].as_py()
                self._places[answer.ids[-1].as_py()] = _Place(place.since, answer.token, reached, not answer.more)
                yield answer
            read += len(answer.ids)
            if not answer.more:
                return
            if answer.token is None or read >= LIST_REACH:
                raise PlaceLost(f"zoho_crm {layout.module.name}: the list ends after {read} records, but has more")
            at = {"page_token": answer.token}

    def _answer(
        self, layout: Layout, part: Sequence[Column], parameters: dict[str, str], since: datetime | None
    ) -> Answer:
        names = ",".join(column.field for column in part)
        asked = {"fields": names, **dict(layout.module.parameters), **parameters}
        response = self._client.get(layout.module.name, asked, since_header(since))
        return nothing(part) if response is None else read_answer(response.content, part, layout.module.name)


def last_live(page: pa.Table) -> pa.Table | None:
    """The last record of a page that is not a deletion; None where all are."""
    live = page.filter(pc.invert(page[DELETED]))
    return live.slice(live.num_rows - 1) if live.num_rows else None


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _stamp(moment: datetime) -> str:
    """A moment as Zoho reads it; stamps have whole seconds, so the fraction is dropped (never later)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def since_header(since: datetime | None) -> dict[str, str] | None:
    """The header that asks for what changed at or after a moment; None asks for everything."""
    return {"If-Modified-Since": _stamp(since)} if since else None


def _since(since: datetime | None) -> list[str]:
    return [f"{_MODIFIED} >= '{_stamp(since)}'"] if since else []


def _nested(conditions: list[str]) -> str:
    """Conditions joined as COQL wants them: one bracket around every pair."""
    first, *rest = conditions
    return f"({first} and {_nested(rest)})" if rest else first
