"""Time to repaint the hypoxic voxels on 256^3 when the threshold moves, and to find the SUV factor of 545 slices.

Run: python Testing/benchmarks/pet_threshold.py
The first must stay below 0.2 s a step, the second below 1 s beyond reading the headers.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
for folder in ("HER2ImmunoCommon", "PETHypoxia"):
    sys.path.insert(0, str(ROOT / folder))

from HER2ImmunoCommonLib.dicom import scan  # noqa: E402
from HER2ImmunoCommonLib.geometry import Volume  # noqa: E402
from HER2ImmunoCommonLib.scene.nodes import node_from_volume  # noqa: E402
from HER2ImmunoCommonLib.scene.standalone import StandaloneScene  # noqa: E402
from PETHypoxiaLib import suv_factor  # noqa: E402
from PETHypoxiaLib.hypoxia.preview import preview  # noqa: E402

N, SLICES, STEPS = 256, 545, 41


@dataclass
class Choices:
    """The fields of the parameter node that painting needs."""

    petVolume: object
    hypoxicPreview: object = None


def painting_s(radius: int) -> tuple[float, float, int]:
    """Median and longest time of a step in s, and the voxels of a spherical tumour of this radius."""
    from PETHypoxiaLib.scene.overlay import show_preview

    standalone = StandaloneScene()
    scene = standalone.activate()
    scene.AddNewNodeByClass("vtkMRMLSliceCompositeNode")
    array = np.random.default_rng(0).gamma(4.0, 0.35, (N, N, N)).astype(np.float32)
    k, j, i = np.ogrid[:N, :N, :N]
    tumour = (k - N / 2) ** 2 + (j - N / 2) ** 2 + (i - N / 2) ** 2 <= radius**2
    volume = Volume(array, np.diag([1.0, 1.0, 1.0, 1.0]))
    choices = Choices(node_from_volume(scene, volume, "PET"))
    shown = preview(volume, tumour, 1.0)
    show_preview(choices, shown, 1.4)
    seconds = []
    for threshold in np.linspace(0.8, 2.8, STEPS):
        started = time.perf_counter()
        show_preview(choices, shown, threshold)
        seconds.append(time.perf_counter() - started)
    standalone.close()
    return float(np.median(seconds)), max(seconds), int(tumour.sum())


def factor_s() -> float:
    """Time in s from the headers of 545 slices to the SUV factor."""
    import pydicom
    from PETHypoxiaLib.scene.selftest import write_series

    with tempfile.TemporaryDirectory() as folder:
        write_series(folder)
        first = pydicom.dcmread(Path(folder) / "000.dcm")
        for k in range(SLICES):
            first.SOPInstanceUID = first.file_meta.MediaStorageSOPInstanceUID = f"2.25.9.{k}"
            first.InstanceNumber, first.ImagePositionPatient = k + 1, [0.0, 0.0, 2.0 * k]
            first.save_as(Path(folder) / f"{k:03d}.dcm", enforce_file_format=True)
        (series,) = scan(folder)
    started = time.perf_counter()
    result = suv_factor(series)
    seconds = time.perf_counter() - started
    if len(result.factors) != SLICES:
        raise SystemExit(f"{len(result.factors)} factors instead of {SLICES}")
    return seconds


def main() -> None:
    for radius in (20, 60, 127):
        median_s, longest_s, n = painting_s(radius)
        print(
            f"repainting {n} tumour voxels on {N}^3: median {1e3 * median_s:.1f} ms, longest {1e3 * longest_s:.1f} ms"
        )
    print(f"SUV factor of {SLICES} slices: {factor_s():.3f} s beyond reading the headers")


if __name__ == "__main__":
    main()
