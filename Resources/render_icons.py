"""Render the extension's and the modules' icons: each SVG to the PNG beside it.

python Resources/render_icons.py
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ROOT = Path(__file__).resolve().parent.parent
MODULES = ("HER2ImmunoCommon", "QuantDCE", "PETHypoxia", "HER2ImmunoModel")
PIXELS = {
    ROOT / "Resources" / "HER2ImmunoImaging.svg": 128,
    **{ROOT / module / "Resources" / "Icons" / f"{module}.svg": 64 for module in MODULES},
}


def render(drawing: Path, pixels: int) -> QImage:
    """Square picture of an SVG file on a transparent ground."""
    renderer = QSvgRenderer(str(drawing))
    if not renderer.isValid():
        raise ValueError(f"{drawing} is not an SVG file that Qt can draw.")
    image = QImage(pixels, pixels, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    painter.end()
    return image


def main() -> None:
    application = QGuiApplication.instance() or QGuiApplication([])
    for drawing, pixels in PIXELS.items():
        target = drawing.with_suffix(".png")
        if not render(drawing, pixels).save(str(target)):
            raise OSError(f"Could not write {target}.")
        print(target.relative_to(ROOT).as_posix())
    del application


if __name__ == "__main__":
    main()
