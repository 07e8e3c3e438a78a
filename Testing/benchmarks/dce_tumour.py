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

SHAPE = (60, 256, 256)
SPACING = np.array([2.0, 0.7, 0.7])
UPTAKE = np.array([0.0, 0.8, 1.0, 0.98, 0.95, 0.92])
BREAST = np.array([0.0, 0.12, 0.2, 0.25, 0.3, 0.33])
RADII_MM = (8.0, 25.0)
BAR_S = 2.0


def breast(radius_mm: float) -> tuple[TimeSeries, np.ndarray]:
    """A noisy breast in air with a lobed tumour of about a radius, and where to click."""
    random = np.random.default_rng(5)
    position = np.moveaxis(np.indices(SHAPE, np.float32), 0, -1) * SPACING.astype(np.float32)
    middle = np.array([60.0, 90.0, 100.0])
    offset = position - middle.astype(np.float32)
    lobes = 1.0 + 0.2 * np.sin(offset[..., 0] / 5.0) * np.cos(offset[..., 1] / 6.0) * np.sin(offset[..., 2] / 7.0)
    tumour = np.linalg.norm(offset, axis=-1) * lobes < radius_mm
    tissue = np.linalg.norm((position - [60.0, 90.0, 110.0]) / [55.0, 80.0, 70.0], axis=-1) < 1.0
    signal = np.empty((*SHAPE, UPTAKE.size), np.float32)
    for frame, (high, low) in enumerate(zip(UPTAKE, BREAST, strict=True)):
        clean = 60.0 * tissue * (1.0 + np.where(tumour, 1.2 * high, low))
        real = clean + random.normal(0, 4.0, SHAPE)
        signal[..., frame] = np.hypot(real, random.normal(0, 4.0, SHAPE))
    matrix = np.diag([0.7, 0.7, 2.0, 1.0])
    return TimeSeries(signal, matrix, 80.0 * np.arange(UPTAKE.size)), middle[::-1]


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
    for radius_mm in RADII_MM:
        series, click = breast(radius_mm)
        wall, own = [], []
        for _ in range(repeats):
            start, start_own = time.perf_counter(), time.process_time()
            found = grow_tumour(series, click)
            wall.append(time.perf_counter() - start)
            own.append(time.process_time() - start_own)
        lines.append(f"| {found.volume_cm3:.1f} cm3 | {min(wall):.2f} s | {min(own):.2f} s |")
    text = "\n".join(lines) + "\n"
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "dce_tumour.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
