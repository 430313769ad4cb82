"""The `files` source: a folder (or any fsspec URL) of CSV, Excel, Parquet or JSON files.

Every value lands as text exactly as written, with the file, its checksum and the row it stood in; what it means is said
by the mapping. A file is loaded once, known by the checksum of its content, and wholly or not at all.
"""

from connectors.files.config import FilesConfig, FileStream
from connectors.files.connector import FilesConnector

__all__ = ["FileStream", "FilesConfig", "FilesConnector"]
