"""PET series read from DICOM: activity on the PET grid, with what the header says and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from HER2ImmunoCommonLib.dicom import Series, load_volume, one_study, order_slices, used_warnings
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.progress import Report, part

from .cross_checks import check_frames
from .header import PetHeader, read_header
from .series import choose_series, find_series
from .tags import INJECTION_TAGS, SERIES_TAGS, SLICE_TAGS, number, text
from .verdict import Findings, Input

if TYPE_CHECKING:
    from pydicom import Dataset

HEADERS = 0.3
"""Share of the progress that goes to headers; the rest goes to pixels."""


@dataclass(frozen=True, eq=False)
class PetImages:
    """A PET series.

    Attributes
    ----------
    activity : Volume
        Rescaled values, each slice by its own slope, in the unit Units (0054,1001) names (Bq/mL for BQML).
    headers : tuple of pydicom.Dataset
        One a slice, in the order of `activity`.
    series : Series
        With these headers, and what is to be told of its files.
    facts : dict of str to Input
        What the header says, as it is written there: tracer, dose, times, weight, each with its unit and tag.
    """

    activity: Volume
    headers: tuple[Dataset, ...]
    series: Series
    facts: Mapping[str, Input] = field(default_factory=dict)


def read_pet(
    source: str | Path | Iterable[str | Path],
    *,
    overrides: Mapping[str, object] | None = None,
    report: Report | None = None,
) -> PetImages:
    """Read the PET series of a folder, file or list of files; other modalities beside it are passed over.

    Parameters
    ----------
    source : path or iterable of paths
    overrides : mapping, optional
        `series`: number or UID of the PET series wanted, if there are several.
    report : Report, optional

    Raises
    ------
    QuestionsError
        If there are several PET series that can be used.
    InputError
        If there is none, saying what is wrong with those found; if a file cannot be read, a slice is missing,
        doubled or of another patient, or the examinations of two patients are mixed.
    """
    found = find_series(source, report=part(report, 0.0, HEADERS))
    one_study(found, str(source) if isinstance(source, (str, Path)) else "The list of files")
    series = choose_series(found, overrides)
    used_warnings([series])  # told with the SUV factor; here for what is refused
    findings = Findings()
    header = read_header(series.headers, findings)
    if findings.errors:
        raise InputError(" ".join(findings.errors))
    _check_scaled(series)
    check_frames(header, findings)
    if findings.errors:
        raise InputError(" ".join(findings.errors))
    headers, _ = order_slices(series.headers)
    activity = load_volume(headers, report=part(report, HEADERS, 1.0))
    series = replace(series, headers=tuple(headers))
    return PetImages(activity, series.headers, series, header_facts(header))


def _check_scaled(series: Series) -> None:
    tag = SLICE_TAGS["slope"]
    for header in series.headers:
        if not (number(text(header, tag)) or 0.0) > 0:
            raise InputError(f"{tag} of {Path(header.filename).name} is not above 0; export the series again.")


def header_facts(header: PetHeader) -> dict[str, Input]:
    """What the header says of the examination, as written, for people to check."""
    entry = header.injections[0] if len(header.injections) == 1 else {}
    units = {"weight": "kg", "height": "m", "dose": "Bq", "half_life": "s"}
    facts = {name: Input(entry.get(name, ""), units.get(name, ""), str(tag)) for name, tag in INJECTION_TAGS.items()}
    for name in ("weight", "height", "sex", "units", "decay_correction", "series_date", "series_time"):
        facts[name] = Input(header.texts[name], units.get(name, ""), str(SERIES_TAGS[name]))
    first = header.earliest_acquisition
    facts["acquisition"] = Input("" if first is None else first, "", str(SLICE_TAGS["acquisition_time"]))
    return facts
