"""Files that are there whole or not at all."""

from __future__ import annotations

import csv
import errno
import json
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .errors import InputError
from .interruption import shielded
from .reading.cells import escaped

NO_ROOM = "free space on the disk, or write to another one"
LONGEST_SHOWN = 160
"""Signs of a path in a message."""
FULL = tuple(getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name))
"""What a system says when no more can be written."""


def os_sentence(error: OSError) -> str:
    """The reason why a file could not be read or written, as one sentence for the user."""
    name, reason = error.filename, error.strerror or str(error)
    if error.errno in FULL:
        return f"There is no room for the results ({reason}); {NO_ROOM}."
    if error.errno == errno.ENAMETOOLONG:
        return f"The path {_shortened(str(name))} is too long for this computer; choose a shorter one."
    if name is None:
        return f"A file could not be read or written ({reason}); check the disk and try again."
    return f"{_shortened(str(name))} cannot be used ({reason}); check its name and the permissions."


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_SHOWN else f"{name[: LONGEST_SHOWN // 2]} ... {name[-LONGEST_SHOWN // 4 :]}"


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its name when the block ends well and vanishes when it does not.

    Raises
    ------
    InputError
        If the folder cannot be made or written to.
    """
    path = check_file(path)
    with temporary_folder(path.parent) as folder:
        temporary = folder / path.name
        yield temporary
        temporary.replace(path)


@contextmanager
def temporary_folder(parent: str | Path) -> Iterator[Path]:
    """A hidden folder in `parent` that is gone, with all it holds, when the block ends, however it ends."""
    with shielded():
        made = tempfile.TemporaryDirectory(dir=parent, prefix=".part-", ignore_cleanup_errors=True)
    try:
        yield Path(made.name)
    finally:
        with shielded():
            made.cleanup()


def check_file(path: str | Path) -> Path:
    """A path at which a file can be written, its folder made if need be.

    Raises
    ------
    InputError
        If its folder cannot be written to, or something that is no file is there: a rename would put a file in the
        place of a device, a pipe or a folder.
    """
    path = Path(path)
    writable_folder(path.parent)
    try:
        found = path.stat()
    except FileNotFoundError:
        return path
    except OSError as error:
        raise InputError(os_sentence(error)) from error
    if stat.S_ISDIR(found.st_mode):
        raise InputError(f"{path} is a folder; name a file to write.")
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"{path} is a device or a pipe, no file; name a file to write.")
    return path


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
    except FileExistsError as error:
        raise InputError(
            f"The output folder {folder} cannot be written to, for it is no folder; choose another folder."
        ) from error
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, *FULL):
            raise InputError(os_sentence(error)) from error
        raise InputError(
            f"The output folder {folder} cannot be written to ({error.strerror}); choose another folder."
        ) from error
    return folder


def named_file(path: str | Path, ending: str) -> Path:
    """The path of a file to write, with the ending if it was left out.

    Raises
    ------
    InputError
        If no file is named.
    """
    text = str(path).strip()
    if not text or not Path(text).name:
        raise InputError(f"Name the file ({ending}) to write.")
    return Path(text) if Path(text).suffix.lower() == ending else Path(f"{text}{ending}")


def check_own(path: Path, sign: str) -> None:
    """Refuse to replace a file that was not written here.

    Raises
    ------
    InputError
        If there is a file that lacks the sign which all files written here have.
    """
    if path.is_file() and sign not in path.read_text(encoding="utf-8", errors="replace"):
        raise InputError(f"{path} is there already and was not written here; give another name.")


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
