"""Draw the pictures of the sample data, from the virtual patient itself.

python Resources/render_thumbnails.py
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from HER2ImmunoCommonLib import charts
from HER2ImmunoCommonLib.pictures import Overlay, best_slice, colours
from HER2ImmunoModelLib.calibration.one_subject import calibrate
from HER2ImmunoModelLib.findings.figures import state_chart
from HER2ImmunoStudyLib.phantom import mr_signal
from HER2ImmunoStudyLib.phantom.course import measured_course
from HER2ImmunoStudyLib.phantom.maps import mr_maps, pet_maps
from HER2ImmunoStudyLib.phantom.presets import HUMAN
from HER2ImmunoStudyLib.phantom.subject import simulate_subject
from HER2ImmunoStudyLib.phantom.true_maps import MRMaps
from HER2ImmunoStudyLib.study.sample_data import SEED
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter

ICONS = Path(__file__).resolve().parent.parent / "HER2ImmunoModel" / "Resources" / "Icons"
WIDTH, HEIGHT = 260, 280
KTRANS = Overlay("Ktrans", "1/min", -0.05, 0.25, "inferno")
PEAK_FRAME = 40


def shown_slice(maps: MRMaps) -> int:
    """The k that shows both the well perfused rim and the bulk of the tumour."""
    in_slice = maps.tumour.sum(axis=(1, 2)), (maps.tumour & (maps.ktrans_per_min >= 0.05)).sum(axis=(1, 2))
    return int(np.argmax(in_slice[0] * in_slice[1]))


def mr_picture(maps: MRMaps) -> np.ndarray:
    """RGB of one slice: the enhanced image, Ktrans inside the tumour."""
    signal = mr_signal.dynamic_signal(HUMAN.mr, maps)[..., PEAK_FRAME]
    k = shown_slice(maps)
    grey = 255 * np.clip(signal[k] / np.percentile(signal[k], 98), 0, 1) ** 0.8
    picture = np.repeat(grey[..., None], 3, axis=-1)
    inside = maps.tumour[k]
    picture[inside] = colours(maps.ktrans_per_min[k][inside], KTRANS)
    return picture.round().astype(np.uint8)


def pet_picture(states: dict[str, float], mr: MRMaps) -> np.ndarray:
    """RGB of the PET slice with most tumour, dark is much uptake."""
    pet = pet_maps(HUMAN, SEED, states, mr)
    suv = pet.suv[best_slice(pet.tumour)]
    grey = 255 * (1 - np.clip(suv / 2.5, 0, 1))
    return np.repeat(grey[..., None], 3, axis=-1).round().astype(np.uint8)


def image_of(picture: np.ndarray) -> QImage:
    picture = np.ascontiguousarray(picture)
    height, width = picture.shape[:2]
    return QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def collage(parts: list[tuple[np.ndarray, QRect]]) -> QImage:
    """Pictures, each filling its rectangle with its middle."""
    result = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB888)
    result.fill(Qt.GlobalColor.black)
    painter = QPainter(result)
    for picture, place in parts:
        scaled = image_of(picture).scaled(
            place.size(),
            Qt.AspectRatioMode.KeepAspectRatioByExpanding,
            Qt.TransformationMode.SmoothTransformation,
        )
        left, top = (scaled.width() - place.width()) // 2, (scaled.height() - place.height()) // 2
        painter.drawImage(place.topLeft(), scaled, QRect(left, top, place.width(), place.height()))
    painter.end()
    return result


def around_tumour(picture: np.ndarray, maps: MRMaps, half: int = 12) -> np.ndarray:
    rows, columns = np.nonzero(maps.tumour[shown_slice(maps)])
    j, i = round(rows.mean()), round(columns.mean())
    return picture[max(j - half, 0) : j + half, max(i - half, 0) : i + half]


def draw_measurements(path: Path) -> None:
    rows, given = measured_course(HUMAN, SEED)
    calibration = calibrate("tivnh_treated", rows, schedule=given, seed=SEED, species="human")
    bands = calibration.predict(np.arange(0.0, 22.0, 0.5))
    charts.write_png(state_chart(calibration, bands, "T"), path, (WIDTH, HEIGHT))


def main() -> None:
    application = QGuiApplication.instance() or QGuiApplication([])
    visits = simulate_subject(HUMAN, SEED).visits
    maps = [mr_maps(HUMAN, SEED, visit.states) for visit in visits]
    images = [mr_picture(each) for each in maps]
    pet = pet_picture(visits[0].states, maps[0])
    baseline = collage([(images[0], QRect(0, 0, WIDTH, 150)), (pet, QRect(0, 153, WIDTH, 127))])
    strips = [QRect(0, 94 * n, WIDTH, 92) for n in range(3)]
    crops = [around_tumour(image, each, 20) for image, each in zip(images, maps, strict=True)]
    baseline.save(str(ICONS / "HER2VirtualPatientBaseline.png"))
    collage(list(zip(crops, strips, strict=True))).save(str(ICONS / "HER2VirtualPatient.png"))
    draw_measurements(ICONS / "HER2VirtualMeasurements.png")
    application.quit()


if __name__ == "__main__":
    main()
