"""Time of the curve under the cursor: one voxel of 256 x 256 x 60 voxels and 100 frames, read, converted and fitted.

    python Testing/benchmarks/dce_probe.py [--out FOLDER] [--quick]

Printed and written: the time of one voxel with each model, that of the preparation, and what the probe keeps in memory.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
import tracemalloc
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.scene import StandaloneScene
from QuantDCELib import DceSettings, DynamicImages, convolve_exponential, population_aif, spgr_signal
from QuantDCELib.analysis.pipeline import compute
from QuantDCELib.analysis.prepared import Prepared, prepare
from QuantDCELib.analysis.preview import preview
from QuantDCELib.analysis.probe import VoxelProbe, voxel_probe
from QuantDCELib.dicom.time_axis import TimeAxis

SHAPE, N_FRAMES, FRAME_S = (60, 256, 256), 100, 4.0
TIME_S = FRAME_S * np.arange(N_FRAMES)
FINE_S = np.arange(0.0, TIME_S[-1] + 0.25, 0.5)
GRID = np.diag([1.0, 1.0, 2.0, 1.0])
BAR_MS = 50.0
KINDS = {
    "Tofts": {"model": "tofts"},
    "Extended Tofts": {"model": "extended_tofts"},
    "Extended Tofts with M0": {"model": "extended_tofts", "m0": "fitted"},
    "Extended Tofts with delay": {"model": "extended_tofts", "fit_delay": True, "delay_bounds_s": (-5.0, 5.0)},
    "Two-compartment exchange": {"model": "2cxm"},
    "Best of three": {"model": "best"},
}


def tissue(shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Signal (k, j, i, t) in float32 of enhancing tissue with noise, and a tumour in its middle."""
    rng = np.random.default_rng(0)
    plasma = population_aif("parker", FINE_S, arrival_s=30.0)
    log_k = np.linspace(np.log(0.05), np.log(5.0), 400)
    table = convolve_exponential(FINE_S / 60, plasma, np.exp(log_k), TIME_S / 60)
    at_frames = np.interp(TIME_S, FINE_S, plasma)
    signal = np.empty((*shape, N_FRAMES), np.float32)
    for slab in signal:
        ktrans, vp = rng.uniform(0.02, 0.4, slab.shape[:2]), rng.uniform(0.0, 0.1, slab.shape[:2])
        curves = ktrans[..., None] * table[rng.integers(0, 400, slab.shape[:2])] + vp[..., None] * at_frames
        slab[:] = spgr_signal(1 / 1.4 + 4.5 * curves, tr_s=0.005, flip_deg=20.0, m0=1000.0)
        slab += rng.standard_normal(slab.shape, dtype=np.float32)
    mask = np.zeros(shape, bool)
    mask[tuple(slice(size // 3, size // 3 + max(4, size // 8)) for size in shape)] = True
    return signal, mask


def prepared(signal: np.ndarray, mask: np.ndarray, **settings: object) -> Prepared:
    """An analysis of the tumour, ready to be computed."""
    series = TimeSeries(signal, GRID, TIME_S)
    images = DynamicImages(series, TimeAxis(TIME_S, "given"), 0.005, 20.0, 1.5, {})
    return prepare(images, DceSettings(t10_s=1.4, **settings), tumour_mask=mask)


def times_ms(work, arguments) -> np.ndarray:
    """Wall and processor time (2, n) of one call each; on a machine with other work only the second tells."""
    found = []
    for argument in arguments:
        wall, processor = time.perf_counter(), time.process_time()
        work(argument)
        found.append((time.perf_counter() - wall, time.process_time() - processor))
    return 1000.0 * np.array(found).T


def one_kind(name: str, signal: np.ndarray, mask: np.ndarray, probe_of, count: int) -> dict[str, object]:
    """Times of a kind of analysis, with the voxels of the map compared to the last bit."""
    start = time.perf_counter()
    ready = prepared(signal, mask, **KINDS[name])
    prepared_s = time.perf_counter() - start
    slice_ms = times_ms(lambda k: preview(ready, k), [int(np.argmax(mask.sum(axis=(1, 2))))])[0, 0]
    voxels = voxel_probe(ready)
    rng = np.random.default_rng(1)
    everywhere = [tuple(int(rng.integers(size)) for size in mask.shape) for _ in range(count)]
    probe = probe_of(voxels)
    wall, processor = times_ms(lambda index: probe.at((GRID @ (*index[::-1], 1.0))[:3]), everywhere)
    maps, same = compute(ready).maps, 0
    inside = [tuple(map(int, index)) for index in rng.permutation(np.argwhere(mask))[:50]]
    for index in inside:
        same += np.float32(probe.of(index).values["Ktrans"]) == maps["Ktrans"][index]
    return {
        "kind": name,
        "median_ms": float(np.median(wall)),
        "p95_ms": float(np.percentile(wall, 95)),
        "processor_median_ms": float(np.median(processor)),
        "processor_p95_ms": float(np.percentile(processor, 95)),
        "prepared_s": prepared_s,
        "slice_ms": float(slice_ms),
        "same_as_map": f"{same} of {len(inside)}",
        "kept_mb": kept_mb(voxels),
    }


def kept_mb(voxels: VoxelProbe) -> float:
    """Arrays of the size of a volume that a probe holds; one T1 for all voxels is a single number."""
    held = [voxels.computed]
    if voxels.tissue is not None:
        held += [each for each in (voxels.tissue.t10_s, voxels.tissue.b1, voxels.tissue.m0) if each is not None]
    return sum(array.nbytes if any(array.strides) else array.itemsize for array in held) / 1e6


def copies_mb(probe, index: tuple[int, int, int]) -> float:
    """Most memory that one voxel takes while it is worked out."""
    probe.of(index)
    tracemalloc.start()
    try:
        probe.of(index)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def markdown(result: dict[str, object]) -> str:
    """The results as a table."""
    lines = [f"{result['machine']}; {result['size']}", ""]
    lines += [
        "| analysis | one voxel, median (95 % within) | processor time | preparing | one slice | same as map | kept |"
    ]
    lines += ["|---|---|---|---|---|---|---|"]
    lines += [
        f"| {row['kind']} | {row['median_ms']:.1f} ({row['p95_ms']:.1f}) ms | "
        f"{row['processor_median_ms']:.1f} ({row['processor_p95_ms']:.1f}) ms | {row['prepared_s']:.1f} s | "
        f"{row['slice_ms']:.0f} ms | {row['same_as_map']} | {row['kept_mb']:.1f} MB |"
        for row in result["kinds"]
    ]
    return "\n".join([*lines, "", f"Most memory for one voxel: {result['copies_mb']:.2f} MB"]) + "\n"


def main() -> None:
    """Run, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("benchmarks"))
    parser.add_argument("--quick", action="store_true", help="a smaller volume and fewer voxels")
    arguments = parser.parse_args()
    shape, count = ((20, 128, 128), 60) if arguments.quick else (SHAPE, 300)
    signal, mask = tissue(shape)
    standalone = StandaloneScene()
    standalone.activate()
    from HER2ImmunoCommonLib.scene import node_from_series
    from QuantDCELib.scene.probing import Probe

    node = node_from_series(standalone.scene, TimeSeries(signal, GRID, TIME_S), "MR")
    rows = [one_kind(name, signal, mask, lambda voxels: Probe(node, voxels), count) for name in KINDS]
    probe = Probe(node, voxel_probe(prepared(signal, mask)))
    result = {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "size": f"{' x '.join(map(str, shape[::-1]))} voxels, {N_FRAMES} frames",
        "kinds": rows,
        "copies_mb": copies_mb(probe, tuple(size // 2 for size in shape)),
    }
    series_mb = signal.nbytes / 1e6
    assert result["copies_mb"] < 0.02 * series_mb, "a voxel copies the series"
    assert all(row["kept_mb"] < 0.05 * series_mb for row in rows), "a probe keeps the series"
    assert all(row["same_as_map"].split(" of ")[0] == row["same_as_map"].split(" of ")[1] for row in rows)
    text = markdown(result)
    late = [row["kind"] for row in rows if row["processor_p95_ms"] > BAR_MS]
    text += (
        f"\nWithin {BAR_MS:.0f} ms of processor time: all but {', '.join(late)}\n"
        if late
        else f"\nAll within {BAR_MS:.0f} ms\n"
    )
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "dce_probe.md").write_text(text, encoding="utf-8")
    (arguments.out / "dce_probe.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(text)
    standalone.close()


if __name__ == "__main__":
    main()
