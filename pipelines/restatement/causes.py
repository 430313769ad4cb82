"""Which inputs belong to which cause, which of them changed since a release, and the inputs with some taken back.

A stream of exchange rates, of the organisation or of customers belongs to that cause; every other holds records, where
a new key is a late record and a new version of a known one a correction. Standards, plans of pay, the appraisal cycle,
credit rules, process, calendar and target rules are the standards of the company; the mapping of a source is code.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from connectors.landing import LandedFile
from connectors.landing.packages import KEY, parquet_scan
from pipelines.company import Company
from pipelines.company.models import CompanySettings
from pipelines.company.sources import Source
from pipelines.restatement.ledger import CAUSES, CODE, CORRECTION, CUSTOMER, LATE, ORG, RATE, STANDARD
from pipelines.warehouse import BuildInputs

ENTITIES = {
    RATE: frozenset({"exchange_rate"}),
    ORG: frozenset({"org_unit", "employee", "assignment", "employment_event", "headcount_plan"}),
    CUSTOMER: frozenset({"customer_record", "contact", "company_registry_record"}),
}
"""Entities whose streams belong to a cause as a whole, new keys and new versions alike."""
STREAMS = {
    RATE: frozenset({"currency", "currency_rate"}),
    ORG: frozenset({"department", "employee", "job", "user", "user_role", "role", "crm_team", "crm_team_member"}),
    CUSTOMER: frozenset({"account", "contact", "partner", "partner_industry", "country", "country_state"}),
}
"""The same for systems whose streams dbt knows, by the name of the stream: some feed many entities in passing."""
SETTINGS = {
    RATE: ("reporting_currency", "missing_rate", "rate_max_age_days"),
    ORG: ("org_sources", "roles"),
    CUSTOMER: ("customer_sources",),
    STANDARD: ("time_zone", "fiscal_year_start_month", "calendar", "customer_lifecycle", "targets"),
}
"""Fields of company.yaml by cause; the others (names, what is closed, limits of the gate) change no value."""
RULES = ("standards", "plans", "cycle", "credit_rules", "process")
"""Files of the company that belong to its standards, by their name in `Company`."""
Stream = tuple[str, str]
"""Source and stream."""


@dataclass(frozen=True)
class Change:
    """What lies between the inputs of a release (`old`) and those of a build (`new`).

    causes_of: streams that belong to one cause as a whole. is_new_code: whether the project's own code is another than
    the release's.
    """

    old: BuildInputs
    new: BuildInputs
    causes_of: Mapping[Stream, str]
    is_new_code: bool

    @cached_property
    def causes(self) -> tuple[str, ...]:
        """The causes whose inputs changed, in the fixed order."""
        changed = {
            LATE: any(self._has_new_keys(stream) for stream in self._records()),
            CORRECTION: any(self._has_new_versions(stream) for stream in self._records()),
            CUSTOMER: self._landed_anew(CUSTOMER) or self._set_anew(CUSTOMER) or self._decided_anew(),
            ORG: self._landed_anew(ORG) or self._set_anew(ORG),
            STANDARD: self._ruled_anew() or self._set_anew(STANDARD),
            RATE: self._landed_anew(RATE) or self._set_anew(RATE),
            CODE: self.is_new_code or _mappings(self.old.company) != _mappings(self.new.company),
        }
        return tuple(cause for cause in CAUSES if changed[cause])

    def without(self, causes: Iterable[str]) -> BuildInputs:
        """The new inputs with those of these causes as they were for the release."""
        back = frozenset(causes)
        files = [file for file in self.new.files if file.path in self._old_paths or not self._is_back(file, back)]
        later = {file.path for file in files if file.path not in self._old_paths}
        records = {file.path for file in files if self.cause_of(file) == LATE}
        unknown = later & records if LATE in back and CORRECTION not in back else set()
        return replace(self.new, company=self._company(back), files=tuple(files), without_new_keys=frozenset(unknown))

    def cause_of(self, file: LandedFile) -> str:
        """The cause a file's stream belongs to; `LATE` stands for records, late or corrected."""
        return self.causes_of.get((file.source, file.stream), LATE)

    @cached_property
    def _old_paths(self) -> frozenset[Path]:
        return frozenset(file.path for file in self.old.files)

    def _is_back(self, file: LandedFile, back: frozenset[str]) -> bool:
        cause = self.cause_of(file)
        # late records are taken back before corrections, or there are none
        return (CORRECTION if cause == LATE else cause) in back

    def _landed_anew(self, cause: str) -> bool:
        return any(file.path not in self._old_paths and self.cause_of(file) == cause for file in self.new.files)

    def _records(self) -> list[Stream]:
        """Streams of records of which something landed since the release."""
        later = (file for file in self.new.files if file.path not in self._old_paths and self.cause_of(file) == LATE)
        return sorted({(file.source, file.stream) for file in later})

    def _has_new_keys(self, stream: Stream) -> bool:
        return self._any_key(stream, "not in")

    def _has_new_versions(self, stream: Stream) -> bool:
        return self._any_key(stream, "in")

    def _any_key(self, stream: Stream, relation: str) -> bool:
        files = [file for file in self.new.files if (file.source, file.stream) == stream]
        told = [file for file in files if file.path in self._old_paths]
        later = [file for file in files if file.path not in self._old_paths]
        if not told:
            return relation == "not in"
        query = f"select 1 from {parquet_scan(later)} where {KEY} {relation} (select {KEY} from {parquet_scan(told)})"
        with duckdb.connect() as con:
            return bool(con.execute(f"{query} limit 1").fetchall())

    def _set_anew(self, cause: str) -> bool:
        old, new = self.old.company.settings, self.new.company.settings
        return any(getattr(old, name) != getattr(new, name) for name in SETTINGS[cause])

    def _decided_anew(self) -> bool:
        old, new = ([filed.decision for filed in side.company.decisions] for side in (self.old, self.new))
        return old != new

    def _ruled_anew(self) -> bool:
        return any(getattr(self.old.company, name) != getattr(self.new.company, name) for name in RULES)

    def _company(self, back: frozenset[str]) -> Company:
        old, new = self.old.company, self.new.company
        rules = old if STANDARD in back else new
        return replace(
            new,
            settings=self._settings(back),
            decisions=(old if CUSTOMER in back else new).decisions,
            **{name: getattr(rules, name) for name in RULES},
        )

    def _settings(self, back: frozenset[str]) -> CompanySettings:
        old, new = self.old.company.settings, self.new.company.settings
        names = [name for cause, fields in SETTINGS.items() if cause in back for name in fields]
        return new.model_copy(update={name: getattr(old, name) for name in names})


def streams_by_cause(company: Company) -> dict[Stream, str]:
    """The cause each stream of the company belongs to as a whole; a stream of records is not in it.

    Of a mapped source the entities decide that its mapping makes of the stream, of another the stream's name.
    """
    return {
        (source.name, stream): cause
        for source in company.sources
        for stream in source.stream_names()
        if (cause := _cause_of_stream(source, stream)) is not None
    }


def _cause_of_stream(source: Source, stream: str) -> str | None:
    if source.mapping is None:
        return next((cause for cause, names in STREAMS.items() if stream in names), None)
    fed = {entity for entity, streams in source.mapped_streams().items() if stream in streams}
    return next((cause for cause, entities in ENTITIES.items() if fed and fed <= entities), None)


def _mappings(company: Company) -> list[tuple[str, str, Any]]:
    return [(source.name, source.type, source.mapping) for source in company.sources]
