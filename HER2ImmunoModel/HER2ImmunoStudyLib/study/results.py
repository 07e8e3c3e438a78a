"""What a study found: of every visit its maps and numbers, and where it lies to the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.privacy import shareable_text
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoCommonLib.registration import Quality, Transform
from HER2ImmunoModelLib.planning import Plan
from HER2ImmunoModelLib.treatments import Schedule
from PETHypoxiaLib import PetResult
from QuantDCELib import DceResult

from .manifest import Study, Visit
from .pet_space import PetSpace


@dataclass(frozen=True, eq=False)
class DceVisit:
    """The MR part of a visit.

    Attributes
    ----------
    result : DceResult
    anatomy : Volume
        Last frame of the dynamic series.
    tumour : ndarray of bool, shape (k, j, i)
        On the grid of `anatomy`.
    before_contrast : Volume
        Mean of the baseline frames: what visits are registered by, for no tumour enhances in it.
    frame_of_reference_uid, patient_position : str
        Empty where the headers do not say.
    """

    result: DceResult
    anatomy: Volume
    tumour: np.ndarray
    before_contrast: Volume
    frame_of_reference_uid: str = ""
    patient_position: str = ""


@dataclass(frozen=True, eq=False)
class PetVisit:
    """The PET part of a visit; `tumour` is on the PET grid, where it came by `space`."""

    result: PetResult
    tumour: np.ndarray
    space: PetSpace


@dataclass(frozen=True, eq=False)
class VisitAlignment:
    """How a visit lies to the reference visit.

    Attributes
    ----------
    transform : Transform
        From points of the reference visit to points of this one.
    source : {"registration", "given"}
    quality : Quality
    jacobian : Volume
        Of the transform, on the grid of the reference visit's images.
    provenance : Provenance
    warnings : tuple of str
    """

    transform: Transform
    source: str
    quality: Quality
    jacobian: Volume
    provenance: Provenance
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class VisitResult:
    """Everything measured at one visit.

    Attributes
    ----------
    visit : Visit
    measurement : Measurement
    dce, pet : DceVisit, PetVisit or None
    told : tuple of str
        Warnings of the masks and of where the visit lies.
    alignment : VisitAlignment or None
        None for the reference visit, and where it is not known how the visit lies to it.
    """

    visit: Visit
    measurement: Measurement
    dce: DceVisit | None
    pet: PetVisit | None
    told: tuple[str, ...] = ()
    alignment: VisitAlignment | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Those of the study's description, those `told`, of MR and of PET, in words that may be passed on."""
        found = [text for one in (self.dce, self.pet) if one for text in one.result.warnings]
        return tuple(shareable_text(text) for text in dict.fromkeys((*self.visit.remarks, *self.told, *found)))


@dataclass(frozen=True, eq=False)
class StudyResult:
    """Visits in order of days, and the plan made from them."""

    study: Study
    visits: tuple[VisitResult, ...]
    plan: Plan
    given: Schedule

    @property
    def measurements(self) -> list[Measurement]:
        return [visit.measurement for visit in self.visits]

    @property
    def reference(self) -> VisitResult:
        """The visit in whose space the others are shown."""
        return next(visit for visit in self.visits if visit.visit.visit == self.study.reference_visit)

    @property
    def is_aligned(self) -> bool:
        """Whether any visit is known to lie to the reference."""
        return any(visit.alignment for visit in self.visits)

    def transform_of(self, visit: VisitResult) -> Transform | None:
        """From points of the reference visit to points of this one; None where it is not known."""
        if visit.alignment:
            return visit.alignment.transform
        return Transform.identity() if visit is self.reference and self.is_aligned else None
