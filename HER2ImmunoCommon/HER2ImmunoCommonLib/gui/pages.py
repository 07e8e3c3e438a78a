"""Tabs over the pages of a panel, of which one is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import qt

from .panel_part import PanelPart


@dataclass(frozen=True)
class Page:
    """A page of a panel.

    Attributes
    ----------
    name : str
        Kept in the parameter node while the page is seen.
    title, tip : str
        Of its tab.
    body : QWidget
    """

    name: str
    title: str
    tip: str
    body: object


class Pages(PanelPart, qt.QTabBar):
    """The tabs of pages that a panel has below each other; which one is seen is kept in the parameter node.

    A QTabWidget would be as high as its highest page, and its tabs would be scrolled away with it.

    Parameters
    ----------
    parent : QWidget
    pages : sequence of Page
    field : str
        Field of the parameter node for the name of the page.
    onOpened : callable
        Called without arguments when a person has opened another page.
    """

    def __init__(self, parent, pages, field: str, onOpened: Callable[[], None] = lambda: None):
        qt.QTabBar.__init__(self, parent)
        PanelPart.__init__(self)
        self.pages, self._field, self._onOpened = list(pages), field, onOpened
        self.setExpanding(True)
        self.setUsesScrollButtons(False)
        self.setElideMode(qt.Qt.ElideNone)
        for number, page in enumerate(self.pages):
            self.addTab(page.title)
            self.setTabToolTip(number, page.tip)
        self._show(0)
        self.connect("currentChanged(int)", self._onChanged)

    @property
    def opened(self) -> Page:
        """The page that is seen."""
        return self.pages[self.currentIndex]

    def open(self, name: str) -> None:
        """Open the page of this name as a click would."""
        self.setCurrentIndex(self._place(name))

    def refresh(self) -> None:
        """Show the page that the parameter node names; the first one for a name that no page has."""
        if self._parameters is not None:
            with self.filling():
                self.setCurrentIndex(self._place(getattr(self._parameters, self._field)))

    def _place(self, name: str) -> int:
        return next((number for number, page in enumerate(self.pages) if page.name == name), 0)

    def _onChanged(self, index: int) -> None:
        self._show(index)
        if self.takesChoices:
            setattr(self._parameters, self._field, self.pages[index].name)
            self._onOpened()

    def _show(self, index: int) -> None:
        # What is hidden goes first: both at once would be higher than the panel ever is.
        for number, page in enumerate(self.pages):
            if number != index:
                page.body.setVisible(False)
        self.pages[index].body.setVisible(True)
