"""Draw the virtual patient in her fine anatomy, for Docs/VirtualPatient.md.

python Resources/render_virtual_patient.py
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.registration import Transform, resample
from HER2ImmunoStudyLib.phantom import mr_signal
from HER2ImmunoStudyLib.phantom.attenuation import CT, attenuation_image
from HER2ImmunoStudyLib.phantom.maps import mr_maps, pet_maps
from HER2ImmunoStudyLib.phantom.pet_signal import activity_Bq_per_mL
from HER2ImmunoStudyLib.phantom.placement import Placement, place
from HER2ImmunoStudyLib.phantom.presets import HUMAN, Preset, detailed
from HER2ImmunoStudyLib.phantom.seeds import generator
from HER2ImmunoStudyLib.phantom.subject import Visit, simulate_subject
from HER2ImmunoStudyLib.study.sample_data import SEED
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter

PICTURE = Path(__file__).resolve().parent / "Screenshots" / "VirtualPatient.png"
SAMPLE = Path(__file__).resolve().parent.parent / "HER2ImmunoModel/Resources/Icons/HER2VirtualPatientToAlign.png"
SAMPLE_SIZE = (260, 280)
NOISE = 0.02
CELL, GAP, TEXT = 348, 4, 22
HEIGHT_MM = 5.0
"""Of the plane, above the tumour's centre: it cuts both lesions."""
BEFORE_S, PEAK_S = 12.0, 96.0
ROWS = (("before", "peak", "subtraction", "outlined"), ("pet", "ct", "second", "quick"))
NAMES = {
    "before": "MR before contrast agent",
    "peak": "MR, 66 s after its arrival",
    "subtraction": "Subtraction",
    "outlined": "Known: tumour, second lesion",
    "pet": "FMISO-PET",
    "ct": "CT of the PET",
    "second": "Two weeks later, laid down anew",
    "quick": "The quick anatomy",
}


@dataclass(frozen=True, eq=False)
class Planes:
    """One MR plane at two moments, with the masks in it; arrays (rows, columns)."""

    before: np.ndarray
    peak: np.ndarray
    tumour: np.ndarray
    second: np.ndarray


def plane_of(volume: Volume, height_mm: float) -> int:
    """The slice at a height, RAS in mm."""
    return round((height_mm - volume.ijk_to_ras[2, 3]) / volume.ijk_to_ras[2, 2])


def planes(preset: Preset, visit: Visit, lies: Placement | None, height_mm: float) -> Planes:
    maps = mr_maps(preset, SEED, visit.states, lies)
    k = plane_of(Volume(maps.tumour, maps.ijk_to_ras), height_mm)
    arrays = {name: array[k : k + 1] for name, array in vars(maps).items() if isinstance(array, np.ndarray)}
    cut = replace(maps, **{name: array for name, array in arrays.items() if name != "ijk_to_ras"})
    signal = mr_signal.dynamic_signal(preset.mr, cut)
    noisy = mr_signal.magnitude(signal, mr_signal.noise_sd(signal, cut, NOISE), generator(SEED, "picture"))
    frames = mr_signal.frame_times_s(preset.mr)
    before, peak = (noisy[0, ..., int(np.argmin(np.abs(frames - time)))] for time in (BEFORE_S, PEAK_S))
    return Planes(before, peak, cut.tumour[0], cut.second[0])


def grey(values: np.ndarray, low: float, high: float, gamma: float = 1.0) -> np.ndarray:
    """RGB of a plane."""
    return np.repeat((255 * np.clip((values - low) / (high - low), 0, 1) ** gamma)[..., None], 3, axis=-1)


def outlined(picture: np.ndarray, mask: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    from scipy.ndimage import binary_erosion

    result = picture.copy()
    result[mask & ~binary_erosion(mask)] = colour
    return result


def doubled(array: np.ndarray, times: int = 3) -> np.ndarray:
    return np.kron(array, np.ones((times, times), array.dtype))


def cell(picture: np.ndarray) -> QImage:
    from scipy.ndimage import zoom

    scale = CELL / max(picture.shape[:2])
    smooth = np.stack([zoom(picture[..., channel], scale, order=1) for channel in range(3)], axis=-1)
    data = np.ascontiguousarray(smooth.clip(0, 255).astype(np.uint8))
    height, width = data.shape[:2]
    return QImage(data.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def mr_pictures() -> dict[str, np.ndarray]:
    fine, visits = detailed(HUMAN), simulate_subject(HUMAN, SEED).visits
    height = HUMAN.origin_ras_mm[2] + HUMAN.tumour_centre[2] + HEIGHT_MM
    lies = place(fine, SEED, visits)
    first, last = (planes(fine, visit, lies[visit.name], height) for visit in (visits[0], visits[-1]))
    quick = planes(HUMAN, visits[0], None, height)
    white = np.percentile(first.peak, 95.5)
    plain = grey(doubled(first.peak), 0, white, 0.8)
    marked = outlined(plain, doubled(first.tumour), (255, 70, 70))
    return {
        "before": grey(first.before, 0, white, 0.8),
        "peak": grey(first.peak, 0, white, 0.8),
        "subtraction": grey(first.peak - first.before, 0, 0.7 * white, 0.8),
        "outlined": outlined(marked, doubled(first.second), (255, 210, 60)),
        "second": grey(last.peak, 0, white, 0.8),
        "quick": grey(quick.peak, 0, 1.05 * np.percentile(quick.peak, 98.5), 0.8),
    }


def pet_pictures() -> dict[str, np.ndarray]:
    fine, visit = detailed(HUMAN), simulate_subject(HUMAN, SEED).visits[0]
    maps = mr_maps(replace(fine, parts=1), SEED, visit.states)
    pet = pet_maps(fine, SEED, visit.states, maps)
    activity = activity_Bq_per_mL(fine, pet, 2 * NOISE, generator(SEED, "picture PET"))
    body = attenuation_image(fine, SEED, CT, visit.states, maps, None, NOISE, generator(SEED, "picture CT"))
    height = HUMAN.origin_ras_mm[2] + HUMAN.tumour_centre[2] + HEIGHT_MM
    onto = Volume(maps.tumour, maps.ijk_to_ras)
    k = plane_of(onto, height)
    volumes = (Volume(activity / activity[pet.muscle].mean(), pet.ijk_to_ras), body)
    ratio, hounsfield = (resample(volume, onto, Transform.identity()).array[k] for volume in volumes)
    return {
        "pet": grey(-np.nan_to_num(ratio), -2.4, 0.0),
        "ct": grey(np.nan_to_num(hounsfield, nan=-1000.0), -250.0, 350.0),
    }


def draw_page(pictures: dict[str, np.ndarray]) -> None:
    across, down = CELL + GAP, CELL + TEXT + GAP
    sheet = QImage(len(ROWS[0]) * across - GAP, len(ROWS) * down - GAP, QImage.Format.Format_RGB888)
    sheet.fill(QColor(16, 16, 16))
    painter = QPainter(sheet)
    painter.setPen(QColor(225, 225, 225))
    painter.setFont(QFont("DejaVu Sans", 10))
    for row, names in enumerate(ROWS):
        for column, name in enumerate(names):
            left, top = column * across, row * down
            painter.drawText(QRect(left + 6, top, CELL - 6, TEXT), Qt.AlignmentFlag.AlignVCenter, NAMES[name])
            painter.drawImage(QPoint(left, top + TEXT), cell(pictures[name]))
    painter.end()
    sheet.save(str(PICTURE))


def draw_sample(pictures: dict[str, np.ndarray]) -> None:
    """The breast at both visits, one above the other: the thumbnail of the visits to align."""
    sheet = QImage(*SAMPLE_SIZE, QImage.Format.Format_RGB888)
    sheet.fill(QColor(0, 0, 0))
    painter = QPainter(sheet)
    width, half = SAMPLE_SIZE[0], SAMPLE_SIZE[1] // 2
    for row, name in enumerate(("peak", "second")):
        breast = cell(pictures[name]).scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
        painter.drawImage(QPoint(0, row * half + row), breast, QRect(0, breast.height() // 10, width, half - 1))
    painter.end()
    sheet.save(str(SAMPLE))


def main() -> None:
    application = QGuiApplication.instance() or QGuiApplication([])
    pictures = mr_pictures() | pet_pictures()
    draw_page(pictures)
    draw_sample(pictures)
    application.quit()


if __name__ == "__main__":
    main()
