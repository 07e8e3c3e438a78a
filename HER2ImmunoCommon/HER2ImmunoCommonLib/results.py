"""The results of a run: put in place as a whole, in the place of those of the run before, beside anyone else's files.

What a run wrote is told by the record beside each result, which holds the command and the checksum of the file. A file
without one, or one that has been changed since, is somebody's own: it is never replaced and never removed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import InputError
from .files import temporary_folder, writable_folder
from .interruption import shielded

RECORD = ".json"
WRITTEN = "written"
"""Entry of a record: by which command, and the checksum of the file beside it."""


@contextmanager
def staged_folder(folder: str | Path, command: str, *, expected: Iterable[str] = ()) -> Iterator[Path]:
    """A temporary folder whose files move into `folder` when the block ends well and vanish when it does not.

    Results of an earlier run of the same command leave `folder` in the same moment; other files stay.

    Parameters
    ----------
    folder : path
        Made if need be, and taken away again if the block fails.
    command : str
        Whose results these are.
    expected : iterable of str
        Names that the run is going to write, to be refused at once if `folder` has somebody's file of that name.

    Raises
    ------
    InputError
        If the folder cannot be made or written to, or holds a file of the same name that is nobody's result.
    """
    folder = Path(folder)
    with made_folder(folder):
        for name in expected:
            _refuse_foreign(folder / name)
        with temporary_folder(folder) as place:
            stage, aside = place / "new", place / "old"
            stage.mkdir()
            yield stage
            _mark(stage, command)
            _exchange(stage, folder, aside, command)


@contextmanager
def made_folder(folder: Path) -> Iterator[Path]:
    """`folder`, made with the folders above it if need be; what was made and is empty goes again if the block fails."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        yield writable_folder(folder)
    except BaseException:
        with shielded():
            for each in missing:
                with suppress(OSError):
                    each.rmdir()
        raise


def replace_all(stage: Path, folder: Path, aside: Path) -> None:
    """Put all that is in `stage` in the place of all of the same names in `folder`, which go to `aside`; or nothing."""
    names = [path.name for path in sorted(stage.iterdir())]
    with shielded():
        moves = [(folder / name, aside / name) for name in names if (folder / name).exists()]
        _move(moves + [(stage / name, folder / name) for name in names])


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_result(path: Path, command: str | None = None) -> bool:
    """Whether a file is as a run (of `command`) wrote it: a result with its record, or such a record."""
    if path.is_symlink() or not path.is_file():
        return False
    return _has_record(path, command) or (
        path.suffix == RECORD and path.with_suffix("").is_file() and _has_record(path.with_suffix(""), command)
    )


def read_record(record: Path) -> dict:
    """The content of a record; empty where there is none that can be read."""
    try:
        content = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _has_record(path: Path, command: str | None) -> bool:
    written = read_record(path.with_name(path.name + RECORD)).get(WRITTEN)
    if not isinstance(written, dict) or command not in (None, written.get("by")):
        return False
    return written.get("sha256") == checksum(path)


def _mark(stage: Path, command: str) -> None:
    """Write into the record of each file what it is the record of; a file without one gets one."""
    names = {path for path in stage.rglob("*") if path.is_file()}
    records = {path for path in names if path.suffix == RECORD and path.with_suffix("") in names}
    for path in sorted(names - records):
        record = path.with_name(path.name + RECORD)
        content = read_record(record) | {WRITTEN: {"by": command, "sha256": checksum(path)}}
        record.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def _earlier(folder: Path, command: str) -> list[Path]:
    """Results of earlier runs of the command, with their records, in the folder and those in it."""
    records = [path for pattern in (f"*{RECORD}", f"*/*{RECORD}") for path in sorted(folder.glob(pattern))]
    pairs = [(path.with_suffix(""), path) for path in records if not path.name.startswith(".")]
    return [path for result, record in pairs if is_result(result, command) for path in (result, record)]


def _refuse_foreign(path: Path) -> None:
    if (path.exists() or path.is_symlink()) and not is_result(path):
        raise InputError(
            f"{path} would be replaced, but is no result of her2immuno or was changed since; move it or choose another "
            "folder."
        )


def _exchange(stage: Path, folder: Path, aside: Path, command: str) -> None:
    """Put the new files in the place of the earlier ones; all or, if a file cannot be moved, none."""
    new = [path.relative_to(stage) for path in sorted(stage.rglob("*")) if path.is_file()]
    for name in new:
        _refuse_foreign(folder / name)
    old = [path.relative_to(folder) for path in _earlier(folder, command)]
    old = list(dict.fromkeys([*old, *(name for name in new if (folder / name).exists())]))
    with shielded():
        moves = [(folder / name, aside / name) for name in old] + [(stage / name, folder / name) for name in new]
        _move(moves)
        _remove_empty(folder, old)


def _move(moves: list[tuple[Path, Path]]) -> None:
    """Rename all; if one fails, take back those before it."""
    done: list[tuple[Path, Path]] = []
    made: list[Path] = []
    try:
        for source, target in moves:
            made += [each for each in reversed(target.parents) if not each.exists()]
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
            done.append((source, target))
    except OSError:
        for source, target in reversed(done):
            target.replace(source)
        for each in reversed(made):
            with suppress(OSError):
                each.rmdir()
        raise


def _remove_empty(folder: Path, old: list[Path]) -> None:
    for parent in {name.parent for name in old} - {Path()}:
        with suppress(OSError):
            (folder / parent).rmdir()
