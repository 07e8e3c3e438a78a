"""Visits of a study as its analysis leaves them, of a small breast at a few places, without any file."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import small_breasts as small
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoStudyLib.study.given_spaces import GivenSpace, GivenSpaces
from HER2ImmunoStudyLib.study.manifest import Study, Visit
from HER2ImmunoStudyLib.study.results import DceVisit, StudyResult, VisitResult

GRID = small.grid((4.0, 4.0, 5.0))
NAMES = ("baseline", "week_3", "week_6")


def visit(name, day, to_anatomy=None, *, mr=True, tumour_mm=small.TUMOUR_MM, away_mm=(0.0, 0.0, 0.0)):
    """A visit whose points lie at `to_anatomy.at(points)` of the first, the whole put elsewhere by its headers."""
    place = GRID.ijk_to_ras.copy()
    place[:3, 3] += away_mm
    image = small.visit(GRID, to_anatomy, tumour_mm=tumour_mm, seed=round(day))
    mask = small.tumour(GRID, to_anatomy, mm=tumour_mm)
    values = np.where(mask.array, 0.1, np.nan)
    result = SimpleNamespace(
        baseline=np.arange(3),
        maps={"Ktrans": values},
        ijk_to_ras=place,
        warnings=(),
        provenance=SimpleNamespace(inputs={}),
    )
    image = Volume(image.array, place)
    dce = DceVisit(result, image, mask.array, image) if mr else None
    volume_cm3 = float(np.count_nonzero(mask.array) * mask.voxel_volume_cm3)
    return VisitResult(Visit(name, day, Path("t.nrrd")), Measurement(name, day, {"volume_cm3": volume_cm3}), dce, None)


def study(visits, register=None, reference="baseline"):
    return Study(
        Path("study.json"),
        "S1",
        "human",
        tuple(one.visit for one in visits),
        register=register,
        reference_visit=reference,
    )


def spaces(visits, settings=None, **given):
    """What is given of the visits: by name, a `GivenSpace`."""
    return GivenSpaces(settings, tuple(given.get(one.visit.visit, GivenSpace()) for one in visits))


def result(visits, register=None):
    return StudyResult(study(visits, register), tuple(visits), plan=None, given=None)
