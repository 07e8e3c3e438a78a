"""Speed and accuracy of the tracer kinetic fit against scipy and, where they are installed, dcmri and osipy.

    python Testing/benchmarks/dce_fit.py --out FOLDER [--quick]

Every method fits the same curves in the same run on one core. Written: dce_fit.md and dce_fit.json.
"""

from __future__ import annotations

import os

# One thread in each matrix product, so that a core is a core; before numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy
from dce_rivals import RIVALS
from HER2ImmunoCommonLib.geometry import TimeSeries
from QuantDCELib import (
    MODELS,
    DceSettings,
    DynamicImages,
    analyse,
    convolve_exponential,
    fit_model,
    population_aif,
    spgr_signal,
    t1_from_vfa,
)
from QuantDCELib.dicom.time_axis import TimeAxis
from scipy.optimize import curve_fit, least_squares
from scipy.signal import lfilter

FINE_S = 0.5
TIME_S = np.arange(60) * 5.0
AIF_TIME_S = np.arange(0, TIME_S[-1] + FINE_S / 2, FINE_S)
AIF_MM = population_aif("parker", AIF_TIME_S, arrival_s=30.0)
EVERY = round(TIME_S[1] / FINE_S)
PLASMA = AIF_MM[::EVERY]
VOLUME_VOXELS = 2_600_000
NOISE_MM = (0.01, 0.03, 0.1)


def tissue(n: int, noise_mM: float, seed: int = 0, *, with_plasma: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Curves (n, 60) in float32 and their Ktrans, ve, vp (n, 3)."""
    rng = np.random.default_rng(seed)
    log_k = np.linspace(np.log(0.02), np.log(10.0), 2000)
    table = convolve_exponential(AIF_TIME_S / 60, AIF_MM, np.exp(log_k), TIME_S / 60).astype(np.float32)
    ktrans, ve = rng.uniform(0.02, 0.5, n), rng.uniform(0.1, 0.7, n)
    vp = rng.uniform(0.0, 0.15, n) * with_plasma
    index = np.searchsorted(log_k, np.log(ktrans / ve))
    curves = table[index]
    curves *= ktrans[:, None].astype(np.float32)
    for start in range(0, n, 100_000):
        piece = slice(start, start + 100_000)
        curves[piece] += vp[piece, None] * PLASMA
        curves[piece] += noise_mM * rng.standard_normal(curves[piece].shape, dtype=np.float32)
    return curves, np.stack([ktrans, np.exp(log_k[index]), vp], axis=1)


def exact_model(_: np.ndarray, ktrans: float, kep: float, vp: float = 0.0) -> np.ndarray:
    """Extended Tofts curve at the frames; the recursion of the library as a compiled filter."""
    x = kep * FINE_S / 60
    decay = np.exp(-x)
    if x < 1e-4:
        mean, last = 1 - x / 2 + x * x / 6, 0.5 - x / 6 + x * x / 24
    else:
        mean = -np.expm1(-x) / x
        last = (1 - mean) / x
    weights = [last * FINE_S / 60, (mean - last) * FINE_S / 60]
    return ktrans * lfilter(weights, [1.0, -decay], AIF_MM)[::EVERY] + vp * PLASMA


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def speed(n: int, n_scipy: int) -> list[dict[str, object]]:
    """Voxels a second of each method, extended Tofts with errors, on one core."""
    curves, truth = tissue(n, 0.03)

    def ours(name: str, m: int, **options: object) -> tuple[float, float]:
        return seconds(lambda: fit_model(name, TIME_S, curves[:m], AIF_MM, aif_time_s=AIF_TIME_S, threads=1, **options))

    def by_scipy() -> None:
        for y in curves[:n_scipy].astype(float):
            curve_fit(exact_model, TIME_S, y, p0=[0.1, 0.5, 0.05], bounds=([0, 1e-5, 0], [10, 1e3, 1]), method="trf")

    ours("extended_tofts", n)
    sizes = {"tofts": n, "extended_tofts": n, "patlak": n, "2cum": n // 20, "2cxm": n // 20}
    rows = [_row(f"QuantDCE {MODELS[name].label}", m, *ours(name, m)) for name, m in sizes.items()]
    m = n // 100
    rows.append(_row("QuantDCE Extended Tofts with delay", m, *ours("extended_tofts", m, fit_delay=True)))
    found = fit_model("extended_tofts", TIME_S, curves[:m], AIF_MM, aif_time_s=AIF_TIME_S).parameters["Ktrans"]
    rows[1]["ktrans_median_error"] = float(np.median(np.abs(found / truth[:m, 0] - 1)))
    rows.append(_row("scipy curve_fit, TRF, exact extended Tofts", n_scipy, *seconds(by_scipy)))
    for rival in RIVALS:
        if not rival.is_installed:
            rows.append({"method": f"{rival.label} (not installed)"})
            continue
        m = min(n, rival.voxels)
        fit = rival.prepare(TIME_S, AIF_TIME_S, AIF_MM)
        fit(curves[:10].astype(float))
        found: list[np.ndarray] = []
        rows.append(_row(rival.label, m, *seconds(lambda: found.append(fit(curves[:m].astype(float))))))  # noqa: B023
        rows[-1]["ktrans_median_error"] = float(np.median(np.abs(found[0] / truth[:m, 0] - 1)))
    return rows


def _row(method: str, n: int, wall: float, processor: float) -> dict[str, object]:
    return {"method": method, "voxels": n, "voxels_per_s": n / wall, "voxels_per_processor_s": n / processor}


def accuracy(n: int) -> list[dict[str, object]]:
    """Share of voxels whose Ktrans is that of converged bounded least squares within 1e-5."""
    rows = []
    for name, with_plasma in (("tofts", False), ("extended_tofts", True)):
        for noise_mM in NOISE_MM:
            curves, truth = tissue(n, noise_mM, seed=3, with_plasma=with_plasma)
            curves = curves.astype(np.float64)
            found = fit_model(name, TIME_S, curves, AIF_MM, aif_time_s=AIF_TIME_S)
            best = [_converged(y, start, with_plasma) for y, start in zip(curves, truth, strict=True)]
            ktrans, cost = np.array(best).T
            ours = found.rmse**2 * TIME_S.size
            agree = np.abs(found.parameters["Ktrans"] - ktrans) <= 1e-5 * np.maximum(ktrans, 1e-6)
            rows.append(
                {
                    "model": name,
                    "noise_mM": noise_mM,
                    "voxels": n,
                    "agree": float(agree.mean()),
                    "lower_cost_than_scipy": int((ours < cost * (1 - 1e-9)).sum()),
                    "higher_cost_than_scipy": int((ours > cost * (1 + 1e-9)).sum()),
                }
            )
    return rows


def _converged(y: np.ndarray, truth: np.ndarray, with_plasma: bool) -> tuple[float, float]:
    """Ktrans and squared residual, in coordinates whose bounds form a box."""
    start = [min(truth[0] / truth[1], 0.99), np.log(truth[1]), max(truth[2], 0.01)][: 2 + with_plasma]
    bounds = [0, np.log(1e-5), 0][: len(start)], [1, np.log(1e3), 1][: len(start)]

    def residual(x: np.ndarray) -> np.ndarray:
        return exact_model(TIME_S, x[0] * np.exp(x[1]), np.exp(x[1]), *x[2:]) - y

    found = least_squares(residual, start, bounds=bounds, jac="3-point", xtol=1e-15, ftol=1e-15, gtol=1e-13)
    return found.x[0] * np.exp(found.x[1]), 2 * found.cost


def volume() -> dict[str, object]:
    """A whole volume on all cores, in this process: time and peak memory. The images are part of the memory."""
    curves, _ = tissue(VOLUME_VOXELS, 0.03)
    return _used(lambda: fit_model("extended_tofts", TIME_S, curves, AIF_MM, aif_time_s=AIF_TIME_S))


def _used(work: Callable[[], object]) -> dict[str, object]:
    wall, processor = seconds(work)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {
        "voxels": VOLUME_VOXELS,
        "cores": os.cpu_count(),
        "seconds": wall,
        "processor_seconds": processor,
        "peak_gb": peak / 1e9,
    }


def whole_analysis() -> dict[str, object]:
    """From the signal of a whole volume to all maps, on all cores: time and peak memory, the images among it."""
    curves, _ = tissue(VOLUME_VOXELS, 0.03)
    for start in range(0, len(curves), 100_000):
        piece = curves[start : start + 100_000]
        piece[:] = spgr_signal(1 / 1.4 + 4.5 * piece, tr_s=0.005, flip_deg=20.0, m0=1000.0)
    series = TimeSeries(curves.reshape(26, 250, 400, -1), np.diag([1.0, 1.0, 2.0, 1.0]), TIME_S)
    images = DynamicImages(series, TimeAxis(TIME_S, "given"), 0.005, 20.0, 1.5, {})
    return _used(lambda: analyse(images, DceSettings(t10_s=1.4)))


def flip_angles(n: int) -> dict[str, object]:
    """Nonlinear T1 from ten flip angles, by one core: the processor time of all threads counts."""
    rng, flips = np.random.default_rng(0), np.arange(2.0, 21.0, 2.0)
    signal = spgr_signal(1 / rng.uniform(0.5, 2.5, (n, 1)), tr_s=0.005, flip_deg=flips, m0=1000.0)
    signal = (signal + rng.normal(0, 1.0, signal.shape)).astype(np.float32)
    t1_from_vfa(signal[:20000], flips, 0.005)
    return _row("QuantDCE VFA T1, nonlinear, 10 flips", n, *seconds(lambda: t1_from_vfa(signal, flips, 0.005)))


def markdown(result: dict[str, object]) -> str:
    """The results as tables."""
    reference = next(row for row in result["speed"] if row["method"].startswith("scipy"))["voxels_per_processor_s"]
    lines = [f"{result['machine']}; numpy {np.__version__}, scipy {scipy.__version__}", ""]
    lines += ["| method (one core) | voxels/s | voxels per processor second | times scipy | Ktrans off, median |"]
    lines += ["|---|---|---|---|---|"]
    for row in [*result["speed"], result["vfa"]]:
        if "voxels" not in row:
            lines.append(f"| {row['method']} | | | | |")
            continue
        per_core = row["voxels_per_processor_s"]
        ratio = "" if "VFA" in row["method"] else f"{per_core / reference:,.1f}"
        off = f"{row['ktrans_median_error']:.2%}" if "ktrans_median_error" in row else ""
        lines.append(f"| {row['method']} | {row['voxels_per_s']:,.0f} | {per_core:,.0f} | {ratio} | {off} |")
    lines += [
        "",
        "| model | noise, mM | same Ktrans as converged NLLS (1e-5) | better / worse minimum |",
        "|---|---|---|---|",
    ]
    for row in result["accuracy"]:
        minima = f"{row['lower_cost_than_scipy']} / {row['higher_cost_than_scipy']} of {row['voxels']}"
        lines.append(f"| {row['model']} | {row['noise_mM']} | {row['agree']:.2%} | {minima} |")
    for name, what in (("volume", "fit of"), ("analysis", "whole analysis, from signal to every map, of")):
        big = result[name]
        used = (
            f"{big['seconds']:.1f} s ({big['processor_seconds']:.1f} processor seconds), {big['peak_gb']:.2f} GB peak"
        )
        lines += ["", f"Extended Tofts, {what} {big['voxels']:,} voxels on {big['cores']} cores: {used}"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("benchmarks"))
    parser.add_argument("--quick", action="store_true", help="fewer voxels")
    parser.add_argument("--only", choices=("volume", "analysis"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        print(json.dumps(volume() if arguments.only == "volume" else whole_analysis()))
        return
    scale = 10 if arguments.quick else 1
    result = {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "volume": _apart("volume"),
        "analysis": _apart("analysis"),
        "speed": speed(200_000 // scale, 300 // scale),
        "vfa": flip_angles(400_000 // scale),
        "accuracy": accuracy(1000 // scale),
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    text = markdown(result)
    (arguments.out / "dce_fit.md").write_text(text, encoding="utf-8")
    (arguments.out / "dce_fit.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(text)


def _apart(what: str) -> dict[str, object]:
    """A measurement of memory, in a process of its own."""
    done = subprocess.run([sys.executable, __file__, "--only", what], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
