"""The pictures of the README and of the pages, from the photographs of the panels and the report of the demonstration.

python Resources/render_screenshots.py PICTURES DEMO

PICTURES is the folder that `make pictures` wrote, DEMO the one of `make demo`. The report needs Chromium or Chrome on
the PATH; without it its picture stays as it is.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk

SCREENSHOTS = Path(__file__).resolve().parent / "Screenshots"
PAGES = ("visits", "scene_visits", "calibrate", "what_if", "choose")
PANELS = ("QuantDCE", "PETHypoxia", *(f"HER2ImmunoModel_{page}" for page in PAGES))
STEPS = {
    "QuantDCE_steps_1_to_3": ("QuantDCE-step1", "QuantDCE-step2", "QuantDCE-step3"),
    "QuantDCE_steps_4_to_6": ("QuantDCE-step4", "QuantDCE-step5", "QuantDCE-step6"),
}
"""Pictures of the pages, each of photographs that stand beside each other."""
GAP, WHITE = 12, 255
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
REPORT_SIZE = (900, 1020)


def photograph(page: Path, picture: Path, browser: str, size: tuple[int, int] = REPORT_SIZE) -> None:
    """The top of a page as a PNG."""
    with tempfile.TemporaryDirectory() as profile:
        command = [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--no-first-run",
            "--disable-background-networking",
            f"--user-data-dir={profile}",
            f"--window-size={size[0]},{size[1]}",
            f"--screenshot={picture}",
            page.resolve().as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True)


def report_of_model(calibration: Path, folder: Path) -> Path:
    """The report that `her2immuno rank` writes of a calibration."""
    page = folder / "report.html"
    program = Path(sys.executable).with_name("her2immuno")
    command = [program, "rank", calibration, "--out", folder, "--report", page, "--quiet"]
    subprocess.run(command, check=True, capture_output=True)
    return page


def beside(photographs: Sequence[Path], picture: Path) -> None:
    """Photographs beside each other, on white."""
    images = [sitk.GetArrayFromImage(sitk.ReadImage(path))[..., :3] for path in photographs]
    height = max(image.shape[0] for image in images)
    padded = [
        np.pad(image, ((0, height - image.shape[0]), (0, GAP), (0, 0)), constant_values=WHITE) for image in images
    ]
    sitk.WriteImage(sitk.GetImageFromArray(np.concatenate(padded, axis=1)[:, :-GAP], isVector=True), picture)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path, help="folder of the photographs of the panels")
    parser.add_argument("demo", type=Path, help="folder of the demonstration")
    arguments = parser.parse_args()
    for panel in PANELS:
        shutil.copyfile(arguments.pictures / f"{panel}.png", SCREENSHOTS / f"{panel}.png")
    for name, photographs in STEPS.items():
        beside([arguments.pictures / f"{each}.png" for each in photographs], SCREENSHOTS / f"{name}.png")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("No Chromium or Chrome on the PATH: the picture of the report was left as it is.")
        return
    photograph(arguments.demo / "results" / "report.html", SCREENSHOTS / "Report.png", browser)
    with tempfile.TemporaryDirectory() as folder:
        page = report_of_model(arguments.demo / "results" / "model" / "calibration.json", Path(folder))
        photograph(page, SCREENSHOTS / "HER2ImmunoModel_report.png", browser)


if __name__ == "__main__":
    main()
