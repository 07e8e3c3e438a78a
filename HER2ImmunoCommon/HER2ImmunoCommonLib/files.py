"""Files that are there whole or not at all."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .errors import InputError
from .table_file import escaped


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its name when the block ends well and vanishes when it does not.

    Raises
    ------
    InputError
        If the folder cannot be made or written to.
    """
    path = Path(path)
    with tempfile.TemporaryDirectory(dir=writable_folder(path.parent), prefix=".part-") as folder:
        temporary = Path(folder) / path.name
        yield temporary
        temporary.replace(path)


def writable_folder(folder: str | Path) -> Path:
    """Make `folder` if need be and check that files can be made in it.

    Raises
    ------
    InputError
        If it cannot be made or is read-only.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"The output folder {folder} cannot be written to ({error.strerror}); choose another folder."
        ) from error
    return folder


def write_text(text: str, path: str | Path) -> Path:
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return Path(path)


def write_json(value: object, path: str | Path) -> Path:
    """Write plain Python values as JSON; NaN and infinity, which JSON lacks, are refused."""
    return write_text(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n", path)


def same_length(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[Sequence[object]]:
    """The rows of a table, each as long as its header.

    Raises
    ------
    ValueError
        Naming the row that is not: its cells would stand under the wrong headings.
    """
    rows = list(rows)
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise ValueError(f"Row {number} has {len(row)} cells under {len(header)} headings {tuple(header)}.")
    return rows


def write_csv(header: Sequence[str], rows: Iterable[Sequence[object]], path: str | Path) -> Path:
    """Write a table; a text that a spreadsheet would run as a formula gets an apostrophe that the readers take off.

    Raises
    ------
    ValueError
        If a row is longer or shorter than the header.
    """
    rows = same_length(header, rows)
    with atomic_path(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(map(escaped, header))
        writer.writerows(map(escaped, row) for row in rows)
    return Path(path)


@contextmanager
def staged_folder(folder: str | Path) -> Iterator[Path]:
    """A temporary folder whose files move into `folder` when the block ends well and vanish when it does not.

    Files of the same name in `folder` are replaced; others stay.

    Raises
    ------
    InputError
        If the folder cannot be made or written to.
    """
    folder = Path(folder)
    existed = folder.exists()
    with tempfile.TemporaryDirectory(dir=writable_folder(folder), prefix=".part-", ignore_cleanup_errors=True) as name:
        stage = Path(name)
        try:
            yield stage
        except BaseException:
            if not existed:
                shutil.rmtree(folder)
            raise
        for path in sorted(stage.rglob("*")):
            target = folder / path.relative_to(stage)
            if path.is_dir():
                target.mkdir(exist_ok=True)
            else:
                path.replace(target)
