"""A widget at the top of a column that stays in sight while the panel is scrolled."""

from __future__ import annotations

import qt

from .column import Column
from .panel_part import PanelPart

MOST_SHARE = 0.5
"""Share of the height of what is seen of a panel that stays in sight; a higher widget is scrolled away."""


class Pinned(PanelPart, qt.QObject):
    """Keeps a widget above what is scrolled below it, in the margin that the layout of a column leaves for it.

    Parameters
    ----------
    column : Column
    widget : QWidget
        A child of the content of the column, in no layout.
    """

    def __init__(self, column: Column, widget):
        qt.QObject.__init__(self, widget)
        PanelPart.__init__(self)
        self._content, self._layout, self._widget, self._own = column.content, column.layout, widget, column.area
        self._scrollBar, self._viewport, self._isOver = None, None, False
        self._later = qt.QTimer(self)
        self._later.setSingleShot(True)
        self._later.connect("timeout()", self.fit)
        widget.setAutoFillBackground(True)
        for watched in (widget, self._content):
            watched.installEventFilter(self)

    def eventFilter(self, watched, event) -> bool:
        """Follow every change of height and width."""
        if event.type() in (qt.QEvent.LayoutRequest, qt.QEvent.Resize, qt.QEvent.Show):
            self._later.start(0)  # what is around is still at work
        return False

    def fit(self) -> None:
        """Take the height that the widget needs, and leave that margin."""
        width = self._content.width
        height = self._widget.heightForWidth(width)
        if height < 0:
            height = self._widget.property("sizeHint").height()
        self._layout.setContentsMargins(0, height + self._layout.spacing, 0, 0)
        self._findArea()
        if not self._isOver:
            self._putOver()
        self._place(height)

    def scrollToTop(self) -> None:
        """Show what is below the widget from its beginning; nothing moves while that is in sight."""
        self._findArea()
        if self._viewport is not None:
            top = self._content.mapTo(self._viewport, qt.QPoint(0, 0)).y()
            if top < 0:
                self._scrollBar.setValue(self._scrollBar.value + top)

    def cleanup(self) -> None:
        """Let go of the panel around."""
        self._later.stop()
        self._letGo()
        PanelPart.cleanup(self)

    def _place(self, height: int) -> None:
        top = 0
        if self._viewport is not None and height <= MOST_SHARE * self._viewport.height:
            top = self._content.mapFrom(self._viewport, qt.QPoint(0, 0)).y()
        top = max(0, min(top, self._content.height - height))
        self._widget.setGeometry(0, top, self._content.width, height)

    def _onScrolled(self, *_value) -> None:
        self._place(self._widget.height)

    def _findArea(self) -> None:
        """Find what scrolls the panel; another one when a panel was put elsewhere."""
        around = self._own.parentWidget()
        while around is not None and not around.inherits("QScrollArea"):
            around = around.parentWidget()
        viewport = None if around is None else around.viewport()
        if viewport == self._viewport:
            return
        self._letGo()
        if around is not None:
            self._viewport, self._scrollBar = viewport, around.verticalScrollBar()
            self._scrollBar.connect("valueChanged(int)", self._onScrolled)
            viewport.installEventFilter(self)

    def _letGo(self) -> None:
        if self._scrollBar is not None:
            self._scrollBar.disconnect("valueChanged(int)", self._onScrolled)
            self._viewport.removeEventFilter(self)
        self._scrollBar, self._viewport = None, None

    def _putOver(self) -> None:
        """Put the widget over its neighbours, which came later."""
        self._isOver = True
        for child in self._content.children():
            if child.isWidgetType() and child != self._widget:
                child.stackUnder(self._widget)
