"""What a fit needs besides the curves: baseline, arrival of the agent, and the arterial input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError

from ..arterial_input.aif import Aif, roi_aif
from ..arterial_input.population import FINE_STEP_S, fine_time_s, population_aif, population_label
from ..arterial_input.sampling import sampling_warnings
from ..dicom.reading import DynamicImages
from ..kinetics import models
from ..kinetics.fit import fit_model
from ..signal.agents import find_agent, relaxivity
from ..signal.baseline import arrival_time_s, baseline_frames, detect_baseline
from ..signal.quantities import FLIP, TR
from .settings import FITTED_M0, MEASURED_AIFS, DceSettings

BLOOD_T1_S = {1.5: 1.44, 3.0: 1.66}
"""Stanisz et al., Magn Reson Med 54:507 (2005) at 1.5 T; Lu et al., Magn Reson Med 52:679 (2004) at 3 T."""
ENHANCING_SHARE = 0.005
OTHERWISE = 0.2
"""Difference of a given TR or flip angle from that of the headers, as a fraction, that is told."""
TOO_SPARSE_S = 10.0


@dataclass(frozen=True, eq=False)
class Sequence:
    """Repetition time and flip angle of the dynamic series."""

    tr_s: float
    flip_deg: float


def sequence_of(dynamic: DynamicImages, settings: DceSettings) -> Sequence:
    """TR and flip angle from the settings, else the headers.

    Raises
    ------
    QuestionsError
        If neither says.
    """
    tr_s, flip_deg = settings.tr_s or dynamic.tr_s, settings.flip_deg or dynamic.flip_deg
    questions = []
    if tr_s is None:
        questions.append(Question("tr_s", "The images have no single RepetitionTime; what is the TR in seconds?"))
    if flip_deg is None:
        questions.append(Question("flip_deg", "The images have no single FlipAngle; what is it in degrees?"))
    questions += [
        Question(
            quantity.key,
            f"In the images the {quantity.name} is {value:g} {quantity.unit}, which no spoiled gradient echo has; what "
            f"is it in {quantity.unit}?",
        )
        for quantity, value in ((TR, tr_s), (FLIP, flip_deg))
        if value is not None and not quantity.can_be(value)
    ]
    if questions:
        raise QuestionsError(questions)
    return Sequence(tr_s, flip_deg)


def sequence_warnings(dynamic: DynamicImages, settings: DceSettings) -> tuple[str, ...]:
    """A word where TR or flip angle were given otherwise than the headers have them."""
    return tuple(
        f"The {quantity.name} was given as {given:g} {quantity.unit} but the images say {said:g} {quantity.unit}; "
        "the one given was used."
        for quantity, given, said in (
            (TR, settings.tr_s, dynamic.tr_s),
            (FLIP, settings.flip_deg, dynamic.flip_deg),
        )
        if given is not None and said is not None and abs(given - said) > OTHERWISE * said
    )


def check_frames(settings: DceSettings, n_frames: int) -> None:
    """Refuse a model that has as many parameters as the series has frames, or more.

    Raises
    ------
    InputError
    """
    for name in settings.fitted_models:
        n_free = models.get(name).n_free + settings.fit_delay + (settings.m0 == FITTED_M0)
        if n_frames <= n_free:
            raise InputError(
                f"The series has {n_frames} frames, too few for the {n_free} parameters of {name}; "
                "choose the model none for semi-quantitative maps."
            )


def relaxivity_of(settings: DceSettings, field_t: float | None) -> tuple[float, list[str]]:
    """Relaxivity in /mM/s, given or of the agent at the field strength of the images, with what was chosen."""
    if settings.agent is None:
        return settings.r1_per_mM_s, []
    r1, remark = relaxivity(find_agent(settings.agent), field_t)
    return r1, [remark]


def enhancing_curve(signal: np.ndarray) -> np.ndarray:
    """Mean curve of the voxels (..., t) that rise most: vessels, where the agent is seen first."""
    flat = signal.reshape(-1, signal.shape[-1])
    with np.errstate(invalid="ignore", over="ignore"):
        rise = flat.max(axis=1) - flat[:, : max(2, flat.shape[1] // 20)].mean(axis=1)
    rise = np.where(np.isfinite(rise), rise, -np.inf)
    n = min(max(10, int(ENHANCING_SHARE * len(flat))), len(flat))
    chosen = flat[np.argpartition(rise, -n)[-n:]].astype(np.float64)
    chosen = chosen[np.isfinite(chosen).all(axis=1)]
    if not len(chosen):
        raise InputError("No voxel of the dynamic series is finite in every frame; load the images again.")
    return chosen.mean(axis=0)


def choose_baseline(
    curve: np.ndarray, time_s: np.ndarray, settings: DceSettings, aif: Aif | None = None
) -> tuple[np.ndarray, list[str]]:
    """Baseline frames, given or detected, with a warning where given ones reach into the enhancement.

    Parameters
    ----------
    curve, time_s : ndarray, shape (t,)
        Signal of the artery or of the most enhancing voxels.
    settings : DceSettings
    aif : Aif, optional
        Input from a file; frames before it arrives are baseline.
    """
    if settings.baseline is None:
        return _detected(curve, time_s, aif), []
    frames = baseline_frames(slice(*settings.baseline), len(time_s))
    try:
        last = int(_detected(curve, time_s, aif).max())
    except InputError:
        return frames, []
    if frames.max() <= last:
        return frames, []
    return frames, [
        f"The baseline reaches frame {frames.max() + 1}, but the signal rises after frame {last + 1}; "
        "concentrations come out too low."
    ]


def _detected(curve: np.ndarray, time_s: np.ndarray, aif: Aif | None) -> np.ndarray:
    arrival = None if aif is None else _input_arrival_s(aif)
    before = np.flatnonzero(time_s <= arrival) if arrival is not None else np.empty(0, int)
    return before if before.size else detect_baseline(curve, time_s)


def _input_arrival_s(aif: Aif) -> float | None:
    """When a measured input leaves its baseline; None where it starts after arrival."""
    try:
        before = detect_baseline(aif.plasma_mM, aif.time_s)
    except InputError:
        return None
    return arrival_time_s(aif.plasma_mM, aif.time_s, before)


def blood_t1_s(settings: DceSettings, field_t: float | None) -> tuple[float, list[str]]:
    """T1 of blood, given or from the field strength."""
    if settings.t10_blood_s is not None:
        return settings.t10_blood_s, []
    nearest = min(BLOOD_T1_S, key=lambda known: abs(known - (field_t or 1.5)))
    at = f"{nearest:g} T" if field_t else "1.5 T, as the field strength is not known"
    return BLOOD_T1_S[nearest], [f"T1 of blood was taken as {BLOOD_T1_S[nearest]:g} s, of {at}."]


def measured_input(
    dynamic: DynamicImages,
    settings: DceSettings,
    sequence: Sequence,
    aif_mask: np.ndarray | None,
    aif: Aif | None,
    baseline: np.ndarray,
    r1_per_mM_s: float,
    b1: float | None = None,
) -> tuple[Aif, list[str]]:
    """The input of an artery region or a file, with warnings about its sampling; `b1` is that of the artery.

    Raises
    ------
    InputError
        If it was not given.
    """
    series = dynamic.series
    warnings: list[str] = []
    if settings.aif == "file":
        if aif is None:
            raise InputError("The input from a file was chosen but none was given; name its CSV file.")
    elif aif_mask is None:
        raise InputError("The input from an artery was chosen but no artery was given; draw or name its region.")
    else:
        blood, warnings = blood_t1_s(settings, dynamic.field_t)
        aif = roi_aif(
            series.array,
            aif_mask,
            series.time_s,
            tr_s=sequence.tr_s,
            flip_deg=sequence.flip_deg * (1.0 if b1 is None else b1),
            t10_blood_s=blood,
            r1_per_mM_s=r1_per_mM_s,
            hematocrit=settings.hematocrit,
            baseline=baseline,
        )
    arrival_s = _input_arrival_s(aif) if settings.aif == "file" else float(series.time_s[baseline.max()])
    sparse = sampling_warnings(aif.time_s, richest_model(settings), arrival_s=arrival_s, frame_time_s=series.time_s)
    return aif, [*warnings, *sparse]


def richest_model(settings: DceSettings) -> str:
    """The fitted model with the most free parameters."""
    return max(settings.fitted_models, key=lambda name: models.get(name).n_free)


def frame_warnings(time_s: np.ndarray) -> list[str]:
    """What sparse frames cost with an input that is not measured in them."""
    step = float(np.median(np.diff(time_s)))
    if step <= TOO_SPARSE_S:
        return []
    return [f"Frames are {step:.1f} s apart, above 10 s: arrival and vp are uncertain; use semi-quantitative maps too."]


def population_input(settings: DceSettings, time_s: np.ndarray, arrival_s: float) -> Aif:
    """A population input on its fine grid."""
    fine = fine_time_s(time_s, arrival_s)
    plasma = population_aif(
        settings.aif,
        fine,
        arrival_s=arrival_s,
        hematocrit=settings.hematocrit,
        dose=settings.dose_mmol_per_kg,
        constants=settings.aif_constants,
    )
    return Aif(
        fine, plasma * (1.0 - settings.hematocrit), plasma, f"population input of {population_label(settings.aif)}"
    )


def find_arrival_s(
    settings: DceSettings,
    time_s: np.ndarray,
    curve: np.ndarray,
    baseline: np.ndarray,
    mean_mM: Callable[[], np.ndarray] | None = None,
    aif: Aif | None = None,
) -> float:
    """When the agent arrives, on the clock of the frames.

    Parameters
    ----------
    settings : DceSettings
    time_s : ndarray, shape (t,)
    curve : ndarray, shape (t,)
        Signal of the input or of the most enhancing voxels.
    baseline : ndarray of int
    mean_mM : callable, optional
        Makes the mean concentration (t,) of the region, NaN if it has none; called only for a population input.
    aif : Aif, optional
        Input from a file.

    Returns
    -------
    float
        As given; for a measured input the foot of its curve; for a population input the arrival with which the model
        fits the region best, within a frame or so of that foot. Without an arterial input the foot.
    """
    if settings.arrival_s is not None:
        return settings.arrival_s
    of_input = None if aif is None else _input_arrival_s(aif)
    if of_input is not None:
        return of_input
    foot = arrival_time_s(curve, time_s, baseline)
    if not settings.needs_aif or settings.aif in MEASURED_AIFS or mean_mM is None:
        return foot
    tissue_mM = mean_mM()
    if not np.isfinite(tissue_mM).all():
        return foot
    last = int(baseline.max())
    frame_s = float(time_s[min(last + 1, len(time_s) - 1)] - time_s[last])

    richest = richest_model(settings)

    def misfit(arrival_s: float) -> float:
        aif = population_input(settings, time_s, arrival_s)
        fitted = fit_model(richest, time_s, tissue_mM[None], aif.plasma_mM, aif_time_s=aif.time_s, threads=1)
        return float(fitted.rmse[0])

    low, high = foot - 1.5 * frame_s, foot + 1.5 * frame_s
    coarse = np.linspace(low, high, 13)
    from scipy.optimize import minimize_scalar  # slow to load

    best = int(np.argmin([misfit(float(arrival)) for arrival in coarse]))
    bracket = coarse[max(best - 1, 0)], coarse[min(best + 1, len(coarse) - 1)]
    found = minimize_scalar(misfit, bounds=bracket, method="bounded", options={"xatol": 0.2 * FINE_STEP_S})
    return float(found.x)
