"""`scoreline init`: a new company folder with commented templates in Chinese and English.

The templates are plain files in `template/`, so that they can be read and tested as what they are.
"""

import shutil
from pathlib import Path

TEMPLATE = Path(__file__).parent / "template"
SCHEMAS = Path(__file__).parent / "schemas"
SCHEMA_FOLDER = ".schemas"
"""Where editors find the schemas: the first line of every template points there."""
_RENAMED = {"gitignore": ".gitignore"}
"""Kept under another name in the repository, where git would obey it."""


class FolderNotEmpty(Exception):
    """The target holds something already; nothing was written."""


def init_company(folder: Path) -> list[Path]:
    """Writes a new company folder and returns its files; raises FolderNotEmpty rather than touching what is there."""
    if folder.exists() and not folder.is_dir():
        raise FolderNotEmpty(f"{folder} is a file; name a new or empty folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise FolderNotEmpty(f"{folder} is not empty; name a new or empty folder, nothing was written")
    written = [_copied(path, folder) for path in sorted(TEMPLATE.rglob("*")) if path.is_file()]
    (folder / SCHEMA_FOLDER).mkdir()
    schemas = sorted(SCHEMAS.glob("*.json"))
    return written + [Path(shutil.copyfile(path, folder / SCHEMA_FOLDER / path.name)) for path in schemas]


def _copied(path: Path, folder: Path) -> Path:
    relative = path.relative_to(TEMPLATE)
    target = folder / relative.with_name(_RENAMED.get(relative.name, relative.name))
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    return target
