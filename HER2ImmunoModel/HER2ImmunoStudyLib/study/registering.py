"""Every visit of a study in the space of one of them: registered, or by the transform that was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.examination import lying_apart
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoCommonLib.registration import (
    AlignSettings,
    Transform,
    align,
    carry_mask,
    jacobian,
    judge,
)

from .given_spaces import GivenSpace, GivenSpaces
from .manifest import Study
from .results import DceVisit, VisitAlignment, VisitResult

REGISTERED, GIVEN = "registration", "given"
FORMULAS = {
    REGISTERED: "Registration of the images before contrast agent, the tumour left out and moved rigidly.",
    GIVEN: "Transform that was given, judged by the images before contrast agent.",
}


def align_visits(
    study: Study, visits: Sequence[VisitResult], spaces: GivenSpaces, report: Report | None = None
) -> tuple[VisitResult, ...]:
    """The visits, each with how it lies to the reference, or with a warning why that is not known.

    Parameters
    ----------
    study : Study
    visits : sequence of VisitResult
    spaces : GivenSpaces
    report : Report, optional

    Raises
    ------
    Cancelled
        From `report`.
    """
    reference = next(visit for visit in visits if visit.visit.visit == study.reference_visit)
    todo = [n for n, visit in enumerate(visits) if visit is not reference and _is_wanted(spaces, n)]
    found = list(visits)
    for done, n in enumerate(todo):
        share = part(report, done / len(todo), (done + 1) / len(todo))
        tell(share, 0.0, f"{visits[n].visit.visit}: aligning to {study.reference_visit}")
        found[n] = _aligned(visits[n], reference, spaces.settings, spaces.visits[n], share)
    return tuple(found)


def _is_wanted(spaces: GivenSpaces, n: int) -> bool:
    return spaces.settings is not None or spaces.visits[n].transform is not None


def _aligned(
    visit: VisitResult,
    reference: VisitResult,
    settings: AlignSettings | None,
    given: GivenSpace,
    report: Report | None,
) -> VisitResult:
    name = reference.visit.visit
    try:
        for one, which in ((reference, f"the reference visit {name}"), (visit, "the visit")):
            if one.dce is None:
                raise InputError(f"{which} has no MR images.")
        if given.transform is not None:
            found = _judged(visit.dce, reference.dce, given)
        else:
            found = _registered(visit.dce, reference.dce, settings, given, report)
    except InputError as error:
        told = f"The visit is not aligned to {name}, and is shown as it lies: {error}"
        return replace(visit, told=(*visit.told, told))
    record = replace(found.provenance, inputs={"reference": _source(reference), "visit": _source(visit)})
    lying = filter(None, [lying_apart(reference.dce.patient_position, visit.dce.patient_position)])
    told = (*visit.told, *lying, *found.warnings)
    return replace(visit, told=told, alignment=replace(found, provenance=record))


def _source(visit: VisitResult) -> dict[str, object]:
    baseline = visit.dce.result.baseline
    return {
        "visit": visit.visit.visit,
        "frames": f"mean of frames {int(baseline[0]) + 1} to {int(baseline[-1]) + 1}, before contrast agent",
        "images": visit.dce.result.provenance.inputs,
    }


def _registered(
    visit: DceVisit, reference: DceVisit, settings: AlignSettings, given: GivenSpace, report: Report | None
) -> VisitAlignment:
    found = align(
        reference.before_contrast,
        visit.before_contrast,
        tumour_fixed=_tumour(reference),
        tumour_moving=_tumour(visit),
        landmarks=given.landmarks,
        settings=settings,
        report=report,
    )
    record = _record(REGISTERED, asdict(settings), found.warnings)
    return VisitAlignment(found.transform, REGISTERED, found.quality, found.jacobian, record, found.warnings)


def _judged(visit: DceVisit, reference: DceVisit, given: GivenSpace) -> VisitAlignment:
    """A given transform, refused where it cannot be that of these images."""
    transform = given.transform
    _check_reaches(visit, reference, transform)
    quality = judge(
        transform,
        reference.before_contrast,
        visit.before_contrast,
        tumour_fixed=_tumour(reference),
        tumour_moving=_tumour(visit),
        landmarks=given.landmarks,
    )
    if not quality.jacobian_min > 0:
        raise InputError(
            f"the given transform folds (its smallest Jacobian is {quality.jacobian_min:.2g}), so two places come to "
            "lie on one; give a smoother transform."
        )
    warnings = []
    if quality.metric_after < quality.metric_before:
        warnings.append(
            f"With the given transform the images agree less ({quality.metric_name} {quality.metric_after:.3g}) than "
            f"as they lie ({quality.metric_before:.3g}); check that it belongs to these visits, and its direction."
        )
    spread = jacobian(transform, reference.before_contrast)
    return VisitAlignment(transform, GIVEN, quality, spread, _record(GIVEN, {}, tuple(warnings)), tuple(warnings))


def _check_reaches(visit: DceVisit, reference: DceVisit, transform: Transform) -> None:
    """Refuse a transform of another frame of reference: it leads away from the images."""
    try:
        carry_mask(_tumour(visit), reference.before_contrast, transform)
    except InputError as error:
        raise InputError(
            "the given transform leads the visit's tumour outside the images of the reference visit; it may be of "
            "another frame of reference, or map the other way round."
        ) from error


def _tumour(dce: DceVisit) -> Volume:
    return dce.before_contrast.like(dce.tumour)


def _record(source: str, settings: dict[str, object], warnings: tuple[str, ...]) -> Provenance:
    return Provenance(
        module="HER2ImmunoModel study",
        settings={"source": source, **settings},
        formulas=(FORMULAS[source],),
        warnings=warnings,
    )
