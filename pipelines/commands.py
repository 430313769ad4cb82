"""What the commands share: options and how expected errors end them. Heavy parts are imported when a command runs."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from pipelines.exits import FAILED, MISUSED, Stop


def as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--json`."""
    return click.option("--json", "machine", is_flag=True, help="Machine-readable output on standard output.")(command)


def plain_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turns expected errors into a message and an exit code; anything else keeps its traceback."""

    @wraps(command)
    def guarded(*arguments: Any, **options: Any) -> Any:
        from connectors.base import ConfigurationError, SourceError
        from pipelines.company import CompanyError
        from pipelines.manifest import ManifestError
        from pipelines.publish.releases import ReleaseError
        from pipelines.warehouse.lock import WarehouseBusy

        try:
            return command(*arguments, **options)
        except (CompanyError, ConfigurationError) as error:
            raise Stop(str(error), MISUSED) from None
        except (SourceError, ReleaseError, WarehouseBusy, ManifestError) as error:
            raise Stop(str(error), FAILED) from None

    return guarded
