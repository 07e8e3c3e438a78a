"""A volume and the DICOM files it came from: the same voxels, or not; and the whole analysis from the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.dicom import Series
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part

from ..suv.reading import PetImages, read_pet
from ..suv.series import choose_series, find_series
from .pipeline import PetResult, analyse
from .settings import PetSettings

VALUE_TOLERANCE = 1e-3
"""Relative difference up to which voxels are the same: volumes hold float32, and some readers scale in it."""
PLACE_TOLERANCE = 0.05
"""Distance, in voxels, up to which a place is the same: readers round slice positions each in their own way."""


@dataclass(frozen=True)
class Source:
    """Where the DICOM files of a volume are.

    Attributes
    ----------
    where : Path or tuple of Path
        Their folder, which may hold other series too, or the files themselves.
    uids : tuple of str
        SOP instances the volume was made of; empty where they are not known.
    """

    where: Path | tuple[Path, ...]
    uids: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Request:
    """What an analysis in the scene works on, without the scene.

    Attributes
    ----------
    name : str
        Of the PET volume.
    image : Volume
        Its voxels and place.
    source : Source
    tumour, reference : Volume
        The regions, nonzero inside, on any grid.
    tumour_volume_cm3 : float
        Volume of the tumour as it was drawn, on the grid it was drawn on.
    settings : PetSettings
    visit, day : str, float
        Row of the measurement table.
    others : mapping of str to Volume
        Regions whose overlap with the hypoxic voxels is reported.
    warnings : tuple of str
        What a person must be told of the regions.
    """

    name: str
    image: Volume
    source: Source
    tumour: Volume
    reference: Volume
    tumour_volume_cm3: float
    settings: PetSettings
    visit: str
    day: float
    others: Mapping[str, Volume] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def measurement(self, result: PetResult) -> Measurement:
        """The row of the visit."""
        return Measurement(self.visit, self.day, {"volume_cm3": self.tumour_volume_cm3, **result.measurements})


def series_of(source: Source, *, report: Report | None = None) -> Series:
    """The headers of the series a volume was made of.

    Parameters
    ----------
    source : Source
    report : Report, optional

    Raises
    ------
    QuestionsError
        If the instances are not known and there are several PET series.
    InputError
        If files cannot be read, or some of the volume's instances are not among them.
    """
    found = find_series(source.where if isinstance(source.where, Path) else list(source.where), report=report)
    if not source.uids:
        return choose_series(found)
    wanted = set(source.uids)
    for series in found:
        headers = tuple(header for header in series.headers if str(header.SOPInstanceUID) in wanted)
        if headers:
            if len(headers) < len(wanted):
                raise InputError(
                    f"Only {len(headers)} of the {len(wanted)} DICOM slices of the volume are in {_place(source)}; "
                    "copy the whole series."
                )
            return replace(series, headers=headers)
    raise InputError(f"The DICOM slices of the volume are not in {_place(source)}; name the folder they are in.")


def _place(source: Source) -> str:
    return str(source.where) if isinstance(source.where, Path) else "the DICOM database"


def measure(request: Request, report: Report | None = None) -> PetResult:
    """SUV, ratio and hypoxia of a volume, computed from its DICOM files and lying on their grid.

    Parameters
    ----------
    request : Request
    report : Report, optional

    Raises
    ------
    QuestionsError
        If something only a person can answer is missing.
    InputError
        If the files, the header or a region cannot be used, or the volume does not lie where its files do.
    """
    series = series_of(request.source, report=part(report, 0.0, 0.2))
    files = [header.filename for header in series.headers]
    pet = read_pet(files, overrides={"series": series.uid}, report=part(report, 0.2, 0.7))
    warnings = compare(request.image, request.name, pet)
    result = analyse(
        pet,
        request.settings,
        tumour_mask=request.tumour,
        reference_mask=request.reference,
        other_masks=request.others,
        report=part(report, 0.7, 1.0),
    )
    warnings += (*request.warnings, *result.warnings)
    return replace(result, warnings=warnings, provenance=replace(result.provenance, warnings=warnings))


def compare(image: Volume, name: str, pet: PetImages) -> tuple[str, ...]:
    """Whether a volume is what its DICOM files hold.

    Parameters
    ----------
    image : Volume
    name : str
        Of the volume, for messages.
    pet : PetImages

    Returns
    -------
    tuple of str
        A warning where the voxels have other values.

    Raises
    ------
    InputError
        If the voxels are at other places: a region drawn on them would be measured elsewhere.
    """
    array = along_axes_of(image, pet.activity)
    if array is None:
        raise InputError(
            f"{name} does not lie where its DICOM files do (moved, transformed or resampled); load the PET from its "
            "DICOM folder and draw on that volume."
        )
    activity = pet.activity.array
    largest = float(np.nanmax(np.abs(activity), initial=0.0))
    if np.allclose(array, activity, rtol=VALUE_TOLERANCE, atol=VALUE_TOLERANCE * largest):
        return ()
    return (f"The voxels of {name} are not the values of its DICOM files; everything is computed from the files.",)


def along_axes_of(image: Volume, other: Volume) -> np.ndarray | None:
    """The voxels of `image` in the order of `other`'s, if both have their voxels at the same places.

    Returns
    -------
    ndarray, shape (k, j, i) of `other`, or None
    """
    step = np.linalg.solve(other.ijk_to_ras, image.ijk_to_ras)
    turn = np.rint(step[:3, :3]).astype(int)
    if not np.array_equal(np.abs(turn) @ np.ones(3), np.ones(3)) or not np.abs(turn).any(axis=0).all():
        return None
    axes, flips = np.abs(turn).argmax(axis=1), turn.sum(axis=1) < 0
    array = np.flip(np.asarray(image.array).T.transpose(axes), tuple(np.flatnonzero(flips))).T
    if array.shape != other.array.shape:
        return None
    shape = np.array(array.shape[::-1])
    expected = np.eye(4)
    expected[:3, :3], expected[:3, 3] = turn, np.where(flips, shape - 1, 0)
    apart_mm = (other.ijk_to_ras @ (step - expected))[:3]
    reach = np.append(np.array(image.array.shape[::-1]), 1)
    return array if np.all(np.abs(apart_mm) @ reach < PLACE_TOLERANCE * min(other.spacing_mm)) else None


def uids_of(headers: Sequence) -> tuple[str, ...]:
    """SOP instances of headers."""
    return tuple(str(header.SOPInstanceUID) for header in headers)
