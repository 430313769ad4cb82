"""The benchmark company on the whole road: a running world, a data folder, and `scoreline` typed into it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner, Result

from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.demo_crm import DEFAULT_CRM
from connectors.sandbox.world import World, benchmark_world
from pipelines.assets import streams
from pipelines.cli import main
from pipelines.publish.releases import Release, current
from tests.pipelines.benchmark_truth import Comparison, compare


@dataclass
class Road:
    """One world and one data folder. `waits`: seconds a connector would have waited before another attempt."""

    world: World
    home: Path
    patch: pytest.MonkeyPatch
    waits: list[float] = field(default_factory=list)

    def scoreline(self, *arguments: str) -> Result:
        """Type a command, with the world's addresses and secrets in the environment."""
        self.patch.setenv("SCORELINE_HOME", str(self.home))
        for name, value in self.world.environment.items():
            self.patch.setenv(name, value)
        return CliRunner().invoke(main, list(arguments))

    def release(self) -> Release:
        """The release that stands."""
        release = current(self.home)
        assert release is not None
        return release

    def compare(self, truth: BenchmarkCompany) -> Comparison:
        """What is published against what the truth says it must be."""
        return compare(self.home, truth, self.world)

    def forget_requests(self) -> None:
        """Empty both servers' request logs."""
        self.world.erp.seen.clear()
        self.world.crm.seen.clear()


@contextmanager
def road(company: BenchmarkCompany, root: Path, crm_name: str = DEFAULT_CRM) -> Iterator[Road]:
    """A world of its own below `root`; nothing waits between attempts, what would have been waited is noted."""
    with benchmark_world(company, root, crm_name) as world, pytest.MonkeyPatch.context() as patch:
        made = Road(world, root / "home", patch)
        patch.setattr("connectors.http.pause", made.waits.append)
        patch.setattr(streams, "RETRIES", dg.RetryPolicy(max_retries=1, delay=0))
        yield made


def output_of(result: Result) -> Any:
    """For messages of failed assertions: what the command printed, and the traceback if there was one."""
    return f"{result.output}\n{result.exception!r}"
