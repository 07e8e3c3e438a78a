"""Where a result comes from: settings, inputs, software, warnings and formulas."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

import numpy as np

from . import RESEARCH_ONLY, __version__, files
from .privacy import shareable

PRIVATE_FILE = "private.json"
PRIVATE_NOTICE = "Dates, times, identifiers, weights and places of files: not to be passed on."


@dataclass(frozen=True)
class Provenance:
    """What made a map, table or figure.

    Attributes
    ----------
    module : str
        Name of the module or command.
    settings : mapping
        Every choice that changes the numbers; plain values.
    inputs : mapping
        What was read: file names, node names, DICOM UIDs.
    formulas : tuple of str
        Names of the formulas used, with their sources.
    warnings : tuple of str
    """

    module: str
    settings: Mapping[str, object] = field(default_factory=dict)
    inputs: Mapping[str, object] = field(default_factory=dict)
    formulas: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    version: str = __version__
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def to_json(self) -> str:
        """All of it, for the scene of the person at work."""
        return _json({**plain(self), "notice": RESEARCH_ONLY})

    def to_shareable_json(self) -> str:
        """Without what tells who and when (`privacy`), for files that are passed on."""
        own = {"created": self.created, "version": self.version, "notice": RESEARCH_ONLY}
        return _json({**shareable(plain(self)), **own})


def from_json(text: str) -> Provenance:
    """The record that `Provenance.to_json` wrote; entries of a later version are passed over."""
    known = {entry.name for entry in dataclasses.fields(Provenance)}
    found = {name: value for name, value in json.loads(text).items() if name in known}
    return Provenance(**found | {name: tuple(found.get(name, ())) for name in ("formulas", "warnings")})


def _json(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)


def plain(value: object) -> object:
    """`value` in the types JSON has: dataclasses and mappings as dicts, arrays as lists, NaN as None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {entry.name: plain(getattr(value, entry.name)) for entry in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(entry) for entry in value]
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return None if value is None else str(value)


def write_sidecar(path: str | Path, provenance: Provenance) -> Path:
    """Write the shareable provenance of the file `path` beside it, as `<path>.json`."""
    path = Path(path)
    return files.write_text(provenance.to_shareable_json() + "\n", path.with_name(path.name + ".json"))


def write_private(
    folder: Path, provenances: Mapping[str, Provenance | Sequence[Provenance]], places: Mapping[str, object]
) -> Path:
    """Write the whole records and the places of the inputs into the one file that is not to be passed on."""
    content = {"notice": PRIVATE_NOTICE, "places": _absolute(places), "records": provenances}
    return files.write_json(plain(content), folder / PRIVATE_FILE)


def _absolute(places: object) -> object:
    if isinstance(places, Mapping):
        return {name: _absolute(entry) for name, entry in places.items()}
    if isinstance(places, (list, tuple)):
        return [_absolute(entry) for entry in places]
    return None if places is None else str(Path(places).absolute())
