"""The maps of a visit as small pictures, for the tool tip of its mark on the time line."""

from __future__ import annotations

import html
import tempfile
from collections.abc import Sequence
from pathlib import Path

import qt
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import PanelPart
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.pictures import to_png

from ..findings import wording
from ..report.content import VisitMap
from ..scene.time_line import known_of
from ..scene.visit_maps import maps_of_visits

WIDTH_PX = 150


class VisitPictures(PanelPart, qt.QObject):
    """Draws the maps of all visits when the first is asked for, and keeps them until the scene has other images.

    Parameters
    ----------
    parent : QObject
    """

    def __init__(self, parent):
        qt.QObject.__init__(self, parent)
        PanelPart.__init__(self)
        self._folder, self._of, self._rows = None, None, {}

    def tip(self, visit: str, said: Sequence[str]) -> str:
        """What is said of a visit, with its maps below; plain text where it has none."""
        if self._parameters is None:
            return "\n".join(said)
        self._draw()
        cells = self._rows.get(visit, [])
        if not cells:
            return "\n".join(said)
        text = "<br>".join(html.escape(line) for line in said)
        return f"<p>{text}</p><table><tr>{''.join(cells)}</tr></table>"

    def cleanup(self) -> None:
        """Let go of the pictures."""
        PanelPart.cleanup(self)
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _draw(self) -> None:
        table, visits = self._parameters.measurements, known_of(self._parameters).measured
        if table is None:
            self._of, self._rows = None, {}
            return
        images = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
        of = table.GetID(), tuple(row.visit for row in visits), tuple((n.GetID(), n.GetMTime()) for n in images)
        if of != self._of:
            self._of, self._rows = of, self._drawn(table, visits)

    def _drawn(self, table, visits: Sequence[Measurement]) -> dict[str, list[str]]:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="visits-")
        rows: dict[str, list[str]] = {}
        for number, each in enumerate(maps_of_visits(table, visits)[0]):
            path = Path(self._folder.name) / f"{number}.png"
            try:
                path.write_bytes(to_png(each.picture))
            except (OSError, InputError):  # a tip without a picture is one all the same
                continue
            rows.setdefault(each.visit, []).append(_cell(each, path))
        return rows


def _cell(each: VisitMap, path: Path) -> str:
    unit = f" {each.overlay.unit}" if each.overlay.unit else ""
    median = "" if each.median is None else f"<br>median {wording.number(each.median)}{unit}"
    return f'<td><img src="{html.escape(path.as_posix())}" width="{WIDTH_PX}"><br>{html.escape(each.kind)}{median}</td>'
