"""Find arteries in the images: voxels that enhance early, strongly and only for a short while."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report

from ..enhancement.semiquant import baseline_mean
from ..voxels.chunks import in_chunks

N_VOXELS = 20
SEARCHED_VOXELS = 400
"""The best voxels among which connected groups are looked for."""
MOST_GROUPS = 6
EARLY_S = 45.0
"""Latest peak after arrival: the first pass is over by then."""
NARROW = 0.25
"""Smallest fall from the peak to the late level, as a fraction of the peak."""
BACKGROUND_FRACTION = 0.05
"""Voxels darker than this fraction of the bright tissue are air."""
STEADY = 0.1
"""Largest scatter before arrival, as a fraction of the rise: text and moving edges flicker."""


@dataclass(frozen=True, eq=False)
class Artery:
    """Voxels found, to be shown before their curve is used.

    Attributes
    ----------
    mask : ndarray of bool, shape (k, j, i)
    signal : ndarray, shape (t,)
        Their mean signal.
    peak_s : float
        Time of the peak, on the clock of the frames.
    remark : str
        What was found, as a sentence.
    """

    mask: np.ndarray
    signal: np.ndarray
    peak_s: float
    remark: str

    @property
    def n_voxels(self) -> int:
        return int(np.count_nonzero(self.mask))


def find_artery(
    signal: np.ndarray,
    time_s: np.ndarray,
    baseline: np.ndarray,
    *,
    search: np.ndarray | None = None,
    n_voxels: int = N_VOXELS,
) -> Artery:
    """Connected voxels with an early, high and narrow peak.

    Parameters
    ----------
    signal : ndarray, shape (k, j, i, t)
    time_s : ndarray, shape (t,)
    baseline : ndarray of int
        Frames before arrival.
    search : ndarray of bool, shape (k, j, i), optional
        Where to look; everywhere by default.
    n_voxels : int
        Largest number of voxels.

    Returns
    -------
    Artery

    Raises
    ------
    InputError
        If no voxel has such a curve.

    References
    ----------
    Rijpkema et al., J Magn Reson Imaging 14:457 (2001); Parker et al., Proc ISMRM 11:1264 (2003).
    """
    return find_arteries(signal, time_s, baseline, search=search, n_voxels=n_voxels, most=1)[0]


def find_arteries(
    signal: np.ndarray,
    time_s: np.ndarray,
    baseline: np.ndarray,
    *,
    search: np.ndarray | None = None,
    n_voxels: int = N_VOXELS,
    most: int = MOST_GROUPS,
    report: Report | None = None,
) -> list[Artery]:
    """Every connected group of voxels with an early, high and narrow peak, the best first, for a person to choose from.

    Parameters
    ----------
    signal, time_s, baseline, search
        As `find_artery`, whose artery is the first of these.
    n_voxels : int
        Largest number of voxels of each.
    most : int
        Largest number of groups.
    report : Report, optional

    Returns
    -------
    list of Artery
        In the order of the sum of the scores of all voxels of a group.

    Raises
    ------
    InputError
        If no voxel has such a curve.
    """
    time_s = np.asarray(time_s, dtype=np.float64)
    score, peak = _scores(signal, time_s, np.asarray(baseline), search, report)
    candidates = np.flatnonzero(score > 0)
    if not candidates.size:
        raise InputError(
            "No artery was found: no voxel has an early, high and narrow peak; draw the artery or take another input."
        )
    best = candidates[np.argsort(score.flat[candidates])[::-1][:SEARCHED_VOXELS]]
    return [_artery(signal, time_s, peak, mask) for mask in _groups(best, score, n_voxels, most)]


def _artery(signal: np.ndarray, time_s: np.ndarray, peak: np.ndarray, mask: np.ndarray) -> Artery:
    curve = signal[mask].mean(axis=0, dtype=np.float64)
    peak_s = float(time_s[int(np.median(peak[mask]))])
    n, centre = int(mask.sum()), np.argwhere(mask).mean(axis=0)
    remark = (
        f"The artery was found automatically: {n} voxels around slice {centre[0] + 1:.0f}, row {centre[1] + 1:.0f}, "
        f"column {centre[2] + 1:.0f}, with their peak at {peak_s:.1f} s; look at them before you use the result."
    )
    return Artery(mask, curve, peak_s, remark)


def _scores(
    signal: np.ndarray, time_s: np.ndarray, baseline: np.ndarray, search: np.ndarray | None, report: Report | None
) -> tuple[np.ndarray, np.ndarray]:
    """How much a voxel looks like an artery (0: not at all), and the frame of its peak; both (k, j, i)."""
    first = int(baseline.max()) + 1
    if first + 2 >= time_s.size:
        raise InputError(f"There are only {time_s.size - first} frames after the baseline, too few to find an artery.")
    flat = signal.reshape(-1, time_s.size)
    before, scatter, top, late, peak = _features(flat, baseline, first, report)
    finite = np.isfinite(before)
    bright = float(np.percentile(before[finite], 95)) if finite.any() else 0.0
    usable = finite & (before > BACKGROUND_FRACTION * bright) & (top > before)
    if search is not None:
        usable &= search.reshape(-1)
    rise = np.where(usable, top - before, 1.0)
    enhancement = np.divide(rise, before, out=np.zeros(before.shape), where=usable)
    usable &= scatter <= STEADY * rise
    fall = np.divide(top - late, rise, out=np.zeros(before.shape), where=usable)
    delay_s = time_s[peak] - time_s[first - 1]
    usable &= (delay_s <= max(EARLY_S, 2.0 * float(np.median(np.diff(time_s))))) & (fall >= NARROW)
    score = np.where(usable, enhancement * fall / np.sqrt(np.maximum(delay_s, 1.0)), 0.0)
    return score.reshape(signal.shape[:-1]), peak.reshape(signal.shape[:-1])


def _features(
    flat: np.ndarray, baseline: np.ndarray, first: int, report: Report | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Mean and scatter of the baseline, highest and late signal, all NaN where not finite, and the peak's frame."""
    before, scatter, top, late = (np.full(len(flat), np.nan) for _ in range(4))
    peak = np.zeros(len(flat), np.intp)
    n_late = max(1, (flat.shape[1] - first) // 3)

    def work(piece: slice) -> None:
        curves = flat[piece]
        finite = np.isfinite(curves).all(axis=1)
        curves = np.where(finite[:, None], curves, 0.0)
        peak[piece] = first + np.argmax(curves[:, first:], axis=1)
        before[piece] = np.where(finite, baseline_mean(curves, baseline), np.nan)
        scatter[piece] = curves[:, baseline].std(axis=1, dtype=np.float64)
        top[piece] = np.where(finite, curves[:, first:].max(axis=1), np.nan)
        late[piece] = np.where(finite, curves[:, -n_late:].mean(axis=1, dtype=np.float64), np.nan)

    in_chunks(work, len(flat), report, "Looking for an artery")
    return before, scatter, top, late, peak


def _groups(best: np.ndarray, score: np.ndarray, n_voxels: int, most: int) -> list[np.ndarray]:
    """The `n_voxels` best voxels of each connected group, the group with the highest sum of scores first."""
    best = np.sort(best)  # in the order of the grid: what is alike is then chosen alike every time
    chosen = np.zeros(score.shape, bool)
    chosen.flat[best] = True
    from scipy.ndimage import label  # slow to load

    groups, n = label(chosen, np.ones((3, 3, 3)))
    labels = groups.flat[best]
    sums = np.bincount(labels, weights=score.flat[best], minlength=n + 1)
    masks = []
    for number in 1 + np.argsort(-sums[1:], kind="stable")[:most]:
        group = best[labels == number]
        mask = np.zeros(score.shape, bool)
        mask.flat[group[np.argsort(score.flat[group])[::-1][:n_voxels]]] = True
        masks.append(mask)
    return masks
