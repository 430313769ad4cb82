"""What a person writes under `connection:` of a source of type `dlt`."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from connectors.arrow import snake_case
from connectors.named import each_name_once

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Column = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
DataType = Literal["text", "bigint", "double", "decimal", "timestamp", "date", "bool", "json", "time", "binary", "wei"]


class DltIncremental(BaseModel):
    """dlt's incremental loading, for a resource that has none of its own; the words are those of dlt."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cursor_path: str = Field(min_length=1, description="Field that moves whenever a record changes; JSON path.")
    initial_value: Any = Field(default=None, description="Where the first sync begins; left out: at the beginning.")
    lag: float | None = Field(
        default=None,
        ge=0,
        description="Each read starts earlier by this, for records that were committed late: seconds for times, days "
        "for dates.",
    )
    row_order: Literal["asc", "desc"] | None = Field(
        default=None, description="The source sends records in this order of the cursor; reading then ends early."
    )
    on_cursor_value_missing: Literal["include", "exclude", "raise"] = Field(
        default="include", description="What becomes of records without a value in the cursor."
    )


class DltStream(BaseModel):
    """One kind of record: a resource of the dlt source, and what identifies a record."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name = Field(description="Name of the stream; mappings refer to it.")
    resource: str | None = Field(default=None, min_length=1, description="The dlt resource; left out: the name.")
    key: list[Column] = Field(min_length=1, description="Columns that identify a record, e.g. [order_no, line_no].")
    arguments: dict[str, Any] = Field(
        default_factory=dict, repr=False, description="Arguments of the function for this stream, beside the source's."
    )
    resource_arguments: dict[str, Any] = Field(
        default_factory=dict, repr=False, description="Arguments of the resource itself, where it takes some."
    )
    incremental: DltIncremental | None = Field(
        default=None, description="Ask for changes only; left out: as the resource itself does it, if it does."
    )
    columns: dict[Column, DataType] = Field(
        default_factory=dict,
        description="Column -> type. Left out: the type the resource declares, else text, which loses nothing.",
    )
    exclude_fields: list[Column] = Field(default_factory=list, description="Fields that do not land.")
    deleted: Column | None = Field(
        default=None, description="Column that is true, or holds any value such as a date, where a record is deleted."
    )
    snapshot: bool = Field(
        default=False, description="A read of everything is the full picture: records it does not show are deleted."
    )
    full_read_hours: int = Field(
        default=0,
        ge=0,
        description="Snapshot: everything is read again after so many hours, and between only what the resource itself "
        "asks for; 0: everything at every sync.",
    )

    @field_validator("key", "exclude_fields")
    @classmethod
    def _as_landed(cls, names: list[str]) -> list[str]:
        return [snake_case(name) for name in names]

    @field_validator("columns")
    @classmethod
    def _columns_as_landed(cls, columns: dict[str, DataType]) -> dict[str, DataType]:
        return {snake_case(name): kind for name, kind in columns.items()}

    @field_validator("deleted")
    @classmethod
    def _deleted_as_landed(cls, name: str | None) -> str | None:
        return name and snake_case(name)

    @model_validator(mode="after")
    def _meaningful(self) -> "DltStream":
        if self.full_read_hours and not self.snapshot:
            raise ValueError("full_read_hours needs `snapshot: true`")
        lost = sorted(set(self.key) & set(self.exclude_fields))
        if lost:
            raise ValueError(f"{lost[0]} is in both key and exclude_fields")
        return self

    @property
    def resource_name(self) -> str:
        """The dlt resource's name."""
        return self.resource or self.name

    def needed_columns(self) -> list[tuple[str, str]]:
        """Columns that every page must have, each with the field of the file that names it."""
        needed = [("key", name) for name in self.key]
        if self.deleted is not None:
            needed.append(("deleted", self.deleted))
        if self.incremental is not None and self.incremental.cursor_path.isidentifier():
            needed.append(("incremental.cursor_path", snake_case(self.incremental.cursor_path)))
        return needed


class DltConfig(BaseModel):
    """A dlt source by name, what it is called with, and the streams taken from it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(
        pattern=r"^[A-Za-z_][\w.]*(:[A-Za-z_]\w*)?$",
        description="Module and function of the dlt source or resource, e.g. dlt.sources.rest_api:rest_api_source; "
        "without a function, the one named like the module.",
    )
    python_path: str | None = Field(
        default=None, min_length=1, description="Folder of a module of your own, e.g. ${SCORELINE_COMPANY}/dlt_sources."
    )
    arguments: dict[str, Any] = Field(
        default_factory=dict, repr=False, description="Arguments of the function; secrets as ${NAME}."
    )
    streams: list[DltStream] = Field(
        default_factory=list,
        description="The streams; empty until `scoreline sources describe` has shown the resources.",
    )

    @field_validator("streams")
    @classmethod
    def _each_name_once(cls, streams: list[DltStream]) -> list[DltStream]:
        return each_name_once(streams)

    @property
    def module(self) -> str:
        """The module's dotted name."""
        return self.source.partition(":")[0]

    @property
    def function(self) -> str:
        """The function's name."""
        return self.source.partition(":")[2] or self.module.rpartition(".")[2]
