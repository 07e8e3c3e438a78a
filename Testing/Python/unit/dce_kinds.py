"""A small phantom with voxels of all kinds, and every kind of analysis that Quant DCE can make of it."""

import numpy as np
from HER2ImmunoCommonLib.geometry import TimeSeries
from QuantDCELib import MODELS, Aif, DceSettings, DynamicImages, VfaImages, population_aif, spgr_signal
from QuantDCELib.analysis.prepared import prepare
from QuantDCELib.dicom.time_axis import TimeAxis
from QuantDCELib.kinetics.convolution import convolve_exponential

TIME_S = 5.0 * np.arange(50)
FINE_S = np.arange(0, 250, 0.25)
PLASMA = population_aif("parker", FINE_S, arrival_s=52.0)
SHAPE = (3, 9, 11)
GRID = np.diag([1.5, 1.5, 3.0, 1.0])
TR_S, FLIP_DEG, R1 = 0.005, 20.0, 4.5
FLIPS = np.array([2.0, 5.0, 10.0, 20.0])
TUMOUR = np.zeros(SHAPE, bool)
TUMOUR[0:2, 1:8, 2:9] = True
MUSCLE = np.zeros(SHAPE, bool)
MUSCLE[2, 6:, :5] = True
ARTERY = np.zeros(SHAPE, bool)
ARTERY[2, :2, :2] = True
B1 = np.random.default_rng(1).uniform(0.85, 1.15, SHAPE)
T10_S = np.random.default_rng(2).uniform(0.8, 1.6, SHAPE)
NOT_FINITE, NO_SIGNAL, ABOVE_CEILING, NEGATIVE = (0, 1, 2), (0, 1, 3), (0, 1, 4), (0, 1, 5)
UNKNOWN_T1 = (1, 4, 4)


def signal(dtype=np.float32):
    """Voxels of all kinds of enhancement with noise, an artery, and four voxels that no sequence gives."""
    rng = np.random.default_rng(4)
    ktrans, ve, vp = (rng.uniform(0.0, high, SHAPE) for high in (0.5, 0.7, 0.15))
    ktrans[rng.random(SHAPE) < 0.1] = 0.0
    vp[rng.random(SHAPE) < 0.3] = 0.0
    leaving = convolve_exponential(FINE_S / 60, PLASMA, (ktrans / np.maximum(ve, 0.05)).ravel(), TIME_S / 60)
    plasma = np.interp(TIME_S, FINE_S, PLASMA)
    tissue = ktrans[..., None] * leaving.reshape(*SHAPE, -1) + vp[..., None] * plasma
    tissue[ARTERY] = 0.58 * plasma
    clean = spgr_signal(1 / T10_S[..., None] + R1 * tissue, tr_s=TR_S, flip_deg=FLIP_DEG * B1[..., None], m0=4000.0)
    made = clean + rng.normal(0, 8, clean.shape)
    made[NOT_FINITE][7] = np.nan if np.issubdtype(dtype, np.floating) else 0.0
    made[NO_SIGNAL], made[NEGATIVE] = 0.0, -made[NEGATIVE]
    made[ABOVE_CEILING][20:] *= 40.0
    return made.astype(dtype)


def images(array, tr_s=TR_S):
    series = TimeSeries(array, GRID, TIME_S)
    return DynamicImages(series, TimeAxis(TIME_S, "given"), tr_s, FLIP_DEG, 1.5, {"study": [], "series": []})


def flip_angle_images():
    made = spgr_signal(1 / T10_S[..., None], tr_s=TR_S, flip_deg=B1[..., None] * FLIPS, m0=4000.0)
    return VfaImages(made, GRID, FLIPS, TR_S, {})


def t1_map():
    made = T10_S.copy()
    made[UNKNOWN_T1] = np.nan
    return made


def kinds():
    """Settings and images of each kind of analysis."""
    fixed, delays = {"t10_s": 1.2}, {"fit_delay": True, "delay_bounds_s": (-2.0, 2.0)}
    for model in MODELS:
        yield model, {"model": model, **fixed}, {}
        yield f"{model} everywhere", {"model": model, "standard_errors": True, "whole_volume": True, **fixed}, {}
        yield f"{model} with delay", {"model": model, **fixed, **delays}, {}
        yield f"{model} with M0", {"model": model, "m0": "fitted", **fixed}, {}
    yield "delay and M0", {"m0": "fitted", **fixed, **delays}, {}
    yield "best of three", {"model": "best", **fixed}, {}
    yield "best with M0", {"model": "best", "m0": "fitted", **fixed}, {}
    yield "best with exchange", {"model": "best", "candidates": ("2cxm", "tofts"), "standard_errors": True} | fixed, {}
    for model in ("reference_region", "extended_reference_region"):
        yield model, {"model": model, "reference_ktrans_per_min": 0.1, **fixed}, {"reference_mask": MUSCLE}
    yield "artery", {"aif": "roi", **fixed}, {"aif_mask": ARTERY}
    yield "artery found", {"aif": "auto", **fixed}, {}
    yield "file", {"aif": "file", **fixed}, {"aif": Aif(FINE_S, 0.58 * PLASMA, PLASMA, "measured")}
    yield "T1 map and B1", {}, {"t10": t1_map(), "b1": B1}
    yield "flip angles and B1", {}, {"vfa": flip_angle_images(), "b1": B1}
    yield "flip angles and their M0", {"m0": "given"}, {"vfa": flip_angle_images(), "b1": B1}
    yield "no model", {"model": "none", **fixed}, {}
    yield "no model and no T1", {"model": "none"}, {}


KINDS = {name: (settings, inputs) for name, settings, inputs in kinds()}


def prepared(settings, inputs, array=None, tumour=TUMOUR):
    dynamic = images(signal() if array is None else array)
    return prepare(dynamic, DceSettings(**settings), tumour_mask=tumour, **inputs)
