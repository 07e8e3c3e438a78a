"""What a panel shows, one below the other, always as high as it needs at the width it has."""

from __future__ import annotations

import qt


class Column(qt.QObject):
    """A frame without scroll bars of its own, which follows the height of its content.

    The application keeps the layout item of a module that was left, and Qt never clears the heights for a width that
    the item of a module opened again remembers: content that grows would be painted over itself. So nothing around
    the column may ask for a height for a width; its own minimum and maximum height say what is needed.

    Parameters
    ----------
    parent : QWidget
    widens : bool
        Whether what is around must be as wide as the content; else a scroll bar shows what has no room.

    Attributes
    ----------
    area : QScrollArea
        To be put into a layout.
    content : QWidget
        Parent of what goes in.
    layout : QVBoxLayout
    """

    def __init__(self, parent, widens: bool = True):
        qt.QObject.__init__(self, parent)
        self._widens = widens
        self._later = qt.QTimer(self)
        self._later.setSingleShot(True)
        self._later.connect("timeout()", self.fit)
        self.area = qt.QScrollArea(parent)
        self.area.setFrameShape(qt.QFrame.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setVerticalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
        self.area.setHorizontalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff if widens else qt.Qt.ScrollBarAsNeeded)
        self.area.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Fixed)
        self.content = qt.QWidget(self.area)
        self.layout = qt.QVBoxLayout(self.content)
        self.layout.setContentsMargins(0, 0, 0, 0)
        self.area.setWidget(self.content)
        self.area.viewport().installEventFilter(self)

    def eventFilter(self, watched, event) -> bool:
        """Follow the width that is given, and every change of the content."""
        if event.type() in (qt.QEvent.LayoutRequest, qt.QEvent.Show):
            self.fit()
        elif event.type() == qt.QEvent.Resize:
            self._later.start(0)  # the area is still at work
        return False

    def fit(self) -> None:
        """Take the height that the content needs."""
        least, given = self.content.property("minimumSizeHint").width(), self.area.viewport().width
        height = self.content.heightForWidth(max(least, given))
        if height < 0:
            height = self.content.property("sizeHint").height()
        if self._widens:
            self.area.setMinimumWidth(least)
        elif least > given:
            height += self.area.horizontalScrollBar().property("sizeHint").height()
        self.area.setMinimumHeight(height)
        self.area.setMaximumHeight(height)
