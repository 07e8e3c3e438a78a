"""Agreement of the DCE analysis with digital reference objects, a site's own maps and converged least squares.

    python Testing/benchmarks/dce_validation.py [--data FOLDER] [--out FILE.md]

prints the table of Docs/QuantDCE.md, or writes it. Data that are absent (HER2IMMUNO_DATA) are left out and said so.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.io
from HER2ImmunoCommonLib.dicom import load_volume, scan
from HER2ImmunoCommonLib.files import write_text
from HER2ImmunoCommonLib.geometry import TimeSeries, Volume, read_volume
from HER2ImmunoStudyLib.cli import main as her2immuno
from QuantDCELib import (
    DceResult,
    DceSettings,
    DynamicImages,
    Status,
    analyse,
    concentration_from_signal,
    fit_model,
    population_aif,
    read_dynamic,
    read_vfa,
    spgr_signal,
    t1_from_vfa,
)
from QuantDCELib.dicom.time_axis import TimeAxis
from QuantDCELib.kinetics.convolution import convolve_exponential
from scipy.optimize import least_squares
from scipy.signal import fftconvolve

HERE = Path(__file__).resolve().parents[2]
N_COMPARED = 300
KTRANS, VE = (0.01, 0.02, 0.05, 0.1, 0.2, 0.35), (0.01, 0.05, 0.1, 0.2, 0.5)
"""Of the rows (1/min) and columns of patches of the QIBA object."""


@dataclass(frozen=True)
class Row:
    """A figure with its bar, if it has one; both as numbers in `unit`."""

    data: str
    what: str
    figure: float
    unit: str
    bar: float | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        figure = f"{self.figure:.3g} {self.unit}".strip()
        if self.bar is None:
            return self.data, self.what, figure, "", ""
        met = "yes" if self.figure <= self.bar else "**no**"
        return self.data, self.what, figure, f"{self.bar:.3g} {self.unit}".strip(), met


def qiba(folder: Path) -> Iterator[Row]:
    """The QIBA object v6, noise-free, frames of 5 s; truth in patches of 10 x 10 pixels."""
    yield from _patches("QIBA v6, 5 s", read_dynamic(folder), 1.2)


def own_object() -> Iterator[Row]:
    """An object laid out as QIBA's, with frames of 0.5 and 5 s; its curves by Fourier transform on steps of 0.02 s."""
    step_s, end_s = 0.02, 660.0
    fine_s = np.arange(0, end_s, step_s)
    plasma = population_aif("parker", fine_s, arrival_s=60.0, hematocrit=0.45)
    signal = np.empty((1, 80, 50, fine_s.size), np.float32)
    known = {"tr_s": 0.005, "flip_deg": 30.0, "m0": 50000.0}
    signal[:, 70:] = spgr_signal(1 / 1.44 + 4.5 * 0.55 * plasma, **known)
    signal[:, :10] = spgr_signal(1.0, **known)
    for row, ktrans in enumerate(KTRANS):
        for column, ve in enumerate(VE):
            response = ktrans / 60 * np.exp(-ktrans / ve * fine_s / 60)
            tissue = step_s * (fftconvolve(plasma, response)[: fine_s.size] - 0.5 * response[0] * plasma)
            patch = slice(10 + 10 * row, 20 + 10 * row), slice(10 * column, 10 + 10 * column)
            signal[0, patch[0], patch[1]] = spgr_signal(1 / 1.0 + 4.5 * tissue, **known)
    for frame_s, bar in ((0.5, 0.1), (5.0, None)):
        frames = slice(None, None, round(frame_s / step_s))
        series = TimeSeries(np.ascontiguousarray(signal[..., frames]), np.eye(4), fine_s[frames])
        images = DynamicImages(series, TimeAxis(series.time_s, "given"), 0.005, 30.0, 1.5, {})
        yield from _patches(f"own object after QIBA's, {frame_s:g} s", images, bar)


def _patches(data: str, dynamic: DynamicImages, bar: float | None) -> Iterator[Row]:
    vessel, tissue = np.zeros((2, 1, 80, 50), bool)
    vessel[:, 70:], tissue[:, 10:70] = True, True
    settings = DceSettings(model="tofts", aif="roi", hematocrit=0.45, t10_s=1.0, t10_blood_s=1.44)
    maps = analyse(dynamic, settings, tumour_mask=tissue, aif_mask=vessel).maps
    ve = np.repeat(VE, 10) * np.ones((60, 1))
    seen = ve >= 0.05
    for name, known in (("Ktrans", np.repeat(KTRANS, 10)[:, None] * np.ones(50)), ("ve", ve)):
        error = 100 * (maps[name][0, 10:70] / known - 1)[seen]
        of_map = bar if name == "Ktrans" else None
        yield Row(data, f"{name} rms error, ve >= 0.05", float(np.sqrt(np.mean(error**2))), "%", of_map)
        yield Row(data, f"{name} median error, ve >= 0.05", float(np.median(np.abs(error))), "%")


def ucsf(folder: Path) -> Iterator[Row]:
    """A breast examination with the site's own PE and SER maps."""
    pe1, site = (load_volume(scan(folder / f"image_dce_{name}")[0].headers).array for name in ("pe1", "ser"))
    dynamic = read_dynamic(folder / "image_dce_3dfgre_orig")
    maps = analyse(dynamic, DceSettings(model="none", ftv_background_signal=35.0)).maps
    difference, inside = (maps["PE"] - pe1)[pe1 > 0], site > 0
    name = "UCSF breast 06"
    yield Row(name, "PE - PE1, largest (bar: below 1, as PE1 is cut)", float(difference.max()), "%", 1.0)
    yield Row(name, "PE1 - PE, largest (bar: none above 0)", float(-difference.min()) + 0.0, "%", 0.0)
    ser = np.abs(np.minimum(maps["SER"], 3.0) - site)[inside]
    yield Row(name, "SER against the site's, which ends at 3, largest", float(ser.max()), "", 6e-4)
    n = int(((maps["FTV"] > 0) != inside).sum())
    yield Row(name, f"FTV voxels that differ, of {int(inside.sum())}", n, "voxels", 5)


def virtual_patient() -> Iterator[Row]:
    """The first visit of the virtual patient, DICOM to maps, against the maps it was made of."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "patient"
        her2immuno(["phantom", "--out", str(folder), "--quiet"])
        visit, truth = folder / "baseline", folder / "truth" / "baseline"
        dynamic, vfa = read_dynamic(visit / "MR" / "dynamic"), read_vfa(visit / "MR" / "vfa")
        masks = {name: read_volume(visit / "masks" / f"{name}.nrrd") for name in ("tumour", "vessel")}
        known = {name: read_volume(truth / f"{name}.nrrd") for name in ("Ktrans", "ve", "vp", "T1")}
        for aif, artery in (("parker", None), ("roi", masks["vessel"]), ("auto", None)):
            result = analyse(dynamic, DceSettings(aif=aif), tumour_mask=masks["tumour"], vfa=vfa, aif_mask=artery)
            yield from _against_truth(aif, result, known)


def _against_truth(aif: str, result: DceResult, known: dict[str, Volume]) -> Iterator[Row]:
    data = f"virtual patient, input {aif}"
    alive = (result.maps["status"] <= 1) & (known["Ktrans"].array > 0.01)
    for name in ("Ktrans", "ve", "vp"):
        error = result.maps[name][alive] - known[name].array[alive]
        relative = 100 * np.median(np.abs(error) / known[name].array[alive])
        yield Row(data, f"{name} median error in the tumour", float(relative), "%")
    if aif == "parker":
        relative = 100 * np.median(np.abs(result.maps["T10"][alive] / known["T1"].array[alive] - 1))
        yield Row(data, "T1 median error in the tumour", float(relative), "%")


def breast_slice(folder: Path) -> Iterator[Row]:
    """A real slice without truth: the fit against bounded least squares converged from several starts."""
    data = scipy.io.loadmat(folder / "breast_slice.mat")
    tr_s, time_s, plasma = float(data["TR"].item()), data["t"].ravel(), data["Cp"].ravel()
    signal, flips = np.moveaxis(data["DCEdata"], 0, -1).astype(float), data["T1flip"].ravel().astype(float)
    t1 = t1_from_vfa(np.moveaxis(data["T1data"], 0, -1).astype(float), flips, tr_s)
    before = slice(0, int(np.flatnonzero(plasma > 0.05 * plasma.max())[0]))
    curves = concentration_from_signal(
        signal, tr_s=tr_s, flip_deg=float(data["DCEflip"].item()), t10_s=t1.t1_s, r1_per_mM_s=4.5, baseline=before
    ).concentration_mM
    good = np.flatnonzero(np.isfinite(curves).all(axis=-1) & (curves.mean(axis=-1) > 0.02))
    chosen = curves.reshape(-1, time_s.size)[np.random.default_rng(0).choice(good, N_COMPARED, replace=False)]
    for model in ("tofts", "extended_tofts"):
        fit = fit_model(model, time_s, chosen, plasma)
        inside = fit.status == Status.OK
        rss = (fit.rmse**2 * time_s.size)[inside]
        best = np.array([_converged(model, time_s, curve, plasma) for curve in chosen[inside]])
        excess = 100 * (rss / best - 1)
        share = 100 * np.mean(excess > 1e-3)
        what = f"{model}: of {inside.sum()} voxels off their bounds, residual above the converged one"
        yield Row("breast slice", what, float(share), "%", 0.2)


def _converged(model: str, time_s: np.ndarray, curve: np.ndarray, plasma: np.ndarray) -> float:
    """Smallest sum of squares over several starts, bounded as the fit is: Ktrans >= 0, ve <= 1, 0 <= vp <= 1."""
    minutes = time_s / 60.0

    def rest(values: np.ndarray) -> np.ndarray:
        ktrans, ve = values[:2]
        tissue = ktrans * convolve_exponential(minutes, plasma, ktrans / ve, minutes)
        return tissue + (values[2] * plasma if model == "extended_tofts" else 0.0) - curve

    n = 3 if model == "extended_tofts" else 2
    starts = [(k, v, 0.02) for k in (0.01, 0.1, 0.5) for v in (0.05, 0.3, 0.9)]
    limits = ([0.0, 1e-4, 0.0][:n], [20.0, 1.0, 1.0][:n])
    fits = [least_squares(rest, start[:n], bounds=limits, xtol=1e-12, ftol=1e-12, gtol=1e-12) for start in starts]
    return min(2 * fit.cost for fit in fits)


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    lines = ["| data | measure | figure | bar | met |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row.cells)} |" for row in rows)]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = os.environ.get("HER2IMMUNO_DATA", HERE.parent / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(default), help="folder of the reference data")
    parser.add_argument("--out", type=Path, help="Markdown file to write")
    arguments = parser.parse_args()
    rows = [*virtual_patient(), *own_object()]
    for name, measure in (("qiba_v6_siemens_5s", qiba), ("ucsf_breast_06", ucsf), ("breast_slice", breast_slice)):
        folder = arguments.data / "dce" / name
        if folder.is_dir():
            rows += measure(folder)
        else:
            print(f"Left out: {folder} is not here.")
    print(table(rows))
    if arguments.out:
        write_text(table(rows), arguments.out)


if __name__ == "__main__":
    main()
