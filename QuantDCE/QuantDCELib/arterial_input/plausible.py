"""Whether a measured input can be one: its times beside those of the frames, and its height."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from .aif import Aif

PEAK_MM = (0.5, 30.0)
"""Peak in plasma: a partial or late sampling of a small dose, and a fast bolus of a large one."""
POSSIBLE_MM = (0.01, 200.0)
"""Beyond these a curve is in another unit, or no concentration."""
TOO_SHORT = 0.1
"""An input that ends before this fraction of the series, yet covers it when taken as minutes, is in minutes."""
COVERED = 0.98
LONGER = 20.0
"""Most times that an input may be longer than the series, for its unit to be told from its length."""
LATER_S = (60.0, 180.0)
"""After the peak: the first pass is over, and the kidneys have taken little."""
LEFT = 0.03
"""Least level then, as a fraction of the peak; it is 0.15 with Parker's input."""
OFFSET = 0.2
"""Level before the rise, as a fraction of the peak, from which on a curve is no concentration."""


def on_clock_of(aif: Aif, frame_time_s: np.ndarray) -> tuple[Aif, tuple[str, ...]]:
    """An input with its times in seconds, and what a person must be told of it.

    Parameters
    ----------
    aif : Aif
        From a file or table.
    frame_time_s : ndarray, shape (t,)

    Raises
    ------
    InputError
        If its times do not reach those of the frames in any unit, or its values are no concentration in mM.
    """
    if aif.time_s.size < 2 or not (np.isfinite(aif.time_s).all() and (np.diff(aif.time_s) > 0).all()):
        raise InputError(f"The times of the input ({aif.source}) do not increase from one to the next; sort them.")
    peak = float(aif.plasma_mM.max())
    if not np.isfinite(peak) or peak == 0:
        return aif, ()
    aif, told = _in_seconds(aif, frame_time_s)
    start, end = float(aif.time_s[0]), float(aif.time_s[-1])
    first, last = float(frame_time_s[0]), float(frame_time_s[-1])
    if start >= last or end <= first:
        raise InputError(
            f"The input ({aif.source}) covers {start:.4g} to {end:.4g} s but the frames {first:.4g} to {last:.4g} s, "
            "so it is zero up to the last frame or unknown; give its times in seconds on the clock of the frames."
        )
    if not POSSIBLE_MM[0] <= peak <= POSSIBLE_MM[1]:
        raise InputError(
            f"The input ({aif.source}) peaks at {peak:.4g} mM in plasma, which cannot be: contrast agent reaches "
            f"{PEAK_MM[0]:g} to {PEAK_MM[1]:g} mM; give concentrations in mM, not in another unit or as signal."
        )
    if start > first and float(aif.plasma_mM[0]) > OFFSET * peak:
        told += (
            f"The input starts at {start:.4g} s with {aif.plasma_mM[0]:.3g} mM, after the first frame; before that it "
            "is taken as 0.",
        )
    return aif, (*told, *_offset(aif))


def _in_seconds(aif: Aif, frame_time_s: np.ndarray) -> tuple[Aif, tuple[str, ...]]:
    last, end = float(frame_time_s[-1]), float(aif.time_s[-1])
    if last <= 0 or end <= 0:
        return aif, ()
    for unit, factor, odd in (
        ("minutes", 60.0, end < TOO_SHORT * last),
        ("milliseconds", 1e-3, end > last / TOO_SHORT and float(np.median(np.diff(aif.time_s))) > last),
    ):
        if odd and COVERED * last <= end * factor <= LONGER * last:
            told = (
                f"The times of the input ({aif.source}) were taken as {unit}: as seconds they would end at "
                f"{end:.4g} s, while the last frame is at {last:.4g} s."
            )
            return replace(aif, time_s=aif.time_s * factor), (told,)
    return aif, ()


def _offset(aif: Aif) -> tuple[str, ...]:
    """A word where the curve before its rise is not near 0, as that of a signal is."""
    top = int(np.argmax(aif.plasma_mM))
    if top < 3:
        return ()
    before = float(np.median(aif.plasma_mM[: max(2, top // 2)]))
    if before <= OFFSET * float(aif.plasma_mM[top]):
        return ()
    return (
        f"The input ({aif.source}) is {before:.3g} mM before its rise to {aif.plasma_mM[top]:.3g} mM; check that it is "
        "a concentration and not a signal.",
    )


def peak_warnings(aif: Aif) -> tuple[str, ...]:
    """A word where the peak of a measured input, or what follows it, is unlike that of plasma."""
    peak = float(aif.plasma_mM.max())
    if PEAK_MM[0] <= peak <= PEAK_MM[1]:
        return _late(aif)
    how = (
        "too low, as of a vessel that fills its voxels in part or of a wrong unit" if peak < PEAK_MM[0] else "too high"
    )
    return (
        f"The input peaks at {peak:.3g} mM in plasma, which is {how} ({PEAK_MM[0]:g} to {PEAK_MM[1]:g} mM can be); "
        "Ktrans, ve and vp are wrong by the same factor.",
    )


def _late(aif: Aif) -> tuple[str, ...]:
    """A word where nothing is left after the first pass: blood keeps agent that the kidneys have not taken yet."""
    top = int(np.argmax(aif.plasma_mM))
    since_s = aif.time_s - aif.time_s[top]
    later = aif.plasma_mM[(since_s >= LATER_S[0]) & (since_s <= LATER_S[1])]
    if later.size < 2 or float(later.mean()) >= LEFT * float(aif.plasma_mM[top]):
        return ()
    return (
        f"The input falls from {aif.plasma_mM[top]:.3g} mM to {later.mean():.2g} mM within three minutes, which blood "
        "does not: the artery may be motion, or a vessel that fresh blood fills; look at its voxels.",
    )
