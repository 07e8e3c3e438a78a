"""How the MR of a visit lies to its PET, so that masks drawn on the one find their tissue on the other."""

from __future__ import annotations

from dataclasses import dataclass

from HER2ImmunoCommonLib.dicom import examination_of
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume, nearly_same_grid
from HER2ImmunoCommonLib.masks import Mask
from HER2ImmunoCommonLib.progress import Report, part
from HER2ImmunoCommonLib.registration import AlignSettings, Quality, Transform, align
from PETHypoxiaLib import PetImages

from .attenuation import read_attenuation
from .manifest import Visit

HEADERS, GIVEN, REGISTERED = "headers", "given", "registration"
TO_ATTENUATION = AlignSettings(kind="rigid", same_contrast=False)
"""Fat, dark in the MR, may be bright in the other image."""
READING = 0.3
"""Share of the progress that reading the attenuation image takes."""


@dataclass(frozen=True, eq=False)
class PetSpace:
    """How the MR of a visit lies to its PET.

    Attributes
    ----------
    transform : Transform or None
        From points of the MR to points of the PET; None where both lie where their headers say.
    source : {"headers", "given", "registration"}
    quality : Quality or None
        Of a registration.
    warnings : tuple of str
    """

    transform: Transform | None = None
    source: str = HEADERS
    quality: Quality | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class MrSpace:
    """What is known of the MR that the masks were drawn on: an image before contrast, and its frame of reference."""

    before_contrast: Volume
    frame_of_reference_uid: str = ""


def pet_space(
    visit: Visit,
    pet: PetImages,
    tumour: Mask,
    *,
    mr: MrSpace | None,
    given: Transform | None,
    report: Report | None = None,
) -> PetSpace:
    """How the MR lies to the PET: as given, by registration to the attenuation image, or as the headers say.

    Parameters
    ----------
    visit : Visit
    pet : PetImages
    tumour : Mask
        As it was drawn.
    mr : MrSpace or None
        None for a visit without MR.
    given : Transform or None
        From points of the MR to points of the PET.
    report : Report, optional

    Raises
    ------
    InputError
        If there is an attenuation image that cannot be read.
    """
    if given is not None:
        return PetSpace(given, GIVEN)
    doubts = frames_differ(mr.frame_of_reference_uid if mr else "", pet, tumour)
    if visit.attenuation is None or mr is None:
        return PetSpace(warnings=doubts)
    image = read_attenuation(visit.attenuation, part(report, 0.0, READING))
    told, uid = [], examination_of([pet.series]).frame_of_reference_uid
    if image.frame_of_reference_uid and uid and image.frame_of_reference_uid != uid:
        told.append(
            f"The attenuation image ({image.modality}) and the PET have different frames of reference in their "
            "headers; the masks came to the PET as if both were one."
        )
    try:
        found = align(mr.before_contrast, image.image, settings=TO_ATTENUATION, report=part(report, READING, 1.0))
    except InputError as error:
        failed = (
            "The MR could not be registered to the attenuation image of the PET, so its masks lie there as the headers "
            f"say: {error}"
        )
        return PetSpace(warnings=(*told, failed, *doubts))
    return PetSpace(found.transform, REGISTERED, found.quality, (*told, *found.warnings))


def frames_differ(mr_uid: str, pet: PetImages, tumour: Mask) -> tuple[str, ...]:
    """A word where the headers do not vouch that a mask of the MR lies on the tumour of the PET.

    Parameters
    ----------
    mr_uid : str
        Frame of reference of the MR; empty where it is not known.
    pet : PetImages
    tumour : Mask
        As it was drawn; on the voxels of the PET it needs no MR.
    """
    pet_uid = examination_of([pet.series]).frame_of_reference_uid
    if not (mr_uid and pet_uid) or mr_uid == pet_uid or nearly_same_grid(tumour.volume, pet.activity):
        return ()
    return (
        "MR and PET have different frames of reference in their headers, so the tumour's mask may lie beside the "
        "tumour on the PET; name 'attenuation' or 'pet_transform' in the study, or check the mask on the PET.",
    )
