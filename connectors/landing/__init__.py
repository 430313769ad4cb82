"""Landing: append-only Parquet, one folder per source and stream, one load package per sync.

`packages` says what has landed and is the only reader's door; `versions` knows the latest landed version of every key
of a stream; `sync` writes. Syncs never touch the warehouse, so they run side by side and beside a build.

A load package exists once its completion mark (`_dlt_loads`) is written, which is the last thing a load does. Whatever
a killed sync left behind has no mark: readers do not see it and the next sync clears it away.
"""

from connectors.landing.packages import LandedFile, Landing
from connectors.landing.sync import Progress, SourceBusy, StreamReport, SyncOptions, SyncReport, sync

__all__ = ["LandedFile", "Landing", "Progress", "SourceBusy", "StreamReport", "SyncOptions", "SyncReport", "sync"]
