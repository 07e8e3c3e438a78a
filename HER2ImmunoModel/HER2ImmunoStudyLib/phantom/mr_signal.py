"""Signal of a spoiled gradient echo from true maps, by numerical integration on a fine time grid.

Nothing here is shared with the analysis, so that analysing the virtual patient tests both.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, tell

from .presets import MRProtocol
from .true_maps import MRMaps

STEP_S = 0.1
CHUNK_VOXELS = 8192
THREADS = 2


def blood_mM(protocol: MRProtocol, time_s: np.ndarray) -> np.ndarray:
    """Contrast agent in blood (mM) at times after the first frame.

    Parker et al., MRM 2006;56:993-1000 for a human; for a mouse two exponentials of blood (constants assumed)
    injected evenly over six seconds.
    """
    since_min = (np.asarray(time_s, float) - protocol.arrival_s) / 60.0
    after = np.maximum(since_min, 0.0)
    if protocol.input_function == "parker":
        curve = _parker(after)
    elif protocol.input_function == "biexponential":
        curve = _injected(after, 3.2, 2.2, 0.1) + _injected(after, 1.5, 0.045, 0.1)
    else:
        raise InputError(f"There is no input function {protocol.input_function!r}; choose parker or biexponential.")
    return np.where(since_min >= 0.0, curve, 0.0)


def _parker(minutes: np.ndarray) -> np.ndarray:
    gaussians = sum(
        area / (width * np.sqrt(2.0 * np.pi)) * np.exp(-((minutes - centre) ** 2) / (2.0 * width**2))
        for area, centre, width in ((0.809, 0.17046, 0.0563), (0.330, 0.365, 0.132))
    )
    return gaussians + 1.050 * np.exp(-0.1685 * minutes) / (1.0 + np.exp(-38.078 * (minutes - 0.483)))


def _injected(minutes: np.ndarray, amplitude: float, rate: float, duration: float) -> np.ndarray:
    """An exponential after a bolus, spread evenly over the duration of the injection."""
    build_up = -np.expm1(-rate * np.minimum(minutes, duration))
    return amplitude * build_up / (rate * duration) * np.exp(-rate * np.maximum(minutes - duration, 0.0))


def frame_times_s(protocol: MRProtocol) -> np.ndarray:
    return protocol.frame_s * np.arange(protocol.frames)


def tissue_mM(
    protocol: MRProtocol, ktrans_per_min: np.ndarray, ve: np.ndarray, vp: np.ndarray, *, report: Report | None = None
) -> np.ndarray:
    """Extended Tofts concentration (Tofts et al., JMRI 1999;10:223-232) of voxels (n,) at the frames.

    Each step of 0.1 s is exact in the decay and Simpson's rule in the input. Frame and arrival times are multiples
    of 0.1 s: the inputs start with a jump, which must lie between two steps.

    Returns
    -------
    ndarray of float32, shape (n, frames)
    """
    frames = frame_times_s(protocol)
    half = np.arange(round(frames[-1] / STEP_S) * 2 + 1) * (STEP_S / 2.0)
    plasma = blood_mM(protocol, half) / (1.0 - protocol.hematocrit)
    ktrans = np.asarray(ktrans_per_min, float) / 60.0
    kep = np.divide(ktrans, ve, out=np.zeros(ktrans.shape), where=np.asarray(ve) > 0)
    result = np.empty((ktrans.size, frames.size), np.float32)
    starts = range(0, ktrans.size, CHUNK_VOXELS)

    def fill(start: int) -> None:
        part = slice(start, start + CHUNK_VOXELS)
        result[part] = _integrate(protocol, plasma, ktrans[part], kep[part], np.asarray(vp)[part])

    with ThreadPoolExecutor(THREADS) as pool:
        for done, _ in enumerate(pool.map(fill, starts)):
            tell(report, done / len(starts), "Computing enhancement")
    return result


def _integrate(
    protocol: MRProtocol, plasma: np.ndarray, ktrans: np.ndarray, kep: np.ndarray, vp: np.ndarray
) -> np.ndarray:
    per_frame, arrival = round(protocol.frame_s / STEP_S), round(protocol.arrival_s / STEP_S)
    kept, kept_half = np.exp(-kep * STEP_S), np.exp(-kep * STEP_S / 2.0)
    left, work = np.zeros(ktrans.size), np.empty(ktrans.size)
    curve = np.empty((protocol.frames, ktrans.size), np.float32)
    sixth = STEP_S / 6.0
    for step in range(protocol.frames * per_frame):
        if step % per_frame == 0:
            curve[step // per_frame] = ktrans * left + vp * plasma[2 * step]
            if step == (protocol.frames - 1) * per_frame:
                break
        if step < arrival:
            continue
        before, middle, after = plasma[2 * step : 2 * step + 3]
        left += sixth * before
        left *= kept
        left += np.multiply(kept_half, 4.0 * sixth * middle, out=work)
        left += sixth * after
    return curve.T


def spgr(density: np.ndarray, rate_per_s: np.ndarray, tr_s: float, flip_deg: float) -> np.ndarray:
    """Steady-state signal of a spoiled gradient echo (Haase et al., JMR 1986;67:258-266)."""
    angle = np.deg2rad(flip_deg)
    decay = np.exp(-tr_s * rate_per_s)
    return density * np.sin(angle) * (1.0 - decay) / (1.0 - np.cos(angle) * decay)


def vfa_signal(protocol: MRProtocol, maps: MRMaps) -> np.ndarray:
    """Signal before contrast agent at each flip angle of the VFA series, shape (k, j, i, flips)."""
    rate = 1.0 / maps.t1_s
    images = [spgr(maps.density, rate, protocol.tr_s, flip) for flip in protocol.vfa_flip_deg]
    return np.stack(images, axis=-1).astype(np.float32)


def dynamic_signal(protocol: MRProtocol, maps: MRMaps, *, report: Report | None = None) -> np.ndarray:
    """Signal of every frame, shape (k, j, i, frames)."""
    inside = np.flatnonzero(maps.density > 0)
    ktrans, ve, vp, t1_s, density = (
        array.ravel()[inside] for array in (maps.ktrans_per_min, maps.ve, maps.vp, maps.t1_s, maps.density)
    )
    rate = tissue_mM(protocol, ktrans, ve, vp, report=report)
    rate *= protocol.r1_per_mM_s
    rate += (1.0 / t1_s)[:, None].astype(np.float32)
    signal = np.zeros((maps.density.size, protocol.frames), np.float32)
    for start in range(0, inside.size, CHUNK_VOXELS):
        part = slice(start, start + CHUNK_VOXELS)
        signal[inside[part]] = spgr(
            density[part, None], rate[part].astype(np.float64), protocol.tr_s, protocol.flip_deg
        )
    return signal.reshape(*maps.density.shape, protocol.frames)


def noise_sd(dynamic: np.ndarray, maps: MRMaps, noise: float) -> float:
    """Standard deviation of each channel's noise: `noise` times the mean tumour signal before contrast agent."""
    return noise * float(dynamic[maps.tumour, 0].mean())


def magnitude(signal: np.ndarray, sd: float, random: np.random.Generator) -> np.ndarray:
    """Magnitude of the signal with normal noise in both channels (Rician)."""
    if sd == 0.0:
        return signal
    real = signal + sd * random.standard_normal(signal.shape, np.float32)
    return np.hypot(real, sd * random.standard_normal(signal.shape, np.float32))
