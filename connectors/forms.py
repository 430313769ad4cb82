"""What systems of user-made forms have in common: what `describe` shows, and how a mapping is drafted from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True)
class FormField:
    """One field of a form. id: the vendor's permanent id, which label and alias do not change."""

    id: str
    label: str
    type: str
    alias: str = ""


@dataclass(frozen=True)
class FormInfo:
    """One form (table) a source offers.

    address: what a stream of the source file says to read it. place: application or workspace it is in. key: the
    columns that seem to identify a record, for sources whose streams name their key and whose fields land under their
    own names; empty where nothing says so; None where the vendor gives every record an id.
    """

    label: str
    address: Mapping[str, str]
    fields: tuple[FormField, ...] = ()
    place: str = ""
    key: tuple[str, ...] | None = None


@runtime_checkable
class DescribesForms(Protocol):
    """A connector whose forms differ from company to company."""

    def forms(self) -> Sequence[FormInfo]:
        """All forms the key may see, with their fields; contacts the source, reads no records."""
        ...
