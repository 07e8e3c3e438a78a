"""The line every panel ends with."""

from __future__ import annotations

import qt

from .. import RESEARCH_ONLY
from .fitting import wrapLabel


def researchLine(parent) -> qt.QLabel:
    """A small label: for research only."""
    label = qt.QLabel(RESEARCH_ONLY, parent)
    label.setObjectName("researchLine")
    wrapLabel(label)
    label.setAlignment(qt.Qt.AlignHCenter)
    label.setEnabled(False)
    return label
