"""From a PET series and two regions to SUV, ratio map and hypoxia measures: what panel, command and study call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.masks import Given, Placed
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoCommonLib.registration import Transform

from ..hypoxia.metrics import REFERENCE_NAMES, HypoxiaMetrics, hypoxia_metrics, hypoxic_mask
from ..hypoxia.overlap import Overlap, overlaps
from ..hypoxia.reference_region import ratio_map
from ..suv.factor import suv_factor
from ..suv.maps import doubts, suv_map
from ..suv.reading import PetImages
from ..suv.verdict import SUVResult
from .settings import PetSettings
from .travelling import place_on_pet


@dataclass(frozen=True, eq=False)
class PetResult:
    """Maps and measures of one PET examination.

    Attributes
    ----------
    suv : Volume
    suv_result : SUVResult
        The factor, its inputs and verdict.
    metrics : HypoxiaMetrics or None
        None without a tumour.
    ratio : Volume or None
        TMR or TBR map; None without tumour and reference.
    hypoxic : ndarray of bool or None
        Tumour voxels at or above the threshold, on the PET grid.
    warnings : tuple of str
    measurements : dict of str to float
        Columns of the visit table.
    provenance : Provenance
    overlaps : tuple of Overlap
        Of the hypoxic voxels with the other regions given.
    """

    suv: Volume
    suv_result: SUVResult
    metrics: HypoxiaMetrics | None
    ratio: Volume | None
    hypoxic: np.ndarray | None
    warnings: tuple[str, ...]
    measurements: Mapping[str, float]
    provenance: Provenance
    overlaps: tuple[Overlap, ...] = ()


def analyse(
    pet: PetImages,
    settings: PetSettings | None = None,
    *,
    tumour_mask: Given | None = None,
    reference_mask: Given | None = None,
    other_masks: Mapping[str, Given] | None = None,
    mask_transform: Transform | None = None,
    report: Report | None = None,
) -> PetResult:
    """SUV of a PET series and, given a tumour and a reference region, its hypoxia.

    Parameters
    ----------
    pet : PetImages
    settings : PetSettings, optional
    tumour_mask, reference_mask : Mask, Volume or ndarray of bool, shape (k, j, i), optional
        A volume, nonzero inside, may be on any grid; an array is on the PET's. The reference is muscle for TMR and
        blood for TBR.
    other_masks : mapping of str to Mask, Volume or ndarray, optional
        Regions whose overlap with the hypoxic voxels is wanted.
    mask_transform : Transform, optional
        Of points of the image that the regions were drawn on to points of the PET; regions on the voxels of the PET
        stay where they are.
    report : Report, optional

    Raises
    ------
    QuestionsError
        If something only a person can answer is missing for SUV.
    InputError
        If the header is refused, or a region is empty, outside the PET or without uptake.
    """
    settings = settings or PetSettings()
    tell(report, 0.0, "Computing the SUV factor")
    result = suv_factor(pet.series, overrides=settings.overrides, norm=settings.norm, report=part(report, 0.0, 0.4))
    suv = suv_map(pet, result)
    if found := doubts(suv, settings.norm):
        result = replace(result, status="warn", warnings=(*result.warnings, *found))
    metrics, ratio, hypoxic, shared, told = None, None, None, (), ()
    if tumour_mask is not None:
        tell(report, 0.5, "Measuring the tumour")
        placed, reference = _regions(suv, tumour_mask, reference_mask, mask_transform)
        tumour, told = placed.inside, (*placed.warnings, *(reference.warnings if reference else ()))
        metrics = _metrics(suv, tumour, reference.inside if reference else None, settings)
        tell(report, 0.8, "Mapping hypoxia")
        if metrics.reference is not None:
            ratio = ratio_map(suv, metrics.reference.mean)
            hypoxic = hypoxic_mask(ratio.array, tumour, settings.used_threshold)
            others = {name: place_on_pet(mask, suv, name, mask_transform) for name, mask in (other_masks or {}).items()}
            shared = overlaps(hypoxic, {name: other.inside for name, other in others.items()}, suv.voxel_volume_cm3)
            told = (*told, *(text for other in others.values() for text in other.warnings))
        else:
            needed = REFERENCE_NAMES[settings.ratio]
            told = (*told, f"There is no region of {needed}, so neither {settings.ratio} nor hypoxia is measured.")
    elif reference_mask is not None:
        raise InputError("A reference region is given without a tumour; give the tumour's region too.")
    warnings = result.warnings + told + (metrics.warnings if metrics else ())
    tell(report, 1.0, "PET measured")
    return PetResult(
        suv=suv,
        suv_result=result,
        metrics=metrics,
        ratio=ratio,
        hypoxic=hypoxic,
        warnings=warnings,
        measurements=metrics.measurements() if metrics else {},
        provenance=_provenance(pet, settings, result, warnings, mask_transform),
        overlaps=shared,
    )


def _regions(
    suv: Volume, tumour: Given, reference: Given | None, transform: Transform | None
) -> tuple[Placed, Placed | None]:
    """Tumour and reference on the grid of the PET."""
    placed = place_on_pet(tumour, suv, "tumour", transform)
    return placed, None if reference is None else place_on_pet(reference, suv, "reference", transform)


def _metrics(suv: Volume, tumour: np.ndarray, reference: np.ndarray | None, settings: PetSettings) -> HypoxiaMetrics:
    return hypoxia_metrics(
        suv,
        tumour,
        reference_mask=reference,
        ratio=settings.ratio,
        threshold=settings.threshold,
        sweep=settings.sweep,
        minimum_reference_cm3=settings.minimum_reference_cm3,
        maximum_reference_cov=settings.maximum_reference_cov,
    )


def _provenance(
    pet: PetImages,
    settings: PetSettings,
    result: SUVResult,
    warnings: tuple[str, ...],
    mask_transform: Transform | None,
) -> Provenance:
    moved = {} if mask_transform is None else {"mask_transform_ras": _in_words(mask_transform)}
    return Provenance(
        module="PETHypoxia",
        settings=settings.to_dict(),
        inputs={
            "series_uid": pet.series.uid,
            "study_uid": pet.series.study_uid,
            "suv_factor": {"minimum": result.factors.min(), "maximum": result.factors.max(), "unit": result.unit},
            "suv_label": result.label,
            "header": result.inputs,
            "candidates": result.candidates,
            "cross_checks": result.cross_checks,
            **moved,
        },
        formulas=(result.rule,),
        warnings=warnings,
    )


def _in_words(transform: Transform) -> object:
    return "not linear" if transform.matrix is None else transform.matrix
