"""Writes an evidence bundle: a page for people, a pack for machines, and last the manifest that seals both."""

import hashlib
from pathlib import Path

from pipelines.dispute.evidence import Evidence, as_json
from pipelines.dispute.register import dispute_id
from pipelines.dispute.seal import FORMAT, MANIFEST, PACK, PAGE, sealed, text_of
from pipelines.dispute.story import evidence_story
from pipelines.explain.page import page
from pipelines.explain.words import Language


class FolderInUse(Exception):
    """The folder a bundle shall go to holds something already."""


def write(found: Evidence, folder: Path, language: Language) -> str:
    """Write the bundle into a new or empty folder; its seal. Equal evidence gives equal bytes.

    Raises FolderInUse when there is something in the folder.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderInUse(f"{folder} holds something already; name a new or an empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    texts = {PAGE: page(evidence_story(found, language), language), PACK: text_of(as_json(found))}
    files = []
    for name, text in sorted(texts.items()):
        data = text.encode()
        (folder / name).write_bytes(data)
        files.append({"file": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    manifest = sealed(
        {"format": FORMAT, "dispute_id": dispute_id(found.dispute), "release": dict(found.release), "files": files}
    )
    # last, so that a bundle without it is seen to be incomplete
    (folder / MANIFEST).write_bytes(text_of(manifest).encode())
    return str(manifest["seal"])
