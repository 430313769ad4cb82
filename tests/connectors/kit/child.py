"""A sync in a process of its own, which can be killed.

`python -m tests.connectors.kit.child RECIPE HOME [AFTER_PAGES]`: RECIPE holds the pickled class and configuration of a
connector, the name of the stream and the rows of a load package (`recipe`). With AFTER_PAGES the process kills itself
after so many pages, with the signal nobody can catch.
"""

import os
import pickle
import signal
import sys
from pathlib import Path
from typing import Any

from connectors.base import Batch, Connector
from connectors.landing import SyncOptions, sync
from tests.connectors.kit.landed import SOURCE


def recipe(connector: Any, stream: str, package_rows: int) -> bytes:
    """What another process needs to make the same connector; a connector keeps its configuration as `config`."""
    return pickle.dumps((type(connector), connector.config, stream, package_rows))


def main(recipe_file: Path, home: Path, after_pages: int | None) -> None:
    kind, config, stream, package_rows = pickle.loads(recipe_file.read_bytes())
    connector: Connector = kind(config)
    if after_pages is not None:
        _die_after(connector, after_pages)
    sync(connector, SOURCE, home, SyncOptions(streams=(stream,), package_rows=package_rows))


def _die_after(connector: Any, pages: int) -> None:
    """Put a death into the methods that hand out pages."""
    for name in ("read", "read_batches"):
        if hasattr(connector, name):
            setattr(connector, name, _dying(getattr(connector, name), pages))


def _dying(read: Any, pages: int) -> Any:
    def until_death(*arguments: Any) -> Any:
        left = pages
        for page in read(*arguments):
            page_: Batch | Any = page
            yield page_
            left -= 1
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return until_death


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)
