"""Tab goes through the steps of a panel as they are read: parts that were put in later stand where they are seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import qt

from .step import Step


def tabThroughSteps(steps: Sequence[Step]) -> None:
    """Let Tab go from the header of each step through its body, part by part from top to bottom, to the next header.

    Inside a part the order stays that in which its widgets were made.
    """
    order = [widget for step in steps for widget in (step.section, *_partsOf(step))]
    place_of = {widget: place for place, widget in enumerate(order)}
    chain = _chainFrom(steps[0].section)
    places = [(place, widget) for widget in chain if (place := _placeIn(place_of, widget)) is not None]
    # The sort is stable; setTabOrder is for what takes the focus by itself.
    found = [widget for _place, widget in sorted(places, key=lambda pair: pair[0])]
    for before, after in pairwise(found):
        qt.QWidget.setTabOrder(before, after)


def _partsOf(step: Step) -> list:
    layout = step.body.layout()
    count = 0 if layout is None else layout.count()
    return [part for n in range(count) if (part := layout.itemAt(n).widget()) is not None]


def _chainFrom(first) -> list:
    """Everything that takes the focus by Tab, in the order there is."""
    found, widget = [], first
    while True:
        _release(widget)
        if widget.focusPolicy & qt.Qt.TabFocus and widget.focusProxy() is None:
            found.append(widget)
        widget = widget.nextInFocusChain()
        if widget == first:
            return found


def _release(widget) -> None:
    """Let a choice take the focus that it leaves to what holds it, which does not take it: so do node selectors."""
    around = widget.focusProxy()
    if around is not None and around.isAncestorOf(widget) and not around.focusPolicy & qt.Qt.TabFocus:
        widget.setFocusProxy(None)


def _placeIn(place_of: Mapping[Any, int], widget) -> int | None:
    """Place of the widget, or of the last part that holds it in this window; None for what is in no step."""
    within = []
    while widget is not None:
        if widget in place_of:
            within.append(place_of[widget])
        widget = None if widget.isWindow() else widget.parentWidget()
    return max(within, default=None)
