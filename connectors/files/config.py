"""What a person writes under `connection:` of a source of type `files`."""

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator

from connectors.arrow import snake_case
from connectors.named import each_name_once

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Column = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
FileFormat = Literal["csv", "excel", "parquet", "json"]
_SUFFIXES: dict[str, FileFormat] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".parquet": "parquet",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
}


class FileStream(BaseModel):
    """One kind of record: the files that hold it and the columns that identify it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name = Field(description="Name of the stream; mappings refer to it.")
    glob: str = Field(
        min_length=1, description="Which files, relative to the url, e.g. targets_*.xlsx or **/orders.csv."
    )
    key: list[Column] = Field(min_length=1, description="Columns that identify a record, e.g. [order_no, line_no].")
    format: FileFormat | None = Field(default=None, description="Left out: by the file's suffix.")
    sheet: str | None = Field(default=None, description="Excel: the sheet to read; left out: the first.")
    header_row: int = Field(default=1, ge=1, description="Row that holds the column names (CSV and Excel).")
    encoding: str | None = Field(
        default=None, description="CSV: character encoding; left out: byte order mark, else UTF-8, else GB18030."
    )
    delimiter: str | None = Field(
        default=None,
        min_length=1,
        max_length=1,
        description="CSV: left out: comma, semicolon, tab or bar, as the header shows.",
    )
    aliases: dict[str, Column] = Field(
        default_factory=dict, description="Header as seen in a file -> the column it stands for, when headers drift."
    )
    required_columns: list[Column] = Field(
        default_factory=list, description="Columns every file must have beside the key; a file without one is refused."
    )
    snapshot: bool = Field(
        default=False, description="The newest file is the full picture: records it does not hold are deleted."
    )
    max_vanished_pct: int = Field(
        default=30,
        ge=0,
        le=100,
        description="Snapshot: refuse a file in which more than this share of 20 or more records is missing.",
    )
    order: Literal["name", "modified"] = Field(
        default="name",
        description="Which of several new files is newer: by name (numbers counted) or by modification time.",
    )

    @field_validator("key", "required_columns")
    @classmethod
    def _as_landed(cls, names: list[str]) -> list[str]:
        return [snake_case(name) for name in names]

    @property
    def wanted_columns(self) -> list[str]:
        """Columns without which a file is refused: the key and the required ones."""
        return list(dict.fromkeys([*self.key, *self.required_columns]))

    def format_of(self, path: str) -> FileFormat | None:
        """The format of one file, None when its suffix says nothing."""
        return self.format or _SUFFIXES.get(PurePosixPath(path).suffix.lower())


class FilesConfig(BaseModel):
    """A folder of files and the streams in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        min_length=1, description="Folder path or any fsspec URL, e.g. /data/crm, s3://bucket/crm, sftp://host/out."
    )
    options: dict[str, SecretStr] = Field(
        default_factory=dict, description="Options of the file system, e.g. key and secret of an S3 bucket."
    )
    streams: list[FileStream] = Field(min_length=1, description="The streams of this folder.")

    @field_validator("streams")
    @classmethod
    def _each_name_once(cls, streams: list[FileStream]) -> list[FileStream]:
        return each_name_once(streams)
