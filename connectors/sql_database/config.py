"""What a person writes under `connection:` of a source of type `sql_database`."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator

from connectors.named import each_name_once

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Column = Annotated[str, StringConstraints(min_length=1)]


class SqlStream(BaseModel):
    """One kind of record: a table, a view or a query, and what identifies a record."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name = Field(description="Name of the stream; mappings refer to it.")
    table: str | None = Field(default=None, min_length=1, description="Table or view; left out: the stream's name.")
    query: str | None = Field(default=None, min_length=1, description="A SELECT instead of a table.")
    key: list[Column] = Field(
        default_factory=list, description="Columns that identify a record; left out: the table's primary key."
    )
    cursor: Column | None = Field(
        default=None,
        description="Date or timestamp column that moves whenever a record changes; left out: all is read every time.",
    )
    overlap_minutes: int | None = Field(
        default=None, ge=0, description="For this stream, instead of the source's overlap_minutes, when it is longer."
    )
    columns: list[Column] | None = Field(
        default=None, min_length=1, description="Only these columns (key and cursor always); left out: all."
    )

    @model_validator(mode="after")
    def _table_or_query(self) -> "SqlStream":
        if self.table is not None and self.query is not None:
            raise ValueError("give table or query, not both")
        if self.query is not None and not self.key:
            raise ValueError("a query has no primary key; say which columns identify a record in `key`")
        return self


class SqlDatabaseConfig(BaseModel):
    """A database and the streams in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr = Field(
        description="SQLAlchemy URL, e.g. postgresql+psycopg://reader:${DB_PASSWORD}@host:5432/sales; special "
        "characters of the password are percent-encoded."
    )
    schema_name: str | None = Field(
        default=None, alias="schema", description="Schema of the tables; left out: the connection's default."
    )
    streams: list[SqlStream] = Field(min_length=1, description="The streams of this database.")
    overlap_minutes: int = Field(
        default=30,
        ge=0,
        description="How far before the last read each read starts again: longer than the longest writing transaction.",
    )
    time_zone: str = Field(default="UTC", description="Zone of cursor columns without a zone, an IANA name.")
    page_rows: int = Field(default=10_000, ge=1, description="Records per page.")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("no such time zone; use an IANA name such as Asia/Shanghai") from None
        return name

    @field_validator("streams")
    @classmethod
    def _each_name_once(cls, streams: list[SqlStream]) -> list[SqlStream]:
        return each_name_once(streams)
