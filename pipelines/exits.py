"""How a command ends: the exit codes and the error that carries one."""

from pathlib import Path
from typing import Any

import click

from pipelines.paths import company_folder

DONE, FAILED, MISUSED, REFUSED = 0, 1, 2, 3
"""Done and published; failed; wrong usage or configuration; the gate refused and the last release stands."""


class Stop(click.ClickException):
    """Ends the command with a message and one of our exit codes."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]  # click declares it on the class and reads it from the instance

    def show(self, file: Any = None) -> None:
        """The message as it is: it already says what to do."""
        click.echo(self.format_message(), err=True)


def configured_folder() -> Path:
    """The company folder SCORELINE_COMPANY names; Stop (exit 2) when it names none."""
    folder = company_folder()
    if folder is None:
        raise Stop(
            "SCORELINE_COMPANY is not set. Point it at a company folder, write one with `scoreline init DIR`, "
            "or see everything work with `scoreline demo`.",
            MISUSED,
        )
    return folder
