"""What frames that are far apart cost a measured input: the error of Ktrans, by a simulation in these very frames."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..kinetics import models
from ..kinetics.fit import fit_model
from .population import population_aif

STEP_S = 0.1
"""Of the input that the tissue of the simulation is made with."""
KTRANS_PER_MIN = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35)
VE, VP = 0.3, 0.05
ARRIVALS = 6
"""Places between two frames at which the agent may arrive."""
LEAST_FRAMES_BEFORE = 2
DIGITS = 3
"""Of the times in s, by which simulations are kept."""
FIRST_PASS_S = 60.0
FINE_FRAMES_S = 3.0
"""Samples no further apart in the first pass cost less than 1 %, with every model: not simulated, not told."""
TOLD_PERCENT, TOO_MUCH_PERCENT = 2.0, 15.0
"""Worst error from which on it is told, and from which on a measured input is no good."""
MOST_PERCENT = 100.0


@dataclass(frozen=True)
class SamplingError:
    """Error of Ktrans in percent of its true value; NaN where the model cannot be fitted in these frames.

    Attributes
    ----------
    median_percent : float
        Median of the absolute errors, over tissues and arrivals between two frames.
    worst_percent : float
    """

    median_percent: float
    worst_percent: float


def sampling_error(
    time_s: np.ndarray,
    model: str = "extended_tofts",
    *,
    arrival_s: float | None = None,
    frame_time_s: np.ndarray | None = None,
) -> SamplingError:
    """How far Ktrans is off because the input is known only at its samples.

    A population input (Parker) is sampled at these times and taken as linear between them, as a measured one is;
    curves of tissue are made with the true input and fitted with the sampled one.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        Of the samples of the input.
    model : str
        A name of `kinetics.MODELS`, of the tissue and of the fit; extended Tofts stands for two compartments, whose fit
        is too long for this.
    arrival_s : float, optional
        When the agent comes, about: between the two samples around it. By default after the second sample.
    frame_time_s : ndarray, shape (t,), optional
        Of the frames the tissue is seen in; by default `time_s`.

    Returns
    -------
    SamplingError

    Raises
    ------
    InputError
        For an unknown model.

    References
    ----------
    Henderson et al., Magn Reson Imaging 16:1057 (1998).
    """
    if models.get(model).name in models.TWO_COMPARTMENTS:
        model = "extended_tofts"
    samples = np.asarray(time_s, dtype=np.float64)
    frames = samples if frame_time_s is None else np.asarray(frame_time_s, dtype=np.float64)
    last_before = min(LEAST_FRAMES_BEFORE, samples.size) - 1
    if arrival_s is not None:
        last_before = int(np.clip(np.searchsorted(samples, arrival_s, side="right") - 1, 0, samples.size - 1))
    return _simulated(_key(samples), _key(frames), model, last_before)


def sampling_warnings(
    time_s: np.ndarray, model: str, *, arrival_s: float | None, frame_time_s: np.ndarray
) -> tuple[str, ...]:
    """A sentence with the error of Ktrans in percent where it is worth one; parameters as `sampling_error`."""
    step_s = _first_pass_step_s(np.asarray(time_s, dtype=np.float64), arrival_s)
    if step_s <= FINE_FRAMES_S:
        return ()
    error = sampling_error(time_s, model, arrival_s=arrival_s, frame_time_s=frame_time_s)
    if error.worst_percent < TOLD_PERCENT:
        return ()
    told = f"The input is sampled every {step_s:.1f} s in its first pass"
    if not np.isfinite(error.worst_percent):
        return (f"{told}, too far apart to measure it; use semi-quantitative maps, or a population input.",)
    worst = f"over {MOST_PERCENT:.0f}" if error.worst_percent > MOST_PERCENT else f"{error.worst_percent:.0f}"
    advice = "; use semi-quantitative maps, or a population input" if error.worst_percent >= TOO_MUCH_PERCENT else ""
    return (
        f"{told}, so that its peak falls between frames: simulated with these, Ktrans is off by "
        f"{error.median_percent:.2g} % (median), {worst} % at worst{advice}.",
    )


def _first_pass_step_s(time_s: np.ndarray, arrival_s: float | None) -> float:
    """The longest step from arrival to the end of the first pass; the median one where nothing arrives."""
    steps = np.diff(time_s)
    if arrival_s is None:
        return float(np.median(steps))
    in_pass = steps[(time_s[1:] > arrival_s) & (time_s[:-1] < arrival_s + FIRST_PASS_S)]
    return float(in_pass.max() if in_pass.size else np.median(steps))


def _key(time_s: np.ndarray) -> tuple[float, ...]:
    return tuple(np.round(time_s, DIGITS).tolist())


@lru_cache(maxsize=16)
def _simulated(sample_s: tuple[float, ...], frame_s: tuple[float, ...], model: str, last_before: int) -> SamplingError:
    samples, frames = np.array(sample_s), np.array(frame_s)
    unknown = SamplingError(float("nan"), float("nan"))
    if last_before + 2 > samples.size:
        return unknown
    gap_s = samples[last_before + 1] - samples[last_before]
    arrivals_s = samples[last_before] + gap_s * (np.arange(ARRIVALS) + 0.5) / ARRIVALS
    errors = []
    try:
        for arrival_s in arrivals_s:
            found = _fitted(samples, frames, model, float(arrival_s))
            errors.append(np.abs(found / np.array(KTRANS_PER_MIN) - 1.0))
    except InputError:
        return unknown
    percent = 100.0 * np.array(errors)
    if not np.isfinite(percent).all():
        return unknown
    return SamplingError(float(np.median(percent)), float(percent.max()))


def _fitted(samples_s: np.ndarray, frames_s: np.ndarray, model: str, arrival_s: float) -> np.ndarray:
    """Ktrans that a fit finds in each tissue."""
    fine_s = np.arange(arrival_s, max(frames_s[-1], samples_s[-1]) + STEP_S, STEP_S)
    plasma = population_aif("parker", fine_s, arrival_s=arrival_s)
    curves = [models.curve(model, known, frames_s, plasma, aif_time_s=fine_s) for known in _tissues()]
    sampled = np.interp(samples_s, fine_s, plasma, left=0.0)
    fit = fit_model(model, frames_s, np.array(curves), sampled, aif_time_s=samples_s, threads=1)
    return fit.parameters["Ktrans"]


def _tissues() -> list[dict[str, float]]:
    return [{"Ktrans": ktrans, "ve": VE, "vp": VP} for ktrans in KTRANS_PER_MIN]
