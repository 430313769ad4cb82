"""Publishing and releases, as plain functions: no orchestrator, no gate logic.

`publish` turns a candidate that passed the gate into a release; `releases` reads, compares, verifies and rolls back.
"""

from pipelines.publish.inputs import CodeVersion, LoadFile, LoadPackage, ReleaseInputs, code_version, load_packages
from pipelines.publish.release import GateRefused, Publication, PublishError, publish

__all__ = [
    "CodeVersion",
    "GateRefused",
    "LoadFile",
    "LoadPackage",
    "Publication",
    "PublishError",
    "ReleaseInputs",
    "code_version",
    "load_packages",
    "publish",
]
