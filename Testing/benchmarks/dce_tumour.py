"""How long the suggestion of a tumour takes on 256 x 256 x 60 voxels of 6 frames.

python Testing/benchmarks/dce_tumour.py [--out FOLDER] [--repeats N]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.geometry import TimeSeries
from QuantDCELib.tumour import grow_tumour
from scipy.ndimage import gaussian_filter

SHAPE = (60, 256, 256)
SPACING = np.array([2.0, 0.7, 0.7])
UPTAKE = np.array([0.0, 0.8, 1.0, 0.98, 0.95, 0.92])
BREAST = np.array([0.0, 0.12, 0.2, 0.25, 0.3, 0.33])
CASES = (("smooth", 8.0), ("smooth", 25.0), ("ragged", 25.0))
VESSELS, VESSEL_MM = 14, 1.6
BAR_S = 2.0


def breast(kind: str, radius_mm: float) -> tuple[TimeSeries, np.ndarray]:
    """A noisy breast in air with a lobed tumour of about a radius, and where to click.

    A ragged one has gland in clumps that enhance, some of them as the tumour, and vessels from it through the breast.
    """
    random = np.random.default_rng(5)
    position = np.moveaxis(np.indices(SHAPE, np.float32), 0, -1) * SPACING.astype(np.float32)
    middle = np.array([60.0, 90.0, 100.0])
    offset = position - middle.astype(np.float32)
    lobes = 1.0 + 0.2 * np.sin(offset[..., 0] / 5.0) * np.cos(offset[..., 1] / 6.0) * np.sin(offset[..., 2] / 7.0)
    likeness = (np.linalg.norm(offset, axis=-1) * lobes < radius_mm).astype(np.float32)
    if kind == "ragged":
        likeness = np.maximum(likeness, gland_and_vessels(offset, random))
    tissue = np.linalg.norm((position - [60.0, 90.0, 110.0]) / [55.0, 80.0, 70.0], axis=-1) < 1.0
    signal = np.empty((*SHAPE, UPTAKE.size), np.float32)
    for frame, (high, low) in enumerate(zip(1.2 * UPTAKE, BREAST, strict=True)):
        clean = 60.0 * tissue * (1.0 + low + likeness * (high - low))
        real = clean + random.normal(0, 4.0, SHAPE)
        signal[..., frame] = np.hypot(real, random.normal(0, 4.0, SHAPE))
    matrix = np.diag([0.7, 0.7, 2.0, 1.0])
    return TimeSeries(signal, matrix, 80.0 * np.arange(UPTAKE.size)), middle[::-1]


def gland_and_vessels(offset: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """How much like the tumour each voxel enhances, 0 to 1."""
    clumps = gaussian_filter(random.normal(size=SHAPE).astype(np.float32), 4.0 / SPACING)
    found = np.clip(clumps / clumps.std() / 3.0, 0.0, 1.0)
    for _ in range(VESSELS):
        along = random.normal(size=3)
        along = (along / np.linalg.norm(along)).astype(np.float32)
        far = offset @ along
        bend = np.stack([np.sin(far / 9.0), np.cos(far / 11.0), np.sin(far / 13.0)], axis=-1) * 4.0
        away = np.linalg.norm(offset + bend - far[..., None] * along, axis=-1)
        found[(away < VESSEL_MM) & (far > 0)] = 1.0
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--repeats", type=int, default=3, metavar="N", help="runs of each, of which the best counts (3)"
    )
    parser.add_argument("--out", type=Path, default=Path("benchmarks"))
    arguments = parser.parse_args()
    repeats = arguments.repeats
    lines = [f"256 x 256 x 60 voxels, 6 frames; best of {repeats}; at most {BAR_S:g} s are wanted", ""]
    lines += ["| tumour | time | processor time |", "|---|---|---|"]
    for kind, radius_mm in CASES:
        series, click = breast(kind, radius_mm)
        wall, own = [], []
        for _ in range(repeats):
            start, start_own = time.perf_counter(), time.process_time()
            found = grow_tumour(series, click)
            wall.append(time.perf_counter() - start)
            own.append(time.process_time() - start_own)
        lines.append(f"| {kind}, {found.volume_cm3:.1f} cm3 | {min(wall):.2f} s | {min(own):.2f} s |")
    text = "\n".join(lines) + "\n"
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "dce_tumour.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
