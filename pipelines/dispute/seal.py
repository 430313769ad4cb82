"""Is an evidence bundle what was written? Needs its folder and nothing else: no warehouse, no release, no network."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
PACK, PAGE = "pack.json", "index.html"
FORMAT = "scoreline-dispute-1"


@dataclass(frozen=True)
class Damage:
    """What is wrong with one file of a bundle."""

    file: str
    english: str
    chinese: str


def text_of(value: Any) -> str:
    """The one way JSON is written in a bundle, so that equal content has equal bytes."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest with the hash of itself."""
    return {**content, "seal": _hash(text_of(content).encode())}


def seal_of(folder: Path) -> str:
    """What the manifest says of itself; noted elsewhere, it tells whether a whole bundle was exchanged."""
    return str(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["seal"])


def damage(folder: Path, seal: str | None = None) -> list[Damage]:
    """Everything that is not as written; empty: all is well. seal: the one noted when the bundle was written."""
    manifest = _manifest(folder)
    if isinstance(manifest, Damage):
        return [manifest]
    if seal is not None and manifest["seal"] != seal:
        return [
            Damage(
                MANIFEST, f"its seal is {manifest['seal']}, not the one given", f"封印为 {manifest['seal']}，与所给不符"
            )
        ]
    listed: dict[str, str] = {entry["file"]: entry["sha256"] for entry in manifest["files"]}
    found = [*_files(folder, listed), *_extra(folder, listed)]
    return found or list(_contents(folder, manifest))


def _manifest(folder: Path) -> dict[str, Any] | Damage:
    try:
        data = (folder / MANIFEST).read_bytes()
        manifest = json.loads(data)
        content = {name: value for name, value in manifest.items() if name != "seal"}
        named = {entry["file"] for entry in content["files"] if isinstance(entry["sha256"], str)}
        is_ours = content["format"] == FORMAT and named == {PACK, PAGE}
        is_sealed = data == text_of(sealed(content)).encode()
    except FileNotFoundError:
        return Damage(MANIFEST, "is missing: not a bundle, or not written to its end", "缺失：不是证据包或未写完")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Damage(MANIFEST, f"cannot be read: {error}", f"无法读取：{error}")
    if not (is_ours and is_sealed):
        return Damage(MANIFEST, "is not as it was sealed", "与封印时不一致")
    return manifest


def _files(folder: Path, listed: Mapping[str, str]) -> Iterator[Damage]:
    for name, expected in sorted(listed.items()):
        path = folder / name
        if path.is_symlink() or not path.is_file():
            yield Damage(name, "is missing", "缺失")
        elif (actual := _hash(path.read_bytes())) != expected:
            yield Damage(name, f"has SHA-256 {actual}, expected {expected}", f"SHA-256 为 {actual}，应为 {expected}")


def _extra(folder: Path, listed: Mapping[str, str]) -> Iterator[Damage]:
    for path in sorted(folder.iterdir()):
        if path.name not in listed and path.name != MANIFEST:
            yield Damage(path.name, "does not belong to the bundle", "不属于证据包")


def _contents(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Damage]:
    """What the pack says of itself: the same dispute and release, and a score that its components add up to."""
    try:
        pack = json.loads((folder / PACK).read_text(encoding="utf-8"))
        same = pack["dispute_id"] == manifest["dispute_id"] and pack["release"] == manifest["release"]
        score = pack["explanation"]["score"]["score"]
        parts = [Decimal(part["weighted_points"] or 0) for part in pack["explanation"]["components"]]
        adds_up = score is None or sum(parts) == Decimal(score)
    except (ValueError, KeyError, TypeError, InvalidOperation) as error:
        yield Damage(PACK, f"cannot be read: {error}", f"无法读取：{error}")
        return
    if not same:
        yield Damage(PACK, "is about another dispute or release than the manifest", "申诉或发布版本与清单不符")
    if not adds_up:
        yield Damage(PACK, "its components do not add up to the score", "组成项之和不等于得分")


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
