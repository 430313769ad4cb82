"""Streams that a person lists in a source file: what holds for their names whatever the system is."""

from collections.abc import Sequence
from typing import Protocol, TypeVar


class Named(Protocol):
    """A stream as the source file lists it."""

    @property
    def name(self) -> str:
        """The stream's name, which mappings refer to."""


Streams = TypeVar("Streams", bound=Sequence[Named])


def each_name_once(streams: Streams) -> Streams:
    """The streams as they are; raises ValueError naming one that is listed twice."""
    names = [stream.name for stream in streams]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"stream {repeated[0]} is listed more than once")
    return streams
