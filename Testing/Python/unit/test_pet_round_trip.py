"""The uptake of the virtual patient, written as each maker of scanners writes it, is read back the same."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from HER2ImmunoCommonLib.geometry import read_volume
from PETHypoxiaLib import read_pet, suv_factor, suv_map

T, W, D = 6586.2, 70.0, 370e6
FACTOR = 1000 * W / (D * 2 ** (-7200 / T))
"""SUV per Bq/mL at 12:00, two hours after the injection."""
FRAME_S = 600.0
LARGEST = 65000
LOSS = math.log(2) / T
IN_FRAME = LOSS * FRAME_S / (1 - math.exp(-LOSS * FRAME_S))
MEAN_TIME_S = math.log(IN_FRAME) / LOSS
COUNT_BQ = 2.5


@pytest.fixture(scope="module")
def uptake(tmp_path_factory):
    """SUV (k, j, i) of the virtual patient before treatment."""
    from HER2ImmunoStudyLib.phantom.presets import HUMAN, Grid
    from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient

    small = replace(
        HUMAN,
        mr_grid=Grid((4, 16, 16), (8.0, 8.0, 10.0), (-75.0, 58.0, 21.0)),
        pet_grid=Grid((10, 30, 30), (5.0, 5.0, 5.0), (-74.3, 57.6, 21.7)),
        mr=replace(HUMAN.mr, frames=2, arrival_s=6.0),
    )
    study = write_virtual_patient(tmp_path_factory.mktemp("patient") / "p", preset=small, seed=2, visits=[0])
    return read_volume(study.parent / "truth" / "baseline" / "SUV.nrrd").array.astype(float)


def bed_s(k, n):
    """Seconds from the start of the scan to the bed position of slice k of n: two beds."""
    return FRAME_S * (2 * k // n)


def timed(dataset, offset_s):
    minute, second = divmod(int(offset_s), 60)
    dataset.AcquisitionTime = f"12{minute:02d}{second:02d}"


def siemens(dataset, k, n):
    """Corrected to the start of the scan; DecayFactor is of the frame's own reference time."""
    dataset.Manufacturer = "SIEMENS"
    block = dataset.private_block(0x0071, "SIEMENS MED PT", create=True)
    block.add_new(0x22, "DT", "20240110120000.000000")
    timed(dataset, bed_s(k, n))
    reference_s = bed_s(k, n) + MEAN_TIME_S
    dataset.FrameReferenceTime = f"{1000 * reference_s:.6f}"
    dataset.DecayFactor = f"{2 ** (reference_s / T):.9g}"
    return 1.0


def ge(dataset, k, n):
    """A series made 45 min later; the private scan time counts, FrameReferenceTime is the start of the frame."""
    dataset.Manufacturer = "GE MEDICAL SYSTEMS"
    block = dataset.private_block(0x0009, "GEMS_PETD_01", create=True)
    block.add_new(0x0D, "DT", "20240110120000.00")
    block.add_new(0x3B, "DT", "20240110100000.00")
    dataset.SeriesTime = "124500"
    timed(dataset, bed_s(k, n))
    dataset.FrameReferenceTime = f"{1000 * bed_s(k, n):.0f}"
    dataset.DecayFactor = f"{IN_FRAME * 2 ** (bed_s(k, n) / T):.9g}"
    return 1.0


def philips(dataset, k, n):
    """Counts, with the factors to activity and to SUV in private tags."""
    dataset.Manufacturer = "Philips Medical Systems"
    block = dataset.private_block(0x7053, "Philips PET Private Group", create=True)
    block.add_new(0x00, "DS", f"{FACTOR * COUNT_BQ:.12g}")
    block.add_new(0x09, "DS", f"{COUNT_BQ:g}")
    dataset.Units = "CNTS"
    return 1.0 / COUNT_BQ


def philips_by_activity(dataset, k, n):
    """As some exports leave it: the factor to SUV is 0."""
    share = philips(dataset, k, n)
    dataset[0x7053, 0x1000].value = "0"
    return share


def uncorrected(dataset, k, n):
    """No maker's habit, but legal: each bed as it was counted."""
    dataset.DecayCorrection, dataset.CorrectedImage = "NONE", ["ATTN", "SCAT"]
    timed(dataset, bed_s(k, n))
    del dataset.FrameReferenceTime
    return 2 ** (-bed_s(k, n) / T) / IN_FRAME


MAKERS = {each.__name__: each for each in (siemens, ge, philips, philips_by_activity, uncorrected)}


@pytest.mark.parametrize("maker", MAKERS)
def test_every_maker_gives_the_same_suv(pet_series, uptake, maker):
    n = len(uptake)
    largest = uptake.max(axis=(1, 2), keepdims=True)
    stored = np.rint(uptake / largest * LARGEST)

    def edit(dataset, k):
        share = MAKERS[maker](dataset, k, n)
        dataset.RescaleSlope = f"{share * largest[k, 0, 0] / FACTOR / LARGEST:.9g}"

    folder = pet_series(edit, pixels=stored)
    result = suv_factor(folder)
    assert result.status == "ok", result.reason
    pet = read_pet(folder)
    suv = suv_map(pet, result).array
    np.testing.assert_allclose(suv, stored / LARGEST * largest, rtol=1e-6)
    assert np.abs(suv - uptake).max() < 1e-4
    high = uptake > 0.3
    assert np.abs(suv[high] / uptake[high] - 1).max() < 1e-4
