"""A square of a colour, to stand beside its name."""

from __future__ import annotations

from collections.abc import Sequence

import qt

SIZE, EDGE = 12, (120, 120, 120)


def colourSquare(rgb: Sequence[int]):
    """A picture of a colour (0 to 255 each), with an edge, as the colour may be that of what is around."""
    picture = qt.QPixmap(SIZE, SIZE)
    picture.fill(qt.QColor(*EDGE))
    painter = qt.QPainter(picture)
    painter.fillRect(1, 1, SIZE - 2, SIZE - 2, qt.QColor(*rgb))
    painter.end()
    return picture
