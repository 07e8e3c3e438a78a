"""What motion inside a dynamic series does to Ktrans of a tumour, and what is left of it after the correction.

    python Testing/benchmarks/motion.py [--out FOLDER] [--seeds N] [--cases N] [--noise SHARE] [--no-large]

The virtual patient with fine anatomy and smooth edges, its images cropped to the tumour and what is around it. Bias is
against the fit of the same images, with the same noise, of the patient who lies still. The true motions, put back the
same way, show what no estimate can mend: splines between the voxels, and the coil, which does not move with the body.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.registration import Transform
from HER2ImmunoStudyLib.phantom.maps import MRMaps, mr_maps, sensitivity
from HER2ImmunoStudyLib.phantom.motion import Motion, motion_of, moved
from HER2ImmunoStudyLib.phantom.mr_signal import blood_mM, dynamic_signal, magnitude, noise_sd
from HER2ImmunoStudyLib.phantom.presets import PRESETS, Preset, detailed
from QuantDCELib import concentration_from_signal, fit_model
from QuantDCELib.motion import MotionResult, correct_motion
from QuantDCELib.motion.putting_back import put_back

CASES = (
    ("human", "axial", "jump+drift"),
    ("human", "sagittal", "jump+drift"),
    ("human", "oblique", "jump+drift"),
    ("human", "axial", "breathing"),
    ("mouse", "axial", "jump+drift"),
)
SHAPES = {"human": (28, 84, 84), "mouse": (24, 84, 84)}
"""Voxels of the images, of the size of the detailed virtual patient's."""
STATES = {"human": {"T": 6.0, "V": 0.45, "N": 0.1, "H": 0.2}, "mouse": {"T": 0.05, "V": 0.45, "N": 0.1, "H": 0.2}}
FRAMES = 40
FORWARD_MM = 14.0
"""By how much the middle of the images lies in front of the whole patient's, at size 1: there is little behind."""
LARGE = (60, 256, 256, 30)
BARS = (10.0, 2.0, 0.2)
"""Of the bias in per cent: without correction at least, with it at most, and of a still series at most."""


@dataclass(frozen=True, eq=False)
class Scan:
    """A patient who lies still and who moves, with the same noise."""

    preset: Preset
    maps: MRMaps
    still: TimeSeries
    moving: TimeSeries
    motion: Motion


@dataclass(frozen=True)
class Row:
    """Bias of the tumour's Ktrans in per cent as `bias` has it, and how long the correction took."""

    case: str
    without: tuple[float, float]
    corrected: tuple[float, float]
    true: tuple[float, float]
    still: tuple[float, float]
    missed_mm: tuple[float, float]
    put_back: str
    wall_s: float
    processor_s: float


def scan(species: str, orientation: str, name: str, seed: int, noise: float) -> Scan:
    """Frames of a detailed virtual patient."""
    preset = detailed(PRESETS[species])
    preset = replace(preset, mr=replace(preset.mr, frames=FRAMES))
    grid, size = preset.mr_grid, preset.size
    right, front, up = grid.centre_ras_mm
    grid = replace(
        grid, shape=SHAPES[species], orientation=orientation, centre_ras_mm=(right, front + FORWARD_MM * size, up)
    )
    preset = replace(preset, mr_grid=grid)
    maps = mr_maps(preset, seed, STATES[species])
    signal = dynamic_signal(preset.mr, maps)
    sd = noise_sd(signal, maps, noise)
    motion = motion_of(preset, seed, "baseline", name)
    shown = (signal, moved(signal, sensitivity(preset), maps.ijk_to_ras, motion))
    still, moving = (
        TimeSeries(magnitude(each, sd, np.random.default_rng(seed)), maps.ijk_to_ras, motion.time_s) for each in shown
    )
    return Scan(preset, maps, still, moving, motion)


def ktrans(scanned: Scan, series: TimeSeries) -> np.ndarray:
    """Ktrans (n,) of the tumour's voxels, with the true T1 and input, so that motion alone makes a difference."""
    protocol, tumour = scanned.preset.mr, scanned.maps.tumour
    concentration = concentration_from_signal(
        series.array[tumour],
        tr_s=protocol.tr_s,
        flip_deg=protocol.flip_deg,
        t10_s=scanned.maps.t1_s[tumour],
        r1_per_mM_s=protocol.r1_per_mM_s,
        baseline=slice(0, int(np.sum(series.time_s < protocol.arrival_s))),
    ).concentration_mM
    fine_s = np.arange(0.0, series.time_s[-1] + 0.01, 0.1)
    input_mM = blood_mM(protocol, fine_s) / (1.0 - protocol.hematocrit)
    return fit_model("extended_tofts", series.time_s, concentration, input_mM, aif_time_s=fine_s).parameters["Ktrans"]


def bias(found: np.ndarray, reference: np.ndarray) -> tuple[float, float]:
    """Of the mean of the voxels that have both values, and the median of their own bias, in per cent.

    The median of the tumour says little: rim and bulk differ by a factor of four, and it lies between them.
    """
    both = np.isfinite(found) & (reference > 0)
    found, reference = found[both], reference[both]
    return 100.0 * float(found.mean() / reference.mean() - 1.0), 100.0 * float(np.median(found / reference) - 1.0)


def missed_mm(scanned: Scan, result: MotionResult) -> tuple[float, float]:
    """How far the tumour's middle is put from its first place, and from the middle of where it is put, on the mean.

    The correction's home is the middle of the frames before contrast, not the first of them.
    """
    middle = np.argwhere(scanned.maps.tumour).mean(axis=0)[::-1]
    place = scanned.maps.ijk_to_ras[:3, :3] @ middle + scanned.maps.ijk_to_ras[:3, 3]
    true = [(scanned.motion.frame(n) @ np.r_[place, 1.0])[:3] for n in range(scanned.motion.time_s.size)]
    off = np.array([transform.at(place) for transform in result.transforms]) - true
    return tuple(float(np.linalg.norm(each, axis=1).mean()) for each in (off, off - np.median(off, axis=0)))


def with_truth(scanned: Scan) -> TimeSeries:
    """The moving series put back by its true motions."""
    count = scanned.motion.time_s.size
    moves = np.array([scanned.motion.moves(n) for n in range(count)])
    transforms = tuple(Transform.from_matrix(scanned.motion.frame(n)) for n in range(count))
    return put_back(scanned.moving, transforms, moves, None)


def measured(case: tuple[str, str, str], seed: int, noise: float) -> Row:
    scanned = scan(*case, seed, noise)
    reference = ktrans(scanned, scanned.still)
    start, start_own = time.perf_counter(), time.process_time()
    result = correct_motion(scanned.moving)
    wall, own = time.perf_counter() - start, time.process_time() - start_own
    still = correct_motion(scanned.still)
    values = (scanned.moving, result.corrected, with_truth(scanned), still.corrected)
    return Row(
        f"{', '.join(case)}, seed {seed}",
        *(bias(ktrans(scanned, series), reference) for series in values),
        missed_mm(scanned, result),
        f"{int(result.curve.corrected.sum())} of {result.curve.time_s.size}",
        wall,
        own,
    )


def large(shape: tuple[int, int, int, int]) -> str:
    """Time and memory of a large series, made of a small one by repeating its voxels; one frame in two moves."""
    small = scan("human", "axial", "jump+drift", 0, 0.02).moving
    frames = np.linspace(0, small.time_s.size - 1, shape[3]).round().astype(int)
    index = [np.arange(n) * have // n for n, have in zip(shape[:3], small.array.shape, strict=False)]
    array = np.ascontiguousarray(small.array[np.ix_(*index, frames)])
    to_ras = small.ijk_to_ras @ np.diag(
        [*(have / n for n, have in zip(shape[2::-1], small.array.shape[2::-1], strict=True)), 1.0]
    )
    series = TimeSeries(array, to_ras, small.time_s[frames])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, start_own = time.perf_counter(), time.process_time()
    result = correct_motion(series)
    wall, own = time.perf_counter() - start, time.process_time() - start_own
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    k, j, i, count = shape
    return (
        f"{i} x {j} x {k} voxels, {count} frames (float32, {array.nbytes / 1e9:.2f} GB): {wall:.0f} s ({own:.0f} "
        f"processor seconds), {more / 1e6:.2f} GB more at the peak; {int(result.curve.corrected.sum())} frames put back"
    )


def table(rows: list[Row], noise: float) -> str:
    head = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores; numpy {np.__version__}, "
    head += f"SimpleITK {sitk.Version.VersionString()}; noise {100.0 * noise:g} % of the tumour before contrast; "
    head += "bars: at least {:g} % without, at most {:g} % with, a still series at most {:g} %".format(*BARS)
    lines = [head, ""]
    lines.append(
        "| patient, images, motion | as measured: mean (of voxels, median) | corrected | true motions put back | still "
        "series corrected | tumour missed by (without a common shift) | frames put back | time | processor time |"
    )
    lines.append("|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        cells = [f"{mean:+.2f}% ({median:+.2f}%)" for mean, median in (row.without, row.corrected, row.true, row.still)]
        cells += [
            "{:.2f} ({:.2f}) mm".format(*row.missed_mm),
            row.put_back,
            f"{row.wall_s:.0f} s",
            f"{row.processor_s:.0f} s",
        ]
        lines.append(f"| {row.case} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("benchmarks"))
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="patients of each kind (1)")
    parser.add_argument("--cases", type=int, default=len(CASES), metavar="N", help="the first kinds only")
    parser.add_argument("--noise", type=float, default=0.02, help="share of the tumour's signal (0.02)")
    parser.add_argument("--no-large", action="store_true", help="without the time of a large series")
    arguments = parser.parse_args()
    rows = []
    for case in CASES[: arguments.cases]:
        for seed in range(arguments.seeds):
            rows.append(measured(case, seed, arguments.noise))
            print(rows[-1], flush=True)
    text = table(rows, arguments.noise)
    if not arguments.no_large:
        text += f"\n{large(LARGE)}\n"
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "motion.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
