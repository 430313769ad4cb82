"""A job whose one step holds a pool. As a program: `python -m tests.pipelines.pool_job HOME` says its run id and waits
inside the step to be killed.
"""

import os
import sys
import time
from pathlib import Path

import dagster as dg

from pipelines.paths import Home
from pipelines.runner import instance_of, run_job

POOL, JOB = "warehouse", "hold"


def definitions(*, wait: bool) -> dg.Definitions:
    """The job; `wait`: its step says its run id and does not come to an end."""

    @dg.op(pool=POOL)
    def hold_pool(context: dg.OpExecutionContext) -> None:
        if wait:
            # not print: what a job prints goes to its log
            os.write(sys.__stdout__.fileno(), f"{context.run_id}\n".encode())  # type: ignore[union-attr]
            time.sleep(120)

    @dg.job(name=JOB, executor_def=dg.in_process_executor)
    def hold() -> None:
        hold_pool()

    return dg.Definitions(jobs=[hold])


if __name__ == "__main__":
    place = Home(Path(sys.argv[1]))
    with instance_of(place) as running:
        run_job(definitions(wait=True), running, place, JOB)
