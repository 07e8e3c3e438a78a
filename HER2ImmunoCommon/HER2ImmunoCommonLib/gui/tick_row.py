"""Names to tick, kept in the parameter node as one text with commas."""

from __future__ import annotations

from collections.abc import Mapping

import qt

from .panel_part import PanelPart


class TickRow(PanelPart, qt.QWidget):
    """A box for each name, in columns.

    Parameters
    ----------
    parent : QWidget
    field : str
        Field of the parameter node, of type str.
    choices : mapping of str to str
        Name to label, in the order of the boxes and of the text.
    tip : str
    columns : int
    tips : mapping of str to str, optional
        Name to the tip of its own box.
    """

    def __init__(
        self,
        parent,
        field: str,
        choices: Mapping[str, str],
        tip: str = "",
        columns: int = 2,
        tips: Mapping[str, str] | None = None,
    ):
        qt.QWidget.__init__(self, parent)
        PanelPart.__init__(self)
        self._field = field
        self.boxes = {name: qt.QCheckBox(label, self) for name, label in choices.items()}
        layout = qt.QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for index, (name, box) in enumerate(self.boxes.items()):
            box.setToolTip((tips or {}).get(name, tip))
            box.connect("toggled(bool)", self._onToggled)
            layout.addWidget(box, index // columns, index % columns)

    def refresh(self) -> None:
        """Tick the names kept in the parameter node."""
        if self._parameters is None:
            return
        ticked = getattr(self._parameters, self._field).split(",")
        with self.filling():
            for name, box in self.boxes.items():
                box.checked = name in ticked

    def _onToggled(self, _checked: bool) -> None:
        if self.takesChoices:
            setattr(self._parameters, self._field, ",".join(name for name, box in self.boxes.items() if box.checked))
