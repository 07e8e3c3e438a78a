"""Prepare the public reference data for the command line; see the README for what to run on them.

python Testing/reference_data.py qiba-vessel OUT.nrrd      the vessel rows of the QIBA object, as a mask
python Testing/reference_data.py breast-slice FOLDER       the breast slice as DICOM, its input as CSV
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import scipy.io
from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.geometry import Volume, write_volume
from HER2ImmunoStudyLib.phantom import mr_dicom
from HER2ImmunoStudyLib.phantom.dicom_file import study_of
from HER2ImmunoStudyLib.phantom.presets import HUMAN
from HER2ImmunoStudyLib.phantom.subject import Visit
from HER2ImmunoStudyLib.phantom.vendors import SCANNERS
from QuantDCELib import read_dynamic

DATA = Path(os.environ.get("HER2IMMUNO_DATA", Path(__file__).parents[2] / "shared" / "data"))
VESSEL_ROWS = slice(70, 80)
SEED = 20260101


def qiba_vessel(out: Path) -> None:
    """Write the mask of rows 70 to 79 of the QIBA version 6 object, on the grid of its images."""
    series = read_dynamic(DATA / "dce" / "qiba_v6_siemens_5s").series
    mask = np.zeros(series.array.shape[:3], np.uint8)
    mask[:, VESSEL_ROWS] = 1
    write_volume(Volume(mask, series.ijk_to_ras), out)


def breast_slice(folder: Path) -> None:
    """Write the slice's dynamic and flip angle images as DICOM, and its measured plasma input as CSV."""
    content = scipy.io.loadmat(DATA / "dce" / "breast_slice" / "breast_slice.mat")
    time_s = content["t"].ravel()
    protocol = replace(
        HUMAN.mr,
        tr_s=float(content["TR"].item()),
        flip_deg=float(content["DCEflip"].item()),
        vfa_flip_deg=tuple(float(flip) for flip in content["T1flip"].ravel()),
        frames=time_s.size,
        frame_s=float(np.diff(time_s).mean()),
    )
    preset = replace(HUMAN, mr=protocol)
    study = study_of(preset, SEED, Visit("breast_slice", 0.0, {}), "MR", 9, SCANNERS["siemens"])
    dynamic, flips = (np.moveaxis(content[key], 0, -1)[np.newaxis].astype(float) for key in ("DCEdata", "T1data"))
    scale = mr_dicom.LARGEST / max(dynamic.max(), flips.max())
    grid = np.diag([-1.0, -1.0, 1.0, 1.0])
    mr_dicom.write_dynamic(
        study, folder / "dynamic", mr_dicom.to_stored(dynamic, scale), grid, vendor="siemens", split=False, report=None
    )
    mr_dicom.write_vfa(study, folder / "vfa", mr_dicom.to_stored(flips, scale), grid, split=False, report=None)
    rows = np.column_stack([time_s, content["Cp"].ravel()]).tolist()
    files.write_csv(("time_s", "plasma_mM"), rows, folder / "aif.csv")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("qiba-vessel", "breast-slice"))
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    {"qiba-vessel": qiba_vessel, "breast-slice": breast_slice}[arguments.what](arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
