"""Tables on disk, each with the record of what made it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.provenance import Provenance, write_sidecar
from HER2ImmunoModelLib.findings import Table


def write_tables(tables: Mapping[str, Table], folder: Path, provenance: Provenance) -> dict[str, str]:
    """Write tables as CSV, each with its sidecar; gives the names of the files."""
    for name, table in tables.items():
        write_sidecar(files.write_csv(*table, folder / f"{name}.csv"), provenance)
    return {name: f"{name}.csv" for name in tables}
