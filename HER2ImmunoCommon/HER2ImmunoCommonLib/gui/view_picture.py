"""What the views of the application show now, as a picture."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ctk
import qt
import slicer
from slicer.i18n import tr as _

from ..errors import InputError

CORNERS = 8
"""Places of text in a slice view."""


def pictureOfViews() -> bytes:
    """The view area of the main window as the bytes of a PNG file, without the texts in the corners of the slices.

    The application writes the name of the patient there, if the images have it.

    Raises
    ------
    InputError
        Without a main window.
    """
    window, manager = slicer.util.mainWindow(), slicer.app.layoutManager()
    if window is None or manager is None:
        raise InputError(_("There are no views to take a picture of: the application has no main window."))
    with _withoutCornerTexts(manager):
        slicer.util.forceRenderAllViews()
        views = manager.viewport()
        corner = views.mapTo(window, qt.QPoint(0, 0))
        place = qt.QRect(corner.x(), corner.y(), views.width, views.height)
        image = ctk.ctkWidgetsUtils.grabWidget(window, place)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "views.png"
        image.save(str(path))
        return path.read_bytes() if path.is_file() else b""


@contextmanager
def _withoutCornerTexts(manager) -> Iterator[None]:
    views = [manager.sliceWidget(name).sliceView() for name in manager.sliceViewNames()]
    texts = [[view.cornerAnnotation().GetText(corner) for corner in range(CORNERS)] for view in views]
    for view in views:
        view.cornerAnnotation().ClearAllTexts()
    try:
        yield
    finally:
        for view, known in zip(views, texts, strict=True):
            for corner, text in enumerate(known):
                view.cornerAnnotation().SetText(corner, text or "")
            view.scheduleRender()
