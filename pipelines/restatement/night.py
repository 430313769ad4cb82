"""Settling the candidate of a run: what a release keeps, put together with what a build found."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from expectations.catalog import load
from expectations.closing import closing_tables
from pipelines.company import CompanyError
from pipelines.paths import Home
from pipelines.publish.inputs import code_version
from pipelines.publish.releases import Release
from pipelines.restatement.causes import Change, streams_by_cause
from pipelines.restatement.closing import closing_releases
from pipelines.restatement.inputs import release_inputs
from pipelines.restatement.scratch import ScratchBuild
from pipelines.restatement.settle import Settlement, settle
from pipelines.warehouse import BuildInputs


def settle_candidate(
    home: Home, inputs: BuildInputs, release: Release | None, warehouse: Path | None = None
) -> Settlement:
    """Settle the complete build of `inputs`, which follows `release`, in its warehouse (default: the home's own).

    Builds again beside it only where a value of a closed period moved: at most once for each cause whose inputs changed
    but the last, the models that lead to closed values alone. Raises InputsLost and ScratchFailed.
    """
    scratch = ScratchBuild(home.root / "state" / "restatement")
    models = [table.name for table in closing_tables(load()) if table.is_booked]
    with ExitStack() as stack:

        @cache
        def change() -> Change:
            assert release is not None  # nothing is held before the first release
            return _change(stack, home, inputs, release)

        @contextmanager
        def build_again(causes: tuple[str, ...]) -> Iterator[Path]:
            with scratch.built(change().without(causes), models) as built:
                yield built

        return settle(
            warehouse or home.warehouse,
            release,
            closing_releases(home.root, release),
            inputs.company.approvals,
            inputs.as_of_date,
            change,
            build_again,
        )


def _change(stack: ExitStack, home: Home, inputs: BuildInputs, release: Release) -> Change:
    """Where today's code cannot read the company folder of that day, the folder's part counts as a change of code."""
    environ: Mapping[str, str] = os.environ
    is_new_code = release.manifest["code"]["hash"] != code_version().hash
    try:
        old = stack.enter_context(release_inputs(home.root, release, environ))
    except CompanyError:
        old, is_new_code = stack.enter_context(release_inputs(home.root, release, environ, inputs.company)), True
    return Change(old, inputs, streams_by_cause(inputs.company), is_new_code)
