"""`process.yaml`: the stages of a company's processes, and the same as rows for dbt.

Stages have an order, names in every system, a longest stay and allowed next stages. A process the file leaves out keeps
the stages of `template/process.yaml`, which is the default and the template in one.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, model_validator

from pipelines.company.models import Identifier, Model, Names, Text

TEMPLATE = Path(__file__).parent / "template" / "process.yaml"
PROCESSES = ("lead", "opportunity", "contract", "after_sales")
ANY_SYSTEM = "all"

Share = Annotated[Decimal, Field(ge=0, le=1, max_digits=9, decimal_places=6)]


class Stage(Model):
    """One stage of a process."""

    stage: Identifier = Field(description="Id of the stage.")
    name: Names = Field(description="Name people read.")
    synonyms: dict[Identifier, list[Text]] = Field(
        default_factory=dict,
        description="Names the stage has at the sources: under `all` in every source, under a connector type or the "
        "name of a source in these alone, which then win. Case and blanks around a name do not count.",
    )
    max_days: int | None = Field(
        default=None, ge=1, description="Days an item may stay before it counts as stuck; left out: any time."
    )
    next: list[Identifier] | None = Field(
        default=None,
        description="Stages an item may go to from here; left out: the following one and every stage of outcome lost.",
    )
    outcome: Literal["won", "lost"] | None = Field(
        default=None, description="How the process ends in this stage; left out: it goes on."
    )
    win_share: Share | None = Field(
        default=None, description="Share (0 to 1) of items in this stage that are won in the end; weighs the pipeline."
    )


class ProcessSettings(Model):
    """`process.yaml`: the stages of each process in their order."""

    lead: list[Stage] | None = Field(default=None, min_length=1, description="Stages of an enquiry.")
    opportunity: list[Stage] | None = Field(default=None, min_length=1, description="Stages of a deal.")
    contract: list[Stage] | None = Field(default=None, min_length=1, description="Stages of a contract.")
    after_sales: list[Stage] | None = Field(default=None, min_length=1, description="Stages of a service case.")

    @model_validator(mode="after")
    def _stages_fit_together(self) -> "ProcessSettings":
        for process in PROCESSES:
            stages = getattr(self, process) or []
            ids = [stage.stage for stage in stages]
            for position, stage in enumerate(stages):
                if stage.stage in ids[:position]:
                    raise ValueError(f"{process}: the stage '{stage.stage}' is listed twice")
                for following in stage.next or []:
                    if following not in ids:
                        raise ValueError(f"{process}: '{stage.stage}' leads to '{following}', which is no stage of it")
            _names_mean_one_stage(process, stages)
        return self

    def stages(self, process: str) -> list[Stage]:
        """The stages of a process, in order; the default ones where the company names none."""
        return getattr(self, process) or getattr(default_process(), process)


def _names_mean_one_stage(process: str, stages: list[Stage]) -> None:
    owner: dict[tuple[str, str], str] = {}
    for stage in stages:
        for scope, names in stage.synonyms.items():
            for name in names:
                if owner.setdefault((scope, _key(name)), stage.stage) != stage.stage:
                    first = owner[scope, _key(name)]
                    raise ValueError(f"{process}: '{name}' ({scope}) means both '{first}' and '{stage.stage}'")


@cache
def default_process() -> ProcessSettings:
    """The stages of a company that has no process.yaml."""
    return ProcessSettings.model_validate(yaml.safe_load(TEMPLATE.read_text(encoding="utf-8")))


def stage_rows(settings: ProcessSettings) -> Iterator[dict[str, Any]]:
    """A row per process and stage; positions count from 1."""
    for process in PROCESSES:
        for position, stage in enumerate(settings.stages(process), 1):
            yield {
                "process": process,
                "stage": stage.stage,
                "position": position,
                "name_zh": stage.name.zh or stage.name.en,
                "name_en": stage.name.en or stage.name.zh,
                "outcome": stage.outcome,
                "max_days": stage.max_days,
                "win_share": stage.win_share,
            }


def name_rows(settings: ProcessSettings) -> Iterator[dict[str, Any]]:
    """A row per process, scope (source, connector type or `all`) and name in small letters; id and names of a
    stage mean it, too.
    """
    for process in PROCESSES:
        stages = settings.stages(process)
        found = {
            (scope, _key(name)): stage.stage
            for stage in stages
            for scope, names in stage.synonyms.items()
            for name in names
        }
        for stage in stages:
            for own in (stage.stage, stage.name.zh, stage.name.en):
                if own:
                    found.setdefault((ANY_SYSTEM, _key(own)), stage.stage)
        for (scope, name), stage_id in found.items():
            yield {"process": process, "scope": scope, "stage_name": name, "stage": stage_id}


def step_rows(settings: ProcessSettings) -> Iterator[dict[str, Any]]:
    """A row per process, stage and stage that may follow it."""
    for process in PROCESSES:
        stages = settings.stages(process)
        for position, stage in enumerate(stages):
            for following in stage.next if stage.next is not None else _usual_next(stages, position):
                yield {"process": process, "stage": stage.stage, "next_stage": following}


def _usual_next(stages: list[Stage], position: int) -> list[str]:
    if stages[position].outcome:
        return []
    later = stages[position + 1 : position + 2] + [stage for stage in stages if stage.outcome == "lost"]
    return list(dict.fromkeys(stage.stage for stage in later))


def _key(name: str) -> str:
    return name.strip().lower()
